"""Every zone of the tz database that is in use, eight times of day, four years: one due instant for each nominal date, about a day apart.

Zones whose clocks go alike over these years are tried once.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytz

from digest.publishing.schedule import Schedule, instant, owed

FIRST, LAST = date(2025, 1, 1), date(2028, 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
TIMES = [time(0, 0), time(0, 30), time(1, 30), time(2, 0), time(2, 30), time(3, 0), time(9, 0), time(23, 30)]
HALF_A_DAY = timedelta(hours=12)


def changes(zone: ZoneInfo) -> tuple[object, ...]:
    """The zone's offset from UTC at the start, and every change of it to the minute."""
    at = datetime.combine(FIRST - timedelta(days=3), time(), UTC)
    end = datetime.combine(LAST + timedelta(days=3), time(), UTC)
    found: list[object] = [at.astimezone(zone).utcoffset()]
    while at < end:
        later = at + HALF_A_DAY
        if at.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            low, high = at, later
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                same = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append((high.replace(second=0, microsecond=0), later.astimezone(zone).utcoffset()))
        at = later
    return tuple(found)


def test_every_nominal_date_has_one_due_instant_in_every_zone() -> None:
    alike: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for name in pytz.common_timezones:
        alike[changes(ZoneInfo(name))].append(name)
    assert sum(map(len, alike.values())) > 400
    due = instant.__wrapped__
    for names in alike.values():
        zone = ZoneInfo(names[0])
        for at in TIMES:
            instants = [due(day, at, names[0]) for day in DAYS]
            gaps = {later - earlier for earlier, later in itertools.pairwise(instants)}
            assert min(gaps) >= timedelta(hours=20), (names, at)
            assert max(gaps) <= timedelta(hours=28), (names, at)
            for day, moment in zip(DAYS, instants, strict=True):
                local = moment.astimezone(zone)
                # Where clocks jump over the end of a day, the instant after the gap is the next day's midnight.
                assert local.date() == day or (local.time(), at) == (time(), TIMES[-1]), (names, at, day)


def test_a_round_finds_each_date_due_once_in_a_zone_whose_clocks_jump_at_midnight() -> None:
    """By rounds of ten minutes through the days of the jumps: what a round finds due for the first time, it finds on that date's turn."""
    for zone in ("America/Santiago", "Africa/Cairo", "Asia/Beirut", "America/Havana"):
        schedule, found = Schedule(time(0, 0), zone), []
        for n in range(400 * 24 * 6):
            now = datetime.combine(FIRST, time(), UTC) + timedelta(minutes=10 * n)
            found += [o.day for o in owed(schedule, now) if o.at(now) == "due" and o.day not in found[-3:]]
        assert found == [found[0] + timedelta(days=n) for n in range(len(found))]
