"""When a channel's digest is due: wall time in its zone, on its days, and for how long a missed one is still worth posting. Pure.

A digest belongs to a *nominal date*, the local date on which it is due, whatever the clocks do that day. Where they skip its time it
is due at the instant after the gap, where they pass it twice at the first. A missed one is caught up until twelve hours later or an
hour before the next, whichever is first: after that it has expired, as two digests back to back are worse than one missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.model import Subscription

CATCH_UP: Final = timedelta(hours=12)
BEFORE_NEXT: Final = timedelta(hours=1)
EVERY_DAY: Final = frozenset(range(7))
#: How far the next date is looked for: the days of a week, and a long holiday of quiet days.
_LOOK_AHEAD_DAYS: Final = 60

#: ``early``: not due yet. ``due``: to be posted now. ``expired``: too late.
Owing = Literal["early", "due", "expired"]


@dataclass(frozen=True, slots=True)
class Schedule:
    """``at`` is wall time in ``time_zone`` (an IANA name). ``days``: 0 is Monday. On ``quiet`` dates there is no digest."""

    at: time = time(9, 0)
    time_zone: str = "UTC"
    days: frozenset[int] = EVERY_DAY
    quiet: frozenset[date] = frozenset()

    def has(self, day: date) -> bool:
        """Whether there is a digest of the nominal date ``day``."""
        return day.weekday() in self.days and day not in self.quiet


def daily(subscription: Subscription) -> Schedule:
    """When a channel's daily digests are due."""
    s = subscription
    return Schedule(s.at, s.time_zone, frozenset(s.days), frozenset(s.quiet))


def weekly(subscription: Subscription, day: int) -> Schedule:
    """When its weekly editions are, on that ``day`` of the week."""
    s = subscription
    return Schedule(s.weekly_at, s.time_zone, frozenset({day}), frozenset(s.quiet))


@dataclass(frozen=True, slots=True)
class Owed:
    """The digest of the nominal date ``day``: ``due`` and ``until`` when it may be posted, aware UTC."""

    day: date
    due: datetime
    until: datetime

    def at(self, now: datetime) -> Owing:
        """What is owed of it at ``now`` (aware)."""
        if now < self.due:
            return "early"
        return "due" if now <= self.until else "expired"


def owed(schedule: Schedule, now: datetime) -> tuple[Owed, ...]:
    """The digests to look at at ``now`` (aware): those of the local yesterday and today, the older first. A tick that does so every
    half minute misses none and needs no memory."""
    today = _local_date(now, schedule.time_zone)
    days = (today - timedelta(days=1), today)
    return tuple(of(schedule, day) for day in days if schedule.has(day))


def of(schedule: Schedule, day: date) -> Owed:
    """The digest of the nominal date ``day``, whether the schedule has one or not."""
    due = instant(day, schedule.at, schedule.time_zone)
    following = next(_dues_after(schedule, day), None)
    until = due + CATCH_UP
    return Owed(day, due, until if following is None else max(due, min(until, following - BEFORE_NEXT)))


def next_due(schedule: Schedule, now: datetime) -> Owed | None:
    """The next digest that is not due yet at ``now`` (aware); None where there is none within two months."""
    first = _local_date(now, schedule.time_zone) - timedelta(days=1)
    days = (first + timedelta(days=n) for n in range(_LOOK_AHEAD_DAYS))
    return next((found for day in days if schedule.has(day) and (found := of(schedule, day)).due > now), None)


@lru_cache(maxsize=4096)
def instant(day: date, at: time, time_zone: str) -> datetime:
    """The instant, aware UTC, of the wall time ``at`` on ``day`` in the zone: after a gap, and the first of two."""
    zone = ZoneInfo(time_zone)
    local = datetime.combine(day, at.replace(tzinfo=None, fold=0))
    first = local.replace(tzinfo=zone).astimezone(UTC)
    if _wall(first, zone) == local:
        return first
    return _after_gap(first, local.replace(tzinfo=zone, fold=1).astimezone(UTC), zone)


def _after_gap(one: datetime, other: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the zone's clocks jump, which lies between these two."""
    before, after = sorted((one, other))
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _dues_after(schedule: Schedule, day: date) -> Iterator[datetime]:
    for n in range(1, _LOOK_AHEAD_DAYS):
        following = day + timedelta(days=n)
        if schedule.has(following):
            yield instant(following, schedule.at, schedule.time_zone)


def _local_date(now: datetime, time_zone: str) -> date:
    return now.astimezone(ZoneInfo(time_zone)).date()
