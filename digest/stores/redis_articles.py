"""Articles in Redis: the adapter of ArticleStore, Backlog and ChangeLog.

Everything that must be atomic is in ``put.lua``; names and lifetimes of keys are in ``keys``. Here values become commands and
answers become values, many in one round trip, and what is past its retention is pruned from the sets.
"""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from digest.codec import dump_assessment, load_assessment, load_incoming, prepared
from digest.ports import Changes, Held, Known, Stored
from digest.prepared import Prepared
from digest.stores.connection import store_errors
from digest.stores.held import held
from digest.stores.keys import ALL_RETAINED, Keys, source_digest
from digest.stores.named import ID_CHARS, id_named
from digest.stores.near import copies
from digest.stores.redis_near_duplicates import RedisNearDuplicates

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redis.asyncio import Redis

    from digest.model import Assessment, Incoming, Origin
    from digest.ports import NearDuplicates, Outcome

#: Documents of one canonical URL that are kept whole. Further ones count as duplicates and are remembered as read.
MAX_DOCUMENTS: Final = 16
#: Documents in one round trip: 200 of 4 KB are under a megabyte, and keep the server busy for some 5 ms.
_TOGETHER: Final = 200
_PRUNE_EVERY_S: Final = 60.0
#: Members of a sorted set with their scores.
_Scored = list[tuple[bytes, float]]


class RedisArticles:
    """Articles of one workspace. ``client`` must give bytes (``decode_responses`` off). ``near`` finds copies of texts; by default
    among those of the same keys."""

    def __init__(self, client: Redis, keys: Keys, *, retention_days: int = 90, near: NearDuplicates | None = None) -> None:
        self._client = client
        self._near = near or RedisNearDuplicates(client, keys, retention_days=retention_days)
        self._keys = keys
        self._keep_s = retention_days * 86_400
        self._put = client.register_script(_put_script())
        self._pruned_at = float("-inf")

    async def put(self, batch: Sequence[Incoming | Prepared]) -> list[Stored]:
        """See ``ports.ArticleStore``."""
        results: list[Stored] = []
        with store_errors():
            await self._prune()
            ready = (i if isinstance(i, Prepared) else prepared(i) for i in batch)
            for source, group in groupby(ready, key=lambda p: p.source):
                documents = list(group)
                for start in range(0, len(documents), _TOGETHER):
                    chunk = documents[start : start + _TOGETHER]
                    copied = await copies(chunk, self._near)
                    answers = await self._put(*self._command(source, chunk, copied))
                    results += [_stored(p.article_id, answer) for p, answer in zip(chunk, answers, strict=True)]
        return results

    def _command(self, source: str, chunk: Sequence[Prepared], copied: Sequence[str]) -> tuple[list[str], list[Any]]:
        """Keys and arguments of ``put.lua``, in its order."""
        k, now_ms = self._keys, int(time.time() * 1000)
        keys = [k.dated, k.collected, k.changed, k.unassessed, k.sequence, k.read(source)]
        args: list[Any] = [self._keep_s, now_ms, k.prefix, MAX_DOCUMENTS, source_digest(source)]
        for p, copy_of in zip(chunk, copied, strict=True):
            said = f"{p.article_id} {p.revision} {p.stamp or '-'} {p.dated_ms} {p.missing:d} {p.fingerprint or '-'} {copy_of or '-'} {p.key}"
            args += (said, p.data)
        return keys, args

    async def judge(self, judged: Sequence[tuple[str, Assessment]]) -> None:
        """See ``ports.ArticleStore``."""
        k = self._keys
        with store_errors():
            numbers = await self._client.incrby(k.sequence, len(judged)) if judged else 0
            async with self._client.pipeline(transaction=True) as pipe:
                for place, (article_id, assessment) in enumerate(judged):
                    pipe.hset(k.article(article_id), "judged", dump_assessment(assessment))
                    pipe.expire(k.article(article_id), self._keep_s)
                    pipe.zrem(k.unassessed, article_id)
                    pipe.zadd(k.changed, {article_id: numbers - place}, xx=True)  # what has expired stays away
                await pipe.execute()

    async def get(self, ids: Sequence[str]) -> list[Held | None]:
        """See ``ports.ArticleStore``."""
        found: list[Held | None] = []
        with store_errors():
            for start in range(0, len(ids), _TOGETHER):
                async with self._client.pipeline(transaction=False) as pipe:
                    for article_id in ids[start : start + _TOGETHER]:
                        pipe.hgetall(self._keys.article(article_id))
                    found += [_held(fields) for fields in await pipe.execute()]
        return found

    async def find(self, text: str) -> list[str]:
        """Ids of the articles that ``text`` names: an id, a URL, or the beginning of ids, at least 4 characters of it. A whole id comes
        back whether it is held or not."""
        begins = id_named(text)
        if len(begins) == ID_CHARS or not begins:
            return [begins] if begins else []
        with store_errors():
            scan = self._client.zscan_iter(self._keys.dated, match=f"{begins}*", count=5000)
            return sorted({cast("bytes", i).decode() async for i, _ in scan})

    async def between(self, since: datetime, until: datetime) -> list[Held]:
        """See ``ports.ArticleStore``."""
        lowest, highest = f"({int(since.timestamp() * 1000)}", int(until.timestamp() * 1000)
        with store_errors():
            ids = cast("list[bytes]", await self._client.zrangebyscore(self._keys.dated, lowest, highest))
        return _there(await self.get([i.decode() for i in ids]))

    async def known(self, source: str) -> dict[str, Known]:
        """See ``ports.Backlog``."""
        with store_errors():
            fields = cast("dict[bytes, bytes]", await self._client.hgetall(self._keys.read(source)))
        return {key.decode(): _known(value) for key, value in fields.items()}

    async def forget(self, source: str, keys: Sequence[str]) -> None:
        """See ``ports.Backlog``."""
        with store_errors():
            for start in range(0, len(keys), 1000):
                await self._client.hdel(self._keys.read(source), *keys[start : start + 1000])

    async def touch(self, origins: Sequence[tuple[Origin, str]]) -> None:
        """See ``ports.Backlog``."""
        with store_errors():
            async with self._client.pipeline(transaction=False) as pipe:
                for origin, article_id in origins:
                    value = f"{origin.revision} {origin.stamp or '-'} {article_id}"
                    pipe.hset(self._keys.read(origin.source), origin.key, value)
                await pipe.execute()

    async def unassessed(self, limit: int) -> list[Held]:
        """See ``ports.Backlog``."""
        with store_errors():
            raw = cast("list[bytes]", await self._client.zrange(self._keys.unassessed, 0, limit - 1))
            ids = [i.decode() for i in raw]
            found = await self.get(ids)
            gone = [i for i, h in zip(ids, found, strict=True) if h is None]
            if gone:
                await self._client.zrem(self._keys.unassessed, *gone)
        return _there(found)

    async def changes(self, after: int, limit: int) -> Changes:
        """See ``ports.ChangeLog``."""
        k = self._keys
        with store_errors():
            epoch, sequence = cast("list[bytes | None]", await self._client.mget(k.epoch, k.sequence))
            if epoch is None or after > int(sequence or 0):
                epoch = secrets.token_hex(8).encode()
                await self._client.set(k.epoch, epoch)
                after = 0
            raw = cast("_Scored", await self._client.zrangebyscore(k.changed, f"({after}", "+inf", 0, limit, withscores=True))
            found = _there(await self.get([i.decode() for i, _ in raw]))
        return Changes(epoch.decode(), int(raw[-1][1]) if raw else after, tuple(found))

    async def total(self) -> int:
        """See ``ports.ChangeLog``."""
        with store_errors():
            await self._prune()
            return int(await self._client.zcard(self._keys.dated))

    async def ids(self) -> frozenset[str]:
        """See ``ports.ChangeLog``."""
        with store_errors():
            raw = cast("list[bytes]", await self._client.zrange(self._keys.dated, 0, -1))
        return frozenset(i.decode() for i in raw)

    async def newest(self) -> datetime | None:
        """See ``ports.ChangeLog``."""
        with store_errors():
            raw = cast("_Scored", await self._client.zrange(self._keys.dated, 0, 0, desc=True, withscores=True))
        return datetime.fromtimestamp(raw[0][1] / 1000, UTC) if raw else None

    async def _prune(self) -> None:
        """Take what was last put before the retention out of every set; the articles themselves expire."""
        if time.monotonic() - self._pruned_at < _PRUNE_EVERY_S:
            return
        self._pruned_at = time.monotonic()
        before = int((time.time() - self._keep_s) * 1000)
        while ids := await self._client.zrange(self._keys.collected, "-inf", before, byscore=True, offset=0, num=1000):
            async with self._client.pipeline(transaction=True) as pipe:
                for name in ALL_RETAINED:
                    pipe.zrem(f"{self._keys.prefix}{name}", *ids)
                await pipe.execute()


def _stored(article_id: str, answer: bytes) -> Stored:
    outcome, _, same = answer.decode().partition(" ")
    return Stored(cast("Outcome", outcome), article_id, same)


def _known(value: bytes) -> Known:
    revision, stamp, article_id = value.decode().split(" ")
    return Known(revision, "" if stamp == "-" else stamp, article_id)


def _held(fields: dict[bytes, bytes]) -> Held | None:
    """One article's hash as a value; None where it has no document."""
    lead = fields.get(b"lead", b"")
    others = sorted(f for f in fields if f.startswith(b"d:") and f != lead)
    documents = [load_incoming(fields[f]) for f in (lead, *others) if f in fields]
    if not documents:
        return None
    judged = fields.get(b"judged")
    return held(documents, load_assessment(judged) if judged else None, fields.get(b"same", b"").decode())


def _there(found: Iterable[Held | None]) -> list[Held]:
    return [h for h in found if h is not None]


@lru_cache(maxsize=1)
def _put_script() -> str:
    return Path(__file__).with_name("put.lua").read_text(encoding="utf-8")
