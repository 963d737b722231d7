"""The small forms in which Slack writes things: refusals, timestamps, cursors, truth values, and text as it is kept."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any, Final

Json = dict[str, Any]

_LONE_AMPERSAND: Final = re.compile(r"&(?!amp;|lt;|gt;)")
_BARE_LINK: Final = re.compile(r"(?<![<|\w])https?://[^\s<>|]+")


class Refused(Exception):
    """A call that Slack refuses: its own name for the error, and what else stands in the answer."""

    def __init__(self, error: str, **details: Any) -> None:
        super().__init__(error)
        self.error = error
        self.details = details

    def answer(self) -> Json:
        """The body that Slack sends."""
        return {"ok": False, "error": self.error, **self.details}


def micros(ts: object, *, error: str = "invalid_ts_latest") -> int:
    """``"1763452800.000100"`` as whole microseconds; the fraction may be missing. Raises :class:`Refused`."""
    match = re.fullmatch(r"(\d{1,12})(?:\.(\d{1,6}))?", str(ts))
    if match is None:
        raise Refused(error)
    return int(match[1]) * 1_000_000 + int((match[2] or "").ljust(6, "0"))


def stamp(microseconds: int) -> str:
    """Microseconds as Slack writes a timestamp."""
    return f"{microseconds // 1_000_000}.{microseconds % 1_000_000:06d}"


def truth(value: object) -> bool:
    """A flag as clients send it: JSON's, or 1, 0, true, false in a form."""
    return value in (True, 1) or str(value).lower() in ("1", "true", "on")


def cursor_after(position: str) -> str:
    """A cursor that leads on after ``position``."""
    return base64.urlsafe_b64encode(f"next_ts:{position}".encode()).decode()


def position_of(cursor: str) -> str:
    """The position a cursor holds. Raises :class:`Refused`."""
    try:
        word, position = base64.urlsafe_b64decode(cursor.encode()).decode().split(":", 1)
    except (ValueError, binascii.Error):
        raise Refused("invalid_cursor") from None
    if word != "next_ts":
        raise Refused("invalid_cursor")
    return position


def limit_of(value: object, *, usual: int, most: int) -> int:
    """How many a page may have. Raises :class:`Refused`."""
    if value in (None, "", 0, "0"):
        return usual
    try:
        limit = int(str(value))
    except ValueError:
        raise Refused("invalid_limit") from None
    if limit < 1:
        raise Refused("invalid_limit")
    return min(limit, most)


def as_kept(text: str) -> str:
    """A bot's text as Slack keeps it: a lone ``&`` is escaped, and a bare address is a link."""
    return _BARE_LINK.sub(lambda m: f"<{m[0]}>", _LONE_AMPERSAND.sub("&amp;", text))
