"""The monitor over real parts: a server of feeds, the offline assessor, documents in a folder, and Valkey where it matters."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from digest.assessment.offline import OfflineAssessor
from digest.assessment.profile import load_profile
from digest.errors import AssessmentError, StoreUnavailable
from digest.feeds.feed import Feed
from digest.fetching.fetched import Limits
from digest.fetching.fetcher import Fetcher
from digest.knowledge_base.document import parse_document
from digest.knowledge_base.filing import FiledAsDocuments, FiledInInbox
from digest.model import Assessment, judged_by
from digest.monitor import Assessors, Monitor, Rules
from digest.sources.feed_reader import ManyFeeds
from digest.stores.memory import MemoryArticles
from digest.stores.memory_candidates import MemoryCandidates
from digest.stores.memory_feeds import MemoryFeedStates
from digest.stores.redis_articles import RedisArticles
from digest.stores.redis_candidates import RedisCandidates
from digest.stores.redis_feeds import RedisFeedStates
from tests.builders import entry
from tests.feed_server import NOW, FeedServer, Here, feed_server, item, rss

if TYPE_CHECKING:
    from pathlib import Path

    from redis.asyncio import Redis

    from digest.feeds.ports import FeedState
    from digest.model import Article


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


class Scripted:
    """Gives each article the score that its title ends in; an error where it ends in a word."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.away = False

    async def assess(self, article: Article, known: Assessment) -> Assessment:
        self.asked.append(article.url)
        await asyncio.sleep(0)
        if self.away:
            raise AssessmentError("Claude could not be reached", kind="connection")
        score = float(article.title.rsplit(" ", 1)[1])
        bullets = ("One.", "Two.", "Three.")
        return known.filled_from(judged_by("claude", Assessment(score, "Topic", "Reason", bullets, bullets, ("tag",))))


@asynccontextmanager
async def monitor(folder: Path, *, parts: dict[str, Any] | None = None, **given: Any):
    made = {
        "states": MemoryFeedStates(), "candidates": MemoryCandidates(), "store": MemoryArticles(), "files": FiledAsDocuments(folder),
        "assessors": Assessors(scripted := Scripted(), scripted), "clock": Clock(), "rules": Rules(), **(parts or {}), **given,
    }  # fmt: skip

    async with Fetcher(Limits(timeout_s=5), allow_hosts=["127.0.0.1"]) as fetcher:
        reader = ManyFeeds(fetcher, Here(), clock=made["clock"])
        order = ("states", "candidates", "store", "assessors", "files")
        yield Monitor(
            reader, *(made[n] for n in order), rules=made["rules"], clock=made["clock"], full_text=given.get("full_text")
        )


@pytest.fixture
def scripted() -> Scripted:
    return Scripted()


def feeds(server: FeedServer, *paths: str) -> list[Feed]:
    return [Feed(f"Paper {p}", server.url(p), category="Ads") for p in paths]


def documents(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob("*.md"))


async def test_what_is_relevant_becomes_a_document_and_the_rest_is_remembered(tmp_path: Path, scripted: Scripted) -> None:
    candidates = MemoryCandidates()
    async with (
        feed_server(a=rss(item(1, title="Relevant 8"), item(2, title="Hardly 3"), item(3, title="Just 6"))) as server,
        monitor(tmp_path, candidates=candidates, assessors=Assessors(scripted, scripted)) as watching,
    ):
        run = await watching.run(feeds(server, "/a"))
    assert documents(tmp_path) == ["2026-11-22_just-6.md", "2026-11-22_relevant-8.md"]
    assert (run.new, run.assessed, run.kept, run.below, len(run.documents)) == (3, 3, 2, 1, 2)
    low = entry(url="https://paper.test/2").article.id
    assert await candidates.score(low) == 3.0
    read = parse_document((tmp_path / "ads" / "2026-11-22_relevant-8.md").read_bytes(), now=NOW)
    assert (read.score, read.publisher, read.category, read.assessed_by) == (8.0, "Paper /a", "Ads", "claude")
    assert read.summary == ("One.", "Two.", "Three.")


async def test_a_second_run_scores_nothing_again_whether_the_feed_changed_or_not(tmp_path: Path, scripted: Scripted) -> None:
    async with (
        feed_server(a=rss(item(1, title="Relevant 8"), item(2, title="Hardly 3"))) as server,
        monitor(tmp_path, assessors=Assessors(scripted, scripted)) as watching,
    ):
        await watching.run(feeds(server, "/a"))
        unchanged = await watching.run(feeds(server, "/a"), at_once=True)
        server.feeds["/a"] = rss(item(2, title="Hardly 3"), item(1, title="Relevant 8"), item(3, title="New 7"))
        changed = await watching.run(feeds(server, "/a"), at_once=True)
    assert (unchanged.unchanged, unchanged.assessed) == (1, 0)
    assert (changed.seen, changed.new, changed.assessed) == (2, 1, 1)
    assert len(scripted.asked) == 3


async def test_feeds_are_asked_when_they_are_due(tmp_path: Path) -> None:
    clock = Clock()
    async with feed_server(a=rss(item(1, title="Relevant 8"))) as server, monitor(tmp_path, clock=clock) as watching:
        assert (await watching.run(feeds(server, "/a"))).asked == 1
        assert (await watching.run(feeds(server, "/a"))).asked == 0
        clock.now += timedelta(minutes=31)
        assert (await watching.run(feeds(server, "/a"))).asked == 1


async def test_the_same_article_in_two_feeds_is_judged_once(tmp_path: Path, scripted: Scripted) -> None:
    shared = item(1, title="Relevant 8")
    tracked = shared.replace("</link>", "?utm_source=rss</link>")
    async with (
        feed_server(a=rss(shared), b=rss(tracked)) as server,
        monitor(tmp_path, assessors=Assessors(scripted, scripted)) as watching,
    ):
        run = await watching.run(feeds(server, "/a", "/b"))
    assert (run.new, run.waiting, run.assessed) == (1, 1, 1)
    assert len(documents(tmp_path)) == 1


async def test_an_article_that_is_held_is_neither_judged_nor_filed(tmp_path: Path) -> None:
    store = MemoryArticles()
    await store.put([entry(url="https://paper.test/1")])
    async with feed_server(a=rss(item(1, title="Relevant 8"))) as server, monitor(tmp_path, store=store) as watching:
        run = await watching.run(feeds(server, "/a"))
    assert (run.held, run.assessed, documents(tmp_path)) == (1, 0, [])


async def test_a_failed_assessment_is_tried_again_later_and_never_counted_as_nothing(
    tmp_path: Path, scripted: Scripted
) -> None:
    clock, scripted.away = Clock(), True
    async with (
        feed_server(a=rss(item(1, title="Relevant 8"))) as server,
        monitor(tmp_path, clock=clock, assessors=Assessors(scripted, scripted)) as watching,
    ):
        first = await watching.run(feeds(server, "/a"))
        early = await watching.run(feeds(server, "/a"))
        clock.now += timedelta(minutes=6)
        scripted.away = False
        later = await watching.run(feeds(server, "/a"))
    assert (first.postponed, first.assessed, first.below) == (1, 0, 0)
    assert (early.assessed, early.postponed) == (0, 0)
    assert (later.assessed, later.kept) == (1, 1)


async def test_where_claude_stays_away_somebody_else_judges_within_the_hour(tmp_path: Path, scripted: Scripted) -> None:
    clock, scripted.away, offline = Clock(), True, OfflineAssessor(load_profile(None))
    async with (
        feed_server(a=rss(item(1, title="AI agents buy advertising"))) as server,
        monitor(tmp_path, clock=clock, assessors=Assessors(scripted, offline)) as watching,
    ):
        runs = []
        for _ in range(6):
            runs.append(await watching.run(feeds(server, "/a")))
            clock.now += timedelta(minutes=15)
    assert sum(r.assessed for r in runs) == 1
    assert runs[0].assessed == runs[1].assessed == 0
    [path] = tmp_path.rglob("*.md")
    assert parse_document(path.read_bytes(), now=NOW).assessed_by == "offline"


async def test_a_crash_between_reading_and_remembering_loses_no_entry(tmp_path: Path) -> None:
    class Away(MemoryFeedStates):
        broken = True

        async def remember(self, states: list[FeedState]) -> None:
            if self.broken:
                raise StoreUnavailable("Redis is away")
            await super().remember(states)

    states, candidates = Away(), MemoryCandidates()
    async with (
        feed_server(a=rss(item(1, title="Relevant 8"))) as server,
        monitor(tmp_path, states=states, candidates=candidates) as watching,
    ):
        with pytest.raises(StoreUnavailable):
            await watching.run(feeds(server, "/a"))
        states.broken = False
        run = await watching.run(feeds(server, "/a"))
    assert (run.waiting, run.assessed, len(documents(tmp_path))) == (1, 1, 1)


async def test_a_document_that_cannot_be_written_is_a_failure_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / "ads").write_text("a file where the folder should be")
    clock = Clock()
    async with feed_server(a=rss(item(1, title="Relevant 8"))) as server, monitor(tmp_path, clock=clock) as watching:
        run = await watching.run(feeds(server, "/a"))
        (tmp_path / "ads").unlink()
        clock.now += timedelta(minutes=6)
        again = await watching.run(feeds(server, "/a"))
    assert (run.kept, run.postponed, len(run.failures)) == (0, 1, 1)
    assert (again.kept, documents(tmp_path)) == (1, ["2026-11-22_relevant-8.md"])


async def test_a_store_that_goes_away_while_assessing_ends_the_run_and_the_next_one_goes_on(tmp_path: Path) -> None:
    class Away(MemoryCandidates):
        broken = True

        async def settle(self, scores: Any) -> None:
            if self.broken and scores:
                raise StoreUnavailable("Redis is away")
            await super().settle(scores)

    candidates, clock = Away(), Clock()
    async with (
        feed_server(a=rss(item(1, title="Relevant 8"), item(2, title="Other 9"))) as server,
        monitor(tmp_path, candidates=candidates, clock=clock) as watching,
    ):
        with pytest.raises(StoreUnavailable):
            await watching.run(feeds(server, "/a"))
        candidates.broken = False
        clock.now += timedelta(minutes=16)
        await watching.run(feeds(server, "/a"))
    assert documents(tmp_path) == ["2026-11-22_other-9.md", "2026-11-22_relevant-8.md"]
    assert await candidates.count() == 0


async def test_two_monitors_at_once_judge_each_entry_once(tmp_path: Path, redis_client: Redis, keys: Any) -> None:
    server_feeds = {f"f{n}": rss(*(item(100 * n + m, title=f"Part {n} {m} 8") for m in range(8))) for n in range(10)}
    scripted = Scripted()
    shared = {
        "states": RedisFeedStates(redis_client, keys), "candidates": RedisCandidates(redis_client, keys),
        "store": RedisArticles(redis_client, keys),
        "assessors": Assessors(scripted, scripted),
    }  # fmt: skip
    async with (
        feed_server(**server_feeds) as server,
        monitor(tmp_path, parts=shared) as one,
        monitor(tmp_path, parts=shared) as two,
    ):
        listed = feeds(server, *(f"/f{n}" for n in range(10)))
        runs = await asyncio.gather(one.run(listed), two.run(listed))
    assert sum(r.assessed for r in runs) == len(set(scripted.asked)) == len(scripted.asked) == 80
    assert len(documents(tmp_path)) == 80


async def test_an_excerpt_is_replaced_before_it_is_judged(tmp_path: Path) -> None:
    async def whole(article: Article) -> Article:
        if article.url.endswith("/1"):
            return replace(article, body="The whole text.")
        return replace(article, excerpt_only="robots.txt does not allow it")

    async with (
        feed_server(a=rss(item(1, title="Relevant 8"), item(2, title="Other 8"))) as server,
        monitor(tmp_path, full_text=whole) as watching,
    ):
        run = await watching.run(feeds(server, "/a"))
    assert (run.full_text, run.excerpts) == (1, 1)
    read = parse_document((tmp_path / "ads" / "2026-11-22_relevant-8.md").read_bytes(), now=NOW)
    assert (read.body, read.excerpt_only) == ("The whole text.", "")
    left = parse_document((tmp_path / "ads" / "2026-11-22_other-8.md").read_bytes(), now=NOW)
    assert left.excerpt_only == "robots.txt does not allow it"


async def test_an_inbox_gets_the_monitors_files(tmp_path: Path) -> None:
    async with (
        feed_server(a=rss(item(1, title="Same 8"), item(2, title="Same 8"))) as server,
        monitor(tmp_path, files=FiledInInbox(tmp_path / "inbox")) as watching,
    ):
        run = await watching.run(feeds(server, "/a"))
    assert documents(tmp_path / "inbox") == ["2026-11-22_ai_same-8-2.md", "2026-11-22_ai_same-8.md"]
    text = (tmp_path / "inbox" / "2026-11-22_ai_same-8.md").read_text()
    assert "relevance_score: 8\n" in text
    assert run.kept == 2
