"""What was done lately and what waits, in Redis: the adapters of ``watching.ports``. ``client`` must give bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast

import orjson

from digest.stores.connection import store_errors
from digest.stores.keys import ANSWERED_TTL_S
from digest.watching.ports import Ran, Waiting

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from redis.asyncio import Redis

    from digest.publishing.publication import Name
    from digest.stores.keys import Keys


class RedisActivity:
    """``watching.ports.Activity``: a hash of runs, and a hash of counts for each day."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    async def ran(self, run: Ran) -> None:
        """See ``watching.ports.Activity``."""
        with store_errors():
            await self._client.hset(self._keys.runs, run.task, orjson.dumps(run))

    async def last(self) -> list[Ran]:
        """See ``watching.ports.Activity``."""
        with store_errors():
            found = cast("dict[bytes, bytes]", await self._client.hgetall(self._keys.runs))
        return [_ran(raw) for _, raw in sorted(found.items())]

    async def answered(self, day: date, by: str, *, abstained: bool) -> None:
        """See ``watching.ports.Activity``."""
        key = self._keys.answered(day)
        with store_errors():
            async with self._client.pipeline(transaction=True) as pipe:
                pipe.hincrby(key, by, 1)
                if abstained:
                    pipe.hincrby(key, "abstained", 1)
                pipe.expire(key, ANSWERED_TTL_S)
                await pipe.execute()

    async def answers(self, day: date) -> dict[str, int]:
        """See ``watching.ports.Activity``."""
        with store_errors():
            found = cast("dict[bytes, bytes]", await self._client.hgetall(self._keys.answered(day)))
        return {by.decode(): int(count) for by, count in sorted(found.items())}


class RedisBacklogs:
    """``watching.ports.Backlogs`` over the sets that others keep: their sizes and their first members, no content."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    async def waiting(self, now: datetime) -> list[Waiting]:
        """See ``watching.ports.Backlogs``."""
        k = self._keys
        sets = (k.candidates_due, k.unassessed, k.deliveries_open)
        with store_errors():
            async with self._client.pipeline(transaction=False) as pipe:
                for key in sets:
                    pipe.zcard(key)
                    pipe.zrange(key, 0, 0, withscores=True)
                found: list[Any] = await pipe.execute()
        dues = (_instant(first[0][1] / per_s) if first else None for first, per_s in zip(found[1::2], _PER_SECOND, strict=True))
        return [
            Waiting(kind, count, due if due is not None and due <= now else None)
            for kind, count, due in zip(("entry", "article", "delivery"), found[::2], dues, strict=True)
        ]

    async def taken_up(self, names: Sequence[Name]) -> set[Name]:
        """See ``watching.ports.Backlogs``."""
        if not names:
            return set()
        with store_errors():
            async with self._client.pipeline(transaction=False) as pipe:
                for name in names:
                    pipe.exists(self._keys.publication(str(name)))
                found = await pipe.execute()
        return {name for name, there in zip(names, found, strict=True) if there}


#: Scores of those sets: two in milliseconds, one in seconds.
_PER_SECOND: Final = (1_000, 1_000, 1)


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _ran(raw: bytes) -> Ran:
    fields: dict[str, Any] = orjson.loads(raw)
    return Ran(**{**fields, "at": datetime.fromisoformat(fields["at"])})
