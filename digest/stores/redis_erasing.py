"""Erases all that is held of an installation, or of one of its workspaces of Slack. Clients must give bytes.

Keys are counted by kind, and what of others' keys tells of a workspace of Slack too: its installation, its counts of questions, its events
that are not carried out yet.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, cast

import orjson

from digest.stores.connection import store_errors
from digest.stores.redis_deliveries import RedisDeliveries
from digest.stores.redis_workspaces import names, of_team, one_of, teams_of, unlink

if TYPE_CHECKING:
    from digest.stores.connection import Server
    from digest.stores.keys import Keys


class RedisErasing:
    """Of the installation of ``keys``."""

    def __init__(self, server: Server, keys: Keys) -> None:
        self._server = server
        self._client = server.client(keys.workspace)
        self._keys = keys

    async def team(self, team: str, *, dry_run: bool) -> dict[str, int]:
        """Erase what one workspace of Slack has; how much, by kind. Articles are the installation's, and stay. Raises NotFound where
        nothing is held of it, and StoreError; done again it completes what was begun."""
        await one_of(self._server, self._keys, team)
        counts = await self._keys_of(of_team(self._keys, team), dry_run=dry_run)
        counts["questions asked"] += await self._questions(team, dry_run=dry_run)
        counts["events that wait"] += await self._waiting(team, dry_run=dry_run)
        with store_errors():
            if dry_run:
                counts["installations"] += int(await self._client.hexists(self._keys.installations, team))
            else:
                counts["installations"] += await self._client.hdel(self._keys.installations, team)
        return _told(counts)

    async def everything(self, *, dry_run: bool) -> dict[str, int]:
        """Erase the installation and all its workspaces of Slack; how much, by kind. Raises StoreError, and may be done again."""
        counts: Counter[str] = Counter()
        for team in (*await teams_of(self._server, self._keys), ""):
            counts += await self._keys_of(of_team(self._keys, team), dry_run=dry_run)
        return _told(counts)

    async def _keys_of(self, keys: Keys, *, dry_run: bool) -> Counter[str]:
        found = {name: kind async for kind, name in names(self._server, keys)}
        if not dry_run:
            await unlink(self._server, keys, list(found))
        return Counter(kind.name for kind in found.values())

    async def _questions(self, team: str, *, dry_run: bool) -> int:
        count = 0
        for name in [n async for k, n in names(self._server, self._keys) if k.name == "asked:DATE"]:
            key = self._keys.prefix + name.decode()
            with store_errors():
                fields = [f.decode() for f in cast("list[bytes]", await self._client.hkeys(key))]
                of_it = [f for f in fields if f.split(":")[1:2] == [team]]
                if of_it and not dry_run:
                    await self._client.hdel(key, *of_it)
            count += len(of_it)
        return count

    async def _waiting(self, team: str, *, dry_run: bool) -> int:
        count, deliveries = 0, RedisDeliveries(self._client, self._keys)
        for name in [n async for k, n in names(self._server, self._keys) if k.name == "delivery:NAME"]:
            delivered = name.decode().removeprefix("delivery:")
            with store_errors():
                body = cast("bytes | None", await self._client.get(self._keys.delivery(delivered))) or b""
            if orjson.dumps(team) in body:
                count += 1
                if not dry_run:
                    await deliveries.finish(delivered)
        return count


def _told(counts: Counter[str]) -> dict[str, int]:
    return {kind: count for kind, count in sorted(counts.items()) if count}
