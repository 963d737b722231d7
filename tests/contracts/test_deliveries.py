"""Deliveries: one suite for every implementation."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from digest.stores.keys import Keys
from digest.stores.memory_deliveries import MemoryDeliveries
from digest.stores.redis_deliveries import RedisDeliveries

Deliveries = RedisDeliveries | MemoryDeliveries


@pytest.fixture
def deliveries(where: str, redis_client: Redis, keys: Keys) -> Deliveries:
    return MemoryDeliveries() if where == "memory" else RedisDeliveries(redis_client, keys)


async def test_of_many_who_ask_at_once_one_is_first(deliveries: Deliveries) -> None:
    assert sorted(await asyncio.gather(*(deliveries.first("a", 60) for _ in range(20)))) == [False] * 19 + [True]
    assert await deliveries.first("b", 60)


async def test_what_is_forgotten_is_new_again(deliveries: Deliveries) -> None:
    await deliveries.forget("a")
    assert await deliveries.first("a", 60)
    await deliveries.forget("a")
    assert await deliveries.first("a", 60)


async def test_after_its_time_a_name_is_new_again(deliveries: Deliveries) -> None:
    assert await deliveries.first("a", 1)
    assert not await deliveries.first("a", 1)
    await asyncio.sleep(1.1)
    assert await deliveries.first("a", 1)


async def test_what_was_begun_and_not_finished_is_taken_over_with_its_body(deliveries: Deliveries) -> None:
    assert await deliveries.begin("a", b"body a")
    assert await deliveries.begin("b", b"body b")
    assert not await deliveries.begin("a", b"another")
    await deliveries.finish("a")
    assert await deliveries.take_over(60) == []
    assert await deliveries.take_over(0) == [("b", b"body b")]


async def test_what_is_left_is_taken_over_by_one(deliveries: Deliveries) -> None:
    await deliveries.begin("a", b"body")
    await asyncio.sleep(0.7)  # half a second: so far apart the ten may begin on a machine that is busy
    taken = await asyncio.gather(*(deliveries.take_over(0.5) for _ in range(10)))
    assert sorted(map(len, taken)) == [0] * 9 + [1]
    await asyncio.sleep(0.7)
    assert await deliveries.take_over(0.5) == [("a", b"body")], "who took it over crashed as well"


async def test_what_somebody_is_at_is_not_taken_over(deliveries: Deliveries) -> None:
    await deliveries.begin("a", b"body")
    await asyncio.sleep(0.3)
    await deliveries.keep(["a", "never begun"])
    assert await deliveries.take_over(0.2) == []
    await deliveries.finish("a")
    await deliveries.keep(["a"])
    assert await deliveries.take_over(0) == []


async def test_what_is_finished_is_not_begun_again(deliveries: Deliveries) -> None:
    await deliveries.begin("a", b"body")
    await deliveries.finish("a")
    assert not await deliveries.begin("a", b"body")
    assert await deliveries.take_over(0) == []


async def test_finishing_what_was_never_begun_does_nothing(deliveries: Deliveries) -> None:
    await deliveries.finish("a")
    assert await deliveries.begin("a", b"body")


async def test_one_is_at_it_alone_until_its_time_is_over_or_it_lets_go(deliveries: Deliveries) -> None:
    assert await deliveries.hold("a", "ada", 0.3)
    assert not await deliveries.hold("a", "grace", 60)
    assert await deliveries.hold("a", "ada", 0.3)
    await deliveries.let_go("a", "grace")
    assert not await deliveries.hold("a", "grace", 60)
    await asyncio.sleep(0.35)
    assert await deliveries.hold("a", "grace", 60)
    await deliveries.let_go("a", "grace")
    assert await deliveries.hold("a", "ada", 60)


async def test_the_body_of_what_was_begun_is_there_until_it_is_finished(deliveries: Deliveries) -> None:
    assert await deliveries.body("a") is None
    await deliveries.begin("a", b"body a")
    assert await deliveries.body("a") == b"body a"
    await deliveries.finish("a")
    assert await deliveries.body("a") is None
