"""What models will have cost by the end of the day and of the month. Pure.

Money is spent in bursts, so today's pace alone says little in the morning, and yesterday's says nothing of today. Both count: a day's rate
is ``(spent today + one usual day) / (time of today gone + one day)``, where a usual day is the mean of up to seven full days before
today, from the first on which anything was spent. That is the mean of a Poisson rate under a gamma prior that weighs as much as one day
(Gelman et al., *Bayesian Data Analysis*, 2.6). Without days before, it is today's pace, of an hour at least.

    end of day    = spent today + rate × what is left of today, at most the cap
    end of month  = spent this month until yesterday + end of day + days left after today × the rate of a day, at most the cap each

Assumed, and not measured: that a day's spending is even over its 24 hours, weekends are as other days, and nobody changes a setting.
What was spent already is never forecast lower, also where it passed a cap that was lowered.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

#: Full days before today of which the usual day is the mean: a week has every weekday once.
USUAL_DAYS: Final = 7
_HOURS: Final = 24.0
_LEAST_H: Final = 1.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """US dollars at the end of the UTC day, and of the month."""

    day: float
    month: float


def days_needed(today: date) -> list[date]:
    """The dates whose spending ``forecast`` is given: of this month, and of a week before today. The oldest first."""
    first = min(today.replace(day=1), today - timedelta(days=USUAL_DAYS))
    return [first + timedelta(days=n) for n in range((today - first).days + 1)]


def forecast(spent: Mapping[date, float], now: datetime, cap: float | None) -> Forecast:
    """By the dollars ``spent`` on each UTC date, as of ``now`` (aware). ``cap``: the most a day may cost; None for no cap."""
    now = now.astimezone(UTC)
    today = now.date()
    gone_h = now.hour + now.minute / 60 + now.second / 3_600
    so_far = spent.get(today, 0.0)
    rate = _a_day(spent, today, so_far, gone_h) / _HOURS
    day = _bounded(so_far + rate * (_HOURS - gone_h), so_far, cap)
    before = sum(dollars for at, dollars in spent.items() if (at.year, at.month) == (today.year, today.month) and at < today)
    left = monthrange(today.year, today.month)[1] - today.day
    return Forecast(day, before + day + left * _bounded(rate * _HOURS, 0.0, cap))


def _a_day(spent: Mapping[date, float], today: date, so_far: float, gone_h: float) -> float:
    """What a day costs at the rate of now."""
    week = [spent.get(today - timedelta(days=n), 0.0) for n in range(USUAL_DAYS, 0, -1)]
    began = next((n for n, dollars in enumerate(week) if dollars > 0), None)
    if began is None:
        return so_far / max(gone_h, _LEAST_H) * _HOURS
    usual = sum(week[began:]) / len(week[began:])
    return (so_far + usual) / (gone_h + _HOURS) * _HOURS


def _bounded(dollars: float, least: float, cap: float | None) -> float:
    return max(least, dollars if cap is None else min(dollars, cap))
