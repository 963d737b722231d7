"""Entries that wait to be assessed, in Redis: the adapter of Candidates. What must be atomic is in ``admit.lua`` and ``claim.lua``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from digest.codec import dump_candidate, dump_waiting, load_candidate
from digest.stores.connection import store_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis.asyncio import Redis

    from digest.feeds.ports import Admitted, Candidate, Packed
    from digest.stores.keys import Keys

#: Entries in one round trip, as in ``redis_articles``.
_TOGETHER: Final = 200


class RedisCandidates:
    """Candidates of one workspace. ``client`` must give bytes. What was seen is remembered for ``retention_days``."""

    def __init__(self, client: Redis, keys: Keys, *, retention_days: int = 90) -> None:
        self._client = client
        self._keys = keys
        self._keep_s = retention_days * 86_400
        folder = Path(__file__).parent
        self._admit = client.register_script((folder / "admit.lua").read_text(encoding="utf-8"))
        self._claim = client.register_script((folder / "claim.lua").read_text(encoding="utf-8"))

    async def admit(self, batch: Sequence[Packed], now: datetime) -> list[Admitted]:
        """See ``feeds.ports.Candidates``."""
        k, answers = self._keys, list[bytes]()
        for start in range(0, len(batch), _TOGETHER):
            keys: list[str] = [k.candidates, k.candidates_due]
            args: list[Any] = [_ms(now), self._keep_s]
            for entry in batch[start : start + _TOGETHER]:
                keys += (k.article(entry.article_id), k.seen(entry.article_id))
                args += (entry.article_id, dump_waiting(entry, now))
            with store_errors():
                answers += await self._admit(keys, args)
        return [cast("Admitted", a.decode()) for a in answers]

    async def claim(self, limit: int, now: datetime, lease_s: float, ids: Sequence[str] = ()) -> list[Candidate]:
        """See ``feeds.ports.Candidates``."""
        keys, until = [self._keys.candidates, self._keys.candidates_due], now + timedelta(seconds=lease_s)
        with store_errors():
            found = await self._claim(keys, [_ms(now), _ms(until), limit, *ids])
        return [load_candidate(raw) for raw in found]

    async def due(self, limit: int, now: datetime) -> list[str]:
        """See ``feeds.ports.Candidates``."""
        with store_errors():
            found = cast("list[bytes]", await self._client.zrangebyscore(self._keys.candidates_due, "-inf", _ms(now), 0, limit))
        return [i.decode() for i in found]

    async def due_at(self, article_id: str) -> datetime | None:
        """See ``feeds.ports.Candidates``."""
        with store_errors():
            at = await self._client.zscore(self._keys.candidates_due, article_id)
        return None if at is None else datetime.fromtimestamp(at / 1000, UTC)

    async def get(self, ids: Sequence[str]) -> list[Candidate | None]:
        """See ``feeds.ports.Candidates``."""
        if not ids:
            return []
        with store_errors():
            found = cast("list[bytes | None]", await self._client.hmget(self._keys.candidates, list(ids)))
        return [None if raw is None else load_candidate(raw) for raw in found]

    async def postpone(self, candidates: Sequence[Candidate], until: datetime) -> None:
        """See ``feeds.ports.Candidates``."""
        if not candidates:
            return
        with store_errors():
            async with self._client.pipeline(transaction=True) as pipe:
                pipe.hset(self._keys.candidates, mapping={c.incoming.article.id: dump_candidate(c) for c in candidates})
                pipe.zadd(self._keys.candidates_due, {c.incoming.article.id: _ms(until) for c in candidates})
                await pipe.execute()

    async def settle(self, scores: Sequence[tuple[str, float | None]]) -> None:
        """See ``feeds.ports.Candidates``."""
        if not scores:
            return
        k, ids = self._keys, [i for i, _ in scores]
        with store_errors():
            async with self._client.pipeline(transaction=True) as pipe:
                for article_id, score in scores:
                    pipe.set(k.seen(article_id), "" if score is None else repr(score), ex=self._keep_s)
                pipe.hdel(k.candidates, *ids)
                pipe.zrem(k.candidates_due, *ids)
                await pipe.execute()

    async def score(self, article_id: str) -> float | None:
        """See ``feeds.ports.Candidates``."""
        with store_errors():
            found = cast("bytes | None", await self._client.get(self._keys.seen(article_id)))
        return float(found) if found else None

    async def count(self) -> int:
        """See ``feeds.ports.Candidates``."""
        with store_errors():
            return await self._client.hlen(self._keys.candidates)


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
