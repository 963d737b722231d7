"""What stands in the root message and what in its thread, so that every message keeps within Slack's limits and nothing
is lost.

The root has the opening, then as much as fits in this order: the notes, every story's headline, every story's summary,
every story's key insights; a story's summary only after its headline, its insights only after its summary, and each of
them whole. What is left goes into the thread in the order of the stories, under a heading that names the story, and the
root's closing says what is there. Pure: blocks in, blocks out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from digest.rendering import words
from digest.rendering.slack_limits import BLOCKS, MESSAGE_TEXT
from digest.rendering.slack_split import Weighed, split_blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.rendering.slack_limits import Json

#: Ranks are spelled out in the closing up to this many characters; past it they are only counted.
_RANKS_SPELLED: Final = 300


@dataclass(frozen=True, slots=True)
class Unit:
    """Blocks that stay together, already cut to size, with what each weighs."""

    weighed: Sequence[Weighed]
    weight: int

    @classmethod
    def of(cls, blocks: Sequence[Json]) -> Unit:
        """The unit of these blocks, whatever their size."""
        weighed = split_blocks(blocks)
        return cls(weighed, sum(weight for _, weight in weighed))

    def each(self) -> list[Unit]:
        """Every block as a unit of its own."""
        return [Unit([(block, weight)], weight) for block, weight in self.weighed]


@dataclass(frozen=True, slots=True)
class StoryUnits:
    """A story in three units, in the order in which they are shown."""

    rank: int
    headline: Unit
    summary: Unit
    insights: Unit


@dataclass(slots=True)
class Overflow:
    """What the root has no room for: ranks of whole stories, of summaries with insights, of insights; and the notes."""

    stories: list[int] = field(default_factory=list)
    summaries: list[int] = field(default_factory=list)
    insights: list[int] = field(default_factory=list)
    notes: bool = False

    def in_words(self) -> str:
        """``the summaries of stories 4–9 and the key insights of story 2``; empty where all is in the root."""
        said = [
            "the notes" if self.notes else "",
            _of("", self.stories),
            _of("the summaries of ", self.summaries),
            _of("the key insights of ", self.insights),
        ]
        return words.listed([s for s in said if s])


@dataclass(slots=True)
class Filling:
    """A message being filled. ``ranks`` are the stories it has something of."""

    weighed: list[Weighed] = field(default_factory=list)
    weight: int = 0
    ranks: list[int] = field(default_factory=list)

    def has_room(self, *units: Unit) -> bool:
        """Whether the message would keep within Slack's limits with all of ``units``."""
        blocks, weight = sum(len(u.weighed) for u in units), sum(u.weight for u in units)
        return len(self.weighed) + blocks <= BLOCKS and self.weight + weight <= MESSAGE_TEXT

    def add(self, rank: int, *units: Unit) -> None:
        """Put ``units`` of the story ``rank`` (0: of none) at the end."""
        for unit in units:
            self.weighed += unit.weighed
            self.weight += unit.weight
        if rank and rank not in self.ranks[-1:]:
            self.ranks.append(rank)


class Frame(Protocol):
    """The blocks around the stories."""

    def closing(self, continued: str) -> Unit:
        """The end of the root; ``continued`` is what the thread has, in words, or empty."""

    def heading(self, rank: int, *, continued: bool) -> Unit:
        """Names the story of that rank (0: the notes) in the thread; ``continued``: it began in the message before."""


def lay_out(
    opening: Unit, notes: Unit, stories: Sequence[StoryUnits], frame: Frame
) -> tuple[list[Weighed], list[Filling]]:
    """The root's blocks with their weights, and the messages of its thread in order."""
    reserved = _room_left(opening, frame.closing(_longest(stories)))
    taken = _take(notes, stories, reserved)
    root = [*opening.weighed, *(notes.weighed if (0, "notes") in taken else [])]
    overflow = Overflow(notes=bool(notes.weighed) and (0, "notes") not in taken)
    left: list[tuple[int, list[Unit]]] = [(0, [notes])] if overflow.notes else []
    for story in stories:
        missing: list[Unit] = []
        for name in _ORDER:
            unit: Unit = getattr(story, name)
            if (story.rank, name) in taken:
                root += unit.weighed
            elif unit.weighed:
                missing.append(unit)
        if missing:
            left.append((story.rank, missing))
            _note(overflow, story, taken)
    root += frame.closing(overflow.in_words()).weighed
    return root, _thread(left, frame)


_ORDER: Final = ("headline", "summary", "insights")


def _take(notes: Unit, stories: Sequence[StoryUnits], root: Filling) -> set[tuple[int, str]]:
    """Which units the root has room for, by rank and name."""
    taken: set[tuple[int, str]] = set()
    if root.has_room(notes):
        root.add(0, notes)
        taken.add((0, "notes"))
    for position, name in enumerate(_ORDER):
        before = _ORDER[position - 1] if position else None
        for story in stories:
            unit: Unit = getattr(story, name)
            if (before is None or (story.rank, before) in taken) and root.has_room(unit):
                root.add(0, unit)
                taken.add((story.rank, name))
    return taken


def _room_left(*units: Unit) -> Filling:
    filling = Filling()
    filling.add(0, *units)
    return filling


def _note(overflow: Overflow, story: StoryUnits, taken: set[tuple[int, str]]) -> None:
    if (story.rank, "headline") not in taken:
        overflow.stories.append(story.rank)
    elif (story.rank, "summary") not in taken:
        overflow.summaries.append(story.rank)
    else:
        overflow.insights.append(story.rank)


def _thread(left: Iterable[tuple[int, list[Unit]]], frame: Frame) -> list[Filling]:
    replies: list[Filling] = []
    for rank, units in left:
        heading = frame.heading(rank, continued=False)
        if replies and replies[-1].has_room(heading, *units):
            replies[-1].add(rank, heading, *units)
            continue
        replies.append(Filling())
        replies[-1].add(rank, heading)
        for one in (o for unit in units for o in unit.each()):
            if not replies[-1].has_room(one):
                replies.append(Filling())
                replies[-1].add(rank, frame.heading(rank, continued=True))
            replies[-1].add(rank, one)
    return replies


def _longest(stories: Sequence[StoryUnits]) -> str:
    """As long as what the thread has can get in words, so that the closing's room is kept for it."""
    odd = [s.rank * 2 for s in stories]
    return Overflow(stories=odd, summaries=odd, insights=odd, notes=True).in_words()


def _of(what: str, ranks: Sequence[int]) -> str:
    if not ranks:
        return ""
    said = words.ranks(ranks)
    if len(said) > _RANKS_SPELLED:
        return f"{what}{len(ranks)} stories"
    return f"{what}{'story' if len(ranks) == 1 else 'stories'} {said}"
