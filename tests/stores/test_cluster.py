"""A cluster of real servers: one slot for a workspace, redirections, a slot that moves, a node that is lost, and what is told."""

from __future__ import annotations

import asyncio
import inspect
import traceback
import typing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from redis.asyncio import Redis
from redis.crc import key_slot
from redis.exceptions import MovedError

from digest.errors import StoreError, StoreRefused, StoreUnavailable
from digest.stores.connection import connect, open_server, store_errors
from digest.stores.facts import server_facts
from digest.stores.keys import Keys
from digest.stores.redis_answers import RedisQuotas
from digest.stores.redis_articles import RedisArticles
from digest.stores.redis_rebuild import RedisRebuild
from tests.contracts.test_article_store import incoming
from tests.stores.clusters import SLOTS, Cluster, Process, until
from tests.stores.servers import free_port, losing, tls_before

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def slot_of(keys: Keys) -> int:
    return int(key_slot(keys.prefix.encode()))


def held_by(keys: Keys, made: Cluster, number: int) -> Keys:
    """Keys of a workspace whose slot the node ``number`` holds."""
    named = (Keys(f"{keys.workspace}-{n}") for n in range(1000))
    return next(k for k in named if made.holder(slot_of(k)) is made.nodes[number])


def all_keys(keys: Keys) -> dict[str, str]:
    """One of each key, by the name of what makes it."""
    some: dict[Any, Any] = {str: "C{other}1", int: 7}
    made = {}
    for name, what in inspect.getmembers(Keys):
        if name.startswith("_") or name in ("workspace", "beside"):
            continue
        if isinstance(what, property):
            made[name] = getattr(keys, name)
        else:
            from datetime import date

            hints = typing.get_type_hints(what, localns={"date": date})
            given = [some.get(hints[p], date(2026, 11, 23)) for p in list(inspect.signature(what).parameters)[1:]]
            made[name] = what(keys, *given)
    return made


@pytest.mark.parametrize("keys", [Keys("local"), Keys("acme_2-T0AB"), Keys("local", "0123456789abcdef")])
def test_every_key_of_a_workspace_lies_in_its_slot_whatever_is_in_it(keys: Keys) -> None:
    made = all_keys(keys)
    assert len(made) > 35
    assert {name: key_slot(key.encode()) for name, key in made.items()} == dict.fromkeys(made, slot_of(Keys(keys.workspace)))


async def test_workspaces_are_spread_over_the_nodes_and_share_connections(valkey_cluster: Cluster, keys: Keys) -> None:
    server = open_server(valkey_cluster.url)
    some = [Keys(f"{keys.workspace}-{n}") for n in range(60)]
    for one in some:
        assert (await RedisArticles(server.client(one.workspace), one).put([incoming("One")]))[0].outcome == "new"
    held = [sum(1 for name in node.call("KEYS", f"*{keys.workspace}-*:dated")) for node in valkey_cluster.nodes]
    assert sum(held) == 60
    assert min(held) > 5
    connections = [len(node.call("CLIENT", "LIST").strip().splitlines()) for node in valkey_cluster.nodes]
    assert max(connections) < 20  # not one for each workspace
    await server.aclose()


async def test_a_client_refuses_keys_of_another_workspace(valkey_cluster: Cluster, keys: Keys) -> None:
    mine, other = held_by(keys, valkey_cluster, 0), held_by(keys, valkey_cluster, 1)
    client = connect(valkey_cluster.url, workspace=mine.workspace)
    with pytest.raises(MovedError):
        await client.get(other.epoch)
    with pytest.raises(StoreError), store_errors():
        async with client.pipeline(transaction=False) as pipe:
            pipe.set(mine.epoch, "x")
            pipe.set(other.epoch, "x")
            await pipe.execute()
    assert await client.get(mine.epoch) is None
    await client.aclose()


async def test_a_whole_rebuild_works(valkey_cluster: Cluster, keys: Keys) -> None:
    """It lists, renames, and moves by scripts: what clients of clusters refuse or spread over all nodes."""
    client = connect(valkey_cluster.url, workspace=keys.workspace)
    store = RedisArticles(client, keys)
    await store.put([incoming(f"Old {n}") for n in range(30)])
    rebuild = RedisRebuild(client, keys)
    beside = await rebuild.begin()
    await beside.put([incoming(f"New {n}") for n in range(20)])
    assert await rebuild.finish() == (20, 30)
    assert {
        h.lead.article.title for h in await store.between(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    } == {f"New {n}" for n in range(20)}
    await client.aclose()


async def test_a_cancellation_at_any_moment_of_a_call_is_not_lost(valkey_cluster: Cluster, keys: Keys) -> None:
    client = connect(valkey_cluster.url, workspace=keys.workspace)

    async def call() -> None:
        await client.get(keys.epoch)
        await asyncio.sleep(60)

    for steps in [*range(40)] * 8:
        await client.get(keys.epoch)
        task = asyncio.create_task(call())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        async with asyncio.timeout(20):
            await asyncio.wait([task])
        assert task.cancelled()
        await client.set(keys.sequence, steps)
        assert int(await client.get(keys.sequence) or 0) == steps  # no answer of another call
    await client.aclose()


async def test_the_facts_are_of_all_nodes(valkey_cluster: Cluster) -> None:
    server = open_server(valkey_cluster.url)
    facts = await server_facts(server)
    await server.aclose()
    assert facts.summary.startswith("cluster of 3 primaries and 0 replicas, 16,384 slots served; Valkey 9")
    one = sum(int(n.call("INFO", "memory").split("used_memory:")[1].split()[0]) for n in valkey_cluster.nodes)
    assert 0.5 * one < facts.used_memory < 2 * one
    told = [w.text for w in facts.warnings]
    assert told[0].startswith("without a replica: 127.0.0.1:")
    assert sum("keeps no append-only file" in t for t in told) == 3
    assert all(str(node.port) in " ".join(told) for node in valkey_cluster.nodes)


async def test_with_seeds_that_are_away_another_one_is_asked(valkey_cluster: Cluster, keys: Keys) -> None:
    client = connect(f"redis+cluster://127.0.0.1:1,127.0.0.1:{valkey_cluster.nodes[2].port}", workspace=keys.workspace)
    assert await client.set(keys.epoch, "x")
    await client.aclose()


async def test_a_seed_that_hangs_is_passed_over(valkey_cluster: Cluster, keys: Keys, tmp_path: Path) -> None:
    seed = Process(tmp_path / "seed")
    seed.hang()
    seeds = f"127.0.0.1:{seed.port},127.0.0.1:{valkey_cluster.nodes[0].port}"
    client = connect(f"redis+cluster://{seeds}", timeout_s=1, workspace=keys.workspace)
    assert await client.set(keys.epoch, "x")
    await client.aclose()
    seed.kill()


async def test_one_node_alone_is_told_to_be_of_a_cluster_and_a_server_to_be_none(
    valkey_cluster: Cluster, keys: Keys, tmp_path: Path
) -> None:
    node = valkey_cluster.holder((slot_of(keys) + SLOTS // 3) % SLOTS)
    lone = connect(f"redis://127.0.0.1:{node.port}/0")
    with pytest.raises(StoreUnavailable, match="one node of a cluster") as told, store_errors():
        await lone.set(keys.epoch, "x")
    assert "redis+cluster://" in told.value.remedy
    await lone.aclose()
    single = Process(tmp_path / "single")
    client = connect(f"redis+cluster://127.0.0.1:{single.port}", workspace=keys.workspace)
    with pytest.raises(StoreUnavailable, match="is no cluster") as told, store_errors():
        await client.set(keys.epoch, "x")
    await client.aclose()
    single.kill()


@pytest.fixture
def lone(short_dir: Path) -> Iterator[Process]:
    """A cluster of one node, with a socket too, and the password ``secret``."""
    options = ("--unixsocket", str(short_dir / "s"), "--requirepass", "secret", "--cluster-announce-ip", "127.0.0.1")
    node = Process(
        short_dir / "n", "--cluster-enabled", "yes", "--cluster-port", str(free_port()), *options, password="secret"
    )  # fmt: skip
    node.call("CLUSTER", "ADDSLOTSRANGE", 0, SLOTS - 1)
    until(lambda: "cluster_state:ok" in str(node.call("CLUSTER", "INFO")), "a cluster is ok")
    yield node
    node.kill()


async def test_what_was_done_and_whose_reply_was_lost_is_not_done_again(lone: Process, keys: Keys) -> None:
    async with losing(lone.port, b"INCR") as port:
        lone.call("CONFIG", "SET", "cluster-announce-port", port)
        client = connect(f"redis+cluster://:secret@127.0.0.1:{port}", workspace=keys.workspace)

        async def alone() -> None:
            await client.incr(keys.sequence)

        async def together(transaction: bool) -> None:
            async with client.pipeline(transaction=transaction) as pipe:
                pipe.incr(keys.sequence)
                await pipe.execute()

        for done, call in enumerate((alone(), together(True), together(False)), 1):
            assert await client.get(keys.epoch) is None
            with pytest.raises(StoreUnavailable, match="connection was lost"), store_errors():
                await call
            assert int(lone.call("GET", keys.sequence)) == done
        await client.aclose()


@pytest.fixture
def moving(short_dir: Path) -> Iterator[Cluster]:
    """Two nodes of this test's own."""
    made = Cluster(short_dir / "c", primaries=2)
    yield made
    made.stop()


async def test_a_slot_that_moved_is_followed_with_nothing_done_twice(moving: Cluster, keys: Keys) -> None:
    keys = held_by(keys, moving, 0)
    client, slot = connect(moving.url, workspace=keys.workspace), slot_of(keys)
    store, ids = RedisArticles(client, keys), [moving.nodes[n].call("CLUSTER", "MYID") for n in (0, 1)]
    count = 0
    for source, target in ((0, 1), (1, 0), (0, 1)):
        counting = asyncio.create_task(_count(client, keys))
        moving.nodes[source].call("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", ids[target])
        await asyncio.to_thread(until, lambda t=target: moving.holder(slot) is moving.nodes[t], "a slot moved")
        counting.cancel()
        count += (await asyncio.gather(counting))[0]
        # A script that is unknown to the new node, a transaction, and a pipeline without one.
        assert (await store.put([incoming(f"To {target} {count}")]))[0].outcome == "new"
        await store.judge([(incoming(f"To {target} {count}").article.id, incoming("x").assessment)])
        assert all(await store.get([incoming(f"To {target} {count}").article.id]))
    assert int(await client.get(f"{keys.prefix}count") or 0) == count
    await client.aclose()


async def _count(client: Redis, keys: Keys) -> int:
    """INCR until cancelled; how many were acknowledged."""
    done = 0
    while True:
        done += 1
        call = asyncio.ensure_future(client.incr(f"{keys.prefix}count"))
        try:
            await asyncio.shield(call)
        except asyncio.CancelledError:
            await call
            return done


async def test_while_a_slot_is_moved_key_by_key_what_is_there_already_is_asked_for_there(moving: Cluster, keys: Keys) -> None:
    keys = held_by(keys, moving, 0)
    source, target = moving.nodes
    slot, ids = slot_of(keys), [n.call("CLUSTER", "MYID") for n in moving.nodes]
    client = connect(moving.url, workspace=keys.workspace)
    # Several connections are open to either, so that ASKING has to be said on the right one.
    await asyncio.gather(*(client.get(keys.epoch) for _ in range(10)))
    await client.set(keys.epoch, "stays")
    target.call("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0])
    source.call("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1])
    new = [keys.answer(str(n)) for n in range(20)]
    await asyncio.gather(*(client.set(key, n) for n, key in enumerate(new)))
    assert [await client.get(key) for key in new] == [str(n).encode() for n in range(20)]
    assert await client.get(keys.epoch) == b"stays"
    async with client.pipeline(transaction=True) as pipe:
        pipe.incr(new[0])
        pipe.incr(new[0])
        assert await pipe.execute() == [1, 2]
    # A script that the target does not know, of a key that is not at the source.
    assert await RedisQuotas(client, keys).take(datetime.now(UTC).date(), {"day": 5}) == ""
    with pytest.raises(StoreUnavailable, match="moves this workspace"), store_errors():
        await client.mget(keys.epoch, new[0])  # one here, one there
    source.call("MIGRATE", "127.0.0.1", target.port, keys.epoch, 0, 5000)
    for node in (target, source):
        node.call("CLUSTER", "SETSLOT", slot, "NODE", ids[1])
    assert await client.mget(keys.epoch, new[0]) == [b"stays", b"2"]
    await client.aclose()


async def test_a_replica_takes_over_and_the_store_goes_on(short_dir: Path, keys: Keys) -> None:
    made = Cluster(short_dir / "c", "--appendonly", "yes", replicas=1)
    try:
        keys = held_by(keys, made, 0)
        client, slot = connect(made.url, timeout_s=2, workspace=keys.workspace), slot_of(keys)
        store = RedisArticles(client, keys)
        await store.put([incoming(f"Before {n}") for n in range(20)])
        assert await client.execute_command("WAIT", 1, 5_000) == 1
        made.nodes[0].kill()
        with pytest.raises(StoreUnavailable):
            await store.put([incoming("Lost")])
        await asyncio.to_thread(until, lambda: made.holder(slot) is not made.nodes[0], "a replica took over")
        await _until_it_works(store)
        assert await store.total() == 21
        # It comes back as a replica, and takes over again: the client is told by MOVED, and loses nothing.
        made.nodes[0].start()
        again = made.nodes[0]
        await asyncio.to_thread(
            until, lambda: "master_link_status:up" in str(again.call("INFO", "replication")), "it is in step"
        )
        await asyncio.to_thread(until, lambda: again.call("CLUSTER", "FAILOVER") == "OK", "it is asked to take over")
        await asyncio.to_thread(until, lambda: "role:master" in str(again.call("INFO", "replication")), "it took over")
        assert (await store.put([incoming("Once more")]))[0].outcome == "new"
        assert await store.total() == 22
        # One that hangs: its connections are open, and nothing comes.
        holder = made.holder(slot)
        await client.execute_command("WAIT", 1, 5_000)
        holder.hang()
        with pytest.raises(StoreUnavailable, match="in time"):
            await store.total()
        await asyncio.to_thread(until, lambda: _holder(made, slot, but=holder) is not None, "another took over")
        await _until_it_works(store, "Twice")
        assert await store.total() == 23
        await client.aclose()
    finally:
        made.stop()


def _holder(made: Cluster, slot: int, *, but: Process) -> Process | None:
    asked = next(n for n in made.nodes if n is not but)
    port = next(s[2][1] for s in made.slots(asked) if s[0] <= slot <= s[1])
    return next((n for n in made.nodes if n.port == port and n is not but), None)


async def _until_it_works(store: RedisArticles, title: str = "After") -> None:
    for _ in range(100):
        try:
            await store.put([incoming(title)])
        except StoreUnavailable:
            await asyncio.sleep(0.1)
        else:
            return
    raise AssertionError("it does not go on")


async def test_without_slots_that_are_served_it_is_told(short_dir: Path, keys: Keys) -> None:
    node = Process(short_dir / "n", "--cluster-enabled", "yes", "--cluster-port", str(free_port()))
    client = connect(f"redis+cluster://127.0.0.1:{node.port}", workspace=keys.workspace)
    with pytest.raises(StoreUnavailable, match=f"no node of the cluster holds slot {slot_of(keys)}"), store_errors():
        await client.get(keys.epoch)
    await client.aclose()
    node.kill()


async def test_over_tls_every_node_is_verified(lone: Process, keys: Keys, short_dir: Path, tmp_path: Path) -> None:
    """One node, which announces the port of the TLS in front of it."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with tls_before(f"unix://{short_dir}/s", ca.issue_cert("127.0.0.1")) as port:
        lone.call("CONFIG", "SET", "cluster-announce-port", port)
        url = f"rediss+cluster://:secret@127.0.0.1:{port}/"
        trusting = connect(f"{url}?ssl_ca_certs={tmp_path}/ca.pem", workspace=keys.workspace)
        assert await trusting.set(keys.epoch, "x")
        doubting = connect(url, workspace=keys.workspace)
        with pytest.raises(StoreUnavailable, match="certificate is not trusted"), store_errors():
            await doubting.get(keys.epoch)
        await trusting.aclose()
        await doubting.aclose()


@pytest.mark.parametrize("who", ["", ":wr0ng-secret@"])
async def test_a_password_that_is_wrong_or_missing_is_told_and_not_repeated(lone: Process, keys: Keys, who: str) -> None:
    client = connect(f"redis+cluster://{who}127.0.0.1:{lone.port}", workspace=keys.workspace)
    with pytest.raises(StoreRefused, match="password") as caught, store_errors():
        await client.get(keys.epoch)
    told = "".join(traceback.format_exception(caught.value, chain=True))
    assert "wr0ng-secret" not in f"{told} {caught.value.remedy} {client!r} {client.connection_pool!r}"
    await client.aclose()


async def test_the_documented_rights_are_enough(lone: Process, keys: Keys) -> None:
    lone.call("ACL", "SETUSER", "news", "on", ">pw", "~ainews:*", "+@all", "-@dangerous", "+info")
    server = open_server(f"redis+cluster://news:pw@127.0.0.1:{lone.port}")
    store = RedisArticles(server.client(keys.workspace), keys)
    assert (await store.put([incoming("One")]))[0].outcome == "new"
    assert (await server_facts(server)).shape.startswith("cluster of 1 primary and 0 replicas")
    await server.aclose()
