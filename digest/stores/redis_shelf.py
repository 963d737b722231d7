"""Saved articles in Redis: the adapter of Shelf, a sorted set for each person."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from digest.stores.connection import store_errors
from digest.stores.memory_subscribing import milliseconds
from digest.subscribing.ports import SHELF

if TYPE_CHECKING:
    from datetime import datetime

    from redis.asyncio import Redis

    from digest.stores.keys import Keys


class RedisShelf:
    """Shelves of one workspace's people. ``client`` must give bytes."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    async def save(self, person: str, article_id: str, at: datetime) -> bool:
        """See ``subscribing.ports.Shelf``."""
        key = self._keys.shelf(person)
        with store_errors():
            async with self._client.pipeline(transaction=True) as pipe:
                pipe.zadd(key, {article_id: milliseconds(at)}, nx=True)
                pipe.zremrangebyrank(key, 0, -SHELF - 1)
                added, _ = await pipe.execute()
        return bool(added)

    async def drop(self, person: str, article_id: str) -> bool:
        """See ``subscribing.ports.Shelf``."""
        with store_errors():
            return bool(await self._client.zrem(self._keys.shelf(person), article_id))

    async def saved(self, person: str, *, limit: int = 10, offset: int = 0) -> tuple[list[str], int]:
        """See ``subscribing.ports.Shelf``."""
        key, first = self._keys.shelf(person), max(0, offset)
        with store_errors():
            async with self._client.pipeline(transaction=True) as pipe:
                pipe.zcard(key)
                if limit > 0:
                    pipe.zrevrange(key, first, first + limit - 1)
                total, *found = await pipe.execute()
        return [i.decode() for i in cast("list[bytes]", found[0] if found else [])], total
