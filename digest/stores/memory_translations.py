"""What was translated, in memory: for where nothing is to be kept. Nothing outlives the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.translating.ports import Bullets


class MemoryTranslations:
    """``translating.ports.Translations``."""

    def __init__(self) -> None:
        self._held: dict[str, Bullets] = {}

    async def get(self, names: Sequence[str]) -> list[Bullets | None]:
        """See ``translating.ports.Translations``."""
        return [self._held.get(n) for n in names]

    async def put(self, name: str, bullets: Bullets) -> None:
        """See ``translating.ports.Translations``."""
        self._held[name] = bullets
