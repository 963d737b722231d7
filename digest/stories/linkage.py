"""Average linkage that knows how tight a story is: which articles of one group tell one event.

Two clusters become one when three things hold.

* One article of each is much like one of the other: a cosine of at least ``STRONG``. This keeps apart what merely shares a
  subject, and costs nothing where stories are many articles: each has a near one. Of two headlines less is enough
  (``least_near``) once there are ``MANY_PAIRS`` between the clusters: what all of them say on average is then no accident.
* All of them on average are alike: the mean of scaled similarities is at least ``ALIKE``. Headlines share few words with each
  other, so their similarity is scaled up to ``HEADLINE_SCALE`` times.
* They are alike to each other as they are within. "Chargers' Jackson arrested" and "Chargers' Williams arrested" share most
  words across, but each story shares more within. The threshold therefore grows with the geometric mean of both clusters' own
  similarity, once that is above ``LOOSE``. Two halves of one story reach 0.9 to 1.0 of it, two like events 0.4 to 0.8. Headlines
  vary too much within a story to be held to this; it counts by how much text there is.

On ECB+, where every event has a twin of its kind, the third rule lifts BCubed F1 from 0.82 to 0.96.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from math import exp, log
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    _Entry = tuple[float, int, int, int, int]

#: Cosine that one pair of two clusters must reach. At 0.25 a sixth of a month's unrelated articles of the field pair up at most,
#: without it two thirds do; from 0.3 upwards labelled stories fall apart.
STRONG: Final = 0.25
#: The part of it that two headlines need where there are many pairs: BCubed F1 of six of the seven UCI stories
#: is 0.93 with it and 0.90 without, and real titles of no story come together no more often. 0.6, and 6 pairs, gave the same within 0.005.
LOOSER: Final = 0.72
MANY_PAIRS: Final = 10
#: Mean scaled similarity to become one story: from 0.13 to 0.15 labelled texts give the same within 0.01.
ALIKE: Final = 0.14
#: Two headlines' cosine counts this many times, a headline's with a full text's the square root of it.
HEADLINE_SCALE: Final = 4.0
#: Of the similarity as it is, this part is added: many pairs of headlines are scaled to 1, and the likest of them come first.
#: Without it which did was chance, and BCubed F1 of large stories varied by 0.03.
TIE: Final = 0.001
#: Within a story of loosely alike texts the mean similarity is about this; tighter ones raise the threshold.
LOOSE: Final = 0.15
#: The mean within a cluster is taken as if this many pairs more were there, ``LOOSE`` each: few pairs say little.
PRIOR_PAIRS: Final = 10


def least_near(one: float, other: float, strong: float = STRONG) -> float:
    """The least cosine of two articles, by their evidence, that can hold a story together."""
    return strong if one + other >= 1 else LOOSER * strong


def scale(evidence: float) -> float:
    """How much an article's cosines are scaled up for its part, from its evidence: both articles' scales are multiplied.

    The scaled similarity is 1 at most, but for ``TIE``.
    """
    return float(HEADLINE_SCALE ** ((1 - evidence) / 2))


def scaled(cosines: Sequence[float], own: float, scales: Sequence[float]) -> list[float]:
    """An article's similarities with others, from its cosines with them, its scale and theirs."""
    return [min(1.0, c * (own * other)) + TIE * c if c else 0.0 for c, other in zip(cosines, scales, strict=True)]


def score(total: float, n: int, m: int, evidence: float, tight: float) -> float:
    """The mean similarity of clusters of ``n`` and ``m``, divided by how much tighter than loose they are within.

    ``total`` is the sum of scaled similarities across; ``evidence`` and ``tight`` are both clusters' added up.
    """
    text = evidence / (n + m)
    return total / (n * m) * exp(-text * tight / 2)


def tightness(within: float, members: int) -> float:
    """How much tighter than loose a cluster is, from the sum of scaled similarities within it: a logarithm, 0 at least."""
    pairs = members * (members - 1) / 2
    mean = (within + PRIOR_PAIRS * LOOSE) / (pairs + PRIOR_PAIRS)
    return max(0.0, log(mean / LOOSE))


@dataclass(slots=True)
class _Cluster:
    """``sums``: by cluster, the sum of scaled similarities with it. ``near``: clusters that a pair may hold to it, and the best cosine."""

    members: list[int]
    evidence: float
    sums: list[float]
    near: dict[int, float]
    within: float = 0.0
    tightness: float = 0.0
    stamp: int = 0


def linked(cosines: Sequence[Sequence[float]], evidence: Sequence[float], strong: float = STRONG) -> list[list[int]]:
    """The parts of a group: lists of positions, ascending, in the order of their first.

    ``cosines`` is symmetric, 0 to 1; ``evidence`` is each vector's. The same for the same input; ties go to the earlier.
    """
    clusters = _singles(cosines, evidence, strong)
    alive = list(range(len(clusters)))
    queue: list[_Entry] = []
    for a in range(len(clusters)):
        _offer(queue, clusters, a, (b for b in clusters[a].near if a < b), strong)
    while queue:
        _, a, b, stamp_a, stamp_b = heappop(queue)
        if (stamp_a, stamp_b) == (clusters[a].stamp, clusters[b].stamp):
            alive.remove(b)
            _merge(clusters, alive, a, b)
            _offer(queue, clusters, a, sorted(clusters[a].near), strong)
    return [sorted(c.members) for c in clusters if c.members]


def _singles(cosines: Sequence[Sequence[float]], evidence: Sequence[float], strong: float) -> list[_Cluster]:
    made, scales, least = [], [scale(e) for e in evidence], min(strong, least_near(0, 0, strong))
    for n, row in enumerate(cosines):
        sums = scaled(row, scales[n], scales)
        close = [(k, c) for k, c in enumerate(row) if c >= least and k != n]
        near = {k: c for k, c in close if c >= least_near(evidence[n], evidence[k], strong)}
        made.append(_Cluster([n], evidence[n], sums, near))
    return made


def _offer(queue: list[_Entry], clusters: list[_Cluster], a: int, others: Iterable[int], strong: float) -> None:
    """Puts into ``queue`` what ``a`` is to become one with: the worst score last, then both, then their stamps."""
    one = clusters[a]
    for b in others:
        other = clusters[b]
        if one.near[b] >= strong or len(one.members) * len(other.members) >= MANY_PAIRS:
            both = len(one.members), len(other.members)
            alike = score(one.sums[b], *both, one.evidence + other.evidence, one.tightness + other.tightness)
            if alike >= ALIKE:
                heappush(queue, (-alike, min(a, b), max(a, b), clusters[min(a, b)].stamp, clusters[max(a, b)].stamp))


def _merge(clusters: list[_Cluster], alive: list[int], a: int, b: int) -> None:
    """``b`` into ``a``; ``b`` stays behind without members. ``alive``: all other clusters that have some, and ``a``."""
    one, other = clusters[a], clusters[b]
    one.within += other.within + one.sums[b]
    one.members += other.members
    one.evidence += other.evidence
    mine, its = one.sums, other.sums
    for n in alive:
        mine[n] = clusters[n].sums[a] = mine[n] + its[n]
    for n, cosine in other.near.items():
        one.near[n] = max(cosine, one.near.get(n, 0.0))
    del one.near[a], one.near[b]
    for n, cosine in one.near.items():
        clusters[n].near.pop(b, None)
        clusters[n].near[a] = cosine
    one.tightness = tightness(one.within, len(one.members))
    one.stamp += 1
    other.members, other.near = [], {}
    other.stamp = -1
