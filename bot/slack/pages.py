"""Blocks as messages that Slack takes each: what is too long for one goes on in the next. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.slack.drawing.elements import Json, context
from digest.rendering.slack_limits import BLOCKS, MESSAGE_TEXT, weigh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: A response URL takes five messages, of which one may be "Reading the page".
PAGES: Final = 4
#: For the note below the last.
_NOTE: Final = 100
#: What belongs to the block before it: a story's buttons, the small print below something.
_BELOW: Final = ("actions", "context", "context_actions")


def pages(blocks: Sequence[Json]) -> list[list[Json]]:
    """``blocks`` in order, in as many messages as they take; after ``PAGES`` of them a note says that there is more. What belongs to the
    block before it stays with it."""
    made = _packed(_groups(blocks))
    if len(made) <= PAGES:
        return made
    more = context("There is more than messages hold: the rest is in what is linked.")
    return [*made[: PAGES - 1], [*made[PAGES - 1], *([more] if more else [])]]


def in_messages(blocks: Sequence[Json]) -> list[list[Json]]:
    """``blocks`` in order, in as many messages as they take, each filled before the next begins: a message that is there already, and is
    added to, keeps what it has."""
    return _packed([block] for block in blocks)


def _packed(groups: Iterable[list[Json]]) -> list[list[Json]]:
    made: list[list[Json]] = [[]]
    weight = 0
    for group in groups:
        heavier = weigh(group)
        if made[-1] and (weight + heavier > MESSAGE_TEXT - _NOTE or len(made[-1]) + len(group) > BLOCKS - 1):
            made.append([])
            weight = 0
        made[-1] += group
        weight += heavier
    return made


def _groups(blocks: Sequence[Json]) -> Iterator[list[Json]]:
    group: list[Json] = []
    for block in blocks:
        if group and block["type"] not in _BELOW:
            yield group
            group = []
        group.append(block)
    if group:
        yield group
