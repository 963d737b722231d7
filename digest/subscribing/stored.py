"""Subscriptions, changes and votes as JSON and back, for the store. Pure.

What is read may have been stored by an older version, or by a newer one that was taken back: a field that is missing, or that cannot
be read, has its default, and one that is unknown is passed over.
"""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from digest.model import Layout, Subscription
from digest.stories.taste import Aspect, Kind, Vote
from digest.subscribing.ports import Change

if TYPE_CHECKING:
    from collections.abc import Callable


def dump_subscription(subscription: Subscription) -> bytes:
    """A Subscription as JSON bytes."""
    return orjson.dumps(subscription)


def load_subscription(data: bytes) -> Subscription:
    """The Subscription of ``dump_subscription`` of any version."""
    raw = orjson.loads(data)
    given: dict[str, Any] = {}
    for name, read in _READ.items():
        if name in raw:
            try:
                given[name] = read(raw[name])
            except (TypeError, ValueError, IndexError):
                continue
    return Subscription(**given)


def dump_change(change: Change) -> bytes:
    """A Change as JSON bytes."""
    return orjson.dumps(change)


def load_change(data: bytes) -> Change:
    """The Change of ``dump_change``."""
    raw = orjson.loads(data)
    return Change(datetime.fromisoformat(raw["at"]), raw["who"], tuple(raw["what"]))


def dump_vote(vote: Vote) -> bytes:
    """A Vote as JSON bytes."""
    about = [(a.kind, a.key, a.name) for a in vote.aspects]
    return orjson.dumps((vote.person, vote.article_id, vote.direction, vote.at, about))


def load_vote(data: bytes) -> Vote:
    """The Vote of ``dump_vote``."""
    person, article_id, direction, at, about = orjson.loads(data)
    return Vote(person, article_id, direction, tuple(_aspect(*a) for a in about), datetime.fromisoformat(at))


@lru_cache(maxsize=8192)
def _aspect(kind: Kind, key: str, name: str) -> Aspect:
    """Votes of a channel are mostly on the same things: 2,000 are read in a third of the time."""
    return Aspect(kind, key, name)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value))


def _dates(value: Any) -> tuple[date, ...]:
    return tuple(map(date.fromisoformat, value))


def _days(value: Any) -> tuple[int, ...]:
    return tuple(d for d in map(int, value) if 0 <= d <= 6)


def _layout(value: Any) -> Any:
    if value not in get_args(Layout):
        raise ValueError(value)
    return value


def _zone(value: Any) -> str:
    """A zone that this machine does not know would stop everything that is done at its time."""
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(value) from error


def _moment(value: Any) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _day(value: Any) -> int | None:
    return None if value is None else _days([value])[0]


def _dollars(value: Any) -> float | None:
    return None if value is None else float(value)


_READ: Final[dict[str, Callable[[Any], Any]]] = {
    "channel": str,
    "threshold": float,
    "stories": int,
    "per_publisher": int,
    "max_age_h": float,
    "topics": _texts,
    "exclude": _texts,
    "at": time.fromisoformat,
    "time_zone": _zone,
    "days": _days,
    "quiet": _dates,
    "layout": _layout,
    "language": str,
    "budget_usd": _dollars,
    "weekly": _day,
    "weekly_at": time.fromisoformat,
    "since": _moment,
}
