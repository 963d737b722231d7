"""Message batches under way, in Redis: the adapter of Batches, one hash for a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from digest.codec import dump_batch, load_batch
from digest.stores.connection import store_errors
from digest.stores.memory_batches import in_order

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from digest.ports import Batch
    from digest.stores.keys import Keys


class RedisBatches:
    """The batches of one workspace. ``client`` must give bytes."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        self._client = client
        self._key = keys.batches

    async def add(self, batch: Batch) -> None:
        """See ``ports.Batches``."""
        with store_errors():
            await self._client.hset(self._key, batch.id, dump_batch(batch))

    async def under_way(self) -> list[Batch]:
        """See ``ports.Batches``."""
        with store_errors():
            found = cast("list[bytes]", await self._client.hvals(self._key))
        return in_order(map(load_batch, found))

    async def remove(self, batch_id: str) -> bool:
        """See ``ports.Batches``."""
        with store_errors():
            return bool(await self._client.hdel(self._key, batch_id))
