"""The connection with real servers: what is acknowledged stays, and what a server is found to be."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest
from redis.asyncio import Redis

from digest.errors import ConfigurationError, StoreError, StoreFull, StoreReadOnly, StoreRefused, StoreUnavailable
from digest.stores.connection import connect, open_server, redacted, store_errors
from digest.stores.facts import server_facts
from digest.stores.keys import Keys
from digest.stores.redis_articles import RedisArticles
from tests.contracts.test_article_store import incoming
from tests.stores.servers import Server


async def put(url: str, *, timeout_s: float = 2.0, count: int = 1) -> int:
    """Put articles until the server refuses; how many were acknowledged."""
    client = connect(url, timeout_s=timeout_s)
    store = RedisArticles(client, Keys("w"))
    try:
        for number in range(count):
            await store.put([incoming(f"Article {number}", body=os.urandom(2000).hex())])
        return count
    finally:
        await client.aclose()


async def test_a_cancellation_at_any_moment_of_a_call_is_not_lost(redis_client: Redis) -> None:
    async def call() -> None:
        await redis_client.get("x")
        await asyncio.sleep(60)

    for steps in [*range(30)] * 10:
        await redis_client.get("x")  # a connection is there: opening one is another thing
        task = asyncio.create_task(call())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        async with asyncio.timeout(20):
            await asyncio.wait([task])
        assert task.cancelled()


async def test_a_full_server_says_so_and_keeps_what_it_acknowledged(server: Server) -> None:
    url = server.start("--maxmemory", "4mb", "--maxmemory-policy", "noeviction")
    client = connect(url)
    store = RedisArticles(client, Keys("w"))
    acknowledged = []
    with pytest.raises(StoreFull, match="full") as caught:
        for number in range(5000):
            document = incoming(f"Article {number}", body=os.urandom(2000).hex())
            await store.put([document])
            acknowledged.append(document.article)
    assert "maxmemory" in caught.value.remedy
    assert acknowledged
    held = await store.get([a.id for a in acknowledged])
    assert [h.lead.article if h else None for h in held] == acknowledged
    await client.aclose()


async def test_a_replica_says_that_it_is_one(server: Server) -> None:
    with pytest.raises(StoreReadOnly, match="replica"):
        await put(server.start("--replicaof", "127.0.0.1 1"))


async def test_a_wrong_password_is_told_without_repeating_it(server: Server) -> None:
    url = server.start("--requirepass", "right")
    for wrong in (url, url.replace("unix://", "unix://:wr0ng-secret@")):
        with pytest.raises(StoreRefused, match="password") as caught:
            await put(wrong)
        assert "wr0ng-secret" not in f"{caught.value} {caught.value.remedy}"
    assert await put(url.replace("unix://", "unix://:right@")) == 1


async def test_a_user_who_may_not_write_is_told_what_is_refused(server: Server) -> None:
    url = server.start()
    admin = connect(url)
    await admin.execute_command("ACL", "SETUSER", "reader", "on", ">pw", "~*", "+@read", "+ping", "+hello", "+client")
    await admin.aclose()
    with pytest.raises(StoreRefused, match="does not let"):
        await put(url.replace("unix://", "unix://reader:pw@"))


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    for url, why in (
        (f"unix://{tmp_path}/none", "its socket is not there"),
        ("redis://127.0.0.1:1/0", "nothing listens there"),
    ):
        with pytest.raises(StoreUnavailable, match=why) as caught:
            await put(url)
        assert "AINEWS_REDIS_URL" in caught.value.remedy


async def test_a_server_that_hangs_is_unavailable_within_the_timeout(server: Server) -> None:
    url = server.start()
    server.processes[0].send_signal(signal.SIGSTOP)
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable, match="in time"):
        await put(url, timeout_s=0.5)
    assert time.monotonic() - begun < 5


async def test_a_server_that_is_killed_and_comes_back_has_all_it_acknowledged(server: Server) -> None:
    url = server.start("--appendonly", "yes")
    assert await put(url, count=50) == 50
    client = connect(url)
    await client.ping()
    server.processes[0].kill()
    server.processes[0].wait()
    with pytest.raises(StoreUnavailable), store_errors():
        await client.ping()
    await client.aclose()
    client = connect(server.start("--appendonly", "yes"))
    assert await RedisArticles(client, Keys("w")).total() == 50
    await client.aclose()


async def test_the_facts_warn_of_what_puts_data_at_risk(server: Server) -> None:
    made = open_server(server.start("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"))
    facts = await server_facts(made)
    await made.aclose()
    assert facts.summary.startswith("Valkey 9")
    assert [w.text.split(":")[0] for w in facts.warnings] == [
        "when it is full it evicts articles (allkeys-lru)", "it keeps no append-only file",
    ]  # fmt: skip


def test_a_url_is_shown_without_its_password() -> None:
    assert redacted("rediss://user:secret@redis.example:6380/2") == "rediss://redis.example:6380/2"


def test_a_url_that_is_none_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="AINEWS_REDIS_URL"):
        connect("http://redis.example")


def test_every_store_error_says_what_to_do() -> None:
    import redis.exceptions as theirs

    for error in (theirs.ConnectionError("x"), theirs.TimeoutError(), theirs.ResponseError("ERR unknown command 'FOO'"),
                  theirs.BusyLoadingError("LOADING"), OSError("broken")):  # fmt: skip
        with pytest.raises(StoreError) as caught, store_errors():
            raise error
        assert caught.value.remedy
