"""Backups of a real server: whatever is in it comes back, what runs meanwhile does no harm, and what is killed is completed."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from digest.errors import NotFound, StateError
from digest.model import Incoming, Origin
from digest.state.files import reading, writing
from digest.state.records import Header, Record
from digest.stores.connection import connect
from digest.stores.embedded import EmbeddedServer
from digest.stores.keys import Keys
from digest.stores.redis_articles import RedisArticles
from digest.stores.redis_import import Put, RedisImport
from digest.stores.redis_state import PART, RedisState
from digest.stores.redis_workspaces import of_team, teams_of
from digest.stores.schema import note, ready
from tests.builders import article, assessment
from tests.stores.servers import OneServer

TEAM = "T0LOCAL001"


def incoming(number: int) -> Incoming:
    made = article(
        f"Number {number}", url=f"https://a.example/{number}", body=f"Word{number} is said on page{number} of book{number}."
    )
    return Incoming(Origin("kb:/kb", f"{number}.md", "1"), made, assessment())


async def exported(client: Redis, keys: Keys, path: Path, team: str = "") -> Header:
    state = RedisState(OneServer(client), keys, team)
    header = await state.header()
    with writing(str(path)) as to:
        to.begin(header)
        async for record, kind in state.records(header):
            to.add(record, kind.name)
        to.end()
    assert state.left_out == []
    return header


async def imported(client: Redis, keys: Keys, path: Path) -> Put:
    store = RedisImport(OneServer(client), keys)
    async with store.alone():
        with reading(str(path)) as (header, records):
            return await store.put(header, records)


async def content(client: Redis, keys: Keys) -> dict[bytes, Any]:
    """Everything of the installation, without what begins anew."""
    found: dict[bytes, Any] = {}
    anew = {keys.epoch.encode(), keys.version.encode()}
    async for key in client.scan_iter(match=f"ainews:{{{keys.workspace}*"):
        if key in anew or key.endswith(b"publications:life"):
            continue
        kind = (await client.type(key)).decode()
        value: Any
        match kind:
            case "string":
                value = await client.get(key)
            case "hash":
                value = await client.hgetall(key)
            case "zset":
                value = dict([tuple(pair) for pair in await client.zrange(key, 0, -1, withscores=True)])
            case "set":
                value = await client.smembers(key)
            case _:
                value = await client.lrange(key, 0, -1)
        found[key] = (kind, value, await client.pexpiretime(key))
    return found


async def cleared(client: Redis, keys: Keys) -> None:
    async for key in client.scan_iter(match=f"ainews:{{{keys.workspace}*"):
        await client.delete(key)


names = st.one_of(
    st.sampled_from([b"article:a", b"dated", b"feeds", b"candidates", b"unassessed", b"votes:of:C", b"sequence", b"shelf:U"]),
    st.binary(min_size=1, max_size=20).map(lambda b: b"article:" + b),
    st.binary(min_size=1, max_size=20).map(lambda b: b"x" + b),
)
texts = st.one_of(st.binary(max_size=30), st.just(b"\xff\x00\n"), st.text(max_size=10).map(str.encode))
scores = st.floats(allow_nan=False, width=64)
values = st.one_of(
    st.tuples(st.just("string"), texts),
    st.tuples(st.just("hash"), st.dictionaries(texts, texts, min_size=1, max_size=8)),
    st.tuples(st.just("zset"), st.dictionaries(texts, scores, min_size=1, max_size=8)),
    st.tuples(st.just("set"), st.sets(texts, min_size=1, max_size=8)),
    st.tuples(st.just("list"), st.lists(texts, min_size=1, max_size=8)),
)
lifetimes = st.none() | st.integers(100_000, 10**9)
states = st.dictionaries(st.tuples(st.sampled_from(["", TEAM]), names), st.tuples(values, lifetimes), max_size=12)


async def fill(client: Redis, keys: Keys, state: dict[tuple[str, bytes], Any]) -> None:
    for (team, name), ((kind, value), lifetime) in state.items():
        key = of_team(keys, team).prefix.encode() + name
        match kind:
            case "string":
                await client.set(key, value)
            case "hash":
                await client.hset(key, mapping=value)
            case "zset":
                await client.zadd(key, value)
            case "set":
                await client.sadd(key, *value)
            case "list":
                await client.rpush(key, *value)
        if lifetime is not None:
            await client.pexpire(key, lifetime)


@settings(max_examples=40)
@given(state=states, other=states)
def test_any_state_comes_back_as_it_was(valkey: EmbeddedServer, tmp_path_factory: Any, state: Any, other: Any) -> None:
    """Into an empty store, and in place of whatever another one was."""
    path = tmp_path_factory.mktemp("backup") / "state.gz"

    async def there_and_back() -> None:
        client, keys = connect(valkey.url), Keys("round-trip")
        try:
            await cleared(client, keys)
            await fill(client, keys, state)
            before = await content(client, keys)
            await exported(client, keys, path)
            await fill(client, keys, {k: v for k, v in other.items() if k not in state})
            await imported(client, keys, path)
            assert await content(client, keys) == before
            await cleared(client, keys)
            await imported(client, keys, path)
            assert await content(client, keys) == before
            await cleared(client, keys)
        finally:
            await client.aclose()

    asyncio.run(there_and_back())


async def test_what_is_large_comes_in_parts_and_back(redis_client: Redis, keys: Keys, tmp_path: Path) -> None:
    many = 5 * PART + 7
    await redis_client.hset(keys.read("s"), mapping={f"f{n}": str(n) for n in range(many)})
    await redis_client.zadd(keys.dated, {f"m{n}": n for n in range(many)})
    await redis_client.rpush(keys.subscription_changes("C"), *[str(n) for n in range(many)])
    await redis_client.sadd(f"{keys.prefix}other", *[str(n) for n in range(many)])
    await redis_client.expire(keys.read("s"), 5_000)
    before = await content(redis_client, keys)
    await exported(redis_client, keys, tmp_path / "state")
    with reading(str(tmp_path / "state")) as (_, records):
        assert max(len(r.value) for r in records) <= PART
    await cleared(redis_client, keys)
    put = await imported(redis_client, keys, tmp_path / "state")
    assert put.keys == 4
    assert await content(redis_client, keys) == before


async def test_leases_caches_and_what_tells_of_the_present_are_in_no_backup_and_the_present_stays(
    redis_client: Redis, keys: Keys, tmp_path: Path
) -> None:
    await redis_client.set(keys.answer("h"), "said")
    await redis_client.set(keys.delivery("event:E"), "body")
    await redis_client.set(keys.publication_lease("C:2026-11-28"), "token")
    await redis_client.hset(keys.feeds, "f", "1")
    header = await exported(redis_client, keys, tmp_path / "state")
    assert header.keys == 1
    await imported(redis_client, keys, tmp_path / "state")
    assert await redis_client.get(keys.delivery("event:E")) == b"body"
    assert await redis_client.get(keys.answer("h")) == b"said"
    assert not await redis_client.exists(keys.publication_lease("C:2026-11-28"))


async def test_what_expired_in_the_file_does_not_come_back(redis_client: Redis, keys: Keys) -> None:
    now_ms = int(time.time() * 1000)
    expired = Record(b"seen:a", "string", b"7", now_ms - 1)
    large = Record(b"read:s", "hash", ((b"f", b"v"),), now_ms - 1)
    lives = Record(b"seen:b", "string", b"8", now_ms + 60_000)
    header = Header(keys.workspace, 1, datetime.now(UTC))
    put = await RedisImport(OneServer(redis_client), keys).put(header, iter([expired, large, replace(large, more=True), lives]))
    assert put == Put(keys=1, expired=2)
    assert await redis_client.pexpiretime(keys.seen("b")) == now_ms + 60_000
    assert not await redis_client.exists(keys.seen("a"))


async def test_followers_start_over_and_the_ledger_has_another_life(redis_client: Redis, keys: Keys, tmp_path: Path) -> None:
    articles = RedisArticles(redis_client, keys)
    await articles.put([incoming(n) for n in range(3)])
    followed = await articles.changes(0, 10)
    await redis_client.set(keys.publications_life, "old")
    await exported(redis_client, keys, tmp_path / "state")
    await articles.put([incoming(99)])
    await imported(redis_client, keys, tmp_path / "state")
    after = await articles.changes(followed.last, 10)
    assert after.epoch != followed.epoch
    assert await articles.total() == 3
    assert await redis_client.get(keys.publications_life) not in (None, b"old")


async def test_an_export_while_programs_write_is_whole(redis_client: Redis, keys: Keys, tmp_path: Path) -> None:
    """What is said to be read is there, what is there is found, and no change has a number that is still to come."""
    articles, stop = RedisArticles(redis_client, keys), asyncio.Event()

    async def write() -> None:
        number = 0
        while not stop.is_set():
            some = range(number, number + 20)
            await articles.put([incoming(n) for n in some])
            number += 20

    writer = asyncio.create_task(write())
    for attempt in range(3):
        await asyncio.sleep(0.1)
        await exported(redis_client, keys, tmp_path / f"{attempt}")
    stop.set()
    await writer
    for attempt in range(3):
        await cleared(redis_client, keys)
        await imported(redis_client, keys, tmp_path / f"{attempt}")
        known = {k.article_id for k in (await articles.known("kb:/kb")).values()}
        there = {
            k.removeprefix(keys.article("").encode()).decode() async for k in redis_client.scan_iter(f"{keys.article('')}*")
        }
        assert known <= there
        assert there <= await articles.ids()
        sequence = int(await redis_client.get(keys.sequence) or 0)
        highest = await redis_client.zrange(keys.changed, 0, 0, desc=True, withscores=True)
        assert not highest or highest[0][1] <= sequence
        again = await articles.put([incoming(n) for n in range(60)])
        assert {s.outcome for s in again} <= {"new", "unchanged"}
        assert len(await articles.get([s.article_id for s in again])) == 60


class Killed(BaseException):
    pass


class Mortal:
    """A client that dies at its ``at``-th round trip from when it is armed."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self.left = -1
        self.count = 0

    def _step(self) -> None:
        self.count += 1
        self.left -= 1
        if self.left == 0:
            raise Killed

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if name == "pipeline":

            def pipeline(**given: Any) -> Any:
                made = found(**given)
                execute = made.execute

                async def executed(**options: Any) -> Any:
                    self._step()
                    return await execute(**options)

                made.execute = executed
                return made

            return pipeline
        if name in ("set", "get", "unlink", "scan_iter", "exists", "hkeys", "eval"):

            def call(*args: Any, **given: Any) -> Any:
                self._step()
                return found(*args, **given)

            return call
        return found


async def test_killed_at_any_step_nothing_has_changed_or_it_is_completed(
    redis_client: Redis, keys: Keys, tmp_path: Path
) -> None:
    old = {("", b"article:a"): (("hash", {b"old": b"1"}), None), ("", b"feeds"): (("hash", {b"f": b"1"}), None),
           ("", b"shelf:U"): (("zset", {b"a": 1.0}), None), (TEAM, b"shelf:U"): (("zset", {b"a": 1.0}), None)}  # fmt: skip
    new = {("", b"article:a"): (("hash", {b"new": b"2"}), None), ("", b"article:b"): (("hash", {b"new": b"3"}), 10**8),
           (TEAM, b"subscriptions"): (("hash", {b"C": b"{}"}), None)}  # fmt: skip
    await fill(redis_client, keys, new)
    await exported(redis_client, keys, tmp_path / "state")
    wanted = await content(redis_client, keys)
    outcomes: set[str] = set()
    for step in range(1, 200):
        await cleared(redis_client, keys)
        await fill(redis_client, keys, old)
        before = await content(redis_client, keys)
        mortal = Mortal(redis_client)
        store = RedisImport(OneServer(mortal), keys)
        mortal.left = step
        try:
            with reading(str(tmp_path / "state")) as (header, records):
                await store.put(header, records)
        except Killed:
            pass
        else:
            outcomes.add("done")
            break
        switching = await redis_client.exists(keys.import_switch)
        if switching:
            outcomes.add("resumed")
            with pytest.raises(StateError, match="being put in place") as refused:
                await ready(OneServer(redis_client), keys)
            assert "import --continue" in refused.value.remedy
            with pytest.raises(StateError, match="half in place"):
                await imported(redis_client, keys, tmp_path / "state")
            assert await RedisImport(OneServer(redis_client), keys).resume()
            assert await content(redis_client, keys) == wanted
        else:
            there = {k: v for k, v in (await content(redis_client, keys)).items() if b":import:" not in k}
            outcomes.add("untouched" if there == before else "complete")
            assert there in (before, wanted)
            assert not await RedisImport(OneServer(redis_client), keys).resume()
            assert await content(redis_client, keys) == there
            await imported(redis_client, keys, tmp_path / "state")
            assert await content(redis_client, keys) == wanted
        await ready(OneServer(redis_client), keys)
        assert not await RedisImport(OneServer(redis_client), keys).resume()
    assert {"untouched", "resumed", "done"} <= outcomes


async def test_a_damaged_file_leaves_no_trace(redis_client: Redis, keys: Keys, tmp_path: Path) -> None:
    await redis_client.hset(keys.feeds, "f", "1")
    await exported(redis_client, keys, tmp_path / "state")
    whole = (tmp_path / "state").read_bytes()
    (tmp_path / "state").write_bytes(whole[: whole.rindex(b'{"end"')])
    await redis_client.hset(keys.feeds, "f", "2")
    before = await content(redis_client, keys)
    with pytest.raises(StateError, match="cut off"):
        await imported(redis_client, keys, tmp_path / "state")
    assert await content(redis_client, keys) == before


async def test_what_is_not_for_this_store_is_refused(redis_client: Redis, keys: Keys) -> None:
    store = RedisImport(OneServer(redis_client), keys)
    fits = Header(keys.workspace, 1, datetime.now(UTC))

    async def refused(header: Header, *records: Record) -> str:
        with pytest.raises(StateError) as told:
            await store.put(header, iter(records))
        assert told.value.remedy
        return str(told.value)

    assert "would not be known again in Slack" in await refused(replace(fits, workspace="another"))
    assert "of schema 2" in await refused(replace(fits, schema=2))
    assert "is of schema 0" in await refused(replace(fits, schema=0, team=TEAM))
    await ready(OneServer(redis_client), of_team(keys, "TOKYO"))
    for team in ("eu", "x}:article:a{", "TOKYO"):
        assert "no workspace of Slack" in await refused(replace(fits, teams=(team,)))
        assert "no workspace of Slack" in await refused(replace(fits, team=team))
    for record in (Record(b"version", "string", b"9"), Record(b"dated", "string", b"9", team="T0OTHER")):
        assert "what no backup has" in await refused(fits, record)
    await redis_client.delete(of_team(keys, "TOKYO").version)
    assert await content(redis_client, keys) == {}


async def test_two_imports_at_once_exclude_each_other(redis_client: Redis, keys: Keys) -> None:
    async with RedisImport(OneServer(redis_client), keys).alone():
        with pytest.raises(StateError, match="Another process"):
            async with RedisImport(OneServer(redis_client), keys).alone():
                pass
    async with RedisImport(OneServer(redis_client), keys).alone():
        pass


async def test_a_workspace_of_slack_alone_travels_alone(redis_client: Redis, keys: Keys, tmp_path: Path) -> None:
    team = of_team(keys, TEAM)
    await redis_client.hset(keys.feeds, "f", "1")
    await redis_client.hset(team.subscriptions, "C", "{}")
    with pytest.raises(NotFound, match="T0NONE001"):
        await RedisState(OneServer(redis_client), keys, "T0NONE001").header()
    header = await exported(redis_client, keys, tmp_path / "state", TEAM)
    assert header.keys == 1
    await note(redis_client, keys, 1)
    await redis_client.hset(team.subscriptions, "D", "{}")
    await redis_client.hset(keys.feeds, "f", "2")
    await imported(redis_client, keys, tmp_path / "state")
    assert await redis_client.hgetall(team.subscriptions) == {b"C": b"{}"}
    assert await redis_client.hget(keys.feeds, "f") == b"2"


async def test_an_installation_that_is_named_like_a_workspace_of_slack_is_none(redis_client: Redis, keys: Keys) -> None:
    await redis_client.hset(of_team(keys, TEAM).subscriptions, "C", "{}")
    await redis_client.hset(Keys(f"{keys.workspace}-eu").feeds, "f", "1")
    other = of_team(keys, "TOKYO")
    await redis_client.hset(other.feeds, "f", "1")
    assert await teams_of(OneServer(redis_client), keys) == (TEAM, "TOKYO")
    await ready(OneServer(redis_client), other)
    assert await teams_of(OneServer(redis_client), keys) == (TEAM,)
