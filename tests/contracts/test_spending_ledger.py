"""What every SpendingLedger promises, over Redis and over memory; and that no number of processes together passes a
cap.
"""

from __future__ import annotations

import asyncio
import random
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from redis.asyncio import Redis

from digest.errors import StoreUnavailable
from digest.ports import Usage
from digest.stores.connection import connect
from digest.stores.memory_spending import MemorySpendingLedger, micro_dollars
from digest.stores.spending import RedisSpendingLedger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from digest.ports import SpendingLedger
    from digest.stores.keys import Keys

DAY = date(2026, 11, 23)
USED = Usage(calls=1, input_tokens=1000, output_tokens=400, cache_write_tokens=30, cache_read_tokens=2000, dollars=0.25)


@pytest.fixture
def make(where: str, redis_client: Redis, keys: Keys) -> Callable[..., SpendingLedger]:
    if where == "memory":
        return MemorySpendingLedger
    return lambda **options: RedisSpendingLedger(redis_client, keys, **options)


async def used(ledger: SpendingLedger, day: date = DAY) -> float:
    return sum(u.dollars for u in (await ledger.spent(day)).values())


async def test_what_was_spent_and_set_aside_together_stay_under_the_cap(make: Any) -> None:
    ledger = make()
    assert await ledger.reserve(DAY, 0.6, 1.0)
    assert not await ledger.reserve(DAY, 0.6, 1.0)
    assert await ledger.reserve(DAY, 0.4, 1.0)
    assert not await ledger.reserve(DAY, 0.000001, 1.0)


async def test_settling_counts_the_use_and_gives_the_rest_back(make: Any) -> None:
    ledger = make()
    assert await ledger.reserve(DAY, 1.0, 1.0)
    await ledger.settle(DAY, 1.0, USED, purpose="assess", model="claude-haiku-5-5")
    assert await ledger.spent(DAY) == {"assess/claude-haiku-5-5": USED}
    assert await ledger.reserve(DAY, 0.75, 1.0)
    assert not await ledger.reserve(DAY, 0.01, 1.0)


async def test_what_was_counted_beforehand_may_be_put_right_later_by_any_process(make: Any) -> None:
    ledger, other = make(), make()
    assert await ledger.reserve(DAY, 1.0, 1.0)
    await ledger.settle(DAY, 1.0, Usage(dollars=1.0), purpose="assess-batch", model="m")
    assert not await ledger.reserve(DAY, 0.01, 1.0)
    later = ledger if isinstance(ledger, MemorySpendingLedger) else other
    await later.settle(DAY, 0.0, Usage(calls=2, output_tokens=40, dollars=0.25 - 1.0), purpose="assess-batch", model="m")
    assert await ledger.spent(DAY) == {"assess-batch/m": Usage(calls=2, output_tokens=40, dollars=0.25)}
    assert await ledger.reserve(DAY, 0.75, 1.0)
    assert not await ledger.reserve(DAY, 0.01, 1.0)


async def test_a_failed_call_leaves_no_trace(make: Any) -> None:
    ledger = make()
    assert await ledger.reserve(DAY, 1.0, 1.0)
    await ledger.settle(DAY, 1.0, Usage(), purpose="assess", model="m")
    assert await ledger.spent(DAY) == {}
    assert await ledger.reserve(DAY, 1.0, 1.0)


async def test_use_is_summed_by_purpose_and_model_and_the_cap_is_over_all(make: Any) -> None:
    ledger = make()
    model = "anthropic.claude-haiku-4-5-20251001-v1:0"
    for purpose in ("assess", "answer", "assess"):
        assert await ledger.reserve(DAY, 0.3, 1.0)
        await ledger.settle(DAY, 0.3, USED, purpose=purpose, model=model)
    spent = await ledger.spent(DAY)
    assert list(spent) == [f"answer/{model}", f"assess/{model}"]
    assert (spent[f"assess/{model}"].calls, spent[f"assess/{model}"].dollars) == (2, 0.5)
    assert not await ledger.reserve(DAY, 0.3, 1.0)


async def test_days_are_apart(make: Any) -> None:
    ledger = make()
    assert await ledger.reserve(DAY, 1.0, 1.0)
    assert await ledger.reserve(DAY + timedelta(days=1), 1.0, 1.0)
    assert await ledger.spent(DAY + timedelta(days=2)) == {}


async def test_without_a_cap_everything_is_granted_and_counted(make: Any) -> None:
    ledger = make()
    assert await ledger.reserve(DAY, 1e6, None)
    assert not await ledger.reserve(DAY, 1.0, 1e6)


async def test_a_cap_of_zero_grants_nothing_but_what_is_free(make: Any) -> None:
    assert not await make().reserve(DAY, 0.000001, 0.0)


async def test_what_nobody_settles_is_given_back(make: Any) -> None:
    ledger = make(lapse_s=0.1)
    assert await ledger.reserve(DAY, 1.0, 1.0)
    assert not await ledger.reserve(DAY, 1.0, 1.0)
    await asyncio.sleep(0.15)
    assert await ledger.reserve(DAY, 1.0, 1.0)


async def test_use_of_a_lapsed_reservation_still_counts(make: Any) -> None:
    ledger = make(lapse_s=0.05)
    assert await ledger.reserve(DAY, 0.9, 1.0)
    await asyncio.sleep(0.08)
    await ledger.settle(DAY, 0.9, USED, purpose="assess", model="m")
    assert await used(ledger) == 0.25
    assert not await ledger.reserve(DAY, 0.9, 1.0)


async def test_equal_reservations_are_settled_one_by_one(make: Any) -> None:
    ledger = make()
    assert [await ledger.reserve(DAY, 0.4, 1.0) for _ in range(3)] == [True, True, False]
    await ledger.settle(DAY, 0.4, Usage(), purpose="assess", model="m")
    assert [await ledger.reserve(DAY, 0.4, 1.0) for _ in range(2)] == [True, False]


async def test_workers_at_once_never_pass_the_cap(make: Any) -> None:
    ledger = make()
    cap, granted = 1.0, 0

    async def work(seed: int) -> None:
        nonlocal granted
        chance = random.Random(seed)
        for _ in range(10):
            most = chance.uniform(0.01, 0.08)
            if await ledger.reserve(DAY, most, cap):
                granted += 1
                await asyncio.sleep(0)
                usage = Usage(calls=1, dollars=round(most * chance.random(), 6))
                await ledger.settle(DAY, most, usage, purpose="assess", model="m")
                assert await used(ledger) <= cap

    await asyncio.gather(*(work(seed) for seed in range(20)))
    assert granted > 20
    assert 0.85 < await used(ledger) <= cap


async def test_several_processes_over_one_server_never_pass_the_cap(redis_url: str, keys: Keys) -> None:
    a, b, c = (connect(redis_url, workspace=keys.workspace) for _ in range(3))
    async with a, b, c:
        ledgers = [RedisSpendingLedger(client, keys) for client in (a, b, c)]
        wanted = [ledger.reserve(DAY, 0.01, 1.0) for ledger in ledgers * 60]
        assert sum(await asyncio.gather(*wanted)) == 100
        await ledgers[0].settle(DAY, 0.01, Usage(calls=1, dollars=0.01), purpose="assess", model="m")
        assert not await ledgers[1].reserve(DAY, 0.01, 1.0)
        assert await used(ledgers[2]) == 0.01


async def test_a_command_sent_twice_counts_once(redis_client: Redis, keys: Keys) -> None:
    """As when a reply is lost and the client sends the script again."""
    ledger = RedisSpendingLedger(redis_client, keys)
    names = [keys.spent(DAY), keys.reserved(DAY)]
    again = {"keys": names, "args": ["token", 400_000, 1_000_000, 60_000, 60]}
    assert [await ledger._reserve(**again) for _ in range(3)] == [1, 1, 1]
    assert await ledger.reserve(DAY, 0.6, 1.0)
    settle = {"keys": names, "args": ["token", 400_000, 60_000, 60, 60, "assess/m|calls", 1, "total", 300_000]}
    assert [await ledger._settle(**settle) for _ in range(3)] == [1, 0, 0]
    assert await redis_client.hgetall(keys.spent(DAY)) == {b"assess/m|calls": b"1", b"total": b"300000"}


async def test_no_key_stays_for_ever(redis_client: Redis, keys: Keys) -> None:
    ledger = RedisSpendingLedger(redis_client, keys)
    await ledger.reserve(DAY, 0.4, 1.0)
    await ledger.settle(DAY, 0.4, USED, purpose="assess", model="m")
    assert await redis_client.ttl(keys.spent(DAY)) > 300 * 86_400
    assert 0 < await redis_client.ttl(keys.reserved(DAY)) <= 2 * 86_400
    assert {k async for k in redis_client.scan_iter(f"{keys.prefix}*")} == {
        keys.spent(DAY).encode(),
        keys.reserved(DAY).encode(),
    }


async def test_it_works_with_a_client_that_decodes_replies(valkey_url: str, keys: Keys) -> None:
    async with Redis.from_url(valkey_url, decode_responses=True) as client:
        ledger = RedisSpendingLedger(client, keys)
        assert await ledger.reserve(DAY, 0.4, 1.0)
        await ledger.settle(DAY, 0.4, USED, purpose="assess", model="m")
        assert await ledger.spent(DAY) == {"assess/m": USED}


async def test_a_connection_lost_during_the_call_loses_no_use(redis_url: str, keys: Keys, redis_client: Redis) -> None:
    client = connect(redis_url, workspace=keys.workspace)
    ledger = RedisSpendingLedger(client, keys)
    assert await ledger.reserve(DAY, 0.4, 1.0)
    await redis_client.client_kill_filter(_id=await client.client_id())
    await ledger.settle(DAY, 0.4, USED, purpose="assess", model="m")
    assert await ledger.spent(DAY) == {"assess/m": USED}
    await client.aclose()


async def test_a_server_that_is_away_is_a_store_error(keys: Keys, tmp_path: Path) -> None:
    async with Redis.from_url(f"unix://{tmp_path}/nobody") as client:
        ledger = RedisSpendingLedger(client, keys)
        with pytest.raises(StoreUnavailable):
            await ledger.reserve(DAY, 0.1, 1.0)
        with pytest.raises(StoreUnavailable):
            await ledger.settle(DAY, 0.1, USED, purpose="assess", model="m")
        with pytest.raises(StoreUnavailable):
            await ledger.spent(DAY)


def test_money_is_rounded_up_but_not_for_the_noise_of_binary_fractions() -> None:
    assert [micro_dollars(d) for d in (0.1 + 0.2, 0.0000001, 0.29, 0.0)] == [300_000, 1, 290_000, 0]
