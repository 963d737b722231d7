"""Slack's rich text, as filters for the templates: ``text`` and ``link`` make its elements, ``section``, ``quote`` and
``bullets`` its parts, and ``rich_text`` the JSON of a whole block.

Slack parses nothing inside rich text, so text from strangers is safe in it as it is. What would be empty is None and is
left out by whatever holds it, because Slack refuses empty texts and lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from digest.rendering.links import web_link
from digest.rendering.slack_limits import URL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.rendering.slack_limits import Json


def text(words: str, *, bold: bool = False, italic: bool = False) -> Json | None:
    """A text element, or None where ``words`` is empty."""
    if not words:
        return None
    element: dict[str, Any] = {"type": "text", "text": words}
    if bold or italic:
        element["style"] = {"bold": True} if bold else {"italic": True}
    return element


def link(words: str, url: str, *, bold: bool = False) -> Json | None:
    """A link element; a text element where ``url`` may not be linked."""
    address = slack_link(url)
    if not address or not words:
        return text(words, bold=bold)
    element: dict[str, Any] = {"type": "link", "url": address, "text": words}
    if bold:
        element["style"] = {"bold": True}
    return element


def section(elements: Iterable[Json | None]) -> Json | None:
    """Elements in one paragraph."""
    return _holding("rich_text_section", elements)


def quote(elements: Iterable[Json | None]) -> Json | None:
    """Elements beside a bar."""
    return _holding("rich_text_quote", elements)


def bullets(items: Iterable[str]) -> Json | None:
    """A bullet list, one item for each of ``items``."""
    made = _holding("rich_text_list", (section([text(item)]) for item in items))
    return made and {**made, "style": "bullet"}


def rich_text(parts: Iterable[Json | None]) -> str:
    """The block of these parts as JSON; ``null``, which a list of blocks leaves out, where there is none."""
    return orjson.dumps(_holding("rich_text", parts)).decode()


def slack_link(url: str) -> str:
    """``url`` where it may be linked and Slack's 3,000 characters hold it, else empty."""
    address = web_link(url)
    return address if len(address) <= URL else ""


def _holding(kind: str, elements: Iterable[Json | None]) -> Json | None:
    held = [e for e in elements if e]
    return {"type": kind, "elements": held} if held else None
