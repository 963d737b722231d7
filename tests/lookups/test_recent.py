"""Stories kept in memory follow the store, whatever happens to it and to whoever asks."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import StoreError
from digest.lookups import recent
from digest.lookups.recent import Recent
from digest.model import Assessment, Story
from digest.stores.keys import Keys
from digest.stores.memory import MemoryArticles
from digest.stores.redis_articles import RedisArticles
from digest.stories.events import Events
from tests.builders import assessment
from tests.lookups.conftest import Clock, Log, Store, put, told

DAY = timedelta(days=1)


def numbers(stories: tuple[Story, ...]) -> list[int]:
    """Which articles lead the stories, in order."""
    return [int(s.lead.article.url.rpartition("/")[2]) for s in stories]


async def test_the_newest_come_first_and_what_is_older_than_a_month_is_left_out(store: Store, clock: Clock) -> None:
    await put(store, *(told(n, ago=n * 5 * DAY) for n in (3, 0, 6, 1, 7, 2)))
    assert numbers(await Recent(store, clock).stories()) == [0, 1, 2, 3, 6]
    assert numbers(await Recent(store, clock, days=8).stories()) == [0, 1]


async def test_articles_of_one_event_are_one_story(store: Store, clock: Clock) -> None:
    same = "Harbour pilots strike over wages in Rotterdam on Monday after talks with the port authority failed"
    await put(store, told(1, title=same), told(2, title=f"{same} again", publisher="Other"), told(3))
    assert sorted(len(s.articles) for s in await Recent(store, clock).stories()) == [1, 2]


async def test_what_comes_later_is_seen(store: Store, clock: Clock) -> None:
    kept = Recent(store, clock)
    assert await kept.stories() == ()
    for n in range(8):
        await put(store, told(n, ago=timedelta(hours=n)))
        assert numbers(await kept.stories()) == list(range(n + 1))


async def test_an_update_and_a_judgement_are_seen(store: Store, clock: Clock) -> None:
    kept = Recent(store, clock)
    await put(store, told(1, judged=Assessment()), told(2, ago=DAY))
    assert (await kept.stories())[0].lead.assessment.score is None
    given = told(1)
    await store.judge([(given.article.id, assessment("offline", score=9.0))])
    assert (await kept.stories())[0].lead.assessment.score == 9.0
    await put(store, told(2, ago=DAY, revision="2", title="Now about whales", judged=assessment()))
    assert (await kept.stories())[1].lead.article.title == "Now about whales"


async def test_an_article_whose_date_moves_leaves_and_comes_back(store: Store, clock: Clock) -> None:
    kept = Recent(store, clock)
    await put(store, told(1), told(2))
    await kept.stories()
    await put(store, told(1, ago=60 * DAY, revision="2"))
    assert numbers(await kept.stories()) == [2]
    await put(store, told(1, ago=DAY, revision="3"))
    assert numbers(await kept.stories()) == [2, 1]


async def test_an_article_that_nobody_tells_any_more_is_gone(store: Store, clock: Clock) -> None:
    kept = Recent(store, clock)
    await put(store, told(1, key="a.md"), told(2))
    await kept.stories()
    await put(store, told(3, ago=DAY, key="a.md", revision="2"))  # the document's address was corrected
    assert numbers(await kept.stories()) == [2, 3]


async def test_what_expires_is_gone_without_any_change(store: Store, clock: Clock) -> None:
    log = Log(store)
    kept = Recent(log, clock)
    given = [told(n, ago=n * DAY) for n in range(5)]
    await put(store, *given)
    assert len(await kept.stories()) == 5
    log.expired = {given[1].article.id, given[4].article.id}
    assert numbers(await kept.stories()) == [0, 2, 3]


async def test_pages_of_the_log_that_expired_altogether_end_nothing(store: Store, clock: Clock) -> None:
    given = [told(n, ago=n * DAY) for n in range(10)]
    await put(store, *reversed(given))
    log = Log(store)
    log.expired = {g.article.id for g in given[3:]}
    assert numbers(await Recent(log, clock).stories()) == [0, 1, 2]


async def test_the_clock_moves_on(store: Store, clock: Clock) -> None:
    kept = Recent(store, clock)
    await put(store, *(told(n, ago=n * DAY) for n in range(6)))
    await kept.stories()
    clock.on(days=28)
    assert numbers(await kept.stories()) == [0, 1, 2]
    clock.on(days=28)
    assert await kept.stories() == ()


async def test_another_life_of_the_store_is_read_anew(store: Store, clock: Clock, keys: Keys, redis_client: Any) -> None:
    await put(store, *(told(n) for n in range(7)))
    log = Log(store)
    kept = Recent(log, clock)
    assert len(await kept.stories()) == 7
    other = MemoryArticles() if isinstance(store, MemoryArticles) else RedisArticles(redis_client, Keys(f"{keys.workspace}-b"))
    await put(other, *(told(n, ago=n * DAY) for n in range(20, 31)))  # more changes than before: numbers alone tell nothing
    log.store = other
    assert numbers(await kept.stories()) == list(range(20, 31))
    log.store = MemoryArticles()
    assert await kept.stories() == ()


async def test_a_flushed_server_is_read_anew(clock: Clock, keys: Keys, redis_client: Any) -> None:
    store = RedisArticles(redis_client, keys)
    await put(store, *(told(n) for n in range(7)))
    kept = Recent(store, clock)
    await kept.stories()
    await redis_client.delete(*[k async for k in redis_client.scan_iter(f"{keys.prefix}*")])
    await put(store, told(9))
    assert numbers(await kept.stories()) == [9]


async def test_a_store_that_fails_in_the_middle_costs_one_answer(store: Store, clock: Clock) -> None:
    await put(store, *(told(n, ago=n * DAY) for n in range(9)))
    log = Log(store)
    log.fails_at = 3
    kept = Recent(log, clock)
    with pytest.raises(StoreError):
        await kept.stories()
    asked = log.asked
    assert numbers(await kept.stories()) == list(range(9))
    assert log.asked == asked + 2, "what was taken in is not read again"
    log.fails_at = log.asked + 1
    with pytest.raises(StoreError):
        await kept.stories()
    assert len(await kept.stories()) == 9


async def test_a_defect_in_the_middle_leaves_nothing_half_done(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, *(told(n, ago=n * DAY) for n in range(9)))
    kept = Recent(store, clock)
    add, calls = Events.add, []

    def breaks(self: Events, *given: Any) -> Any:
        calls.append(given)
        made = add(self, *given)
        if len(calls) == 2:
            raise RuntimeError("half way")
        return made

    monkeypatch.setattr(Events, "add", breaks)
    with pytest.raises(RuntimeError):
        await kept.stories()
    assert numbers(await kept.stories()) == list(range(9))


async def test_deadlines_never_set_two_threads_to_one_thing(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, worst = threading.Lock(), []
    add = Events.add

    def slow(self: Events, *given: Any) -> Any:
        worst.append(not busy.acquire(blocking=False))
        time.sleep(0.01)
        made = add(self, *given)
        if not worst[-1]:
            busy.release()
        return made

    monkeypatch.setattr(Events, "add", slow)
    await put(store, *(told(n, ago=n * DAY) for n in range(12)))
    kept = Recent(store, clock)
    for _ in range(6):
        with suppress(TimeoutError):
            async with asyncio.timeout(0.005):
                await kept.stories()
    assert numbers(await kept.stories()) == list(range(12))
    assert not any(worst)
    assert len(worst) == 8, "and nothing is compared twice: two of each page of three, then one"


async def test_all_who_ask_at_once_wait_for_one_reading(store: Store, clock: Clock) -> None:
    await put(store, *(told(n) for n in range(7)))
    alone, together = Log(store), Log(store)
    await Recent(alone, clock).stories()
    kept = Recent(together, clock)
    answers = await asyncio.gather(*(kept.stories() for _ in range(20)))
    assert together.asked == alone.asked
    assert all(a == answers[0] for a in answers)


async def test_a_failure_that_nobody_waits_for_is_no_warning(store: Store, clock: Clock) -> None:
    log = Log(store)
    log.fails_at = 1
    asking = asyncio.create_task(Recent(log, clock).stories())
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.sleep(0.05)  # pytest makes an error of a result that was never looked at


async def test_within_a_second_the_store_is_not_asked_again(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent, "_EVERY_S", 60.0)
    log = Log(store)
    kept = Recent(log, clock)
    await kept.stories()
    asked = log.asked
    await kept.stories()
    assert log.asked == asked


async def test_bodies_are_not_kept_and_the_stories_articles_are_known(store: Store, clock: Clock) -> None:
    given = told(1)
    await put(store, given, replace(told(1, key="copy.md"), origin=replace(given.origin, key="copy.md")))
    kept = Recent(store, clock)
    assert await kept.of([given.article.id]) == {}, "before the first answer nothing is at hand, and nobody waits for it"
    (story,) = await kept.stories()
    assert len(story.articles) == 2
    assert {a.article.body for a in story.articles} == {""}
    assert await kept.of([given.article.id, "000000000000"]) == {given.article.id: story}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 11), st.integers(0, 40)),
        st.tuples(st.just("wait"), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("expire"), st.integers(0, 11), st.just(0)),
        st.tuples(st.just("fail"), st.just(0), st.just(0)),
        st.tuples(st.just("cancel"), st.just(0), st.just(0)),
        st.tuples(st.just("ask"), st.just(0), st.just(0)),
    ),
    max_size=25,
)


@settings(max_examples=40)
@given(STEPS)
async def test_whatever_happened_it_is_as_if_read_for_the_first_time(steps: list[tuple[str, int, int]]) -> None:
    clock, store = Clock(), MemoryArticles()
    log = Log(store)
    kept = Recent(log, clock)
    for revision, (step, number, days) in enumerate(steps):
        if step == "put":
            given = told(number, ago=days * DAY, revision=str(revision))
            log.expired.discard(given.article.id)
            await put(store, given)
        elif step == "wait":
            clock.on(days=number)
        elif step == "expire":
            log.expired.add(told(number).article.id)
        elif step == "fail":
            log.fails_at = log.asked + 2
        elif step == "cancel":
            asking = asyncio.create_task(kept.stories())
            await asyncio.sleep(0)
            asking.cancel()
        else:
            with suppress(StoreError):
                await kept.stories()
    log.fails_at = -1
    with suppress(StoreError):  # of an answer that is under way since before
        await kept.stories()
    assert await kept.stories() == await Recent(log, clock).stories()
