"""The forecast: its formula, its bounds, and what it must never say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.watching.forecast import days_needed, forecast

TODAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def week(dollars: float) -> dict[date, float]:
    return {TODAY - timedelta(days=n): dollars for n in range(1, 8)}


def test_a_day_like_the_others_ends_like_the_others() -> None:
    found = forecast({**week(2.0), TODAY: 1.0}, NOON, None)
    assert found.day == pytest.approx(2.0)
    assert found.month == pytest.approx(7 * 2.0 + 2.0 + 10 * 2.0)


def test_without_days_before_it_is_todays_pace() -> None:
    assert forecast({TODAY: 1.0}, NOON, None).day == pytest.approx(2.0)


def test_the_first_minutes_of_a_first_day_count_as_an_hour() -> None:
    assert forecast({TODAY: 0.5}, datetime(2026, 11, 20, 0, 1, tzinfo=UTC), None).day == pytest.approx(
        0.5 + 0.5 * 23.983, rel=1e-3
    )


def test_a_morning_without_spending_expects_most_of_a_usual_day() -> None:
    assert 1.0 < forecast(week(2.0), datetime(2026, 11, 20, 6, tzinfo=UTC), None).day < 2.0


def test_days_before_the_first_spending_are_no_usual_days() -> None:
    assert forecast({TODAY - timedelta(days=1): 2.0, TODAY: 1.0}, NOON, None).day == pytest.approx(2.0)


def test_no_day_is_forecast_over_the_cap_but_what_was_spent_stays() -> None:
    found = forecast({**week(9.0), TODAY: 4.0}, NOON, 5.0)
    assert found.day == 5.0
    assert found.month == pytest.approx(63.0 + 5.0 + 10 * 5.0)
    assert forecast({TODAY: 4.0}, NOON, 3.0).day == 4.0


def test_nothing_spent_is_nothing_forecast() -> None:
    found = forecast({}, NOON, 5.0)
    assert (found.day, found.month) == (0.0, 0.0)


def test_the_days_needed_are_those_of_the_month_and_of_a_week() -> None:
    assert days_needed(date(2026, 3, 2))[0] == date(2026, 2, 23)
    assert days_needed(date(2026, 3, 31))[0] == date(2026, 3, 1)
    assert days_needed(date(2026, 3, 31))[-1] == date(2026, 3, 31)


@given(
    st.lists(st.floats(0, 1_000), min_size=1, max_size=38),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 hypothesis adds the zone
    st.none() | st.floats(0, 100),
)
def test_what_was_spent_is_never_forecast_lower_and_a_month_never_below_its_day(
    spent: list[float], now: datetime, cap: float | None
) -> None:
    by_day = {now.date() - timedelta(days=n): dollars for n, dollars in enumerate(spent)}
    found = forecast(by_day, now, cap)
    assert found.day >= by_day[now.date()]
    assert found.month >= found.day
    assert cap is None or found.day <= max(cap, by_day[now.date()])
