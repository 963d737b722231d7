"""What the inspector tells of a message or a view: its JSON, what Slack and the digest's own rules say of it, and its sizes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from bot.local_slack.blocks import MESSAGE_TEXT, MOST, judge
from bot.local_slack.judging import units
from bot.local_slack.messages import LONGEST_TEXT
from bot.local_slack.modals import LARGEST
from digest.rendering import slack_limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.local_slack.wire import Json

#: Where blocks hold text that people read, by the limit on one of it.
_LIMITS: Final = {
    "header": slack_limits.HEADER_TEXT, "section": slack_limits.SECTION_TEXT, "button": slack_limits.BUTTON_TEXT,
    "context": slack_limits.SECTION_TEXT, "rich_text": slack_limits.RICH_TEXT,
}  # fmt: skip


def inspected(content: Json, surface: str) -> Json:
    """``content`` is a message or a view, ``surface`` message, modal or home.

    ``slack``: Slack's sentences, ``digest``: those of the rules that every digest keeps and other messages need not; both are
    empty where nothing is wrong. ``sizes``: name, what is used and what there may be.
    """
    blocks = content.get("blocks") or []
    asks_digest_rules = surface == "message" and blocks and not content.get("is_ephemeral")
    return {
        "json": content,
        "slack": [str(problem) for problem in judge(blocks, surface)],
        "digest": slack_limits.check(blocks) if asks_digest_rules else [],
        "sizes": [{"name": n, "used": used, "most": most} for n, used, most in _sizes(content, blocks, surface)],
    }


def _sizes(content: Json, blocks: list[Json], surface: str) -> Iterator[tuple[str, int, int]]:
    yield "Blocks", len(blocks), MOST[surface]
    if surface == "message":
        yield "Text of all blocks, addresses and escapes counted in", sum(map(slack_limits.weigh, blocks)), MESSAGE_TEXT
        yield "Text beside the blocks", units(str(content.get("text", ""))), LONGEST_TEXT
    else:
        yield "The view in bytes", len(json.dumps(content).encode()), LARGEST
    for kind, most in _LIMITS.items():
        found = [units(text) for block in blocks for text in _texts(block, kind)]
        if found:
            yield f"Longest text of a {kind.replace('_', ' ')}", max(found), most


def _texts(node: Any, kind: str, *, inside: bool = False) -> Iterator[str]:
    """Every text below the elements of ``kind``."""
    if isinstance(node, list):
        for each in node:
            yield from _texts(each, kind, inside=inside)
    elif isinstance(node, dict):
        inside = node.get("type") == kind or (inside and node.get("type") != "button")
        for name, value in node.items():
            if name == "text" and isinstance(value, str):
                if inside:
                    yield value
            else:
                yield from _texts(value, kind, inside=inside)
