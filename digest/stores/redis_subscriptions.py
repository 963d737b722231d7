"""Subscriptions in Redis, and who changed them: the adapter of Subscriptions.

A change is told in words, which a script on the server cannot make. So they are made here from what was read, and ``subscribe.lua``
stores both only if that is still there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from digest.stores.connection import store_errors
from digest.subscribing.differences import begun, differences
from digest.subscribing.ports import CHANGES_KEPT, Change
from digest.subscribing.stored import dump_change, dump_subscription, load_change, load_subscription

if TYPE_CHECKING:
    from datetime import datetime

    from redis.asyncio import Redis

    from digest.model import Subscription
    from digest.stores.keys import Keys


class RedisSubscriptions:
    """Subscriptions of one workspace. ``client`` must give bytes."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        self._client = client
        self._keys = keys
        self._swap = client.register_script((Path(__file__).parent / "subscribe.lua").read_text(encoding="utf-8"))

    async def get(self, channel: str) -> Subscription | None:
        """See ``subscribing.ports.Subscriptions``."""
        raw = await self._raw(channel)
        return load_subscription(raw) if raw else None

    async def every(self) -> list[Subscription]:
        """See ``subscribing.ports.Subscriptions``."""
        with store_errors():
            found = cast("dict[bytes, bytes]", await self._client.hgetall(self._keys.subscriptions))
        return [load_subscription(raw) for _, raw in sorted((c.decode(), raw) for c, raw in found.items())]

    async def put(self, subscription: Subscription, by: str, at: datetime) -> tuple[str, ...]:
        """See ``subscribing.ports.Subscriptions``."""
        return await self._change(subscription.channel, subscription, by, at)

    async def remove(self, channel: str, by: str, at: datetime) -> bool:
        """See ``subscribing.ports.Subscriptions``."""
        return bool(await self._change(channel, None, by, at))

    async def _change(self, channel: str, new: Subscription | None, by: str, at: datetime) -> tuple[str, ...]:
        """Where another's change came between, that one was recorded, and this one is told against it: somebody always gets on."""
        keys = [self._keys.subscriptions, self._keys.subscription_changes(channel)]
        while True:
            raw = await self._raw(channel)
            old = load_subscription(raw) if raw else None
            what = differences(old, new)
            if not what:
                return ()
            stored = dump_subscription(begun(old, new, at)) if new else b""
            with store_errors():
                done = await self._swap(keys, [channel, raw, stored, dump_change(Change(at, by, what)), CHANGES_KEPT])
            if done:
                return what

    async def _raw(self, channel: str) -> bytes:
        with store_errors():
            return cast("bytes | None", await self._client.hget(self._keys.subscriptions, channel)) or b""

    async def note(self, channel: str, change: Change) -> None:
        """See ``subscribing.ports.Subscriptions``."""
        name = self._keys.subscription_changes(channel)
        with store_errors():
            async with self._client.pipeline(transaction=True) as pipe:
                pipe.lpush(name, dump_change(change))
                pipe.ltrim(name, 0, CHANGES_KEPT - 1)
                await pipe.execute()

    async def changes(self, channel: str, limit: int = 10) -> list[Change]:
        """See ``subscribing.ports.Subscriptions``."""
        if limit < 1:
            return []
        with store_errors():
            found = await self._client.lrange(self._keys.subscription_changes(channel), 0, limit - 1)
        return [load_change(raw) for raw in cast("list[bytes]", found)]
