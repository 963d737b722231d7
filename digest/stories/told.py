"""An article as a telling of an event, and how alike two are: by their words and what they mean, less what time and contradiction take.

The similarity of two is fixed: the same to the last bit, whichever of the two is asked and whatever else there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from digest.stories.event_vector import cosines as by_words
from digest.stories.meaning import ANYHOW, likenesses, weighed
from digest.stories.term_index import TermIndex
from digest.stories.veto import contradict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from digest.stories.event_vector import EventVector

#: Days between two articles up to which the time says nothing against their being one event, and from which they are two
#: whatever the words. A choice: the labelled sets have no dates.
SAME_DAYS: Final = 2.0
WINDOW_DAYS: Final = 7.0
_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Told:
    """One article as a telling of an event. ``published``: aware, None where there is no date."""

    id: str
    vector: EventVector
    published: datetime | None = None

    @property
    def order(self) -> tuple[bool, float, str]:
        """By time, then by id; articles without a date come last."""
        return (self.published is None, self.published.timestamp() if self.published else 0.0, self.id)


def fit(one: Told, other: Told) -> float:
    """0 to 1, by which the cosine of two articles counts: 0 where their titles contradict or a week is between them."""
    if contradict(one.vector.claims, other.vector.claims):
        return 0.0
    if one.published is None or other.published is None:
        return 1.0
    days = abs((one.published - other.published).total_seconds()) / _DAY_S
    return min(1.0, max(0.0, (WINDOW_DAYS - days) / (WINDOW_DAYS - SAME_DAYS)))


def cosines(told: Sequence[Told]) -> list[list[float]]:
    """Of each pair the cosine, weighed by what they mean, less what time and contradiction take from it."""
    index, places = TermIndex(), {t.id: n for n, t in enumerate(told)}
    rows = [[0.0] * len(told) for _ in told]
    for n, each in enumerate(told):
        for other, cosine in index.cosines(each.vector).items():
            m = places[other]
            rows[n][m] = rows[m][n] = cosine
        index.add(each.id, each.vector)
    _weigh(told, rows)
    for n, (each, row) in enumerate(zip(told, rows, strict=True)):
        if each.vector.claims or each.published:
            for m, before in enumerate(told[:n]):
                if row[m] and (before.vector.claims or before.published):
                    row[m] = rows[m][n] = row[m] * fit(each, before)
    return rows


def _weigh(told: Sequence[Told], rows: list[list[float]]) -> None:
    """Weighs ``rows``, the cosines of ``told``, by what those mean that have a meaning."""
    meant = [n for n, t in enumerate(told) if t.vector.meaning]
    meanings = [told[n].vector.meaning for n in meant]
    if len(meant) < 2:
        return
    for n, likeness in zip(meant, likenesses(meanings, meanings), strict=True):
        for m, alike in zip(meant, likeness, strict=True):
            if m < n and (rows[n][m] or alike > ANYHOW):
                rows[n][m] = rows[m][n] = weighed(rows[n][m], alike, lack(told[n], told[m]))


def lack(one: Told, other: Told) -> float:
    """0 to 1: how much text is lacking in both, by which what they mean counts."""
    return (1 - one.vector.evidence) * (1 - other.vector.evidence)


def cosines_with(one: Told, others: Sequence[Told]) -> list[float]:
    """The row of ``cosines`` that ``one`` has beside ``others``, which it is not among."""
    row = by_words(one.vector, [o.vector for o in others])
    meant = [n for n, o in enumerate(others) if o.vector.meaning] if one.vector.meaning else []
    if meant:
        for n, alike in zip(meant, likenesses([one.vector.meaning], [others[n].vector.meaning for n in meant])[0], strict=True):
            if row[n] or alike > ANYHOW:
                row[n] = weighed(row[n], alike, lack(one, others[n]))
    return [cosine * fit(one, other) if cosine else 0.0 for cosine, other in zip(row, others, strict=True)]
