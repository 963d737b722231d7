"""Message batches under way, in this process's memory: implements ``ports.Batches`` where no store is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.ports import Batch


class MemoryBatches:
    """Batches that are forgotten at exit; what they then cost is lost."""

    def __init__(self) -> None:
        self._batches: dict[str, Batch] = {}

    async def add(self, batch: Batch) -> None:
        """See ``ports.Batches``."""
        self._batches[batch.id] = batch

    async def under_way(self) -> list[Batch]:
        """See ``ports.Batches``."""
        return in_order(self._batches.values())

    async def remove(self, batch_id: str) -> bool:
        """See ``ports.Batches``."""
        return self._batches.pop(batch_id, None) is not None


def in_order(batches: Iterable[Batch]) -> list[Batch]:
    """The one submitted first first, then by id."""
    return sorted(batches, key=lambda b: (b.submitted, b.id))
