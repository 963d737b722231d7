"""What is read while the bot starts, so that the first answer need not wait for it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from bot.slack.warming import warm
from digest.errors import StoreError
from digest.lookups.lookups import Lookups
from digest.model import Incoming, Origin
from digest.ports import Changes
from digest.search.index import TantivyIndex
from digest.stores.memory import MemoryArticles
from tests.builders import article, assessment


@pytest.fixture(autouse=True)
def _garbage_is_searched_again() -> Iterator[None]:
    yield
    gc.unfreeze()


class Asked(MemoryArticles):
    """Counts how often it is asked for changes, and fails or hangs where a test wants that."""

    asked = 0
    away = False
    hangs = False

    async def changes(self, after: int, limit: int) -> Changes:
        self.asked += 1
        if self.away:
            raise StoreError("the server is away", remedy="Wait.")
        if self.hangs:
            await asyncio.sleep(60)
        return await super().changes(after, limit)


async def test_the_first_answer_finds_everything_read() -> None:
    store = Asked()
    await store.put([Incoming(Origin("kb:a", "a.md", "1"), article(), assessment())])
    lookups = Lookups(store, TantivyIndex(None, store), lambda: article().collected)
    with capture_logs() as logged:
        await warm(lookups)
    asked = store.asked
    assert (await lookups.latest()).total == 1
    assert store.asked == asked
    assert [(line["event"], line["stories"]) for line in logged] == [("stories_read", 1)]


async def test_a_store_that_is_away_is_no_failure_of_the_start() -> None:
    store = Asked()
    store.away = True
    lookups = Lookups(store, TantivyIndex(None, store))
    with capture_logs() as logged:
        await warm(lookups)
    assert logged[0]["event"] == "stories_not_read"
    store.away = False
    assert (await lookups.latest()).total == 0


async def test_the_bot_may_stop_meanwhile() -> None:
    store = Asked()
    store.hangs = True
    warming = asyncio.create_task(warm(Lookups(store, TantivyIndex(None, store))))
    await asyncio.sleep(0.01)
    warming.cancel()
    with pytest.raises(asyncio.CancelledError):
        await warming
