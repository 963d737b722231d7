"""What every Activity promises, over Redis and over memory."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from redis.asyncio import Redis

from digest.stores.memory_watching import MemoryActivity
from digest.stores.redis_watching import RedisActivity
from digest.watching.ports import Ran

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from digest.watching.ports import Activity

WHEN = datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)
DAY = date(2026, 11, 23)


@pytest.fixture(params=["redis", "memory"])
async def activity(request: pytest.FixtureRequest) -> AsyncIterator[Activity]:
    if request.param == "memory":
        yield MemoryActivity()
        return
    url: Any = request.getfixturevalue("valkey_url")
    async with Redis.from_url(url) as client:
        yield RedisActivity(client, request.getfixturevalue("keys"))


async def test_the_last_run_of_each_task_comes_back_as_it_was(activity: Activity) -> None:
    first = Ran("monitor", "0a1b2c3d", WHEN, 1.5, {"new": 3})
    last = Ran("monitor", "4e5f6a7b", WHEN, 2.25, {"new": 0}, "Ünïcode \N{SNOWMAN}")
    other = Ran("collect", "8c9d0e1f", WHEN, 0.1, {})
    for run in (first, other, last):
        await activity.ran(run)
    assert await activity.last() == [other, last]


async def test_questions_are_counted_by_day_and_by_who_answered(activity: Activity) -> None:
    await activity.answered(DAY, "claude", abstained=False)
    await activity.answered(DAY, "claude", abstained=True)
    await activity.answered(DAY, "offline", abstained=True)
    await activity.answered(date(2026, 11, 22), "kept", abstained=False)
    assert await activity.answers(DAY) == {"abstained": 2, "claude": 2, "offline": 1}
    assert await activity.answers(date(2026, 11, 21)) == {}


async def test_nothing_was_done_in_the_beginning(activity: Activity) -> None:
    assert await activity.last() == []
