"""Slack's plain text and buttons, each cut to Slack's limits: for the templates, and for whatever else the bot draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from digest.rendering.cleaning import one_line, shorten
from digest.rendering.slack_limits import ACCESSIBILITY_LABEL, BUTTON_TEXT, VALUE, weigh_text
from digest.rendering.slack_rich import slack_link
from digest.rendering.slack_split import split_text

if TYPE_CHECKING:
    from digest.rendering.slack_limits import Json

#: Characters of a plain text, where its place says nothing else.
PLAIN: Final = 2_900
#: What one character can count: ``&``, escaped.
_HEAVIEST: Final = 5
#: ``split_text`` cuts to no less than this.
_LEAST_SPLIT: Final = 76


def plain(words: str, most: int = PLAIN) -> Json:
    """A plain_text object of at most ``most`` characters as Slack counts them; a dash where there is nothing to see."""
    return {"type": "plain_text", "text": fitted(one_line(words), most) or "–", "emoji": False}


def button(words: str, action: str, value: str = "", *, label: str = "", style: str = "", url: str = "") -> Json:
    """``label`` is what a screen reader says, where that is more than ``words``. ``style``: empty, primary or danger."""
    made: Json = {"type": "button", "text": plain(words, BUTTON_TEXT), "action_id": action}
    if value:
        made["value"] = value[:VALUE]
    if label:
        made["accessibility_label"] = fitted(one_line(label), ACCESSIBILITY_LABEL)
    if style:
        made["style"] = style
    if address := slack_link(url):
        made["url"] = address
    return made


def button_json(words: str, action: str, value: str, label: str = "") -> str:
    """``button`` as JSON, for templates."""
    return orjson.dumps(button(words, action, value, label=label)).decode()


def fitted(words: str, most: int) -> str:
    """``words``, or as much of their beginning as has ``most`` characters as Slack counts them, with ``…``."""
    if len(words) * _HEAVIEST <= most or weigh_text(words) <= most:
        return words
    if most < _LEAST_SPLIT:
        length = most
        while weigh_text(short := shorten(words, length)) > most:
            length -= 1
        return short
    return split_text(words, most - 1)[0].rstrip() + "…"
