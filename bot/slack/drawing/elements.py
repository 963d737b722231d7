"""Slack's blocks and elements as plain objects, each cut to Slack's limits. Text from strangers stands where Slack parses nothing:
in ``rich_text`` or ``plain_text``.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from digest.rendering.cleaning import one_line, shorten
from digest.rendering.slack_buttons import button, plain
from digest.rendering.slack_limits import HEADER_TEXT, OPTION_TEXT, OPTION_VALUE
from digest.rendering.slack_rich import bullets, link, quote, section, slack_link, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Json = dict[str, Any]

#: docs.slack.dev, reference/views.
VIEW_TITLE: Final = 24

__all__ = ["bullets", "button", "link", "plain", "quote", "section", "slack_link", "text"]


def header(words: str) -> Json:
    return {"type": "header", "text": plain(words, HEADER_TEXT)}


def divider() -> Json:
    return {"type": "divider"}


def context(*lines: str) -> Json | None:
    """Small print, a line each; None where there is none."""
    elements = [plain(line) for line in lines if line.strip()][:10]
    return {"type": "context", "elements": elements} if elements else None


def paragraph(words: str) -> Json:
    """A paragraph of plain text."""
    return {"type": "section", "text": plain(words)}


def rich(*parts: Json | None) -> Json | None:
    """A block of rich text; None where every part is empty."""
    held = [p for p in parts if p]
    return {"type": "rich_text", "elements": held} if held else None


def code(words: str) -> Json:
    """A text element as one types it, at most 500 characters; a dash where there is nothing to see."""
    return {"type": "text", "text": shorten(one_line(words), 500) or "–", "style": {"code": True}}


def blocks(made: Iterable[Json | None]) -> list[Json]:
    """Those that are not None."""
    return [block for block in made if block]


def option(words: str, value: str, about: str = "") -> Json:
    made: Json = {"text": plain(words, OPTION_TEXT), "value": value[:OPTION_VALUE]}
    if about:
        made["description"] = plain(about, OPTION_TEXT)
    return made


def overflow(action: str, options: Sequence[Json]) -> Json:
    """At most five options."""
    return {"type": "overflow", "action_id": action, "options": list(options)[:5]}


def actions(*elements: Json, block_id: str = "") -> Json | None:
    """Ids of actions have to differ within a block: the second of one name is called ``NAME:1``, as ``ids.named`` knows."""
    counted: Counter[str] = Counter()
    held = []
    for element in elements:
        name = element["action_id"]
        held.append({**element, "action_id": f"{name}:{counted[name]}"} if counted[name] else element)
        counted[name] += 1
    made: Json = {"type": "actions", "elements": held}
    if block_id:
        made["block_id"] = block_id
    return made if elements else None


def field(block_id: str, label: str, element: Json, *, hint: str = "", optional: bool = False) -> Json:
    """An input of a modal. Its element's action_id is ``value``, unless it has one."""
    made: Json = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, 2_000),
        "element": {"action_id": "value", **element},
    }
    if hint:
        made["hint"] = plain(hint, 2_000)
    if optional:
        made["optional"] = True
    return made


def modal(
    callback: str, title: str, made: Sequence[Json], *, submit: str = "", metadata: str = "", close: str = "Close"
) -> Json:
    """A modal view."""
    view: Json = {
        "type": "modal", "callback_id": callback, "title": plain(title, VIEW_TITLE), "close": plain(close, VIEW_TITLE),
        "blocks": list(made), "private_metadata": metadata,
    }  # fmt: skip
    if submit:
        view["submit"] = plain(submit, VIEW_TITLE)
    return view
