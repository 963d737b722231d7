"""Editions in Redis: which digests were issued, where they stand, and what was in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from digest.codec import dump_edition, load_edition
from digest.stores.connection import store_errors
from digest.stores.keys import EDITIONS_KEPT, Keys

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from digest.model import Edition


class RedisEditions:
    """Editions of one workspace; of each channel the newest year is kept."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    async def record(self, edition: Edition) -> None:
        """See ``ports.Editions``."""
        key = self._keys.edition(edition.channel)
        with store_errors():
            await self._client.hset(key, named(edition), dump_edition(edition))
            days = sorted(d.decode() for d in cast("list[bytes]", await self._client.hkeys(key)))
            if len(days) > EDITIONS_KEPT:
                await self._client.hdel(key, *days[:-EDITIONS_KEPT])

    async def issued(self, channel: str, limit: int) -> list[Edition]:
        """See ``ports.Editions``."""
        with store_errors():
            raw = cast("dict[bytes, bytes]", await self._client.hgetall(self._keys.edition(channel)))
        return [load_edition(raw[day]) for day in sorted(raw, reverse=True)[:limit]]


def named(edition: Edition) -> str:
    """The field of an edition: its day, and what kind it is where that is not the daily one."""
    return edition.day.isoformat() if edition.kind == "daily" else f"{edition.day.isoformat()} {edition.kind}"
