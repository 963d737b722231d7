"""Backups, migrations and erasure over a cluster of real servers, where workspaces of Slack lie on other nodes than their installation."""

from __future__ import annotations

from pathlib import Path

from digest.state.files import reading, writing
from digest.stores.connection import open_server
from digest.stores.keys import Keys
from digest.stores.redis_erasing import RedisErasing
from digest.stores.redis_import import RedisImport
from digest.stores.redis_persons import RedisPersons
from digest.stores.redis_shelf import RedisShelf
from digest.stores.redis_state import PART, RedisState
from digest.stores.redis_workspaces import of_team, teams_of
from digest.stores.schema import ready
from tests.stores.clusters import Cluster
from tests.stores.test_erasing import ADA, NOW

TEAMS = tuple(f"T0TEAM0{n}" for n in range(8))


async def test_a_backup_of_many_nodes_goes_back_to_them(valkey_cluster: Cluster, keys: Keys, tmp_path: Path) -> None:
    server = open_server(valkey_cluster.url)
    try:
        await ready(server, keys)
        await server.client(keys.workspace).hset(keys.read("s"), mapping={f"f{n}": str(n) for n in range(2 * PART)})
        for team in TEAMS:
            own = of_team(keys, team)
            await RedisShelf(server.client(own.workspace), own).save(ADA, f"a of {team}", NOW)
        assert await teams_of(server, keys) == TEAMS
        state = RedisState(server, keys)
        header = await state.header()
        with writing(str(tmp_path / "state.gz")) as to:
            to.begin(header)
            async for record, kind in state.records(header):
                to.add(record, kind.name)
            to.end()
        persons = RedisPersons(server, keys)
        assert [h.team for h in await persons.held(ADA)] == list(TEAMS)
        counts = await RedisErasing(server, keys).everything(dry_run=False)
        assert counts["shelf:PERSON"] == len(TEAMS)
        assert await persons.held(ADA) == []
        store = RedisImport(server, keys)
        async with store.alone():
            with reading(str(tmp_path / "state.gz")) as (found, records):
                put = await store.put(found, records)
        assert put.keys == len(TEAMS) + 1
        assert [h.saved[0][0] for h in await persons.held(ADA)] == [f"a of {team}" for team in TEAMS]
        assert await server.client(keys.workspace).hlen(keys.read("s")) == 2 * PART
        await ready(server, keys)
        await persons.erase((await persons.held(ADA, TEAMS[0]))[0], ADA)
        assert [h.team for h in await persons.held(ADA)] == list(TEAMS[1:])
    finally:
        await server.aclose()
