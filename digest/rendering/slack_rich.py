"""The elements of Slack's rich text as JSON, for templates to call: ``text``, ``link`` and ``bullets``.

Slack parses nothing inside them, so text from strangers is safe in them as it is. They are functions and not macros because
a digest of 30 stories makes some 400 of them, and as macros they took a third of its rendering.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from digest.rendering.links import web_link
from digest.rendering.slack_limits import URL

if TYPE_CHECKING:
    from collections.abc import Iterable


def text(words: str, *, bold: bool = False, italic: bool = False) -> str:
    """A text element. ``null``, which is left out, where ``words`` is empty: Slack refuses an empty text."""
    return _json(_text(words, bold=bold, italic=italic)) if words else "null"


def link(words: str, url: str, *, bold: bool = False) -> str:
    """A link element; a text element where ``url`` may not be linked."""
    address = slack_link(url)
    if not address or not words:
        return text(words, bold=bold)
    element: dict[str, Any] = {"type": "link", "url": address, "text": words}
    return _json({**element, "style": {"bold": True}} if bold else element)


def bullets(items: Iterable[str]) -> str:
    """A bullet list, one item for each of ``items`` that is not empty; ``null`` where there is none."""
    sections = [{"type": "rich_text_section", "elements": [_text(item)]} for item in items if item]
    return _json({"type": "rich_text_list", "style": "bullet", "elements": sections}) if sections else "null"


def slack_link(url: str) -> str:
    """``url`` where it may be linked and Slack's 3,000 characters hold it, else empty."""
    address = web_link(url)
    return address if len(address) <= URL else ""


def _text(words: str, *, bold: bool = False, italic: bool = False) -> dict[str, Any]:
    element: dict[str, Any] = {"type": "text", "text": words}
    if bold or italic:
        element["style"] = {"bold": True} if bold else {"italic": True}
    return element


def _json(element: object) -> str:
    return orjson.dumps(element).decode()
