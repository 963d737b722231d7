"""When a digest is due, in every zone there is, whatever the clocks do."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.publishing.schedule import Schedule, instant, next_due, of, owed

ZONES = sorted(available_timezones() - {"localtime"})


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected"),
    [
        (date(2026, 11, 23), time(9, 0), "Europe/Berlin", "2026-11-23T08:00"),
        (date(2026, 7, 1), time(9, 0), "Europe/Berlin", "2026-07-01T07:00"),
        (date(2026, 3, 29), time(2, 30), "Europe/Berlin", "2026-03-29T01:00"),  # 02:00 to 03:00 is skipped
        (date(2026, 10, 25), time(2, 30), "Europe/Berlin", "2026-10-25T00:30"),  # passed twice: the first
        (date(2026, 3, 8), time(2, 0), "America/New_York", "2026-03-08T07:00"),
        (date(2026, 9, 6), time(0, 0), "America/Santiago", "2026-09-06T04:00"),  # midnight does not exist
        (date(2026, 4, 5), time(1, 45), "Australia/Lord_Howe", "2026-04-04T14:45"),  # a shift of half an hour
        (date(2011, 12, 30), time(9, 0), "Pacific/Apia", "2011-12-30T10:00"),  # a day that Samoa left out
    ],
)
def test_wall_time_is_an_instant(day: date, at: time, zone: str, expected: str) -> None:
    assert instant(day, at, zone) == utc(expected)


@given(
    st.sampled_from(ZONES),
    st.dates(date(2020, 1, 1), date(2035, 12, 31)),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
)
@example("Africa/Casablanca", date(2026, 2, 15), time(2, 30))
def test_an_instant_shows_its_wall_time_or_the_first_after_a_gap(zone: str, day: date, at: time) -> None:
    found = instant(day, at, zone).astimezone(ZoneInfo(zone))
    wall = found.replace(tzinfo=None)
    wanted = datetime.combine(day, at)
    if wall == wanted:
        earlier = (found.astimezone(UTC) - timedelta(hours=2)).astimezone(ZoneInfo(zone))
        assert earlier.replace(tzinfo=None) != wanted or found.fold == 0
    else:
        assert wall > wanted
        just_before = (found.astimezone(UTC) - timedelta(seconds=1)).astimezone(ZoneInfo(zone))
        assert just_before.replace(tzinfo=None) < wanted


@given(
    st.sampled_from(ZONES), st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.sets(st.integers(0, 6), min_size=1).map(frozenset),
)  # fmt: skip
def test_every_date_is_owed_once_and_two_never_at_the_same_time(zone: str, day: date, at: time, days: frozenset[int]) -> None:
    schedule = Schedule(at, zone, days)
    dates = [d for n in range(10) if schedule.has(d := day + timedelta(days=n))]
    found = [of(schedule, d) for d in dates]
    assert [o.due for o in found] == sorted({o.due for o in found})
    for one, following in itertools.pairwise(found):
        assert one.due <= one.until <= max(one.due, following.due - timedelta(hours=1))
        assert one in owed(schedule, one.due)
        assert one.at(one.due) == "due"
        assert one.at(following.due) == "expired"


def test_a_missed_digest_is_caught_up_for_twelve_hours_and_no_longer() -> None:
    schedule = Schedule(time(9, 0), "UTC")
    (yesterday, today) = owed(schedule, utc("2026-11-23T08:59"))
    assert (yesterday.at(utc("2026-11-23T08:59")), today.at(utc("2026-11-23T08:59"))) == ("expired", "early")
    assert today.at(utc("2026-11-23T21:00")) == "due"
    assert today.at(utc("2026-11-23T21:01")) == "expired"


def test_one_missed_late_in_the_day_is_caught_up_after_midnight() -> None:
    schedule = Schedule(time(20, 0), "UTC")
    (yesterday, _) = owed(schedule, utc("2026-11-24T06:00"))
    assert (yesterday.day, yesterday.at(utc("2026-11-24T06:00"))) == (date(2026, 11, 23), "due")


def test_days_of_the_week_and_quiet_days_have_none() -> None:
    schedule = Schedule(days=frozenset({0, 1, 2, 3, 4}), quiet=frozenset({date(2026, 11, 23)}))
    assert owed(schedule, utc("2026-11-23T12:00")) == ()
    found = next_due(schedule, utc("2026-11-20T12:00"))
    assert found is not None
    assert found.day == date(2026, 11, 24)


def test_no_day_is_ever_next_where_there_is_none() -> None:
    assert next_due(Schedule(days=frozenset()), utc("2026-11-23T12:00")) is None
    assert owed(Schedule(days=frozenset()), utc("2026-11-23T12:00")) == ()
