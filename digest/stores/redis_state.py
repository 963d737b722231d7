"""What a store holds, read for a backup while programs go on writing: record by record, in the waves of ``kinds``.

In memory are a few hundred keys at a time and the names of one wave; what is large comes in parts. A key is read in one step; one that
comes in parts as the server's cursors give it: what is there all the while is in it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, cast

from digest.state.records import Header, Record
from digest.stores.connection import store_errors
from digest.stores.kinds import OTHER, WAVES, kind_of, single_kinds
from digest.stores.redis_workspaces import TOGETHER, names, of_team, one_of, teams_of
from digest.stores.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from redis.asyncio import Redis

    from digest.state.records import Type, Value
    from digest.stores.connection import Server
    from digest.stores.keys import Keys
    from digest.stores.kinds import Kind

#: Fields or members of one record.
PART: Final = 500
_SIZE: Final[dict[str, Callable[[Any, bytes], Any]]] = {
    "hash": lambda c, key: c.hlen(key),
    "zset": lambda c, key: c.zcard(key),
    "set": lambda c, key: c.scard(key),
    "list": lambda c, key: c.llen(key),
}
_WHOLE: Final[dict[str, Callable[[Any, bytes], Any]]] = {
    "string": lambda c, key: c.get(key),
    "hash": lambda c, key: c.hgetall(key),
    "zset": lambda c, key: c.zrange(key, 0, -1, withscores=True),
    "set": lambda c, key: c.smembers(key),
    "list": lambda c, key: c.lrange(key, 0, -1),
}
_LARGE: Final[dict[str, Callable[[Any, bytes], Any]]] = {
    "hash": lambda c, key: c.hscan_iter(key, count=PART),
    "zset": lambda c, key: c.zscan_iter(key, count=PART),
    "set": lambda c, key: c.sscan_iter(key, count=PART),
}


class RedisState:
    """The state of the installation of ``keys``; with ``team`` that of one workspace of Slack alone. Clients must give bytes."""

    def __init__(self, server: Server, keys: Keys, team: str = "") -> None:
        self._server = server
        self._keys = keys
        self._team = team
        #: Names of keys whose type no backup holds. Ours have none of these.
        self.left_out: list[str] = []

    async def header(self) -> Header:
        """What a backup begins with. Raises NotFound where nothing is held of that team, and StoreError."""
        if self._team:
            await one_of(self._server, self._keys, self._team)
        teams = () if self._team else await teams_of(self._server, self._keys)
        count = 0
        for team in self._parts(teams):
            async for kind, _ in names(self._server, of_team(self._keys, team)):
                count += kind.fate == "travels"
        return Header(self._keys.workspace, SCHEMA, datetime.now(UTC), version("ainews"), self._team, teams, count)

    async def records(self, header: Header) -> AsyncIterator[tuple[Record, Kind]]:
        """Everything that travels. Raises StoreError."""
        with store_errors():
            for team in self._parts(header.teams):
                keys = of_team(self._keys, team)
                for wave in WAVES:
                    wanted = await self._wanted(keys, wave)
                    for start in range(0, len(wanted), TOGETHER):
                        async for record in self._read(keys, team, wanted[start : start + TOGETHER]):
                            kind = kind_of(record.name)
                            again = kind.waves[0] != wave and record.type == kind.type
                            yield (_going_on(record) if again else record), kind

    def _parts(self, teams: Sequence[str]) -> tuple[str, ...]:
        return (self._team,) if self._team else ("", *teams)

    async def _wanted(self, keys: Keys, wave: int) -> list[bytes]:
        """Names of that wave; the server is gone through only where there may be more than one key of a kind."""
        found = [kind.name.encode() for kind in single_kinds(wave)]
        if wave != WAVES[-1]:
            several = names(self._server, keys)
            found += [n async for k, n in several if wave in k.waves and k.fate == "travels" and (k is OTHER or not k.single)]
        return found

    async def _read(self, keys: Keys, team: str, wanted: Sequence[bytes]) -> AsyncIterator[Record]:
        """Records of those keys that are there."""
        begins, client = keys.prefix.encode(), self._server.client(keys.workspace)
        async with client.pipeline(transaction=False) as pipe:
            for name in wanted:
                pipe.type(begins + name)
                pipe.pexpiretime(begins + name)  # type: ignore[arg-type]  # a key may be bytes
            answers = await pipe.execute()
        types = [cast("bytes", t).decode() for t in answers[::2]]
        expires = [int(e) if int(e) >= 0 else None for e in answers[1::2]]
        self.left_out += [_shown(n) for n, t in zip(wanted, types, strict=True) if t != "none" and t not in _WHOLE]
        large = await self._large(client, begins, wanted, types)
        small = [n for n, t in enumerate(types) if t in _WHOLE and n not in large]
        async with client.pipeline(transaction=False) as pipe:
            for n in small:
                _WHOLE[types[n]](pipe, begins + wanted[n])
            values = await pipe.execute()
        for n, raw in zip(small, values, strict=True):
            value = _value(types[n], raw)
            if value is not None:
                yield Record(wanted[n], cast("Type", types[n]), value, expires[n], team=team)
        for n in sorted(large):
            more = False
            async for part in self._in_parts(client, begins + wanted[n], types[n]):
                yield Record(wanted[n], cast("Type", types[n]), cast("Value", tuple(part)), expires[n], more, team)
                more = True

    async def _large(self, client: Redis, begins: bytes, wanted: Sequence[bytes], types: Sequence[str]) -> set[int]:
        """Which of them come in parts."""
        sized = [n for n, t in enumerate(types) if t in _SIZE]
        async with client.pipeline(transaction=False) as pipe:
            for n in sized:
                _SIZE[types[n]](pipe, begins + wanted[n])
            sizes = await pipe.execute()
        return {n for n, size in zip(sized, sizes, strict=True) if size > PART}

    async def _in_parts(self, client: Redis, key: bytes, kind: str) -> AsyncIterator[list[Any]]:
        if kind == "list":
            start = 0
            while part := await client.lrange(key, start, start + PART - 1):
                yield part
                start += PART
            return
        part = []
        async for member in _LARGE[kind](client, key):
            part.append(member)
            if len(part) == PART:
                yield part
                part = []
        if part:
            yield part


def _value(kind: str, raw: Any) -> Value | None:
    """As a record holds it; None where it was gone by then."""
    match kind:
        case "string":
            return cast("bytes | None", raw)
        case "hash":
            return tuple(raw.items()) or None
        case "zset":
            return tuple((m, float(score)) for m, score in raw) or None
        case "set":
            return tuple(sorted(raw)) or None
        case _:
            return tuple(raw) or None


def _going_on(record: Record) -> Record:
    """What is read for the second time adds to what was read first."""
    return Record(record.name, record.type, record.value, record.expires_ms, more=True, team=record.team)


def _shown(name: bytes) -> str:
    return name.decode(errors="replace")
