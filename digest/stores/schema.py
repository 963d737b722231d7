"""The schema of what is stored: checked by every program that begins, and brought up to date step by step.

One number stands for all that an installation stores, its workspaces of Slack included. A store of a newer program is refused, since
what an older one would write the newer could not read. Of an older one the steps are taken in order, by one process, under a lease; each
may be taken again from anywhere in its middle, and counts only once it is done. What stored no number yet is of schema 1.

To change what is stored: raise ``SCHEMA``, add a ``Step`` to it to ``STEPS``, and a test that takes it, killed in the middle too.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import orjson
import structlog

from digest.errors import AinewsError, StateError, StoreError
from digest.stores.connection import store_errors
from digest.stores.redis_workspaces import of_team, teams_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from redis.asyncio import Redis

    from digest.stores.connection import Server
    from digest.stores.keys import Keys

#: What this program writes.
SCHEMA: Final = 1
FIRST: Final = 1
#: Seconds that a process which migrates is believed to live without a sign.
_LEASE_S: Final = 60.0
_SIGN_S: Final = 15.0
#: Seconds that a program waits while another migrates.
_PATIENCE_S: Final = 20.0
_LOOK_S: Final = 0.25
_SET_VERSION: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[2], ARGV[2]) return 1 end return 0"
_KEEP: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
_GIVE_UP: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """Brings what is stored to schema ``to`` from the one before. ``run`` is given the keys of the installation and of each of its
    workspaces of Slack in turn; what it finds done already it leaves."""

    to: int
    name: str
    run: Callable[[Redis, Keys], Awaitable[None]]


STEPS: Final[tuple[Step, ...]] = ()


async def ready(server: Server, keys: Keys, *, steps: Sequence[Step] = STEPS, schema: int = SCHEMA) -> None:
    """See to it that what is stored is of this program's schema: one round trip where it is. Raises StateError where it is newer, or a
    backup is being put in place; StoreError."""
    client = server.client(keys.workspace)
    with store_errors():
        stored, switch = cast("list[bytes | None]", await client.mget(keys.version, keys.import_switch))
    if switch is not None:
        raise StateError(
            f"A backup is being put in place ({_begun(switch)})", remedy="Wait for it, or run `ainews import --continue`."
        )
    found = FIRST if stored is None else number(stored)
    if found > schema:
        raise StateError(
            f"What is stored is of schema {found}, which this version of ainews does not know: its own is {schema}",
            remedy="Upgrade ainews, or put a backup of the older version in place.",
        )
    if found < schema:
        await _migrated(server, keys, steps, schema)
    elif stored is None:
        with suppress(
            StoreError
        ):  # a store that is full, or a replica, can be read; without a number it is of the first schema
            await note(client, keys, schema)


async def stored_schema(client: Redis, keys: Keys) -> int:
    """The schema of what is stored. Raises StateError where that is no number, and StoreError."""
    with store_errors():
        stored = cast("bytes | None", await client.get(keys.version))
    return FIRST if stored is None else number(stored)


async def note(client: Redis, keys: Keys, schema: int) -> None:
    """What has no number yet is of that schema. Raises StoreError."""
    with store_errors():
        await client.set(keys.version, schema, nx=True)


def number(stored: bytes) -> int:
    """A schema as it is stored. Raises StateError."""
    try:
        return int(stored)
    except ValueError as error:
        raise StateError("The schema of what is stored is no number", remedy="Put a backup in place.") from error


def _begun(switch: bytes) -> str:
    try:
        return f"begun {orjson.loads(switch)['at'][:16].replace('T', ' ')} UTC"
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return "begun some time ago"


async def _migrated(server: Server, keys: Keys, steps: Sequence[Step], schema: int) -> None:
    """Take the steps that are missing, or wait until another process has."""
    client, until = server.client(keys.workspace), time.monotonic() + _PATIENCE_S
    while await stored_schema(client, keys) < schema:
        token = secrets.token_hex(8)
        async with held(client, keys.migrating, token) as taken:
            if taken:
                await _take(server, keys, steps, schema, token)
                return
        if time.monotonic() > until:
            raise StateError("What is stored is being migrated by another process", remedy="Try again in a minute.")
        await asyncio.sleep(_LOOK_S)


async def _take(server: Server, keys: Keys, steps: Sequence[Step], schema: int, token: str) -> None:
    client, there = server.client(keys.workspace), [keys, *(of_team(keys, t) for t in await teams_of(server, keys))]
    for step in sorted(steps, key=lambda s: s.to):
        if not await stored_schema(client, keys) < step.to <= schema:
            continue
        _log.info("migrating", schema=step.to, step=step.name)
        try:
            with store_errors():
                for each in there:
                    await step.run(server.client(each.workspace), each)
                done = await client.eval(_SET_VERSION, 2, keys.migrating, keys.version, token, str(step.to))
        except AinewsError as error:
            raise StateError(
                f"What is stored could not be brought to schema {step.to} ({step.name}): {error}",
                remedy=f"{error.remedy} It goes on from there at the next start.".strip(),
            ) from error
        if not done:
            raise StateError("Another process migrates what is stored", remedy="Try again in a minute.")
        _log.info("migrated", schema=step.to, step=step.name)


@asynccontextmanager
async def held(client: Redis, key: str, token: str) -> AsyncIterator[bool]:
    """Hold ``key`` by ``token`` until the end, with a sign of life now and then; False where another holds it. Raises StoreError."""
    with store_errors():
        taken = bool(await client.set(key, token, nx=True, px=int(_LEASE_S * 1000)))
    if not taken:
        yield False
        return

    async def kept() -> None:
        while True:
            await asyncio.sleep(_SIGN_S)
            with suppress(StoreError), store_errors():
                await client.eval(_KEEP, 1, key, token, str(int(_LEASE_S * 1000)))

    signs = asyncio.create_task(kept())
    try:
        yield True
    finally:
        signs.cancel()
        await asyncio.wait([signs])
        with suppress(StoreError), store_errors():
            await client.eval(_GIVE_UP, 1, key, token)
