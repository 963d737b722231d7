"""What every Shelf promises, over Redis and over memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from digest.stores.memory_subscribing import MemoryShelf
from digest.stores.redis_shelf import RedisShelf
from digest.subscribing.ports import SHELF

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from digest.stores.keys import Keys
    from digest.subscribing.ports import Shelf

WHEN = datetime(2026, 11, 23, 23, 59, 0, 123456, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return WHEN + timedelta(minutes=minutes)


@pytest.fixture
def shelf(where: str, redis_client: Redis, keys: Keys) -> Shelf:
    if where == "memory":
        return MemoryShelf()
    return RedisShelf(redis_client, keys)


async def test_what_was_saved_last_comes_first_a_page_at_a_time(shelf: Shelf) -> None:
    assert await shelf.saved("U1") == ([], 0)
    for n, article in enumerate("abcd"):
        assert await shelf.save("U1", article, after(n))
    assert await shelf.saved("U1") == (["d", "c", "b", "a"], 4)
    assert await shelf.saved("U1", limit=2, offset=1) == (["c", "b"], 4)
    assert await shelf.saved("U1", limit=2, offset=9) == ([], 4)
    assert await shelf.saved("U1", limit=0) == ([], 4)
    assert await shelf.saved("U2") == ([], 0)


async def test_saving_again_is_told_so_and_moves_nothing(shelf: Shelf) -> None:
    await shelf.save("U1", "a", after(0))
    await shelf.save("U1", "b", after(1))
    assert not await shelf.save("U1", "a", after(2))
    assert await shelf.saved("U1") == (["b", "a"], 2)


async def test_what_is_dropped_is_gone_from_that_shelf_alone(shelf: Shelf) -> None:
    for person in ("U1", "U2"):
        await shelf.save(person, "a", after(0))
    assert [await shelf.drop("U1", "a") for _ in range(2)] == [True, False]
    assert await shelf.saved("U1") == ([], 0)
    assert await shelf.saved("U2") == (["a"], 1)


async def test_the_oldest_fall_off_a_full_shelf(shelf: Shelf) -> None:
    for n in range(SHELF + 3):
        await shelf.save("U1", f"{n:04}", after(n))
    newest, total = await shelf.saved("U1", limit=1_000)
    assert total == len(newest) == SHELF
    assert (newest[0], newest[-1]) == (f"{SHELF + 2:04}", "0003")
