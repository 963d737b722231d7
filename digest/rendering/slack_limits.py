"""Slack's limits on a message, where each is from, and a check of finished blocks against them.

The check knows the blocks that a digest may have and no others: no ``markdown`` block, in which mentions stay live, and
no element that mentions anybody. It runs on every message before it leaves, because an operator may write the
templates.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Json = dict[str, Any]

# docs.slack.dev, reference/block-kit, for each block; the same figures are in slack_sdk 3.47 and slackblocks 3.0.
BLOCKS: Final = 50
HEADER_TEXT: Final = 150
SECTION_TEXT: Final = 3_000
SECTION_FIELDS: Final = 10
FIELD_TEXT: Final = 2_000
CONTEXT_ELEMENTS: Final = 10
ACTION_ELEMENTS: Final = 25
BUTTON_TEXT: Final = 75
ACCESSIBILITY_LABEL: Final = 75
VALUE: Final = 2_000
OVERFLOW_OPTIONS: Final = 5
OPTION_TEXT: Final = 75
OPTION_VALUE: Final = 150
URL: Final = 3_000
ALT_TEXT: Final = 2_000
ID: Final = 255
#: Rich text has no documented limit; this is a text object's, so that one piece never outgrows what other blocks may
#: hold.
RICH_TEXT: Final = 3_000
#: Over all blocks of a message. Undocumented: Slack's staff speak of 12,000 (slackapi/bolt-js#2509), and 11,341
#: characters of rich text were refused (slackapi/bolt-js#2867), so addresses and escapes are counted in and a reserve
#: is kept.
MESSAGE_TEXT: Final = 9_900
#: The text beside the blocks, for notifications and screen readers.
FALLBACK_TEXT: Final = 3_900

RICH_PARTS: Final = ("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted")
_MENTION: Final = re.compile(r"<[!@#]")
_HTTP: Final = re.compile(r"https?://\S+")
_COUNTED: Final = {"text", "url", "alt_text", "image_url", "value", "accessibility_label"}
_STYLES: Final = {"bold", "italic", "strike", "code", "underline"}


def weigh_text(text: str) -> int:
    """The characters Slack may count for ``text``, at most: UTF-16 units, with ``&``, ``<`` and ``>`` as escaped."""
    units = len(text) if text.isascii() else _units(text)
    return units + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def weigh(node: Json | list[Any]) -> int:
    """The weight of a block, or of anything in one: all its texts and addresses."""
    texts: list[str] = []
    waiting: list[Json | list[Any]] = [node]
    while waiting:  # not by recursion, and weighed all together: every block goes through this
        node = waiting.pop()
        if type(node) is not dict:
            waiting += [value for value in node if type(value) is dict or type(value) is list]
            continue
        for key, value in node.items():
            if type(value) is str:
                if key in _COUNTED:
                    texts.append(value)
            elif type(value) is dict or type(value) is list:
                waiting.append(value)
    return weigh_text("".join(texts))


def check(blocks: Sequence[Json]) -> list[str]:
    """What is wrong with ``blocks`` as one message, a sentence each; empty where nothing is."""
    return check_weighed([(block, weigh([block])) for block in blocks])


def check_weighed(weighed: Sequence[tuple[Json, int]]) -> list[str]:
    """The same of blocks whose weights are known."""
    problems = [f"{len(weighed)} blocks, of which a message may have {BLOCKS}"] if len(weighed) > BLOCKS else []
    if not weighed:
        problems.append("no block at all")
    for n, (block, weight) in enumerate(weighed):
        problems += [f"block {n}: {p}" for p in _block(block)]
        if weight > RICH_TEXT + URL:
            problems.append(f"block {n}: {weight} characters, of which a block may have {RICH_TEXT + URL}")
    if (total := sum(weight for _, weight in weighed)) > MESSAGE_TEXT:
        problems.append(f"{total} characters in all blocks, of which a message may have {MESSAGE_TEXT}")
    return problems


def _block(block: object) -> list[str]:
    if not isinstance(block, dict):
        return ["is no object"]
    kind = block.get("type")
    judge = _BLOCKS.get(kind) if isinstance(kind, str) else None
    if judge is None:
        return [f"type {kind!r} is not one of {', '.join(_BLOCKS)}"]
    problems = list(judge(block))
    if len(str(block.get("block_id", ""))) > ID:
        problems.append(f"block_id is longer than {ID}")
    return problems


def _header(block: Json) -> Iterable[str]:
    return _text(block.get("text"), HEADER_TEXT, ("plain_text",))


def _section(block: Json) -> Iterable[str]:
    fields = block.get("fields", [])
    if "text" in block:
        yield from _text(block["text"], SECTION_TEXT)
    elif not fields:
        yield "has neither text nor fields"
    if not isinstance(fields, list) or len(fields) > SECTION_FIELDS:
        yield f"fields must be a list of at most {SECTION_FIELDS}"
    else:
        yield from (p for f in fields for p in _text(f, FIELD_TEXT))
    if "accessory" in block:
        yield from _element(block["accessory"])


def _context(block: Json) -> Iterable[str]:
    return _each(block, CONTEXT_ELEMENTS, lambda e: _image(e) if _type(e) == "image" else _text(e, SECTION_TEXT))


def _actions(block: Json) -> Iterable[str]:
    yield from _each(block, ACTION_ELEMENTS, _element)
    names = [e.get("action_id") for e in _elements(block) if isinstance(e, dict) and "action_id" in e]
    if len({str(n) for n in names}) < len(names):
        yield "two of its elements have the same action_id"


def _element(element: object) -> Iterable[str]:
    if _type(element) == "image":
        yield from _image(element)
    elif isinstance(element, dict) and element.get("type") in _INTERACTIVE:
        if "action_id" in element:
            yield from _string(element["action_id"], ID, "action_id")
        yield from _INTERACTIVE[element["type"]](element)
    else:
        yield f"element of type {_type(element)!r} is none of {', '.join(_INTERACTIVE)} and image"


def _button(button: Json) -> Iterable[str]:
    yield from _text(button.get("text"), BUTTON_TEXT, ("plain_text",))
    for name, most in (("accessibility_label", ACCESSIBILITY_LABEL), ("value", VALUE)):
        if name in button:
            yield from _string(button[name], most, name)
    if "url" in button:
        yield from _url(button["url"])


def _overflow(menu: Json) -> Iterable[str]:
    options = menu.get("options")
    if not isinstance(options, list) or not 1 <= len(options) <= OVERFLOW_OPTIONS:
        yield f"overflow needs a list of 1 to {OVERFLOW_OPTIONS} options"
        return
    for option in options:
        if not isinstance(option, dict):
            yield "an option is no object"
            continue
        yield from _text(option.get("text"), OPTION_TEXT, ("plain_text",))
        yield from _string(option.get("value"), OPTION_VALUE, "value")


_INTERACTIVE: Final[dict[str, Callable[[Json], Iterable[str]]]] = {"button": _button, "overflow": _overflow}


def _image(image: object) -> Iterable[str]:
    if isinstance(image, dict):
        yield from _url(image.get("image_url"))
        yield from _string(image.get("alt_text"), ALT_TEXT, "alt_text")


def _rich_text(block: Json) -> list[str]:
    return [problem for part in _elements(block) for problem in _rich_part(part)] or _none_in(block)


def _rich_part(part: object, kinds: tuple[str, ...] = RICH_PARTS) -> list[str]:
    kind = _type(part)
    if not isinstance(part, dict) or kind not in kinds:
        return [f"rich text has an element of type {kind!r} where {', '.join(kinds)} may stand"]
    problems = _none_in(part)
    if kind == "rich_text_list":
        if part.get("style") not in ("bullet", "ordered"):
            problems.append("rich_text_list needs the style bullet or ordered")
        for item in _elements(part):
            problems += _rich_part(item, ("rich_text_section",))
    else:
        for leaf in _elements(part):
            problems += _rich_leaf(leaf)
    return problems


def _rich_leaf(leaf: object) -> list[str]:
    if not isinstance(leaf, dict) or leaf.get("type") not in ("text", "link", "emoji"):
        return [f"rich text may hold text, link and emoji, not {_type(leaf)!r}"]
    kind, problems = leaf["type"], []
    if kind == "text" or "text" in leaf:
        problems += _string(leaf.get("text"), RICH_TEXT, "text")
    if kind == "link":
        problems += _url(leaf.get("url"))
    elif kind == "emoji":
        problems += _string(leaf.get("name"), ID, "name of emoji")
    if "style" in leaf and not (isinstance(leaf["style"], dict) and leaf["style"].keys() <= _STYLES):
        problems.append("style must be an object of bold, italic, strike, code, underline")
    return problems


def _elements(node: Json) -> list[Any]:
    elements = node.get("elements")
    return elements if isinstance(elements, list) else []


def _none_in(node: Json) -> list[str]:
    return [] if _elements(node) else [f"{node.get('type')} needs a list of elements that is not empty"]


def _each(holder: Json, most: int, judge: Callable[[object], Iterable[str]]) -> Iterable[str]:
    elements = _elements(holder)
    yield from _none_in(holder)
    if len(elements) > most:
        yield f"{holder.get('type')} has {len(elements)} elements, of which it may have {most}"
    for element in elements:
        yield from judge(element)


def _text(text: object, most: int, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> Iterable[str]:
    if not isinstance(text, dict) or text.get("type") not in kinds:
        yield f"text must be an object of type {' or '.join(kinds)}"
        return
    yield from _string(text.get("text"), most, "text")
    if text["type"] == "mrkdwn" and _MENTION.search(str(text.get("text"))):
        yield "mrkdwn mentions somebody; a digest calls nobody"


def _string(value: object, most: int, name: str) -> list[str]:
    if not isinstance(value, str) or not value:
        return [f"{name} is missing or empty"]
    if len(value) * 2 > most and _units(value) > most:
        return [f"{name} has {len(value)} characters, of which it may have {most}"]
    return []


def _url(url: object) -> list[str]:
    if not isinstance(url, str) or not _HTTP.fullmatch(url):
        return ["url is no http or https address"]
    return [f"url has {len(url)} characters, of which it may have {URL}"] if len(url) > URL else []


def _type(node: object) -> object:
    return node.get("type") if isinstance(node, dict) else None


_BLOCKS: Final[dict[str, Callable[[Json], Iterable[str]]]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "divider": lambda _: (),
    "rich_text": _rich_text,
    "actions": _actions,
    "image": _image,
}
