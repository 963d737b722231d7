"""What was reckoned before is told again as it was, and anew once the store has changed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from digest.around import story_of
from digest.lookups.earlier import Kept
from digest.lookups.lookups import Lookups
from digest.model import Story
from digest.search.index import TantivyIndex
from tests.lookups.conftest import Clock, Store, put, told

DAY = timedelta(days=1)


@pytest.fixture
async def lookups(store: Store, clock: Clock) -> Lookups:
    return Lookups(store, TantivyIndex(None, store), clock)


SAME = "Harbour pilots strike over wages in Rotterdam on Monday after talks with the port authority failed"
OLD = 100 * DAY


def ids(story: Story) -> set[str]:
    return {a.article.id for a in story.articles}


async def test_the_story_of_an_old_article_is_that_which_all_around_it_make(store: Store, lookups: Lookups) -> None:
    await put(
        store, told(1, title=SAME, ago=OLD), told(2, title=f"{SAME} again", publisher="Other", ago=OLD + timedelta(hours=30)),
        told(3, ago=OLD), told(4, ago=OLD + 6 * DAY), told(5),
    )  # fmt: skip
    await lookups.warm()
    for held in await store.get([told(n).article.id for n in range(1, 6)]):
        assert held is not None
        assert ids(await lookups.story(held)) == ids(await story_of(held, store))


async def test_what_joins_an_old_story_later_is_seen(store: Store, lookups: Lookups) -> None:
    await put(store, told(1, title=SAME, ago=OLD), told(9))
    await lookups.warm()
    [held] = await store.get([told(1).article.id])
    assert held is not None
    assert len(ids(await lookups.story(held))) == 1
    await put(store, told(2, title=f"{SAME} again", publisher="Other", ago=OLD + DAY))
    await lookups.warm()
    assert len(ids(await lookups.story(held))) == 2
    assert len((await lookups.around(held)).story.articles) == 2


async def test_an_old_day_is_reckoned_once_until_something_near_it_changes(
    store: Store, lookups: Lookups, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []
    between = store.between

    async def counted(*period: Any) -> Any:
        read.append(period)
        return await between(*period)

    monkeypatch.setattr(store, "between", counted)
    await put(store, told(1, ago=OLD), told(2, ago=OLD), told(9))
    await lookups.warm()
    for n in (1, 2, 1):
        [held] = await store.get([told(n).article.id])
        assert held is not None
        await lookups.story(held)
    assert len(read) == 1
    await put(store, told(3, ago=OLD + 30 * DAY), told(4))
    await lookups.warm()
    await lookups.story(held)
    assert len(read) == 1, "nothing near it has changed"
    await put(store, told(5, ago=OLD + 5 * DAY))
    await lookups.warm()
    await lookups.story(held)
    assert len(read) == 2


async def test_a_search_is_answered_anew_once_the_store_has_changed(store: Store, lookups: Lookups) -> None:
    await put(store, told(1, title="Harbour pilots strike"))
    await lookups.warm()
    for _ in range(2):
        assert (await lookups.search("harbour")).total == 1
    await put(store, told(2, title="Lighthouse by the harbour opens as a hotel", ago=2 * DAY))
    await lookups.warm()
    assert (await lookups.search("harbour")).total == 2


async def test_however_many_ask_at_once_an_answer_is_made_once_and_a_failure_is_not_kept() -> None:
    kept: Kept[str, int] = Kept(2)
    made: list[str] = []

    async def make(name: str, fails: bool = False) -> int:
        made.append(name)
        await asyncio.sleep(0.01)
        if fails:
            raise ValueError(name)
        return len(made)

    assert await asyncio.gather(*(kept.get("a", 1, lambda: make("a")) for _ in range(5))) == [1] * 5
    assert await kept.get("a", 2, lambda: make("a")) == 2, "another version"
    for _ in range(2):
        with pytest.raises(ValueError, match="b"):
            await kept.get("b", 1, lambda: make("b", fails=True))
    await kept.get("c", 1, lambda: make("c"))
    await kept.get("d", 1, lambda: make("d"))
    made.clear()
    await kept.get("a", 2, lambda: make("a"))
    assert made == ["a"], "only the last two are kept"
    waiting = asyncio.create_task(kept.get("e", 1, lambda: asyncio.sleep(60, 1)))
    await asyncio.sleep(0.01)
    await kept.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
