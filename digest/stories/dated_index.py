"""Which articles are like a given one, among those near enough in time to tell the same event: an inverted index for each half week.

Over a month it looks at half of what one index would.
"""

from __future__ import annotations

from collections import defaultdict
from math import ceil
from typing import TYPE_CHECKING, Final

from digest.stories.term_index import TermIndex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from digest.stories.event_vector import EventVector

_PERIOD_DAYS: Final = 3.5
_DAY_S: Final = 86_400.0


class DatedIndex:
    """Articles by their terms and dates. Those without a date are near to all. ``reach_days``: how far apart two may be at most."""

    def __init__(self, reach_days: float) -> None:
        self._reach = ceil(reach_days / _PERIOD_DAYS)
        self._indexes: defaultdict[int | None, TermIndex] = defaultdict(TermIndex)

    def add(self, article_id: str, vector: EventVector, dated: datetime | None) -> None:
        """``article_id`` must not be in the index."""
        self._indexes[_period(dated)].add(article_id, vector)

    def remove(self, article_id: str, vector: EventVector, dated: datetime | None) -> None:
        """``vector`` and ``dated`` are those it was added with."""
        period = _period(dated)
        self._indexes[period].remove(article_id, vector)
        if not self._indexes[period]:
            del self._indexes[period]

    def cosines(self, vector: EventVector, dated: datetime | None = None, least: float = 0.0) -> dict[str, float]:
        """As of ``TermIndex``, of all that are within reach of ``dated``, and some beyond; without a date, of all."""
        found: dict[str, float] = {}
        for index in self._near(_period(dated)):
            found.update(index.cosines(vector, least))
        return found

    def _near(self, period: int | None) -> Iterator[TermIndex]:
        for other, index in self._indexes.items():
            if period is None or other is None or abs(other - period) <= self._reach:
                yield index


def _period(dated: datetime | None) -> int | None:
    return None if dated is None else int(dated.timestamp() / _DAY_S // _PERIOD_DAYS)
