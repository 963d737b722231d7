"""Judges of a Slack message that are not our own: slack_sdk's models, slackblocks' limits, and plain sums."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import slackblocks as theirs
from slack_sdk.models.blocks import Block

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.model import Message

Json = dict[str, Any]


def messages(message: Message) -> tuple[Message, ...]:
    """The root and the messages of its thread."""
    return (message, *message.replies)


def assert_slack_takes(message: Message) -> None:
    """Every message passes slack_sdk's models, slackblocks' limits, and the totals over a message."""
    for one in messages(message):
        assert len(one.blocks) <= 50
        assert sum(len(t) for t in texts(one.blocks)) < 10_000
        assert 0 < len(one.text) < 4_000
        assert json.loads(json.dumps(one.blocks)) == list(one.blocks)
        json.dumps(one.blocks, ensure_ascii=False).encode()
        for block in one.blocks:
            parsed = Block.parse(block)
            assert parsed is not None, block
            parsed.validate_json()
            assert parsed.to_dict() == block
        theirs.Message(channel="C1", text=one.text, blocks=[_their_block(b) for b in one.blocks])


def texts(node: object) -> Iterator[str]:
    """All texts in blocks, in order."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "text" and isinstance(value, str):
                yield value
            else:
                yield from texts(value)
    elif isinstance(node, (list, tuple)):
        for element in node:
            yield from texts(element)


def objects(node: object) -> Iterator[Json]:
    """Every object in blocks, outer before inner."""
    if isinstance(node, dict):
        yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, (list, tuple)) else ()
    for child in children:
        yield from objects(child)


def _their_block(block: Json) -> theirs.Block:
    if block["type"] != "rich_text":
        return theirs.Block.from_dict(block)
    return theirs.RichTextBlock([_their_part(part) for part in block["elements"]])


def _their_part(part: Json) -> Any:
    match part["type"]:
        case "rich_text_section":
            return theirs.RichTextSection(_their_leaves(part["elements"]))
        case "rich_text_quote":
            return theirs.RichTextQuote(_their_leaves(part["elements"]))
        case "rich_text_list":
            return theirs.RichTextList(part["style"], [_their_part(e) for e in part["elements"]])
        case other:
            raise AssertionError(other)


def _their_leaves(leaves: Sequence[Json]) -> list[Any]:
    return [_their_leaf(leaf) for leaf in leaves]


def _their_leaf(leaf: Json) -> Any:
    assert 0 < len(leaf["text"]) <= 3_000
    style = leaf.get("style", {})
    if leaf["type"] == "link":
        assert len(leaf["url"]) <= 3_000
        return theirs.RichTextLink(leaf["url"], leaf["text"], **style)
    assert leaf["type"] == "text", leaf
    return theirs.RichText(leaf["text"], **style)
