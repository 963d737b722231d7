"""The schema of what is stored: a newer one is refused, an older one migrated, once, by one process, whoever is killed meanwhile."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from digest.errors import StateError, StoreError
from digest.stores import schema as module
from digest.stores.keys import Keys
from digest.stores.redis_workspaces import of_team
from digest.stores.schema import SCHEMA, Step, ready, stored_schema
from tests.stores.servers import OneServer

TEAM = "T0LOCAL001"


async def shouted(client: Redis, keys: Keys) -> None:
    """A step as one would be: states of feeds in capitals. What is in capitals already it leaves."""
    for field, value in (await client.hgetall(keys.feeds)).items():
        await client.hset(keys.feeds, field, value.upper())


SHOUT = Step(SCHEMA + 1, "states of feeds in capitals", shouted)


async def test_an_empty_store_and_one_without_a_number_are_of_the_first_schema(redis_client: Redis, keys: Keys) -> None:
    assert await stored_schema(redis_client, keys) == 1
    await redis_client.hset(keys.feeds, "f", "state")
    await ready(OneServer(redis_client), keys)
    assert await redis_client.get(keys.version) == str(SCHEMA).encode()
    assert await redis_client.hget(keys.feeds, "f") == b"state"


async def test_a_newer_one_is_refused_with_what_to_do(redis_client: Redis, keys: Keys) -> None:
    await redis_client.set(keys.version, SCHEMA + 1)
    with pytest.raises(StateError, match=f"schema {SCHEMA + 1}, which this version of ainews does not know") as refused:
        await ready(OneServer(redis_client), keys)
    assert "Upgrade ainews" in refused.value.remedy
    await redis_client.set(keys.version, "many")
    with pytest.raises(StateError, match="no number"):
        await ready(OneServer(redis_client), keys)


@pytest.mark.parametrize("numbered", [True, False])
async def test_an_older_one_is_migrated_once_and_its_workspaces_too(redis_client: Redis, keys: Keys, numbered: bool) -> None:
    if numbered:
        await redis_client.set(keys.version, SCHEMA)
    for each in (keys, of_team(keys, TEAM)):
        await redis_client.hset(each.feeds, "f", "state")
    await ready(OneServer(redis_client), keys, steps=[SHOUT], schema=SCHEMA + 1)
    for each in (keys, of_team(keys, TEAM)):
        assert await redis_client.hget(each.feeds, "f") == b"STATE"
    assert await stored_schema(redis_client, keys) == SCHEMA + 1
    await redis_client.hset(keys.feeds, "g", "later")
    await ready(OneServer(redis_client), keys, steps=[SHOUT], schema=SCHEMA + 1)
    assert await redis_client.hget(keys.feeds, "g") == b"later"


async def test_steps_are_taken_in_order_and_one_that_fails_is_gone_on_with(redis_client: Redis, keys: Keys) -> None:
    taken: list[int] = []

    def step(to: int, fails: int = 0) -> Step:
        left = [fails]

        async def run(client: Redis, keys: Keys) -> None:
            if left[0]:
                left[0] -= 1
                raise StoreError("it is full")
            taken.append(to)

        return Step(to, f"step {to}", run)

    steps = [step(SCHEMA + 3), step(SCHEMA + 2, fails=1), step(SCHEMA + 1)]
    with pytest.raises(StateError, match=f"could not be brought to schema {SCHEMA + 2} .*it is full") as failed:
        await ready(OneServer(redis_client), keys, steps=steps, schema=SCHEMA + 3)
    assert "goes on from there" in failed.value.remedy
    assert await stored_schema(redis_client, keys) == SCHEMA + 1
    await ready(OneServer(redis_client), keys, steps=steps, schema=SCHEMA + 3)
    assert taken == [SCHEMA + 1, SCHEMA + 2, SCHEMA + 3]


async def test_of_many_programs_that_begin_at_once_one_migrates_and_all_wait_for_it(redis_client: Redis, keys: Keys) -> None:
    runs = []

    async def slow(client: Redis, keys: Keys) -> None:
        runs.append(1)
        await asyncio.sleep(0.3)

    steps = [Step(SCHEMA + 1, "slow", slow)]
    await asyncio.gather(*(ready(OneServer(redis_client), keys, steps=steps, schema=SCHEMA + 1) for _ in range(8)))
    assert len(runs) == 1
    assert await stored_schema(redis_client, keys) == SCHEMA + 1
    assert not await redis_client.exists(keys.migrating)


async def test_killed_in_the_middle_of_a_step_the_next_program_takes_it_again(
    redis_client: Redis, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    await redis_client.hset(keys.feeds, mapping={"f": "one", "g": "two"})

    async def killed(client: Redis, keys: Keys) -> None:
        await client.hset(keys.feeds, "f", "ONE")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await ready(OneServer(redis_client), keys, steps=[Step(SCHEMA + 1, "killed", killed)], schema=SCHEMA + 1)
    await redis_client.set(keys.migrating, "of a process that is gone", px=300)
    await ready(OneServer(redis_client), keys, steps=[SHOUT], schema=SCHEMA + 1)
    assert await redis_client.hvals(keys.feeds) == [b"ONE", b"TWO"]
    await redis_client.set(keys.version, SCHEMA)
    await redis_client.set(keys.migrating, "of a process that takes long")
    monkeypatch.setattr(module, "_PATIENCE_S", 0.1)
    with pytest.raises(StateError, match="by another process") as told:
        await ready(OneServer(redis_client), keys, steps=[SHOUT], schema=SCHEMA + 1)
    assert told.value.remedy


async def test_whoever_lost_the_lease_does_not_say_that_it_is_done(redis_client: Redis, keys: Keys) -> None:
    async def paused(client: Redis, keys: Keys) -> None:
        await client.set(keys.migrating, "another")

    with pytest.raises(StateError, match="Another process"):
        await ready(OneServer(redis_client), keys, steps=[Step(SCHEMA + 1, "paused", paused)], schema=SCHEMA + 1)
    assert await stored_schema(redis_client, keys) == SCHEMA


async def test_a_store_that_takes_no_writes_can_be_read(redis_client: Redis, keys: Keys) -> None:
    class Full:
        def __getattr__(self, name: str) -> object:
            return getattr(redis_client, name)

        async def set(self, *args: object, **given: object) -> None:
            raise StoreError("it is full")

    await ready(OneServer(Full()), keys)
    assert not await redis_client.exists(keys.version)
