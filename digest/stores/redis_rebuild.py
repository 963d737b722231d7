"""A store made anew beside the one in use, in Redis: the adapter of ``reindex.Rebuild``.

What is built has keys of its own, under the token of its rebuild, in the slot of the workspace. ``swap.lua`` puts it in the place
of the store in use, and is the one moment at which that changes: whoever is killed before it has changed nothing, and what it left
is dropped by the next rebuild. Of several rebuilds at once the one begun last goes on.
"""

from __future__ import annotations

import secrets
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from digest.errors import StoreError
from digest.stores.connection import store_errors
from digest.stores.keys import REBUILD_TTL_S, Keys
from digest.stores.redis_articles import RedisArticles

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis.asyncio import Redis

_TOGETHER: Final = 1_000
#: What a store of articles is made of, beside its sets.
_MANY: Final = ("article:", "text:", "read:")

_GIVE_BACK: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


class RedisRebuild:
    """A rebuild of the workspace's articles. ``client`` must give bytes."""

    def __init__(self, client: Redis, keys: Keys, *, retention_days: int = 90) -> None:
        self._client = client
        self._keys = keys
        self._retention_days = retention_days
        self._beside = Keys(keys.workspace, secrets.token_hex(8))
        self._swap = client.register_script(_swap_script())
        self._give_back = client.register_script(_GIVE_BACK)

    async def begin(self) -> RedisArticles:
        """See ``reindex.Rebuild``."""
        with store_errors():
            await self._client.set(self._keys.rebuild, self._beside.beside, ex=REBUILD_TTL_S)
            await self._drop(f"{self._keys.rebuild}:")
        return RedisArticles(self._client, self._beside, retention_days=self._retention_days)

    async def finish(self) -> tuple[int, int]:
        """See ``reindex.Rebuild``."""
        k, beside = self._keys, self._beside
        with store_errors():
            listed_at = int(await self._client.get(k.sequence) or 0)
            names = tuple(f"{k.prefix}{name}".encode() for name in _MANY)
            in_use = [key async for key in self._listed(k.prefix) if key.startswith(names)]
            read = [key async for key in self._listed(f"{beside.prefix}read:")]
            swapped = await self._swap(
                keys=[k.rebuild, k.dated, k.changed, k.epoch, *read],
                args=[beside.beside, k.prefix, beside.prefix, listed_at, *in_use],
            )
        if not swapped:
            raise StoreError("another rebuild was begun meanwhile, and this one gave way", remedy="Wait for that one to end.")
        held, forgotten = swapped
        return int(held), int(forgotten)

    async def abandon(self) -> None:
        """See ``reindex.Rebuild``."""
        with store_errors():
            await self._give_back(keys=[self._keys.rebuild], args=[self._beside.beside])
            await self._drop(self._beside.prefix)

    async def _drop(self, prefix: str) -> None:
        found = [key async for key in self._listed(prefix)]
        for start in range(0, len(found), _TOGETHER):
            await self._client.unlink(*found[start : start + _TOGETHER])

    async def _listed(self, prefix: str) -> AsyncIterator[bytes]:
        async for key in self._client.scan_iter(match=f"{prefix}*", count=5_000):
            yield cast("bytes", key)


@lru_cache(maxsize=1)
def _swap_script() -> str:
    return Path(__file__).with_name("swap.lua").read_text(encoding="utf-8")
