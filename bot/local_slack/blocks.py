"""The schema of blocks, which may stand on which surface, and what Slack adds to those it takes.

Slack judges blocks when they arrive and names what is wrong, as is done here. What this does not know, it refuses and
names, so that nothing passes unjudged.
"""

from __future__ import annotations

import secrets
import string as letters
from typing import TYPE_CHECKING, Any, Final

from bot.local_slack.elements import (
    ACCESSORIES,
    ACTIONS,
    BUTTON,
    CONTEXT_ACTIONS,
    ID,
    IMAGE_ELEMENT,
    INPUTS,
    URL,
    interactive,
    text,
)  # fmt: skip
from bot.local_slack.judging import Check, Problem, any_of, array, by_type, flag, number, one_of, record, string, units
from bot.local_slack.rich_text import RICH_TEXT_PARTS
from bot.local_slack.wire import Json, Refused
from digest.rendering import slack_limits

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The least text over all blocks that is known to have been refused (slackapi/bolt-js#2867); undocumented.
MESSAGE_TEXT: Final = 11_341
MARKDOWN_TEXT: Final = 12_000
MOST: Final = {"message": slack_limits.BLOCKS, "modal": 100, "home": 100}
TABLE_ROWS: Final = 100
TABLE_CELLS: Final = 20


def _block(kind: str, required: dict[str, Check] | None = None, optional: dict[str, Check] | None = None) -> Check:
    return record({"type": one_of(kind), **(required or {})}, {"block_id": ID, **(optional or {})})


_CELL: Final = by_type({
    "raw_text": record({"type": one_of("raw_text"), "text": string(3_000, least=0)}),
    "raw_number": record({"type": one_of("raw_number"), "value": lambda *_: iter(())}, {"text": string(3_000)}),
    "rich_text": _block("rich_text", {"elements": array(RICH_TEXT_PARTS, 1_000)}),
})  # fmt: skip
_TASK: Final = _block("task_card", {"task_id": ID, "title": string(3_000)}, {
    "status": one_of("pending", "in_progress", "complete", "error"), "details": lambda *_: iter(()),
    "output": lambda *_: iter(()), "sources": array(lambda *_: iter(()), 100, 0),
})  # fmt: skip

_EVERYWHERE: Final[dict[str, Check]] = {
    "actions": _block("actions", {"elements": array(by_type(ACTIONS), slack_limits.ACTION_ELEMENTS)}),
    "context": _block("context", {
        "elements": array(by_type({
            "image": IMAGE_ELEMENT, "plain_text": text(3_000, "plain_text"), "mrkdwn": text(3_000, "mrkdwn"),
        }), slack_limits.CONTEXT_ELEMENTS),
    }),
    "divider": _block("divider"),
    "header": _block("header", {"text": text(slack_limits.HEADER_TEXT, "plain_text")}, {"level": number(1, 4)}),
    "image": any_of(("image_url", "slack_file"), _block("image", {"alt_text": string(2_000)}, {
        "image_url": URL, "title": text(2_000, "plain_text"), "slack_file": record({}, {"id": ID, "url": URL}),
    })),
    "input": _block("input", {"label": text(2_000, "plain_text"), "element": by_type(INPUTS)}, {
        "hint": text(2_000, "plain_text"), "optional": flag, "dispatch_action": flag,
    }),
    "rich_text": _block("rich_text", {"elements": array(RICH_TEXT_PARTS, 1_000)}),
    "section": any_of(("text", "fields"), _block("section", {}, {
        "text": text(slack_limits.SECTION_TEXT), "fields": array(text(slack_limits.FIELD_TEXT), slack_limits.SECTION_FIELDS),
        "accessory": by_type(ACCESSORIES), "expand": flag,
    })),
    "video": _block("video", {
        "alt_text": string(2_000), "title": text(199, "plain_text"), "thumbnail_url": URL, "video_url": URL,
    }, {
        "author_name": string(49), "description": text(199, "plain_text"), "provider_icon_url": URL,
        "provider_name": string(49), "title_url": URL,
    }),
}  # fmt: skip
_CARD: Final = any_of(("hero_image", "title", "actions", "body"), _block("card", {}, {
    "hero_image": IMAGE_ELEMENT, "icon": IMAGE_ELEMENT, "title": text(150), "subtitle": text(150), "body": text(200),
    "actions": array(BUTTON, 25),
}))  # fmt: skip
_EVERYWHERE["card"] = _CARD
_CAROUSEL: Final = _block("carousel", {"elements": array(_CARD, 10)})
_TABLE: Final = _block("table", {"rows": array(array(_CELL, TABLE_CELLS), TABLE_ROWS)}, {
    "column_settings": array(record({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag}), TABLE_CELLS),
})  # fmt: skip
_ALERT: Final = _block("alert", {"text": text(3_000)}, {"level": one_of("default", "info", "warning", "error", "success")})
_MESSAGES_ONLY: Final[dict[str, Check]] = {
    "context_actions": _block("context_actions", {"elements": array(by_type(CONTEXT_ACTIONS), 5)}),
    "markdown": _block("markdown", {"text": string(MARKDOWN_TEXT)}),
    "task_card": _TASK,
    "plan": _block("plan", {"title": string(3_000)}, {"tasks": array(_TASK, 50)}),
}
#: Which block may stand where, as slackblocks 3.0 has it.
SURFACES: Final[dict[str, Check]] = {
    "message": by_type({**_EVERYWHERE, **_MESSAGES_ONLY, "table": _TABLE, "carousel": _CAROUSEL}),
    "modal": by_type({**_EVERYWHERE, "alert": _ALERT}),
    "home": by_type({**_EVERYWHERE, "table": _TABLE, "carousel": _CAROUSEL}),
}


def judge(blocks: Any, surface: str, at: str = "/blocks") -> list[Problem]:
    """What Slack would say of ``blocks`` on ``surface``: message, modal or home."""
    problems = list(array(SURFACES[surface], MOST[surface], 0)(blocks, at))
    if not problems:
        problems += _repeated(blocks, at)
        if surface == "message" and sum(block["type"] == "table" for block in blocks) > 1:
            problems.append(Problem(at, "only_one_table_allowed"))
    return problems


def _repeated(blocks: list[Json], at: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for n, block in enumerate(blocks):
        if (name := block.get("block_id")) in seen:
            yield Problem(f"{at}/{n}/block_id", f"block_id already exists: {name}")
        seen |= {name} if name else set()
        used: set[str] = set()
        for element in elements_of(block):
            if (action := element.get("action_id")) in used:
                yield Problem(f"{at}/{n}", f"action_id already exists: {action}")
            used |= {action} if action else set()


def elements_of(block: Json) -> list[Json]:
    """The elements of ``block`` that a person can use."""
    if block.get("type") == "carousel":
        return [element for card in block["elements"] for element in elements_of(card)]
    inside = [*(block.get("elements") or ()), *(block.get("actions") or ()), block.get("accessory"), block.get("element")]
    return [element for element in inside if interactive(element)]


def accept(blocks: Any, surface: str, at: str = "/blocks") -> list[Json]:
    """``blocks`` as Slack keeps them: judged, with the ids that were missing. Raises :class:`Refused`."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Refused("invalid_blocks_format")
    if problems := judge(blocks, surface, at):
        raise refusal(problems)
    if surface == "message":
        markdown = [b for b in blocks if b["type"] == "markdown"]
        others = [b for b in blocks if b["type"] != "markdown"]
        if _text_in(markdown) > MARKDOWN_TEXT or _text_in(others) >= MESSAGE_TEXT:
            raise Refused("msg_blocks_too_long")
    return [_completed(block) for block in blocks]


def _text_in(node: Any) -> int:
    """The characters of every text in ``node``; addresses and values of buttons are not shown, and are not counted."""
    if isinstance(node, list):
        return sum(_text_in(inner) for inner in node)
    if not isinstance(node, dict):
        return 0
    return sum(units(v) if k == "text" and isinstance(v, str) else _text_in(v) for k, v in node.items())


def refusal(problems: list[Problem], error: str = "invalid_blocks") -> Refused:
    """The answer to blocks with ``problems``, as Slack words it."""
    said = [str(problem) for problem in problems]
    return Refused(error, errors=said, response_metadata={"messages": [f"[ERROR] {line}" for line in said]})


def _completed(block: Json) -> Json:
    kept: Json = {name: _normal(value) for name, value in block.items()}
    kept.setdefault("block_id", _any_id())
    for element in elements_of(kept):
        element.setdefault("action_id", _any_id())
    return kept


def _normal(value: Any) -> Any:
    """A copy, in which texts say what Slack says of them by default."""
    if isinstance(value, list):
        return [_normal(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    copy = {name: _normal(inner) for name, inner in value.items()}
    if copy.get("type") == "plain_text" and "text" in copy:
        copy.setdefault("emoji", True)
    elif copy.get("type") == "mrkdwn":
        copy.setdefault("verbatim", False)
    return copy


def _any_id() -> str:
    return "".join(secrets.choice(letters.ascii_letters + letters.digits) for _ in range(5))
