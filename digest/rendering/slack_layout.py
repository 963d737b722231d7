"""What stands in the root message and what in its thread, so that every message keeps within Slack's limits and nothing
is lost.

The root has the opening, then as much as fits in this order: the notes, every story's headline, every story's buttons, every
story's summary, every story's key insights; a story's summary and buttons only with its headline, its insights only with its
summary, and each of them whole. What is left goes into the thread in the order of the stories, under a heading that names the
story, and the root's closing says what is there. In the compact layout the root has no more than headlines and buttons. Pure:
blocks in, blocks out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from digest.rendering import words
from digest.rendering.slack_limits import BLOCKS, MESSAGE_TEXT
from digest.rendering.slack_split import Weighed, split_blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

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
    """A story in four units, in the order in which they are shown; ``heading`` names it in the thread."""

    rank: int
    heading: Unit
    headline: Unit
    summary: Unit
    insights: Unit
    actions: Unit


@dataclass(slots=True)
class Overflow:
    """What the root has no room for: ranks of whole stories, of summaries with insights, of insights, of buttons alone; and the notes."""

    stories: list[int] = field(default_factory=list)
    summaries: list[int] = field(default_factory=list)
    insights: list[int] = field(default_factory=list)
    buttons: list[int] = field(default_factory=list)
    notes: bool = False

    def note(self, rank: int, missing: Collection[str]) -> None:
        """The story ``rank`` has the units ``missing`` not in the root."""
        for name, ranks in (("headline", self.stories), ("summary", self.summaries), ("insights", self.insights)):
            if name in missing:
                ranks.append(rank)
                return
        self.buttons.append(rank)

    def in_words(self) -> str:
        """``the summaries of stories 4–9 and the key insights of story 2``; empty where all is in the root."""
        said = [
            "the notes" if self.notes else "",
            _of("", self.stories),
            _of("the summaries of ", self.summaries),
            _of("the key insights of ", self.insights),
            _of("the buttons of ", self.buttons),
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


def lay_out(
    opening: Unit,
    notes: Unit,
    stories: Sequence[StoryUnits],
    *,
    closing: Callable[[str], Unit],
    going_on: Callable[[int], Unit],
    headlines_only: bool = False,
) -> tuple[Filling, list[Filling]]:
    """The root, and the messages of its thread in order. Of the root ``ranks`` are the stories whose headline it has.

    ``closing`` makes the end of the root from what the thread has, in words, or empty; ``going_on`` the heading of the
    story of that rank (0: of the notes) where its text began in the message before. ``headlines_only``: summaries and insights go
    into the thread, whether or not the root has room.
    """
    taken = _take(notes, stories, _filled(opening, closing(_longest(stories))), _FIRST[:2] if headlines_only else _FIRST)
    root = [*opening.weighed, *(notes.weighed if _NOTES in taken else [])]
    overflow = Overflow(notes=bool(notes.weighed) and _NOTES not in taken)
    left = [(0, [notes])] if overflow.notes else []
    for position, story in enumerate(stories):
        missing: dict[str, Unit] = {}
        for name in _ORDER:
            unit: Unit = getattr(story, name)
            if (position, name) in taken:
                root += unit.weighed
            elif unit.weighed:
                missing[name] = unit
        if missing:
            left.append((story.rank, [story.heading, *missing.values()]))
            overflow.note(story.rank, missing)
    root += closing(overflow.in_words()).weighed
    headed = [s.rank for position, s in enumerate(stories) if (position, "headline") in taken]
    return Filling(root, ranks=headed), _thread(left, going_on)


#: As shown; as room is given; and what each is nothing without.
_ORDER: Final = ("headline", "summary", "insights", "actions")
_FIRST: Final = ("headline", "actions", "summary", "insights")
_NEEDS: Final = {"actions": "headline", "summary": "headline", "insights": "summary"}
_NOTES: Final = (-1, "notes")


def _take(notes: Unit, stories: Sequence[StoryUnits], root: Filling, names: Sequence[str]) -> set[tuple[int, str]]:
    """Which units of these ``names`` the root has room for, by the story's position and the unit's name."""
    taken: set[tuple[int, str]] = set()
    if root.has_room(notes):
        root.add(0, notes)
        taken.add(_NOTES)
    for name in names:
        for position, story in enumerate(stories):
            unit: Unit = getattr(story, name)
            if (name not in _NEEDS or (position, _NEEDS[name]) in taken) and root.has_room(unit):
                root.add(0, unit)
                taken.add((position, name))
    return taken


def _filled(*units: Unit) -> Filling:
    filling = Filling()
    filling.add(0, *units)
    return filling


def _thread(left: Iterable[tuple[int, list[Unit]]], going_on: Callable[[int], Unit]) -> list[Filling]:
    replies: list[Filling] = []
    for rank, units in left:
        if replies and replies[-1].has_room(*units):
            replies[-1].add(rank, *units)
            continue
        replies.append(Filling())
        for one in (o for unit in units for o in unit.each()):
            if not replies[-1].has_room(one):
                replies.append(_filled(going_on(rank)))
            replies[-1].add(rank, one)
    return replies


def _longest(stories: Sequence[StoryUnits]) -> str:
    """As long as what the thread has can get in words, so that the closing's room is kept for it."""
    odd = [s.rank * 2 for s in stories]
    return Overflow(stories=odd, summaries=odd, insights=odd, buttons=odd, notes=True).in_words()


def _of(what: str, ranks: Sequence[int]) -> str:
    if not ranks:
        return ""
    said = words.ranks(ranks)
    if len(said) > _RANKS_SPELLED:
        return f"{what}{len(ranks)} stories"
    return f"{what}{'story' if len(ranks) == 1 else 'stories'} {said}"
