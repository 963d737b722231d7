"""A store with articles, in Redis and in memory, for what is looked up in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from digest.errors import StoreError
from digest.lookups import recent
from digest.model import Assessment, Incoming, Origin
from digest.ports import Changes
from digest.stores.keys import Keys
from digest.stores.memory import MemoryArticles
from digest.stores.redis_articles import RedisArticles
from tests.builders import article, assessment

Store = RedisArticles | MemoryArticles
START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SUBJECTS = (
    "Harbour pilots strike over wages", "Museum lends its oldest globe", "Glacier loses half its ice", "Cheese fair draws record crowds",
    "Ferry line orders electric ships", "Violin found in attic sells", "Beavers dam the upper river", "Tram drivers get new uniforms",
    "Comet passes close tonight", "Orchards flower a month early", "Chess champion retires at thirty", "Lighthouse opens as a hotel",
)  # fmt: skip


class Clock:
    """The present, as a test sets it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def on(self, **passed: float) -> None:
        self.now += timedelta(**passed)


class Log:
    """A store in front of which things happen: it can be exchanged for another, fail, be slow, and have expired articles in its log."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.expired: set[str] = set()
        self.asked = 0
        self.fails_at = -1

    async def changes(self, after: int, limit: int) -> Changes:
        self.asked += 1
        if self.asked == self.fails_at:
            raise StoreError("the server is away", remedy="Wait.")
        found = await self.store.changes(after, limit)
        return Changes(found.epoch, found.last, tuple(h for h in found.held if h.lead.article.id not in self.expired))

    async def total(self) -> int:
        return len(await self.ids())

    async def ids(self) -> frozenset[str]:
        return await self.store.ids() - self.expired

    async def newest(self) -> datetime | None:
        return await self.store.newest()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["redis", "memory"])
def store(request: pytest.FixtureRequest, redis_client: Redis, keys: Keys) -> Store:
    return RedisArticles(redis_client, keys) if request.param == "redis" else MemoryArticles()


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is asked each time, and little at a time, so that a few articles are many pages."""
    monkeypatch.setattr(recent, "_EVERY_S", 0.0)
    monkeypatch.setattr(recent, "_PAGE", 3)
    monkeypatch.setattr(recent, "_TOGETHER", 2)


def told(
    number: int,
    *,
    ago: timedelta = timedelta(),
    key: str = "",
    revision: str = "1",
    judged: Assessment | None = None,
    **fields: Any,
) -> Incoming:
    """The article of a number, which shares no word with those of others; dated ``ago`` before the start."""
    title = fields.pop("title", f"{SUBJECTS[number % len(SUBJECTS)]} {number}")
    at = START - ago
    given = {"published": at, "collected": at, "body": f"{title}. Word{number} term{number} thing{number}.", **fields}
    given.setdefault("url", f"https://news.example/{number}")
    return Incoming(
        Origin("kb:a", key or f"{number}.md", revision), article(title, **given), assessment() if judged is None else judged
    )


async def put(store: Store, *incoming: Incoming) -> Sequence[str]:
    return [s.outcome for s in await store.put(incoming)]
