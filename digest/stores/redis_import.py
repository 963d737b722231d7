"""Puts a backup in the place of what a store holds. Clients must give bytes.

It is written beside what is in use, and nobody sees it before its last line was read. Then it takes its place key by key, by steps that are
remembered: whoever is killed before has changed nothing, and of one killed after that ``resume`` completes it. Meanwhile no program
begins; one that runs finds every key as it was or as it will be, never missing. What a backup does not have and what tells of
the present (``kinds``) stays; of the ledger of digests another life begins, so that whoever publishes asks the channels and waits.
"""

from __future__ import annotations

import secrets
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import orjson
import structlog

from digest.errors import StateError
from digest.stores.connection import store_errors
from digest.stores.kinds import kind_of
from digest.stores.redis_workspaces import TOGETHER, is_team, names, of_team, teams_of, unlink
from digest.stores.schema import SCHEMA, held, stored_schema

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from redis.asyncio import Redis

    from digest.state.records import Header, Record
    from digest.stores.connection import Server
    from digest.stores.keys import Keys

#: Of one round trip.
_BYTES: Final = 1_000_000
_RECORDS: Final = 200
#: ARGV 1 what they begin with beside, 2 in use, then names. One that expired meanwhile is not there to be moved. All lie in one slot.
_MOVE: Final = """
for n = 3, #ARGV do
  local beside = ARGV[1] .. ARGV[n]
  if redis.call('EXISTS', beside) == 1 then redis.call('RENAME', beside, ARGV[2] .. ARGV[n]) end
end
return 1
"""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Put:
    """What an import did. ``expired``: keys whose time was over; ``dropped``: keys that the backup does not have."""

    keys: int = 0
    expired: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class _Switch:
    """How far taking the places is: what was in use and is no more is dropped first, then what is new moves."""

    token: str
    teams: tuple[str, ...]
    schema: int
    at: str
    phase: Literal["dropping", "moving"] = "dropping"


class RedisImport:
    """Into the installation of ``keys``. One at a time: ``held`` first."""

    def __init__(self, server: Server, keys: Keys) -> None:
        self._server = server
        self._client = server.client(keys.workspace)
        self._keys = keys
        self._token = secrets.token_hex(8)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """While no other process imports. Raises StateError where one does, and StoreError."""
        async with held(self._client, self._keys.importing, self._token) as taken:
            if not taken:
                raise StateError(
                    "Another process puts a backup in place", remedy="Wait for it, at most a minute if it was killed."
                )
            yield

    async def holds(self, team: str = "") -> int:
        """How many keys would give way: of the installation and all its workspaces of Slack, or of one. Raises StoreError."""
        count = 0
        for each in (team,) if team else ("", *await teams_of(self._server, self._keys)):
            async for kind, _ in names(self._server, of_team(self._keys, each)):
                count += kind.fate == "travels"
        return count

    async def put(self, header: Header, records: Iterable[Record]) -> Put:
        """Put it in place of what is there, if ``records`` ends as it should; else nothing has changed. Raises StateError where it is not
        for this store, or ``resume`` is to be called first, and StoreError."""
        await self._fits(header)
        if await self._switching() is not None:
            raise StateError("Another backup is half in place", remedy="Complete that with `ainews import --continue` first.")
        teams = (header.team,) if header.team else ("", *sorted({*header.teams, *await teams_of(self._server, self._keys)}))
        await self._drop_beside(teams)
        switched = False
        try:
            done = await self._written(records, teams)
            switched = True
            dropped = await self._switch(_Switch(self._token, teams, header.schema, datetime.now(UTC).isoformat()))
        finally:
            if not switched:
                await self._drop_beside(teams)
        return replace(done, dropped=dropped)

    async def resume(self) -> bool:
        """Complete what another process began. False where there is nothing to complete; what one left that was killed before anything had
        changed is dropped. Raises StoreError."""
        switch = await self._switching()
        if switch is None:
            await self._drop_beside(("", *await teams_of(self._server, self._keys)))
            return False
        await self._switch(switch)
        return True

    async def _fits(self, header: Header) -> None:
        ours = self._keys.workspace
        if header.workspace != ours:
            raise StateError(
                f"The backup is of the workspace '{header.workspace}', and this is '{ours}': its digests would not be known again in "
                "Slack",
                remedy=f"Set AINEWS_WORKSPACE={header.workspace}.",
            )
        for team in filter(None, (header.team, *header.teams)):
            if not await is_team(self._server, self._keys, team):
                raise StateError(
                    f"The backup has what belongs to '{team[:40]}', which is no workspace of Slack of this installation",
                    remedy="Take another backup.",
                )
        if header.schema > SCHEMA:
            raise StateError(
                f"The backup is of schema {header.schema}, which this version of ainews does not know: its own is {SCHEMA}",
                remedy="Upgrade ainews.",
            )
        if header.team and header.schema != (stored := await stored_schema(self._client, self._keys)):
            raise StateError(
                f"The backup of {header.team} is of schema {header.schema}, and what is stored beside it of {stored}",
                remedy="Put a backup of the whole installation in place.",
            )

    async def _written(self, records: Iterable[Record], teams: tuple[str, ...]) -> Put:
        """Write all of it beside what is in use."""
        now_ms, keys, expired, size = int(time.time() * 1000), 0, 0, 0
        waiting: list[Record] = []
        for record in records:
            if record.team not in teams or kind_of(record.name).fate != "travels":
                raise StateError(
                    "The file cannot be used: it has what no backup has; nothing was changed", remedy="Take another."
                )
            if record.expires_ms is not None and record.expires_ms <= now_ms:
                expired += not record.more
                continue
            waiting.append(record)
            size += _size(record)
            keys += not record.more
            if len(waiting) >= _RECORDS or size >= _BYTES:
                await self._write(waiting)
                waiting, size = [], 0
        await self._write(waiting)
        return Put(keys, expired)

    async def _write(self, records: list[Record]) -> None:
        if not records:
            return
        with store_errors():
            for team in dict.fromkeys(record.team for record in records):
                keys = of_team(self._keys, team)
                async with self._of(keys).pipeline(transaction=False) as pipe:
                    for record in records:
                        if record.team == team:
                            _write(pipe, keys.imported(self._token).encode() + record.name, record)
                    await pipe.execute()

    def _of(self, keys: Keys) -> Redis:
        """The client for the keys of one workspace."""
        return self._server.client(keys.workspace)

    async def _switching(self) -> _Switch | None:
        with store_errors():
            raw = cast("bytes | None", await self._client.get(self._keys.import_switch))
        if raw is None:
            return None
        told: dict[str, Any] = orjson.loads(raw)
        return _Switch(told["token"], tuple(told["teams"]), told["schema"], told["at"], told["phase"])

    async def _switch(self, switch: _Switch) -> int:
        """Let what was written take its place; how many keys were dropped. What is done is not done again."""
        dropped = 0
        if switch.phase == "dropping":
            await self._remember(switch)
            await self._begin_anew(switch.teams)
            for team in switch.teams:
                dropped += await self._drop_others(of_team(self._keys, team), switch.token)
            switch = replace(switch, phase="moving")
            await self._remember(switch)
        for team in switch.teams:
            await self._move(of_team(self._keys, team), switch.token)
        await self._begin_anew(switch.teams)
        with store_errors():
            async with self._client.pipeline(transaction=True) as pipe:
                if "" in switch.teams:
                    pipe.set(self._keys.version, switch.schema)
                pipe.delete(self._keys.import_switch)
                await pipe.execute()
        _log.info("backup_in_place", workspace=self._keys.workspace, teams=len(switch.teams), dropped=dropped)
        return dropped

    async def _remember(self, switch: _Switch) -> None:
        with store_errors():
            await self._client.set(self._keys.import_switch, orjson.dumps(switch))

    async def _begin_anew(self, teams: tuple[str, ...]) -> None:
        """Another life of articles and of the ledger: who follows the one starts over, who works by the other asks the channels."""
        with store_errors():
            for team in teams:
                keys = of_team(self._keys, team)
                async with self._of(keys).pipeline(transaction=True) as pipe:
                    pipe.set(keys.publications_life, secrets.token_hex(8))
                    pipe.delete(keys.epoch)
                    await pipe.execute()

    async def _drop_others(self, keys: Keys, token: str) -> int:
        """Drop what is in use and is not in the backup."""
        spared = {keys.publications_life.removeprefix(keys.prefix).encode()}
        found = [n async for k, n in names(self._server, keys) if k.fate != "stays" and n not in spared]
        beside, dropped = keys.imported(token).encode(), 0
        for start in range(0, len(found), TOGETHER):
            some = found[start : start + TOGETHER]
            with store_errors():
                async with self._of(keys).pipeline(transaction=False) as pipe:
                    for name in some:
                        pipe.exists(beside + name)
                    there = await pipe.execute()
            others = [n for n, is_there in zip(some, there, strict=True) if not is_there]
            await unlink(self._server, keys, others)
            dropped += sum(kind_of(n).fate == "travels" for n in others)
        return dropped

    async def _move(self, keys: Keys, token: str) -> None:
        """Move all that is beside, until nothing is."""
        begins, prefix = keys.imported(token).encode(), keys.prefix.encode()
        while found := await self._beside(keys, token):
            for start in range(0, len(found), TOGETHER):
                some = [key.removeprefix(begins) for key in found[start : start + TOGETHER]]
                with store_errors():
                    await self._of(keys).eval(_MOVE, 1, keys.import_switch, begins, prefix, *some)

    async def _drop_beside(self, teams: Iterable[str]) -> None:
        """What imports left that were killed before anything had changed, and what this one wrote."""
        for team in teams:
            keys = of_team(self._keys, team)
            switch = {keys.import_switch.encode()}
            found = [k for k in await self._beside(keys) if k not in switch]
            await unlink(self._server, keys, [k.removeprefix(keys.prefix.encode()) for k in found])

    async def _beside(self, keys: Keys, token: str = "") -> list[bytes]:
        with store_errors():
            scan = self._of(keys).scan_iter(match=f"{keys.imported(token)}*", count=5_000)
            return list(dict.fromkeys([cast("bytes", key) async for key in scan]))


def _size(record: Record) -> int:
    match record.value:
        case bytes(text):
            return len(text)
        case several:
            return sum(
                len(s) if isinstance(s, bytes) else len(s[0]) + (len(s[1]) if isinstance(s[1], bytes) else 8) for s in several
            )


def _write(pipe: Any, key: bytes, record: Record) -> None:
    value: Any = record.value
    if not record.more:
        pipe.delete(key)
    match record.type:
        case "string":
            pipe.set(key, value)
        case "hash":
            pipe.hset(key, mapping=dict(value))
        case "zset":
            pipe.zadd(key, dict(value))
        case "set":
            pipe.sadd(key, *value)
        case "list":
            pipe.rpush(key, *value)
    if record.expires_ms is not None:
        pipe.pexpireat(key, record.expires_ms)
