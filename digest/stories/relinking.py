"""The linkage of large groups, kept between changes, so that one more article costs a part of it. Pure but for that memory.

The parts are those of ``linkage.linked``, to the last bit of every sum: the greedy order of merges is gone through again, and
only what a change reaches is reckoned anew. A cluster is *known* as long as it came about by the same merges as the last time;
of two known ones the sum of similarities is the one of the last time, and the best pair of them is the next that merged then, in
which both are still known. All pairs with one that is not known wait in a queue, as in ``linkage``. The better of the two is
next. Where the last time a known cluster merged with what is not known any more, it becomes unknown as well.

What is kept: for each article of a group its similarities with the others, and for each merge those of the cluster made. It is
lost with the process, and whatever is beyond ``MOST_CELLS`` is reckoned anew when it is wanted.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final

from digest.stories.linkage import ALIKE, MANY_PAIRS, least_near, linked, scale, scaled, score, tightness
from digest.stories.told import cosines, cosines_with

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from digest.stories.told import Told

    _Entry = tuple[float, int, int, int, int]

#: Groups of fewer articles are linked at once, which takes a millisecond or two; most groups are, and nothing is kept of them.
LEAST_KEPT: Final = 24
#: Most pairs of articles of which something is kept, over all groups: 16 bytes each.
MOST_CELLS: Final = 1_000_000
#: Rows grow by this many columns.
_MORE: Final = 16


class Linkages:
    """Groups into parts. Remembers the large ones that were asked for last."""

    def __init__(self) -> None:
        self._kept: dict[tuple[float, str], _Linkage] = {}
        self._recent: dict[int, _Linkage] = {}

    def parts(self, group: Sequence[Told], strong: float) -> list[list[int]]:
        """What ``linked`` gives for ``group``, which is by time, at ``strong``."""
        if len(group) < LEAST_KEPT:
            return linked(cosines(group), [t.vector.evidence for t in group], strong)
        linkage = self._taken(group, strong)
        found = linkage.parts(group)
        self._recent[id(linkage)] = linkage
        self._kept.update(dict.fromkeys(((strong, t.id) for t in group), linkage))
        self._bound()
        return found

    @property
    def cells(self) -> int:
        """Pairs of articles of which something is kept."""
        return sum(kept.cells for kept in self._recent.values())

    def _taken(self, group: Sequence[Told], strong: float) -> _Linkage:
        """Of the linkages kept the one that most of ``group`` are in, at least half, else a new one; those that go up in it are let go."""
        counts: dict[int, int] = {}
        for each in group:
            kept = self._kept.get((strong, each.id))
            if kept and kept.has(each):
                counts[id(kept)] = counts.get(id(kept), 0) + 1
        best = max(counts, key=lambda k: counts[k], default=0)
        linkage = self._recent[best] if best and 2 * counts[best] >= len(group) else _Linkage(strong)
        for kept in [self._recent[k] for k, count in counts.items() if k == best or 2 * count > len(self._recent[k].ids())]:
            self._forget(kept)
        return linkage

    def _forget(self, linkage: _Linkage) -> None:
        self._recent.pop(id(linkage), None)
        for article_id in linkage.ids():
            if self._kept.get((linkage.strong, article_id)) is linkage:
                del self._kept[linkage.strong, article_id]

    def _bound(self) -> None:
        while len(self._recent) > 1 and self.cells > MOST_CELLS:
            self._forget(next(iter(self._recent.values())))


@dataclass(frozen=True, slots=True)
class _Merge:
    """What two clusters, each named by the slot of its first article, became. ``row``: by slot, the sums with the other clusters."""

    rank: float
    one: int
    other: int
    row: array[float]


@dataclass(slots=True)
class _Cluster:
    """``slot``: of its first article. ``members``, ``near``, ``strong``: slots as bits: its own, those of articles that a pair may
    hold to it, and of those the ones of strong pairs. ``changed``: when it came about; -1 once it is part of another."""

    slot: int
    members: int
    near: int
    strong: int
    row: array[float]
    evidence: float
    places: list[int]
    within: float = 0.0
    tight: float = 0.0
    changed: int = 0


@dataclass(slots=True)
class _Article:
    told: Told
    scale: float
    row: array[float]
    near: int = 0
    strong: int = 0


@dataclass(slots=True)
class _Linkage:
    """One group at one threshold. Each article has a slot as long as it is in the group."""

    strong: float
    _slots: dict[str, int] = field(default_factory=dict)
    _articles: dict[int, _Article] = field(default_factory=dict)
    _merges: list[_Merge] = field(default_factory=list)
    _free: list[int] = field(default_factory=list)
    _columns: int = 0

    @property
    def cells(self) -> int:
        return self._columns * self._columns

    def ids(self) -> Collection[str]:
        return self._slots.keys()

    def has(self, told: Told) -> bool:
        slot = self._slots.get(told.id)
        return slot is not None and self._articles[slot].told is told

    def parts(self, group: Sequence[Told]) -> list[list[int]]:
        """The group is now ``group``; its parts."""
        kept = {t.id for t in group if self.has(t)}
        for gone in [i for i in self._slots if i not in kept]:
            self._take_out(gone)
        new = [t for t in group if t.id not in kept]
        if new and not kept:
            self._put_in_all(group)
        else:
            for each in new:
                self._put_in(each, cosines_with(each, [a.told for a in self._articles.values()]))
        run = _Run(self, [self._slots[t.id] for t in group], {self._slots[i] for i in kept})
        self._merges = run.merges(self._merges)
        return run.parts()

    def _put_in_all(self, group: Sequence[Told]) -> None:
        for n, (each, row) in enumerate(zip(group, cosines(group), strict=True)):
            self._put_in(each, row[:n])

    def _put_in(self, told: Told, row: Sequence[float]) -> None:
        """``row``: its cosines with the others, in the order of ``_articles``."""
        slot = self._free.pop() if self._free else len(self._articles)
        if slot >= self._columns:
            self._widen()
        own = _Article(told, scale(told.vector.evidence), array("d", bytes(8 * self._columns)))
        sums = scaled(row, own.scale, [a.scale for a in self._articles.values()])
        bit, least = 1 << slot, least_near(0, 0, self.strong)
        for (place, other), cosine, alike in zip(self._articles.items(), row, sums, strict=True):
            own.row[place] = other.row[slot] = alike
            if cosine >= least and cosine >= least_near(told.vector.evidence, other.told.vector.evidence, self.strong):
                own.near |= 1 << place
                other.near |= bit
                if cosine >= self.strong:
                    own.strong |= 1 << place
                    other.strong |= bit
        self._articles[slot], self._slots[told.id] = own, slot

    def _widen(self) -> None:
        self._columns += _MORE
        for row in (*(a.row for a in self._articles.values()), *(m.row for m in self._merges)):
            row.frombytes(bytes(8 * _MORE))

    def _take_out(self, article_id: str) -> None:
        slot = self._slots.pop(article_id)
        del self._articles[slot]
        self._free.append(slot)
        for other in self._articles.values():
            other.near &= ~(1 << slot)
            other.strong &= ~(1 << slot)

    def singles(self, slots: Sequence[int]) -> list[_Cluster]:
        """One cluster for each of ``slots``, which are the whole group's in its order."""
        articles = ((slot, self._articles[slot]) for slot in slots)
        return [
            _Cluster(slot, 1 << slot, a.near, a.strong, a.row, a.told.vector.evidence, [n])
            for n, (slot, a) in enumerate(articles)
        ]

    def empty_row(self) -> array[float]:
        return array("d", bytes(8 * self._columns))


class _Run:
    """All merges of a group, once. Clusters go by the place of their first article. ``known``: slots of those that were there."""

    def __init__(self, linkage: _Linkage, slots: Sequence[int], known: set[int]) -> None:
        self._linkage = linkage
        self._place = {slot: n for n, slot in enumerate(slots)}
        self._clusters = linkage.singles(slots)
        self._known = {self._place[slot] for slot in known}
        self._alive = list(range(len(slots)))
        self._queue: list[_Entry] = []
        self._done: list[_Merge] = []

    def parts(self) -> list[list[int]]:
        return [sorted(self._clusters[n].places) for n in self._alive]

    def merges(self, before: Sequence[_Merge]) -> list[_Merge]:
        """Goes through the merges, of which those of the last time are ``before``; returns them."""
        for n in [n for n in self._alive if n not in self._known]:
            self._offer(n, (m for m in self._alive if m > n or m in self._known))
        for merge in before:
            one, other = self._place.get(merge.one, -1), self._place.get(merge.other, -1)
            here = [n for n in (one, other) if n in self._known]
            if len(here) == 2:
                self._unknown_ones((merge.rank, one, other, 0, 0))
                here = [n for n in (one, other) if n in self._known]
            if len(here) == 2:
                self._again(merge, one, other)
            elif here:
                self._known.discard(here[0])
                self._offer(here[0], self._alive)
        self._unknown_ones(None)
        return self._done

    def _unknown_ones(self, until: _Entry | None) -> None:
        """Merges of what is not known, as long as they come before ``until``."""
        queue, clusters = self._queue, self._clusters
        while queue and (until is None or queue[0] < until):
            rank, a, b, changed_a, changed_b = heappop(queue)
            if (changed_a, changed_b) == (clusters[a].changed, clusters[b].changed):
                self._known -= {a, b}
                self._merge(rank, a, b)
                self._offer(a, self._alive)

    def _again(self, merge: _Merge, a: int, b: int) -> None:
        """A merge as it was the last time: only the sums with what is not known are new."""
        one, other, row = self._clusters[a], self._clusters[b], merge.row
        unknown = [n for n in self._alive if n not in self._known]
        for n in unknown:
            row[self._clusters[n].slot] = self._sum(one, self._clusters[n]) + self._sum(other, self._clusters[n])
        self._join(a, b, row)
        self._done.append(merge)
        self._known.discard(b)
        self._offer(a, unknown)

    def _merge(self, rank: float, a: int, b: int) -> None:
        one, other, row = self._clusters[a], self._clusters[b], self._linkage.empty_row()
        for n in self._alive:
            third = self._clusters[n]
            row[third.slot] = self._sum(one, third) + self._sum(other, third)
        self._join(a, b, row)
        self._done.append(_Merge(rank, one.slot, other.slot, row))

    def _join(self, a: int, b: int, row: array[float]) -> None:
        """``b`` into ``a``, whose sums with the others are then ``row``."""
        one, other = self._clusters[a], self._clusters[b]
        one.within += other.within + self._sum(one, other)
        one.places += other.places
        one.evidence += other.evidence
        one.members |= other.members
        one.near |= other.near
        one.strong |= other.strong
        one.row = row
        one.tight = tightness(one.within, len(one.places))
        one.changed, other.changed = len(self._done) + 1, -1
        self._alive.remove(b)

    @staticmethod
    def _sum(one: _Cluster, other: _Cluster) -> float:
        """The sum of similarities across; the one of two that came about later has it."""
        return one.row[other.slot] if one.changed >= other.changed else other.row[one.slot]

    def _offer(self, a: int, others: Iterable[int]) -> None:
        """Puts into the queue what ``a`` is to become one with, as ``linkage`` does."""
        one, clusters, queue = self._clusters[a], self._clusters, self._queue
        near, strong, size, evidence, tight = one.near, one.strong, len(one.places), one.evidence, one.tight
        for b in others:
            other = clusters[b]
            if near & other.members and b != a:
                many = len(other.places)
                if size * many >= MANY_PAIRS or strong & other.members:
                    total = one.row[other.slot] if one.changed >= other.changed else other.row[one.slot]
                    alike = score(total, size, many, evidence + other.evidence, tight + other.tight)
                    if alike >= ALIKE:
                        first, second = (a, b) if a < b else (b, a)
                        entry = (-alike, first, second, clusters[first].changed, clusters[second].changed)
                        heappush(queue, entry)
