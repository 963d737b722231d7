"""What every Batches promises, over Redis and over memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from digest.ports import Batch
from digest.stores.memory_batches import MemoryBatches
from digest.stores.redis_batches import RedisBatches

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from digest.ports import Batches
    from digest.stores.keys import Keys

WHEN = datetime(2026, 11, 23, 23, 59, 0, 123456, tzinfo=UTC)
FIRST = Batch("msgbatch_01", WHEN, ("feedfacecafe", "0123456789ab"), ("aa", "bb"), date(2026, 11, 23), 0.25)
SECOND = replace(FIRST, id="msgbatch_00", submitted=WHEN + timedelta(minutes=2), articles=(), asked=())


@pytest.fixture
def batches(where: str, redis_client: Redis, keys: Keys) -> Batches:
    if where == "memory":
        return MemoryBatches()
    return RedisBatches(redis_client, keys)


async def test_what_is_under_way_comes_back_as_it_was_the_first_first(batches: Batches) -> None:
    assert await batches.under_way() == []
    await batches.add(SECOND)
    await batches.add(FIRST)
    assert await batches.under_way() == [FIRST, SECOND]


async def test_a_batch_takes_the_place_of_one_with_its_id(batches: Batches) -> None:
    await batches.add(FIRST)
    await batches.add(replace(FIRST, committed=0.5))
    assert await batches.under_way() == [replace(FIRST, committed=0.5)]


async def test_of_those_who_remove_a_batch_one_is_told_so(batches: Batches) -> None:
    await batches.add(FIRST)
    assert [await batches.remove(FIRST.id) for _ in range(3)] == [True, False, False]
    assert await batches.under_way() == []
