"""States of feeds in Redis: the adapter of FeedStates, one hash for a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from digest.codec import dump_feed_state, load_feed_state
from digest.feeds.ports import FeedState
from digest.stores.connection import store_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis.asyncio import Redis

    from digest.stores.keys import Keys


class RedisFeedStates:
    """States of the feeds of one workspace. ``client`` must give bytes."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        self._client = client
        self._key = keys.feeds

    async def states(self, urls: Sequence[str]) -> list[FeedState]:
        """See ``feeds.ports.FeedStates``."""
        if not urls:
            return []
        with store_errors():
            found = cast("list[bytes | None]", await self._client.hmget(self._key, list(urls)))
        return [FeedState(url) if raw is None else load_feed_state(raw) for url, raw in zip(urls, found, strict=True)]

    async def remember(self, states: Sequence[FeedState]) -> None:
        """See ``feeds.ports.FeedStates``."""
        if states:
            with store_errors():
                await self._client.hset(self._key, mapping={s.url: dump_feed_state(s) for s in states})

    async def forget(self, urls: Sequence[str]) -> None:
        """See ``feeds.ports.FeedStates``."""
        if urls:
            with store_errors():
                await self._client.hdel(self._key, *urls)
