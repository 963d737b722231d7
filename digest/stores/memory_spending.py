"""The day's spending in this process's memory: implements ``ports.SpendingLedger`` where no store is wanted.

It forgets at exit and shares nothing, so a cap holds for one process only; ``spending.py`` is the one for a team.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from digest.ports import Usage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

#: Seconds after which a reservation that nobody settled is given back: its process is gone, no call lasts that long.
LAPSE_S: Final = 15 * 60


def micro_dollars(dollars: float) -> int:
    """``dollars`` in millionths, rounded up, but for the noise of binary fractions."""
    return math.ceil(round(dollars * 1_000_000, 6))


@dataclass(slots=True)
class _Day:
    spent: dict[str, Usage] = field(default_factory=dict)
    micro_dollars: int = 0
    reserved: list[tuple[float, int]] = field(default_factory=list)


@dataclass(slots=True)
class MemorySpendingLedger:
    """Implements ``ports.SpendingLedger``. ``now``: a monotonic clock in seconds; ``lapse_s`` as for Redis."""

    lapse_s: float = LAPSE_S
    now: Callable[[], float] = time.monotonic
    _days: defaultdict[date, _Day] = field(default_factory=lambda: defaultdict(_Day))

    async def reserve(self, day: date, dollars: float, cap: float | None) -> bool:
        """As the port says. Nothing is awaited, which makes it atomic."""
        today, amount, now = self._days[day], micro_dollars(dollars), self.now()
        today.reserved = [(lapses, held) for lapses, held in today.reserved if lapses > now]
        total = today.micro_dollars + sum(held for _, held in today.reserved) + amount
        if cap is not None and total > math.floor(round(cap * 1_000_000, 6)):
            return False
        today.reserved.append((now + self.lapse_s, amount))
        return True

    async def settle(self, day: date, reserved: float, usage: Usage, *, purpose: str, model: str) -> None:
        """As the port says."""
        today, amount = self._days[day], micro_dollars(reserved)
        held = next((r for r in today.reserved if r[1] == amount), None)
        if held is not None:
            today.reserved.remove(held)
        name = f"{purpose}/{model}"
        if usage != Usage():
            today.spent[name] = today.spent.get(name, Usage()) + usage
            today.micro_dollars += micro_dollars(usage.dollars)

    async def spent(self, day: date) -> dict[str, Usage]:
        """As the port says."""
        return dict(sorted(self._days[day].spent.items()))
