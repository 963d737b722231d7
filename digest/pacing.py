"""The seam of rate limits that hold for all processes together: whoever calls somebody else asks for a turn first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Rate:
    """``per_minute`` calls in the long run, ``burst`` at once after a pause (the generic cell rate algorithm: ITU-T I.371, annex A)."""

    per_minute: int
    burst: int


class Rates(Protocol):
    """Gives turns."""

    async def turn(self, name: str, rate: Rate, within_s: float) -> float:
        """Wait for a turn of ``name``, ``within_s`` seconds at most, and take it: 0.0. Where it would take longer, in how many seconds it may
        be asked again; then none was taken. Where turns cannot be asked for, everybody has one. Raises nothing."""
