"""Turns over a real server: what ``pacing.Rates`` promises."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from digest.pacing import Rate
from digest.stores.connection import connect
from digest.stores.redis_rates import RedisRates

if TYPE_CHECKING:
    from digest.stores.keys import Keys
    from tests.stores.servers import Server


@pytest.fixture
async def two(valkey_url: str, keys: Keys):
    """Of two processes."""
    clients = [connect(valkey_url) for _ in range(2)]
    yield [RedisRates(client, keys) for client in clients]
    for client in clients:
        await client.aclose()


async def test_all_processes_together_have_the_turns_of_one(two: list[RedisRates]) -> None:
    rate = Rate(per_minute=600, burst=5)
    begun = time.monotonic()
    taken = []

    async def call(rates: RedisRates) -> None:
        assert await rates.turn("a", rate, 10) == 0.0
        taken.append(time.monotonic() - begun)

    await asyncio.gather(*(call(two[n % 2]) for n in range(20)))
    for number, at in enumerate(sorted(taken)):
        assert at >= max(0, number - 5) * 0.1 - 0.02  # five at once, then one each tenth of a second
    assert max(taken) < 10


async def test_who_would_wait_too_long_is_told_how_long_and_takes_none(two: list[RedisRates]) -> None:
    rate = Rate(per_minute=6, burst=1)
    assert await two[0].turn("a", rate, 0) == 0.0
    waits = [await two[1].turn("a", rate, 1) for _ in range(5)]
    assert all(8 < wait <= 10 for wait in waits)
    assert await two[1].turn("b", rate, 0) == 0.0


async def test_without_its_server_everybody_has_a_turn_soon(server: Server, keys: Keys) -> None:
    client = connect(server.start(), timeout_s=2)
    rates = RedisRates(client, keys)
    assert await rates.turn("a", Rate(1, 1), 0) == 0.0
    server.kill()
    begun = time.monotonic()
    assert await rates.turn("a", Rate(1, 1), 30) == 0.0
    assert time.monotonic() - begun < 5
    await client.aclose()
