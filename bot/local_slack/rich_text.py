"""The schema of rich text: its parts and the pieces in them."""

from __future__ import annotations

from typing import Final

from bot.local_slack.elements import ID, URL
from bot.local_slack.judging import Check, array, by_type, flag, number, one_of, record, string

_STYLE: Final = record({}, dict.fromkeys(
    ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), flag,
))  # fmt: skip


def _piece(kind: str, required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return record({"type": one_of(kind), **required}, {"style": _STYLE, **(optional or {})})


_PIECES: Final = by_type({
    "text": _piece("text", {"text": string(12_000)}),
    "link": _piece("link", {"url": URL}, {"text": string(3_000), "unsafe": flag}),
    "emoji": _piece("emoji", {"name": ID}, {"unicode": string(255), "skin_tone": number(1, 6)}),
    "user": _piece("user", {"user_id": ID}),
    "channel": _piece("channel", {"channel_id": ID}),
    "usergroup": _piece("usergroup", {"usergroup_id": ID}),
    "broadcast": _piece("broadcast", {"range": one_of("here", "channel", "everyone")}),
    "date": _piece("date", {"timestamp": number(0), "format": string(255)}, {"url": URL, "fallback": string(255)}),
    "color": _piece("color", {"value": string(9)}),
    "team": _piece("team", {"team_id": ID}),
})  # fmt: skip
_PIECES_LIST: Final = array(_PIECES, 10_000)
_SECTION: Final = record({"type": one_of("rich_text_section"), "elements": _PIECES_LIST})

#: Any part of a rich text block.
RICH_TEXT_PARTS: Final = by_type({
    "rich_text_section": _SECTION,
    "rich_text_list": record(
        {"type": one_of("rich_text_list"), "style": one_of("bullet", "ordered"), "elements": array(_SECTION, 1_000)},
        {"indent": number(0, 8), "offset": number(0), "border": number(0, 1)},
    ),
    "rich_text_quote": record({"type": one_of("rich_text_quote"), "elements": _PIECES_LIST}, {"border": number(0, 1)}),
    "rich_text_preformatted": record(
        {"type": one_of("rich_text_preformatted"), "elements": _PIECES_LIST}, {"border": number(0, 1), "language": string(64)}
    ),
})  # fmt: skip
