"""Sketches of texts in this process's memory: implements NearDuplicates for a dry run, by comparing with each that shares a band."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.ports import Copy
from digest.stories.near_duplicates import SAME, bands, degree

if TYPE_CHECKING:
    from collections.abc import Sequence


class MemoryNearDuplicates:
    """NearDuplicates over dictionaries. ``least``: the degree from which on two texts are copies."""

    def __init__(self, *, least: float = SAME) -> None:
        self._least = least
        self._sketches: dict[str, bytes] = {}
        self._by_band: dict[int, dict[str, None]] = {}

    async def add(self, batch: Sequence[tuple[str, bytes]]) -> list[tuple[Copy, ...]]:
        """See ``ports.NearDuplicates``."""
        return [self._add(article_id, sketch) for article_id, sketch in batch]

    def _add(self, article_id: str, sketch: bytes) -> tuple[Copy, ...]:
        if self._sketches.get(article_id) != sketch:
            self._forget(article_id)
        if sketch:
            self._sketches.setdefault(article_id, sketch)
            for band in bands(sketch):
                self._by_band.setdefault(band, {})[article_id] = None
        return self._copies(article_id, sketch)

    async def candidates(self, batch: Sequence[tuple[str, bytes]]) -> list[tuple[Copy, ...]]:
        """See ``ports.NearDuplicates``."""
        return [self._copies(article_id, sketch) for article_id, sketch in batch]

    def _copies(self, article_id: str, sketch: bytes) -> tuple[Copy, ...]:
        before = self._before(article_id, sketch)
        near = {i for band in bands(sketch) for i in self._by_band.get(band, ()) if i in before}
        found = [Copy(i, degree(sketch, self._sketches[i])) for i in near]
        return tuple(sorted((c for c in found if c.degree >= self._least), key=lambda c: (-c.degree, c.article_id)))

    def _before(self, article_id: str, sketch: bytes) -> set[str]:
        """Ids added before this one; all others where it is not held as it is."""
        order = list(self._sketches)
        if self._sketches.get(article_id) == sketch:
            return set(order[: order.index(article_id)])
        return set(order) - {article_id}

    async def forget(self, ids: Sequence[str]) -> None:
        """See ``ports.NearDuplicates``."""
        for article_id in ids:
            self._forget(article_id)

    def _forget(self, article_id: str) -> None:
        for band in bands(self._sketches.pop(article_id, b"")):
            self._by_band.get(band, {}).pop(article_id, None)
