"""Whose keys there are: the workspaces of Slack that an installation holds something of, and the keys of one workspace, by kind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from digest.errors import NotFound
from digest.stores.connection import store_errors
from digest.stores.keys import Keys
from digest.stores.kinds import Kind, kind_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from digest.stores.connection import Server

#: A workspace, or an organisation, as Slack names it.
TEAM: Final = re.compile(r"[TE][A-Z0-9]{2,}")
#: Keys in one round trip.
TOGETHER: Final = 200
_SCANNED: Final = 5_000


def of_team(keys: Keys, team: str) -> Keys:
    """The keys of a workspace of Slack that belongs to the installation of ``keys``; with an empty ``team`` the installation's own."""
    return Keys(f"{keys.workspace}-{team}") if team else keys


async def teams_of(server: Server, keys: Keys) -> tuple[str, ...]:
    """The workspaces of Slack that installed the app, or that something is held of, sorted. Raises StoreError."""
    with store_errors():
        installed = cast("list[bytes]", await server.client(keys.workspace).hkeys(keys.installations))
        found = {name for i in installed if TEAM.fullmatch(name := i.decode())}
        begins = f"ainews:{{{keys.workspace}-"
        for _, client in await server.primaries():
            async for key in client.scan_iter(match=f"{begins}*", count=_SCANNED):
                found.add(cast("bytes", key).decode(errors="replace").removeprefix(begins).partition("}")[0])
        return tuple([t for t in sorted(found) if await is_team(server, keys, t)])


async def is_team(server: Server, keys: Keys, name: str) -> bool:
    """Whether ``name`` may be a workspace of Slack of this installation: it is one as Slack names them, and no other installation on the
    server happens to have its keys. Raises StoreError."""
    with store_errors():
        its = of_team(keys, name)
        return bool(TEAM.fullmatch(name)) and not await server.client(its.workspace).exists(its.version)


async def one_of(server: Server, keys: Keys, team: str) -> str:
    """``team``, where there is something of it. Raises NotFound and StoreError."""
    there = await teams_of(server, keys)
    if team not in there:
        told = f"there is of {', '.join(there)}" if there else "with one token all belongs to the installation"
        raise NotFound(f"Nothing is held of a workspace {team} of Slack", remedy=f"{told[:1].upper()}{told[1:]}.")
    return team


async def names(server: Server, keys: Keys) -> AsyncIterator[tuple[Kind, bytes]]:
    """Every key of one workspace, without its prefix, with its kind, as the server comes upon them: some maybe twice. Raises
    StoreError."""
    prefix = keys.prefix.encode()
    with store_errors():
        async for key in server.client(keys.workspace).scan_iter(match=f"{keys.prefix}*", count=_SCANNED):
            name = cast("bytes", key).removeprefix(prefix)
            yield kind_of(name), name


async def unlink(server: Server, keys: Keys, found: Sequence[bytes]) -> None:
    """Take those keys away, some hundred at a time. Raises StoreError."""
    prefix = keys.prefix.encode()
    with store_errors():
        for start in range(0, len(found), TOGETHER):
            await server.client(keys.workspace).unlink(*(prefix + name for name in found[start : start + TOGETHER]))
