"""The values of a fetch: its limits, and what came of it. The network, and the heavy import for it, are elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_AGE: Final = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})")
_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9_.:+-]{1,40})""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may take. ``max_bytes`` counts after decompression as well as before."""

    timeout_s: float = 20.0
    max_bytes: int = 10_000_000
    max_redirects: int = 5


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. ``url`` is what was asked for, ``final_url`` where it was found.

    ``status`` is 2xx, or 304 where the request was conditional. ``headers`` have names in lower case. ``moved_to``: where it is
    to be asked for from now on (301 and 308, before any redirect that is only for now); empty where it has not moved.
    """

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    moved_to: str = ""

    @property
    def content_type(self) -> str:
        """The media type in lower case without parameters; empty where none was given."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """The charset as the server named it; empty where it did not."""
        found = _CHARSET.search(self.headers.get("content-type", ""))
        return found[1] if found else ""


class Fetches(Protocol):
    """Something that fetches; see ``fetcher.Fetcher``."""

    async def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Fetched:
        """What ``url`` serves. Raises FetchError, and nothing else."""


def fresh_s(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds, 0 or more, for which an answer need not be asked for again: ``max-age`` less ``Age``, else ``Expires``.

    RFC 9111, 4.2.1 and 5.2.2; 0 where the server forbids keeping it or says nothing.
    """
    said = headers.get("cache-control", "").lower()
    if "no-cache" in said or "no-store" in said:
        return 0.0
    if age := _MAX_AGE.search(said):
        passed = headers.get("age", "").strip()
        return max(0.0, float(age[1]) - (float(passed) if passed.isascii() and passed.isdigit() and len(passed) <= 9 else 0.0))
    return _until_s(headers.get("expires", ""), now) or 0.0


def retry_after_s(value: str, now: datetime) -> float | None:
    """A ``Retry-After`` header as seconds from ``now``, 0 or more; None where it says nothing (RFC 9110, 10.2.3)."""
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) <= 9:
        return float(value)
    return _until_s(value, now)


def _until_s(date: str, now: datetime) -> float | None:
    """Seconds from ``now`` to a date of HTTP, 0 or more; None where it is none."""
    try:
        until = parsedate_to_datetime(date)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(0.0, ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds())
