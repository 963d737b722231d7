"""A store made anew beside the one in use, in Redis: the adapter of ``reindex.Rebuild``.

What is built has keys of its own, under the token of its rebuild, in the slot of the workspace. When it is complete, its articles
take the places of those in use, some hundred at a time, so that nobody waits for all of them. At every moment the store in use is
one that works, and what was read of the sources is exchanged before any article is forgotten: whoever is killed, whenever, has lost
nothing that would not be read again, and the next rebuild completes it. Of several rebuilds at once the one begun last goes on.
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

#: Articles moved in one call, which takes some 5 ms.
_TOGETHER: Final = 200

_GIVE_BACK: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"
# KEYS 1 rebuild, then the sets, dated first. ARGV 1 token, 2 prefix in use, then ids. How many of them were dated.


class RedisRebuild:
    """A rebuild of the workspace's articles. ``client`` must give bytes."""

    def __init__(self, client: Redis, keys: Keys, *, retention_days: int = 90) -> None:
        self._client = client
        self._keys = keys
        self._retention_days = retention_days
        self._token = secrets.token_hex(8)
        self._beside = Keys(keys.workspace, self._token)
        self._move = client.register_script(_script("move.lua"))
        self._forget = client.register_script(_script("forget.lua"))
        self._give_back = client.register_script(_GIVE_BACK)

    async def begin(self) -> RedisArticles:
        """See ``reindex.Rebuild``."""
        with store_errors():
            await self._client.set(self._keys.rebuild, self._token, ex=REBUILD_TTL_S)
            await self._drop(f"{self._keys.rebuild}:")
        return RedisArticles(self._client, self._beside, retention_days=self._retention_days)

    async def finish(self) -> tuple[int, int]:
        """See ``reindex.Rebuild``."""
        k = self._keys
        with store_errors():
            ids = cast("list[bytes]", await self._client.zrange(self._beside.changed, 0, -1))
            for start in range(0, len(ids), _TOGETHER):
                moved = await self._move(
                    keys=[k.rebuild, k.changed, k.unassessed, k.sequence],
                    args=[self._token, k.prefix, self._beside.prefix, *ids[start : start + _TOGETHER]],
                )
                self._still_ours(moved == 1)
            await self._exchange_read()
            await self._exchange_sketches()
            forgotten = await self._forget_all_but(set(ids))
            await self._client.delete(k.epoch)  # whoever follows the store starts over
            return int(await self._client.zcard(k.dated)), forgotten

    async def _exchange_read(self) -> None:
        """Put what was read for this rebuild in the place of what was read before, of any source."""
        beside, in_use = f"{self._beside.prefix}read:", f"{self._keys.prefix}read:"
        before = [key async for key in self._listed(in_use)]
        read = [key.decode() async for key in self._listed(beside)]
        async with self._client.pipeline(transaction=True) as pipe:
            if before:
                pipe.unlink(*before)
            for key in read:
                pipe.rename(key, in_use + key.removeprefix(beside))
            pipe.delete(self._keys.epoch)
            await pipe.execute()

    async def _exchange_sketches(self) -> None:
        """The same for the sketches of texts, some hundred at a time: one that is missed meanwhile is a copy not found, and no more."""
        beside, in_use = self._beside.near(""), self._keys.near("")
        await self._drop(in_use)
        made = [key.decode() async for key in self._listed(beside)]
        for start in range(0, len(made), _TOGETHER):
            async with self._client.pipeline(transaction=False) as pipe:
                for key in made[start : start + _TOGETHER]:
                    pipe.rename(key, in_use + key.removeprefix(beside))
                await pipe.execute()

    async def _forget_all_but(self, ids: set[bytes]) -> int:
        """Take every other article out; how many of them were in the store."""
        k = self._keys
        begins = k.article("").encode()
        others = [i async for key in self._listed(k.article("")) if (i := key.removeprefix(begins)) not in ids]
        forgotten = 0
        for start in range(0, len(others), _TOGETHER):
            held = await self._forget(
                keys=[k.rebuild, k.dated, k.collected, k.changed, k.unassessed],
                args=[self._token, k.prefix, *others[start : start + _TOGETHER]],
            )
            self._still_ours(held >= 0)
            forgotten += held
        return forgotten

    def _still_ours(self, granted: bool) -> None:
        if not granted:
            raise StoreError("another rebuild was begun meanwhile, and this one gave way", remedy="Wait for that one to end.")

    async def abandon(self) -> None:
        """See ``reindex.Rebuild``."""
        with store_errors():
            await self._give_back(keys=[self._keys.rebuild], args=[self._token])
            await self._drop(self._beside.prefix)

    async def _drop(self, prefix: str) -> None:
        found = [key async for key in self._listed(prefix)]
        for start in range(0, len(found), _TOGETHER):
            await self._client.unlink(*found[start : start + _TOGETHER])

    async def _listed(self, prefix: str) -> AsyncIterator[bytes]:
        async for key in self._client.scan_iter(match=f"{prefix}*", count=5_000):
            yield cast("bytes", key)


@lru_cache(maxsize=2)
def _script(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
