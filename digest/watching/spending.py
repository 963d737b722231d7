"""What models have cost: today by purpose and model, this month, what is allowed, and what is forecast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from digest.watching.forecast import Forecast, days_needed, forecast

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from digest.ports import SpendingLedger, Usage


@dataclass(frozen=True, slots=True)
class Spent:
    """``today`` by ``purpose/model``. ``month``: US dollars of this UTC month, today's among them. ``cap``: the most of a day, None for
    none."""

    today: Mapping[str, Usage]
    month: float
    cap: float | None
    forecast: Forecast

    @property
    def dollars(self) -> float:
        """Today's."""
        return dollars_of(self.today)

    @property
    def calls(self) -> int:
        """Today's."""
        return sum(u.calls for u in self.today.values())


async def spending_of(ledger: SpendingLedger, cap: float | None, now: datetime) -> Spent:
    """As of ``now`` (aware). Raises StoreError. It asks for at most 38 days, one after the other."""
    today = now.astimezone(UTC).date()
    by_day: dict[date, Mapping[str, Usage]] = {day: await ledger.spent(day) for day in days_needed(today)}
    dollars = {day: dollars_of(spent) for day, spent in by_day.items()}
    month = sum(spent for day, spent in dollars.items() if (day.year, day.month) == (today.year, today.month))
    return Spent(by_day[today], month, cap, forecast(dollars, now, cap))


def dollars_of(spent: Mapping[str, Usage]) -> float:
    """All of it."""
    return sum(u.dollars for u in spent.values())
