"""What was delivered to us already, so that each has one effect, and what of it is not finished, so that none is lost by a crash.

A delivery is known by a name that its sender gives it (an event's id, a request's signature).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, cast

from digest.stores.connection import store_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis.asyncio import Redis

    from digest.stores.keys import Keys

#: Deliveries that are not finished after so long are given up.
OPEN_S: Final = 86_400
_BEGIN: Final = """
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', ARGV[2]) then
    redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
    return 1
end
return 0
"""
#: After a first crash: an event that crashes whoever carries it out must not do so all day.
_GIVEN_UP_S: Final = 3_600
#: Taken over at a time.
_MOST: Final = 100
_TAKE: Final = """
local score = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not score or tonumber(score) > tonumber(ARGV[3]) then
    return false
end
local body = redis.call('GET', KEYS[1])
if not body or body == '' then
    redis.call('ZREM', KEYS[2], ARGV[1])
    return false
end
if redis.call('TTL', KEYS[1]) > tonumber(ARGV[4]) then
    redis.call('EXPIRE', KEYS[1], ARGV[4])
end
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
return body
"""
_HOLD: Final = """
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then
    return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
_LET_GO: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
    redis.call('DEL', KEYS[1])
end
"""


class RedisDeliveries:
    """``workspaces.ports.Deliveries`` in Redis: a string for each, and the open ones by when they began."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    async def first(self, name: str, ttl_s: int) -> bool:
        """See ``workspaces.ports.Deliveries``."""
        with store_errors():
            return bool(await self._client.set(self._keys.delivery(name), b"", nx=True, ex=ttl_s))

    async def forget(self, name: str) -> None:
        """See ``workspaces.ports.Deliveries``."""
        with store_errors():
            await self._client.delete(self._keys.delivery(name))

    async def begin(self, name: str, body: bytes) -> bool:
        """See ``workspaces.ports.Deliveries``."""
        k = self._keys
        with store_errors():
            taken = await self._client.eval(_BEGIN, 2, k.delivery(name), k.deliveries_open, body, OPEN_S, name, time.time())
        return bool(taken)

    async def body(self, name: str) -> bytes | None:
        """See ``workspaces.ports.Deliveries``."""
        with store_errors():
            return cast("bytes | None", await self._client.get(self._keys.delivery(name))) or None

    async def hold(self, name: str, who: str, ttl_s: float) -> bool:
        """See ``workspaces.ports.Deliveries``."""
        with store_errors():
            key = self._keys.delivery(f"at:{name}")
            return bool(await self._client.eval(_HOLD, 1, key, who, max(1, round(ttl_s * 1_000))))

    async def let_go(self, name: str, who: str) -> None:
        """See ``workspaces.ports.Deliveries``."""
        with store_errors():
            await self._client.eval(_LET_GO, 1, self._keys.delivery(f"at:{name}"), who)

    async def finish(self, name: str) -> None:
        """See ``workspaces.ports.Deliveries``."""
        k = self._keys
        with store_errors():
            async with self._client.pipeline(transaction=True) as pipe:
                pipe.set(k.delivery(name), b"", xx=True, keepttl=True)
                pipe.zrem(k.deliveries_open, name)
                await pipe.execute()

    async def keep(self, names: Sequence[str]) -> None:
        """See ``workspaces.ports.Deliveries``."""
        if not names:
            return
        now = time.time()
        with store_errors():
            await self._client.zadd(self._keys.deliveries_open, dict.fromkeys(names, now), xx=True)

    async def take_over(self, older_than_s: float) -> list[tuple[str, bytes]]:
        """See ``workspaces.ports.Deliveries``."""
        k, now = self._keys, time.time()
        with store_errors():
            names = cast(
                "list[bytes]", await self._client.zrangebyscore(k.deliveries_open, "-inf", now - older_than_s, 0, _MOST)
            )
            taken = [
                (
                    n.decode(),
                    await self._client.eval(
                        _TAKE, 2, k.delivery(n.decode()), k.deliveries_open, n, now, now - older_than_s, _GIVEN_UP_S
                    ),
                )
                for n in names
            ]
        return [(name, cast("bytes", body)) for name, body in taken if body]
