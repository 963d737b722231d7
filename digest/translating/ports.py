"""The seams of translating: who translates, and where what was translated is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.assessment.spending import Spending


@dataclass(frozen=True, slots=True)
class Bullets:
    """What of an article is translated: its summary and its key insights, a sentence each."""

    summary: tuple[str, ...]
    key_insights: tuple[str, ...]


class Translator(Protocol):
    """Says bullets in another language."""

    async def translate(self, bullets: Bullets, language: str, purse: Spending) -> Bullets:
        """As many bullets in the same order, paid for from ``purse``; one that could not be said faithfully stays as it is. ``language``
        is a BCP 47 tag. Raises AssessmentError, BudgetExhausted among them."""

    async def close(self) -> None:
        """Close what it holds."""


class Translations(Protocol):
    """What was translated before, so that it is paid for once."""

    async def get(self, names: Sequence[str]) -> list[Bullets | None]:
        """In the order of ``names``; None for what is not kept. Raises StoreError."""

    async def put(self, name: str, bullets: Bullets) -> None:
        """Keep it for some weeks. Raises StoreError."""
