"""Installations of workspaces in Redis: sealed before they come here."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from digest.stores.connection import store_errors

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from digest.stores.keys import Keys


class RedisInstallations:
    """``ports.Installations`` in one hash."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    async def put(self, team: str, sealed: bytes) -> None:
        """See ``ports.Installations``."""
        with store_errors():
            await self._client.hset(self._keys.installations, team, sealed)

    async def get(self, team: str) -> bytes | None:
        """See ``ports.Installations``."""
        with store_errors():
            return cast("bytes | None", await self._client.hget(self._keys.installations, team))

    async def remove(self, team: str) -> None:
        """See ``ports.Installations``."""
        with store_errors():
            await self._client.hdel(self._keys.installations, team)

    async def teams(self) -> list[str]:
        """See ``ports.Installations``."""
        with store_errors():
            names = cast("list[bytes]", await self._client.hkeys(self._keys.installations))
        return sorted(n.decode() for n in names)

    async def begin(self, state: str, ttl_s: int) -> None:
        """See ``ports.Installations``."""
        with store_errors():
            await self._client.set(self._keys.installing(state), b"", ex=ttl_s)

    async def end(self, state: str) -> bool:
        """See ``ports.Installations``."""
        with store_errors():
            return bool(await self._client.delete(self._keys.installing(state)))
