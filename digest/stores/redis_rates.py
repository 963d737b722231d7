"""Turns, in Redis: ``throttled`` behind ``pacing.Rates``, over the client that the store uses. The only module that knows it."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import structlog
from throttled.asyncio import RateLimiterType, Throttled
from throttled.asyncio.store import RedisStore
from throttled.asyncio.store.redis import RedisStoreBackend
from throttled.exceptions import StoreUnavailableError
from throttled.rate_limiter import per_min

from digest.errors import StoreError
from digest.stores.connection import store_errors

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from digest.pacing import Rate
    from digest.stores.keys import Keys

#: Redis may take so long for one answer; a turn that it does not give in time is had anyway, since whoever is called says no by itself.
_BUDGET_S: Final = 0.5

_log = structlog.get_logger(__name__)


class _Backend(RedisStoreBackend):
    """Over a client that is there."""

    def __init__(self, client: Any) -> None:
        super().__init__()
        self._client = client


class _Store(RedisStore):
    def __init__(self, client: Any) -> None:
        self._backend = _Backend(client)


class RedisRates:
    """``pacing.Rates`` of one workspace's keys."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        store = _Store(client)

        @lru_cache(maxsize=64)
        def limiter(rate: Rate) -> Throttled:
            quota = per_min(rate.per_minute, burst=rate.burst)
            return Throttled(using=RateLimiterType.GCRA.value, quota=quota, store=store, key_prefix=keys.rates)

        self._limiter = limiter

    async def turn(self, name: str, rate: Rate, within_s: float) -> float:
        """See ``pacing.Rates``."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within_s
        try:
            while True:
                async with asyncio.timeout(_BUDGET_S):
                    with store_errors():
                        answer = await self._limiter(rate).limit(name)
                if not answer.limited:
                    return 0.0
                wait_s = max(0.001, answer.state.retry_after)
                if loop.time() + wait_s > until:
                    return wait_s
                await asyncio.sleep(wait_s)
        except (StoreUnavailableError, StoreError, TimeoutError) as error:
            _log.warning("turns_cannot_be_asked_for", name=name, reason=str(error) or "no answer in time")
            return 0.0
