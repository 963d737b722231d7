"""Sentinels of real servers: whom they name, a failover, and what is told where none does."""

from __future__ import annotations

import asyncio
import traceback
from typing import TYPE_CHECKING

import pytest
import trustme

from digest.errors import StoreError, StoreRefused, StoreUnavailable
from digest.stores.connection import connect, open_server, store_errors
from digest.stores.facts import server_facts
from digest.stores.keys import Keys
from digest.stores.redis_articles import RedisArticles
from tests.contracts.test_article_store import incoming
from tests.stores.clusters import Process, Watched, until
from tests.stores.servers import losing, tls_before

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def watched(short_dir: Path) -> Iterator[Watched]:
    made = Watched(short_dir / "w", password="secret", of_sentinels="theirs")
    yield made
    made.stop()


async def test_another_takes_over_and_the_store_goes_on(watched: Watched, keys: Keys) -> None:
    server = open_server(f"{watched.url}?sentinel_password=theirs", timeout_s=2)
    store = RedisArticles(server.client(keys.workspace), keys)
    await store.put([incoming(f"Before {n}") for n in range(20)])
    facts = await server_facts(server)
    assert facts.summary.startswith(
        f"'news' is 127.0.0.1:{watched.primary.port}, as 3 of 3 sentinels say, with 1 replica; Valkey 9"
    )
    assert await server.client(keys.workspace).execute_command("WAIT", 1, 5_000) == 1

    watched.primary.kill()
    with pytest.raises(StoreUnavailable):
        await store.put([incoming("Lost")])
    assert await _until_it_works(store, "After") == "new"
    assert await store.total() == 21
    for _ in range(100):  # until a sentinel has noticed that what was the primary is no replica either
        told = [w.text for w in (await server_facts(server)).warnings]
        if "no replica of 'news' is in step" in told:
            break
        await asyncio.sleep(0.1)
    assert "no replica of 'news' is in step" in told

    # The old one comes back and is made a replica, as the sentinels do too after a while. Then the new one hangs, its connections
    # open.
    watched.primary.start()
    old, new = watched.primary, watched.replica
    old.call("REPLICAOF", "127.0.0.1", new.port)
    await asyncio.to_thread(until, lambda: "master_link_status:up" in old.call("INFO", "replication"), "the old one follows")
    await asyncio.to_thread(until, lambda: all(_in_step(s) for s in watched.sentinels), "the sentinels know that")
    assert await server.client(keys.workspace).execute_command("WAIT", 1, 5_000) == 1
    new.hang()
    with pytest.raises(StoreUnavailable, match="in time"):
        await store.total()
    assert await _until_it_works(store, "Twice") == "new"
    assert await store.total() == 22
    await server.aclose()


def _in_step(sentinel: Process) -> bool:
    replicas = sentinel.call("SENTINEL", "REPLICAS", "news")
    return all(r["flags"] == "slave" and r["master-link-status"] == "ok" for r in replicas)


async def _until_it_works(store: RedisArticles, title: str) -> str:
    for _ in range(300):
        try:
            return (await store.put([incoming(title)]))[0].outcome
        except StoreError:
            await asyncio.sleep(0.1)
    raise AssertionError("it does not go on")


async def test_a_planned_failover_loses_no_call_that_was_refused(watched: Watched, keys: Keys) -> None:
    """The old primary says READONLY or closes: what it refused is done by the new one."""
    client = connect(f"{watched.url}?sentinel_password=theirs", timeout_s=2, workspace=keys.workspace)
    assert await client.set(keys.epoch, "x")
    old, new = watched.primary, watched.replica
    # Nobody closes the connection here: only the sentinels know it better.
    new.call("REPLICAOF", "NO", "ONE")
    old.call("REPLICAOF", "127.0.0.1", new.port)
    for sentinel in watched.sentinels:
        sentinel.call("SENTINEL", "REMOVE", "news")
        sentinel.call("SENTINEL", "MONITOR", "news", "127.0.0.1", new.port, 2)
    async with client.pipeline(transaction=False) as pipe:
        pipe.incr(keys.sequence)
        pipe.incr(keys.sequence)
        assert await pipe.execute() == [1, 2]
    assert await client.incr(keys.sequence) == 3
    assert new.call("GET", keys.sequence) == "3"
    await client.aclose()


async def test_what_was_done_and_whose_reply_was_lost_is_not_done_again(short_dir: Path, keys: Keys) -> None:
    primary = Process(short_dir / "p")
    async with losing(primary.port, b"INCR") as port:
        sentinel = Process(short_dir / "s", "--sentinel", config=f"sentinel monitor news 127.0.0.1 {port} 1")
        client = connect(f"redis+sentinel://127.0.0.1:{sentinel.port}/news", workspace=keys.workspace)
        assert await client.get(keys.epoch) is None
        with pytest.raises(StoreUnavailable, match="connection was lost"), store_errors():
            await client.incr(keys.sequence)
        assert primary.call("GET", keys.sequence) == "1"
        assert await client.get(keys.epoch) is None
        await client.aclose()
        sentinel.kill()
    primary.kill()


async def test_where_none_names_a_primary_it_is_told_why(short_dir: Path, keys: Keys) -> None:
    primary = Process(short_dir / "p")
    sentinel = Process(
        short_dir / "s", "--sentinel", config=f"requirepass theirs\nsentinel monitor news 127.0.0.1 {primary.port} 1",
        password="theirs",
    )  # fmt: skip
    here = f"127.0.0.1:{sentinel.port}"
    for rest, kind, why, remedy in (
        (f"{here}/olds?sentinel_password=theirs", StoreUnavailable, "know no primary of that name", "Correct the name"),
        (f"{here}/news", StoreUnavailable, "it asks for a password", "sentinel_password="),
        (f"{here}/news?sentinel_password=wr0ng-secret", StoreUnavailable, "the password is wrong", "sentinel_password="),
        (f"127.0.0.1:{primary.port}/news", StoreUnavailable, "is no sentinel", "26379"),
        (f":wr0ng-secret@{here}/news?sentinel_password=theirs", StoreRefused, "the password is wrong", "AINEWS_REDIS_URL"),
        ("127.0.0.1:1,127.0.0.1:2/news", StoreUnavailable, "nothing listens there", "AINEWS_REDIS_URL"),
    ):
        client = connect(f"redis+sentinel://{rest}", workspace=keys.workspace)
        if "wr0ng-secret@" in rest:
            primary.call("CONFIG", "SET", "requirepass", "secret")
        with pytest.raises(kind, match=why) as caught, store_errors():
            await client.get(keys.epoch)
        assert remedy in caught.value.remedy
        told = "".join(traceback.format_exception(caught.value, chain=True))
        assert not any(s in f"{told} {client!r} {client.connection_pool!r}" for s in ("wr0ng-secret", "theirs"))
        await client.aclose()
    sentinel.kill()
    primary.kill()


async def test_sentinels_that_hang_are_passed_over_within_the_timeout(short_dir: Path, keys: Keys) -> None:
    primary = Process(short_dir / "p")
    config = f"sentinel monitor news 127.0.0.1 {primary.port} 1"
    hanging, well = (Process(short_dir / f"s{n}", "--sentinel", config=config) for n in range(2))
    hanging.hang()
    client = connect(
        f"redis+sentinel://127.0.0.1:{hanging.port},127.0.0.1:{well.port}/news", timeout_s=0.5, workspace=keys.workspace
    )
    assert await client.set(keys.epoch, "x")
    await client.aclose()
    for process in (hanging, well, primary):
        process.kill()


async def test_a_server_that_is_a_replica_is_not_used(short_dir: Path, keys: Keys) -> None:
    """A sentinel that knows no better yet sends there."""
    replica = Process(short_dir / "p", "--replicaof", "127.0.0.1 1")
    sentinel = Process(short_dir / "s", "--sentinel", config=f"sentinel monitor news 127.0.0.1 {replica.port} 1")
    client = connect(f"redis+sentinel://127.0.0.1:{sentinel.port}/news", workspace=keys.workspace)
    with pytest.raises(StoreUnavailable, match="it is a replica"), store_errors():
        await client.get(keys.epoch)
    await client.aclose()
    for process in (sentinel, replica):
        process.kill()


async def test_over_tls_sentinels_and_servers_are_verified(short_dir: Path, keys: Keys, tmp_path: Path) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    primary = Process(short_dir / "p", "--unixsocket", str(short_dir / "ps"))
    certificate = ca.issue_cert("127.0.0.1")
    async with tls_before(f"unix://{short_dir}/ps", certificate) as port:
        config = f"unixsocket {short_dir}/ss\nsentinel monitor news 127.0.0.1 {port} 1"
        sentinel = Process(short_dir / "s", "--sentinel", config=config)
        async with tls_before(f"unix://{short_dir}/ss", certificate) as sentinels:
            url = f"rediss+sentinel://127.0.0.1:{sentinels}/news/0"
            trusting = connect(f"{url}?ssl_ca_certs={tmp_path}/ca.pem", workspace=keys.workspace)
            assert await trusting.set(keys.epoch, "x")
            doubting = connect(url, workspace=keys.workspace)
            with pytest.raises(StoreUnavailable, match="certificate is not trusted"), store_errors():
                await doubting.get(keys.epoch)
            await trusting.aclose()
            await doubting.aclose()
        sentinel.kill()
    primary.kill()
