"""What every Subscriptions promises, over Redis and over memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest

from digest.model import Subscription
from digest.stores.memory_subscribing import MemorySubscriptions
from digest.stores.redis_subscriptions import RedisSubscriptions
from digest.subscribing.ports import CHANGES_KEPT, Change

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from digest.stores.keys import Keys
    from digest.subscribing.ports import Subscriptions

WHEN = datetime(2026, 11, 23, 23, 59, 0, 123456, tzinfo=UTC)
DEFAULT = Subscription("C1")
FULL = Subscription(
    "C2", 7.5, 3, 1, 24.0, ("agents", "Größe"), ("crypto",), time(16, 30), "Europe/Paris", (0, 1, 4),
    (date(2026, 12, 24), date(2026, 12, 25)), "compact", "fr-CA", 0.5, 4, time(15, 0), WHEN,
)  # fmt: skip


@pytest.fixture
def subscriptions(where: str, redis_client: Redis, keys: Keys) -> Subscriptions:
    if where == "memory":
        return MemorySubscriptions()
    return RedisSubscriptions(redis_client, keys)


async def test_a_subscription_comes_back_as_it_was(subscriptions: Subscriptions) -> None:
    assert await subscriptions.get("C2") is None
    assert await subscriptions.put(FULL, "U1", WHEN) == ("subscribed",)
    assert await subscriptions.get("C2") == FULL
    assert await subscriptions.get("C1") is None


async def test_all_are_told_by_channel(subscriptions: Subscriptions) -> None:
    assert await subscriptions.every() == []
    for one in (FULL, DEFAULT):
        await subscriptions.put(one, "U1", WHEN)
    assert await subscriptions.every() == [replace(DEFAULT, since=WHEN), FULL]


async def test_what_else_changes_a_channels_digest_is_recorded_among_its_changes(subscriptions: Subscriptions) -> None:
    await subscriptions.put(DEFAULT, "U1", WHEN)
    noted = Change(WHEN + timedelta(hours=1), "U2", ("votes: 3 taken back",))
    await subscriptions.note("C1", noted)
    assert await subscriptions.changes("C1") == [noted, Change(WHEN, "U1", ("subscribed",))]
    assert await subscriptions.changes("C2") == []
    for _ in range(CHANGES_KEPT + 5):
        await subscriptions.note("C2", noted)
    assert len(await subscriptions.changes("C2", 1_000)) == CHANGES_KEPT


async def test_a_change_is_told_in_words_and_recorded_with_who_made_it(subscriptions: Subscriptions) -> None:
    later = WHEN + timedelta(hours=1)
    await subscriptions.put(DEFAULT, "U1", WHEN)
    what = await subscriptions.put(replace(DEFAULT, threshold=7.0, topics=("agents", "search")), "U2", later)
    assert what == ("topics: none → agents, search", "threshold: 6 → 7")
    assert await subscriptions.changes("C1") == [Change(later, "U2", what), Change(WHEN, "U1", ("subscribed",))]
    assert await subscriptions.changes("C1", 1) == [Change(later, "U2", what)]
    assert await subscriptions.changes("C1", 0) == []
    assert await subscriptions.changes("C2") == []


async def test_since_is_when_a_channel_subscribed_whatever_is_changed_later(subscriptions: Subscriptions) -> None:
    later = WHEN + timedelta(days=1)
    await subscriptions.put(DEFAULT, "U1", WHEN)
    await subscriptions.put(replace(DEFAULT, stories=3, since=later), "U1", later)
    assert await subscriptions.get("C1") == replace(DEFAULT, stories=3, since=WHEN)
    await subscriptions.remove("C1", "U1", later)
    await subscriptions.put(DEFAULT, "U1", later)
    assert await subscriptions.get("C1") == replace(DEFAULT, since=later)


async def test_putting_what_is_there_records_nothing(subscriptions: Subscriptions) -> None:
    await subscriptions.put(FULL, "U1", WHEN)
    assert await subscriptions.put(FULL, "U2", WHEN) == ()
    assert len(await subscriptions.changes("C2")) == 1


async def test_an_ended_subscription_is_gone_and_what_was_changed_stays(subscriptions: Subscriptions) -> None:
    await subscriptions.put(FULL, "U1", WHEN)
    assert [await subscriptions.remove("C2", "operator", WHEN) for _ in range(2)] == [True, False]
    assert await subscriptions.get("C2") is None
    assert [(c.who, c.what) for c in await subscriptions.changes("C2")] == [
        ("operator", ("unsubscribed",)), ("U1", ("subscribed",)),
    ]  # fmt: skip


async def test_of_two_who_save_at_once_each_is_recorded_with_what_it_changed_of_the_others(
    subscriptions: Subscriptions,
) -> None:
    await subscriptions.put(DEFAULT, "U0", WHEN)
    told = await asyncio.gather(*(subscriptions.put(replace(DEFAULT, stories=n), f"U{n}", WHEN) for n in range(6, 16)))
    recorded = (await subscriptions.changes("C1"))[::-1]
    assert sorted(c.what for c in recorded) == sorted(told)
    left = 5
    for change in recorded:
        now = int(change.who[1:])
        assert change.what == (f"stories: {left} → {now}",)
        left = now
    assert (await subscriptions.get("C1")) == replace(DEFAULT, stories=left, since=WHEN)


async def test_the_record_of_changes_is_bounded(subscriptions: Subscriptions) -> None:
    for n in range(CHANGES_KEPT + 5):
        await subscriptions.put(replace(DEFAULT, stories=1 + n % 2), "U1", WHEN)
    changes = await subscriptions.changes("C1", 1_000)
    assert len(changes) == CHANGES_KEPT
    assert ("subscribed",) not in {c.what for c in changes}
