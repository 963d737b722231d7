"""What a server says of itself, or all of a cluster, and what of it puts data at risk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from redis.exceptions import ResponseError

from digest.stores.failures import store_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from redis.asyncio import Redis

    from digest.stores.connection import Server

_OLDEST: Final = 7
#: Share of maxmemory from which an operator is told: there is time to act, at most installations days.
_NEARLY_FULL: Final = 0.9


@dataclass(frozen=True, slots=True)
class Warned:
    """One thing about a server that an operator should know, and what to do."""

    text: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a server says of itself, or the primaries of a cluster together. Memory is in bytes; ``max_memory`` 0 is no limit.
    ``shape``: what there is beside one server, in words. ``summary`` is one line for people.
    """

    name: str
    version: str
    role: str
    used_memory: int
    max_memory: int
    policy: str
    append_only: bool
    snapshots: bool
    writes: bool
    shape: str = ""
    warnings: tuple[Warned, ...] = ()

    @property
    def summary(self) -> str:
        """Shape, name, version, memory and persistence."""
        limit = f" of {self.max_memory / 1e6:,.0f}" if self.max_memory else ""
        kept = "append-only file" if self.append_only else "snapshots only" if self.snapshots else "memory only"
        shape = f"{self.shape}; " if self.shape else ""
        return f"{shape}{self.name} {self.version}, {self.used_memory / 1e6:,.1f}{limit} MB used, {kept}"


async def server_facts(server: Server) -> ServerFacts:
    """Version, memory and persistence of the server, and what of it puts data at risk. Raises StoreError."""
    with store_errors():
        found = [(name, await _facts(client)) for name, client in await server.primaries()]
        shape, odd = await server.shape()
    warned = [Warned(f"{name}: {w.text}" if name else w.text, w.remedy) for name, facts in found for w in facts.warnings]
    together = _together([facts for _, facts in found])
    return replace(together, shape=shape, warnings=(*(Warned(*o) for o in odd), *warned))


def _together(facts: Sequence[ServerFacts]) -> ServerFacts:
    """The sum of memory, and for the rest the worst; a limit only where all have one."""
    first = facts[0]
    return replace(
        first,
        version=" and ".join(sorted({f.version for f in facts})),
        used_memory=sum(f.used_memory for f in facts),
        max_memory=sum(f.max_memory for f in facts) if all(f.max_memory for f in facts) else 0,
        append_only=all(f.append_only for f in facts),
        snapshots=all(f.snapshots for f in facts),
        writes=all(f.writes for f in facts),
    )


async def _facts(client: Redis) -> ServerFacts:
    info = await client.info()
    facts = ServerFacts(
        name="Valkey" if "valkey_version" in info else "Redis",
        version=str(info.get("valkey_version") or info.get("redis_version", "?")),
        role=str(info.get("role", "")),
        used_memory=int(info.get("used_memory", 0)),
        max_memory=int(info.get("maxmemory", 0)),
        policy=str(info.get("maxmemory_policy", "noeviction")),
        append_only=bool(info.get("aof_enabled", 0)),
        snapshots=await _takes_snapshots(client, info),
        writes=info.get("aof_last_write_status", "ok") == "ok",
    )
    spoken = int(str(info.get("redis_version", "0")).split(".")[0])
    return replace(facts, warnings=tuple(_warnings(facts, spoken)))


async def _takes_snapshots(client: Redis, info: dict[str, Any]) -> bool:
    """By its configuration, or where a hosted server does not show that, by what it has done."""
    try:
        return bool((await client.config_get("save")).get("save"))
    except ResponseError:
        return int(info.get("rdb_saves", 0)) > 0


def _warnings(facts: ServerFacts, spoken: int) -> Iterator[Warned]:
    """``spoken``: the version of Redis that it is compatible with, which Valkey tells apart from its own."""
    if spoken < _OLDEST:
        yield Warned(f"{facts.name} {facts.version} is older than 7", "Use Redis or Valkey 7 or newer.")
    if facts.role not in ("master", ""):
        yield Warned("it is a replica, which takes no writes", "Point AINEWS_REDIS_URL at the primary.")
    if facts.policy != "noeviction":
        yield Warned(f"when it is full it evicts articles ({facts.policy})", "Set maxmemory-policy noeviction.")
    if not facts.append_only:
        lost = "a crash loses what came after the last snapshot" if facts.snapshots else "a restart loses everything"
        yield Warned(f"it keeps no append-only file: {lost}", "Set appendonly yes.")
    elif not facts.writes:
        yield Warned("it could not write its append-only file", "Give its disk room.")
    if facts.max_memory and facts.used_memory > _NEARLY_FULL * facts.max_memory:
        yield Warned(
            f"{facts.used_memory / facts.max_memory:.0%} of its memory is used",
            "Raise maxmemory, or lower AINEWS_RETENTION_DAYS.",
        )
