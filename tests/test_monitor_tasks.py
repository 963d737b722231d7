"""The monitor as tasks, over the in-process engine: what is found is what one run of the monitor finds."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from digest.codec import packed
from digest.engines.in_process import InProcessEngine
from digest.errors import ConfigurationError
from digest.feeds.feed import Feed
from digest.feeds.ports import FeedRead, FeedState
from digest.monitor import Assessors, Monitor
from digest.monitor_tasks import MonitorTasks
from digest.stores.memory import MemoryArticles
from digest.stores.memory_candidates import MemoryCandidates
from digest.stores.memory_feeds import MemoryFeedStates
from digest.task_kinds import ASSESS, FEEDS
from digest.tasks import Task
from tests.builders import assessment, entry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from digest.model import Article, Assessment

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Reader:
    """Feeds of two entries each, asked again after an hour."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def read(self, feeds: Sequence[tuple[Feed, FeedState]], since: datetime) -> AsyncIterator[list[FeedRead]]:
        for feed, state in feeds:
            self.asked.append(feed.url)
            found = tuple(packed(entry(f"{feed.name} {n}", url=f"{feed.url}/{n}")) for n in range(2))
            yield [FeedRead(feed, replace(state, next_try=NOW + timedelta(hours=1)), found)]


class Judge:
    async def assess(self, article: Article, known: Assessment) -> Assessment:
        return assessment(score=9.0 if article.headline.endswith("0") else 1.0)


class Filed:
    def __init__(self) -> None:
        self.documents: list[str] = []

    def file(self, document: Any, now: datetime) -> Any:
        self.documents.append(document.title)
        return type("Filed", (), {"path": document.title, "new": True})()


class House:
    def __init__(self) -> None:
        self.reader, self.files, self.candidates = Reader(), Filed(), MemoryCandidates()
        self.listed: list[Feed] | None = [Feed("Alpha", "https://a.test/feed"), Feed("Beta", "https://b.test/feed")]
        self.collected = 0
        self.engine = InProcessEngine(lambda: NOW)
        states = MemoryFeedStates()
        monitor = Monitor(
            self.reader, states, self.candidates, MemoryArticles(), Assessors(Judge(), Judge()), self.files, clock=lambda: NOW
        )
        self.tasks = MonitorTasks(
            self.engine, monitor, states, self.candidates, listed=self.feeds, collect=self.collect, clock=lambda: NOW
        )

    def feeds(self) -> list[Feed]:
        if self.listed is None:
            raise ConfigurationError("feeds.yaml is no list", remedy="Mend it.")
        return self.listed

    async def collect(self) -> None:
        self.collected += 1

    async def look(self) -> None:
        await self.engine.add([Task(FEEDS.name, "", "feeds")])
        async with asyncio.timeout(10):
            while any(w.count for w in (await self.engine.waiting()).values()):
                await asyncio.sleep(0.01)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    async with made.engine.running(made.tasks.works()):
        yield made


async def test_feeds_that_are_due_are_asked_and_what_is_relevant_is_filed_and_taken_in(house: House) -> None:
    await house.look()
    assert sorted(house.reader.asked) == ["https://a.test/feed", "https://b.test/feed"]
    assert sorted(house.files.documents) == ["Alpha 0", "Beta 0"]
    assert house.collected >= 1
    assert await house.candidates.count() == 0
    await house.look()
    assert len(house.reader.asked) == 2  # they are not due before an hour is over


async def test_a_list_that_changed_is_read_at_the_next_look_without_a_restart(house: House) -> None:
    await house.look()
    house.listed = [Feed("Gamma", "https://c.test/feed")]
    await house.look()
    assert house.reader.asked[2:] == ["https://c.test/feed"]


async def test_a_list_that_cannot_be_read_is_used_as_it_was(house: House) -> None:
    await house.look()
    house.listed = None
    await house.look()
    assert len(house.reader.asked) == 2


async def test_an_entry_that_another_process_has_is_looked_at_when_its_lease_is_over(house: House) -> None:
    await house.candidates.admit([packed(entry("Elsewhere 0", url="https://x.test/1"))], NOW)
    [claimed] = await house.candidates.claim(1, NOW, 60)
    again = await house.tasks.assess(Task(ASSESS.name, "", claimed.incoming.article.id))
    assert again == NOW + timedelta(seconds=60)
    assert house.files.documents == []


async def test_one_that_was_assessed_meanwhile_is_not_assessed_again(house: House) -> None:
    await house.look()
    filed = list(house.files.documents)
    gone = entry("Alpha 0", url="https://a.test/feed/0").article.id
    assert await house.tasks.assess(Task(ASSESS.name, "", gone)) is None
    assert house.files.documents == filed
