"""Judges of a Slack message that are not our own: slack_sdk's models, slackblocks' limits, and plain sums."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import slackblocks as theirs
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

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
        assert 0 < len(one.text) < 4_000
        assert_slack_takes_blocks(one.blocks)
        theirs.Message(channel="C1", text=one.text, blocks=[_their_block(b) for b in one.blocks])


def assert_slack_takes_blocks(blocks: Sequence[Json], most: int = 50) -> None:
    """The blocks of a message, or of a view (``most`` 100)."""
    assert len(blocks) <= most
    if most == 50:  # the total is a message's
        assert sum(len(t) for t in texts(blocks)) < 10_000
    assert json.loads(json.dumps(blocks)) == list(blocks)
    json.dumps(blocks, ensure_ascii=False).encode()
    for block in blocks:
        parsed = Block.parse(block)
        assert parsed is not None, block
        parsed.validate_json()
        assert parsed.to_dict() == block, (parsed.to_dict(), block)
        assert _their_block(block)
        names = [e["action_id"] for e in block.get("elements", ()) if isinstance(e, dict) and "action_id" in e]
        assert len(set(names)) == len(names), names


def assert_slack_takes_view(view: Json) -> None:
    """A modal or a Home view."""
    parsed = View(**view)
    parsed.validate_json()
    assert_slack_takes_blocks(view["blocks"], most=100)
    given = {k: _plain(v) if k in _TEXTS else v for k, v in view.items() if k not in ("type", "blocks")}
    kind = theirs.ModalView if view["type"] == "modal" else theirs.HomeTabView
    assert kind(blocks=[_their_block(b) for b in view["blocks"]], **given)
    assert len(json.dumps(view)) < 250_000


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


#: slackblocks' classes of elements; its ``from_dict`` does not read these.
_ELEMENTS: Final = {
    "button": theirs.Button, "overflow": theirs.OverflowMenu, "checkboxes": theirs.CheckboxGroup,
    "radio_buttons": theirs.RadioButtonGroup, "timepicker": theirs.TimePicker, "number_input": theirs.NumberInput,
    "plain_text_input": theirs.PlainTextInput, "static_select": theirs.StaticSelectMenu,
    "external_select": theirs.ExternalSelectMenu, "feedback_buttons": theirs.FeedbackButtons,
}  # fmt: skip
_TEXTS: Final = ("text", "placeholder", "title", "submit", "close", "label", "hint", "description")


def _their_block(block: Json) -> theirs.Block:
    match block["type"]:
        case "rich_text":
            return theirs.RichTextBlock([_their_part(part) for part in block["elements"]])
        case "actions":
            return theirs.ActionsBlock([_their_element(e) for e in block["elements"]], block.get("block_id"))
        case "context_actions":
            return theirs.ContextActionsBlock([_their_element(e) for e in block["elements"]], block.get("block_id"))
        case "input":
            given = {k: _plain(v) if k in _TEXTS else v for k, v in block.items() if k not in ("type", "element")}
            return theirs.InputBlock(element=_their_element(block["element"]), **given)
        case "section" if "accessory" in block:
            bare = theirs.SectionBlock.from_dict({k: v for k, v in block.items() if k != "accessory"})
            bare.accessory = _their_element(block["accessory"])
            return bare
        case _:
            return theirs.Block.from_dict(block)


def _their_element(element: Json) -> Any:
    given = {k: _their_value(k, v) for k, v in element.items() if k != "type"}
    return _ELEMENTS[element["type"]](**given)


def _their_value(key: str, value: Any) -> Any:
    if key in _TEXTS:
        return _plain(value)
    if key in ("positive_button", "negative_button"):
        return theirs.FeedbackButton(**{k: _their_value(k, v) for k, v in value.items()})
    if key in ("options", "initial_options"):
        return [_their_option(o) for o in value]
    return _their_option(value) if key == "initial_option" else value


def _their_option(option: Json) -> theirs.Option:
    return theirs.Option(**{k: _their_value(k, v) for k, v in option.items()})


def _plain(text: Json) -> theirs.Text:
    assert text["type"] == "plain_text", text
    assert text["text"], text
    return theirs.Text(text["text"], theirs.TextType.PLAINTEXT)


def _their_part(part: Json) -> Any:
    match part["type"]:
        case "rich_text_section":
            return theirs.RichTextSection(_their_leaves(part["elements"]))
        case "rich_text_quote":
            return theirs.RichTextQuote(_their_leaves(part["elements"]))
        case "rich_text_preformatted":
            return theirs.RichTextCodeBlock(_their_leaves(part["elements"]))
        case "rich_text_list":
            return theirs.RichTextList(part["style"], [_their_part(e) for e in part["elements"]])
        case other:
            raise AssertionError(other)


def _their_leaves(leaves: Sequence[Json]) -> list[Any]:
    return [_their_leaf(leaf) for leaf in leaves]


def _their_leaf(leaf: Json) -> Any:
    if leaf["type"] == "channel":
        return theirs.RichTextChannel(leaf["channel_id"])
    assert 0 < len(leaf["text"]) <= 3_000
    style = leaf.get("style", {})
    if leaf["type"] == "link":
        assert len(leaf["url"]) <= 3_000
        return theirs.RichTextLink(leaf["url"], leaf["text"], **style)
    assert leaf["type"] == "text", leaf
    return theirs.RichText(leaf["text"], **style)
