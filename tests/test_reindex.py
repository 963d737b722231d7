"""Rebuilding the store from the knowledge base: nothing that people see changes, whatever happens on the way."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from digest import pipeline
from digest.assessment.offline import OfflineAssessor
from digest.assessment.profile import load_profile
from digest.codec import described_digest, described_held
from digest.errors import AssessmentError, SourceError, StoreError
from digest.feeds.ports import FeedState
from digest.model import Article, Assessment, Edition, EditionStory, Incoming, Origin, Subscription, judged_by
from digest.ports import Assessor, Usage
from digest.reindex import Reindexed, reindex
from digest.search.index import TantivyIndex
from digest.sources.knowledge_base import KnowledgeBaseSource
from digest.stores.keys import Keys
from digest.stores.redis_articles import RedisArticles
from digest.stores.redis_editions import RedisEditions
from digest.stores.redis_feeds import RedisFeedStates
from digest.stores.redis_rebuild import RedisRebuild
from digest.stores.spending import RedisSpendingLedger
from tests.builders import article
from tests.data import data
from tests.documents import monitored, processed

NOW = datetime(2025, 11, 20, tzinfo=UTC)
UNTIL = datetime(2025, 11, 20, tzinfo=UTC)
QUERIES = ("assistants", "shops in Leeds", "a tool that writes ads", "story", "example")
TEXT = "A tool that writes ads for small shops was opened to everybody in Leeds on Monday. It costs 12 pounds a month."


class Claude:
    """An assessor that fills everything as Claude does, and counts how often it is asked."""

    def __init__(self, score: float = 7.0) -> None:
        self.asked: list[str] = []
        self.score = score

    async def assess(self, article: Article, known: Assessment) -> Assessment:
        self.asked.append(article.url)
        written = Assessment(self.score, "A topic", "A reason.", ("One.", "Two."), ("Three.",), ("tag",), note="by hand")
        return known.filled_from(replace(judged_by("claude", written), model="claude-haiku-5-5"))


class Refusing:
    """An assessor that judges nothing."""

    async def assess(self, article: Article, known: Assessment) -> Assessment:
        raise AssessmentError("it refuses", kind="refusal")


@pytest.fixture(scope="module")
def offline() -> OfflineAssessor:
    return OfflineAssessor(load_profile())


@pytest.fixture
def store(redis_client: Redis, keys: Keys) -> RedisArticles:
    return RedisArticles(redis_client, keys)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Documents of every kind: processed, bare, unscored, undated, filed twice, one text at two addresses, no document."""
    folder = tmp_path / "kb"
    documents = {
        "retail/a.md": processed(),
        "archive/filed-again.md": processed(
            title="Filed again", url="https://www.news.example/shops-adopt-assistants?utm_source=x"
        ),
        "bare.md": monitored(url="https://bare.example/1", headline="A bare story", score="9", content=TEXT),
        "elsewhere.md": monitored(url="https://copy.example/1", headline="The same text", score="5", content=TEXT),
        "unscored.md": monitored(url="https://bare.example/2", headline="Nobody scored it", score="", content=TEXT * 2),
        "undated.md": "---\nurl: https://bare.example/3\ntitle: Undated story\n---\n\n## Summary\n\nIt has no date at all.\n",
        "empty.md": "",
    }
    for number in range(30):
        documents[f"many/{number:02}.md"] = processed(
            url=f"https://many.example/{number}", title=f"Story {number} of many", score=str(number % 11),
            content=f"Shops took on assistant {number}.",
        )  # fmt: skip
    for key, text in documents.items():
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        (folder / key).write_text(text)
    an_hour_before = (NOW - timedelta(hours=1)).timestamp()
    os.utime(folder / "undated.md", (an_hour_before, an_hour_before))
    return folder


def source(root: Path, now: datetime = NOW) -> KnowledgeBaseSource:
    return KnowledgeBaseSource(root, clock=lambda: now)


Rebuilding = Callable[..., Awaitable[Reindexed]]


@pytest.fixture
def rebuild(redis_client: Redis, keys: Keys, store: RedisArticles, offline: OfflineAssessor) -> Rebuilding:
    async def run(root: Path, assessor: Assessor = offline, now: datetime = NOW + timedelta(hours=5)) -> Reindexed:
        return await reindex([source(root, now)], RedisRebuild(redis_client, keys), store, assessor)

    return run


async def shown(store: RedisArticles) -> dict[str, Any]:
    """What people see of a store: each article, the digest, and what searches find, in order."""
    ids = sorted(i.decode() for i in await store._client.zrange(store._keys.dated, 0, -1))
    index = TantivyIndex(None, store)
    await index.follow()
    digest = await pipeline.make_digest(store, Subscription(stories=20, per_publisher=20), day=date(2025, 11, 19), until=UNTIL)
    return {
        "show": {i: described_held(h) for i, h in zip(ids, await store.get(ids), strict=True) if h},
        "digest": described_digest(digest),
        "search": {q: [h.article_id for h in await index.search(q, limit=50)] for q in QUERIES},
    }


async def keys_of(store: RedisArticles) -> set[str]:
    return {k.decode() async for k in store._client.scan_iter(match=f"{store._keys.prefix}*", count=1000)}


async def state(store: RedisArticles) -> dict[str, Any]:
    """Every key of a store and what is in it, without its prefix; of times of putting and numbers of changes the order."""
    found: dict[str, Any] = {}
    for key in await keys_of(store):
        kind = (await store._client.type(key)).decode()
        name = key.removeprefix(store._keys.prefix)
        if kind == "hash":
            found[name] = await store._client.hgetall(key)
        elif kind == "zset":
            pairs = await store._client.zrange(key, 0, -1, withscores=True)
            ordered = {"dated": dict(pairs), "changed": [m for m, _ in pairs]}
            found[name] = ordered.get(name, {m for m, _ in pairs})
        elif name not in ("epoch", "sequence", "near:sequence"):
            found[name] = await store._client.get(key)
        assert (
            name in ("dated", "collected", "changed", "unassessed", "sequence", "epoch", "near:sequence")
            or name.startswith("read:")
            or (await store._client.ttl(key) > 89 * 86_400)
        ), f"{name} lives for too short"
    return found


async def test_after_losing_everything_a_rebuild_gives_what_there_was(
    root: Path, store: RedisArticles, rebuild: Rebuilding, offline: OfflineAssessor
) -> None:
    await pipeline.collect([source(root)], store, offline)
    before = await shown(store)
    assert len(before["show"]) == 35
    assert before["digest"]["stories"]
    assert all(before["search"].values())
    await store._client.delete(*await keys_of(store))
    done = await rebuild(root)
    assert (done.held, done.forgotten, done.kept) == (35, 0, 0)
    assert await shown(store) == before


async def test_a_rebuild_in_place_gives_what_there_was_and_asks_no_assessor_again(
    root: Path, store: RedisArticles, rebuild: Rebuilding
) -> None:
    first, second = Claude(7), Claude(1)
    await pipeline.collect([source(root)], store, first)
    before = await shown(store)
    done = await rebuild(root, second)
    assert second.asked == []
    assert done.kept == len(first.asked) > 0
    assert await shown(store) == before


async def test_the_state_is_that_of_collecting_into_an_empty_store(
    root: Path, store: RedisArticles, rebuild: Rebuilding, offline: OfflineAssessor, redis_client: Redis
) -> None:
    # a history that left its marks: other leads, other texts, files moved and gone, an article of a feed
    await pipeline.collect([source(root)], store, offline)
    await store.put([incoming("https://feed.example/x", source="feed:x")])
    (root / "retail" / "a.md").rename(root / "z.md")
    (root / "many" / "03.md").unlink()
    (root / "bare.md").write_text(monitored(url="https://moved.example/1", headline="Moved", score="3", content=TEXT))
    await pipeline.collect([source(root)], store, offline)
    await rebuild(root, now=NOW)
    empty = RedisArticles(redis_client, Keys(f"{store._keys.workspace}-anew"))
    await pipeline.collect([source(root)], empty, offline)
    assert await state(store) == await state(empty)


async def test_the_real_documents_are_found_shown_and_chosen_as_before(
    store: RedisArticles, rebuild: Rebuilding, offline: OfflineAssessor
) -> None:
    real = data("knowledge-base")
    now = datetime(2026, 11, 23, tzinfo=UTC)
    await pipeline.collect([source(real, now)], store, offline)
    before = await shown(store)
    assert (await rebuild(real, now=now + timedelta(days=1))).forgotten == 0
    assert await shown(store) == before
    await store._client.delete(*await keys_of(store))
    await rebuild(real, now=now + timedelta(days=2))
    assert await shown(store) == before


async def test_a_document_without_a_date_of_collection_keeps_that_of_its_file(
    root: Path, store: RedisArticles, rebuild: Rebuilding, offline: OfflineAssessor
) -> None:
    await pipeline.collect([source(root)], store, offline)
    await store._client.delete(*await keys_of(store))
    await rebuild(root, now=NOW + timedelta(days=400))
    (found,) = [h for h in await store.between(NOW - timedelta(hours=2), NOW) if h.lead.article.title == "Undated story"]
    assert found.lead.article.collected == NOW - timedelta(hours=1)


async def test_what_was_written_of_a_text_that_changed_is_written_anew(
    root: Path, store: RedisArticles, rebuild: Rebuilding
) -> None:
    await pipeline.collect([source(root)], store, Claude(7))
    (root / "unscored.md").write_text(monitored(url="https://bare.example/2", headline="Corrected", score="", content=TEXT * 3))
    second = Claude(2)
    await rebuild(root, second)
    assert second.asked == ["https://bare.example/2"]
    (held,) = await store.get(await store.find("https://bare.example/2"))
    assert held is not None
    assert held.lead.assessment.score == 2.0


async def test_what_only_a_document_that_is_gone_gave_is_not_kept(
    root: Path, store: RedisArticles, rebuild: Rebuilding
) -> None:
    url = "https://pair.example/1"
    (root / "pair-1.md").write_text(monitored(url=url, headline="A pair", score=""))
    (root / "pair-2.md").write_text(processed(url=url, headline="A pair", score="10"))
    await pipeline.collect([source(root)], store, Claude(7))
    (root / "pair-2.md").unlink()
    second = Claude(4)
    await rebuild(root, second)
    assert second.asked == [url]
    (held,) = await store.get(await store.find(url))
    assert held is not None
    assert held.lead.assessment.score == 4.0


async def test_a_failed_assessment_waits_and_is_no_0(root: Path, store: RedisArticles, rebuild: Rebuilding) -> None:
    done = await rebuild(root, Refusing())
    waiting = await store.unassessed(100)
    assert done.held == 35
    assert waiting
    assert {h.lead.assessment.score for h in waiting if "Nobody" in h.lead.article.title} == {None}


def incoming(url: str, source: str = "feed:x", key: str = "1", body: str = "") -> Incoming:
    told = article("Told elsewhere", url=url, body=body or f"The text at {url}.")
    return Incoming(Origin(source, key, "r1"), told, Assessment(score=9.0))


async def test_what_is_in_no_document_is_forgotten_so_that_it_is_read_again_and_all_else_stays(
    root: Path, store: RedisArticles, rebuild: Rebuilding, offline: OfflineAssessor, redis_client: Redis
) -> None:
    keys = store._keys
    editions, feeds = RedisEditions(redis_client, keys), RedisFeedStates(redis_client, keys)
    ledger = RedisSpendingLedger(redis_client, keys)
    edition = Edition("C1", date(2025, 11, 19), NOW, "https://slack.example/p1", (EditionStory("a", "A"),))
    await editions.record(edition)
    await feeds.remember([FeedState("https://feed.example/", entries=3)])
    await ledger.reserve(date(2025, 11, 19), 0.5, None)
    await ledger.settle(date(2025, 11, 19), 0.5, Usage(calls=1, dollars=0.2), purpose="assess", model="m")
    await pipeline.collect([source(root)], store, offline)
    await store.put([incoming("https://feed.example/x")])
    done = await rebuild(root)
    assert done.forgotten == 1
    assert await store.known("feed:x") == {}
    assert await store.find("https://feed.example/x")
    assert await store.get(await store.find("https://feed.example/x")) == [None]
    assert await editions.issued("C1", 5) == [edition]
    assert await feeds.states(["https://feed.example/"]) == [FeedState("https://feed.example/", entries=3)]
    assert (await ledger.spent(date(2025, 11, 19)))["assess/m"].dollars == 0.2


async def test_while_it_runs_readers_see_everything(
    root: Path, store: RedisArticles, rebuild: Rebuilding, offline: OfflineAssessor
) -> None:
    await pipeline.collect([source(root)], store, offline)
    ids = sorted((await shown(store))["show"])
    rebuilding = asyncio.ensure_future(rebuild(root))
    seen: list[int] = []
    while not rebuilding.done():
        everything = await store.between(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
        seen.append(len(everything))
        seen.append(len([h for h in await store.get(ids) if h]))
    await rebuilding
    assert len(seen) > 4
    assert set(seen) == {35}


async def test_an_index_that_followed_the_store_follows_the_new_one(
    root: Path, store: RedisArticles, rebuild: Rebuilding, offline: OfflineAssessor
) -> None:
    await pipeline.collect([source(root)], store, offline)
    await store.put([incoming("https://feed.example/x", body="A zebra crossed the road.")])
    index = TantivyIndex(None, store)
    await index.follow()
    assert await index.search("zebra")
    await rebuild(root)
    await index.follow()
    assert not await index.search("zebra")
    assert len(await index.search("assistants", limit=100)) == len((await shown(store))["search"]["assistants"])


async def test_what_is_put_while_the_stores_are_exchanged_is_held_or_read_again(
    root: Path, store: RedisArticles, redis_client: Redis, offline: OfflineAssessor
) -> None:
    """Another program puts an article of a source after each step; none may be remembered as read and not be held."""
    await pipeline.collect([source(root)], store, offline)
    making = RedisRebuild(redis_client, store._keys)
    put: list[Incoming] = []

    def then_put(step: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def both(*args: Any, **kwargs: Any) -> Any:
            done = await step(*args, **kwargs)
            for feed in ("feed:known", f"feed:{len(put)}"):
                put.append(incoming(f"https://late.example/{len(put)}", source=feed, key=str(len(put))))
                await store.put(put[-1:])
            return done

        return both

    for name in ("begin", "_move", "_exchange_read", "_forget"):
        setattr(making, name, then_put(getattr(making, name)))
    await reindex([source(root)], making, store, offline)
    assert len(put) >= 8
    for one in put:
        read = one.origin.key in await store.known(one.origin.source)
        assert not read or (await store.get([one.article.id]))[0] is not None
    assert {s.outcome for s in await store.put(put)} <= {"new", "unchanged"}
    assert all(await store.get([one.article.id for one in put]))


@pytest.mark.parametrize("step", ["_move", "_exchange_read", "_forget", "_forget_all_but"])
async def test_killed_while_the_stores_are_exchanged_it_works_and_the_next_rebuild_completes_it(
    root: Path, store: RedisArticles, redis_client: Redis, rebuild: Rebuilding, offline: OfflineAssessor, step: str
) -> None:
    await pipeline.collect([source(root)], store, offline)
    await store.put([incoming("https://feed.example/x")])
    before = await shown(store)
    making = RedisRebuild(redis_client, store._keys)
    first = getattr(making, step)

    async def last(*args: Any, **kwargs: Any) -> Any:
        await first(*args, **kwargs)
        raise _Stop

    setattr(making, step, last)
    with pytest.raises(_Stop):
        await reindex([source(root)], making, store, offline)
    between = await shown(store)
    assert {i: s for i, s in before["show"].items() if i in between["show"]} == between["show"]
    assert between["digest"] == before["digest"]
    assert [len(between["show"]), await store.known("feed:x") == {}] in ([36, False], [36, True], [35, True])
    await rebuild(root)
    after = await shown(store)
    assert len(after["show"]) == 35
    assert after["digest"] == before["digest"]
    assert await store.known("feed:x") == {}


async def test_of_two_rebuilds_the_one_begun_last_goes_on(
    root: Path, store: RedisArticles, redis_client: Redis, offline: OfflineAssessor
) -> None:
    await pipeline.collect([source(root)], store, offline)
    before = await shown(store)
    first, second = RedisRebuild(redis_client, store._keys), RedisRebuild(redis_client, store._keys)
    await pipeline.read([source(root)], await first.begin(), pipeline.Collected())
    await pipeline.collect([source(root)], await second.begin(), offline)
    with pytest.raises(StoreError, match="another rebuild"):
        await first.finish()
    await first.abandon()
    assert await second.finish() == (35, 0)
    await second.abandon()
    assert await shown(store) == before


@pytest.mark.parametrize("content", [None, {}, {"broken.md": ""}])
async def test_a_folder_without_a_document_changes_nothing(
    tmp_path: Path,
    root: Path,
    store: RedisArticles,
    rebuild: Rebuilding,
    offline: OfflineAssessor,
    content: dict[str, str] | None,
) -> None:
    await pipeline.collect([source(root)], store, offline)
    before = await state(store)
    other = tmp_path / "other"
    if content is not None:
        other.mkdir()
        for name, text in content.items():
            (other / name).write_text(text)
    with pytest.raises(SourceError):
        await rebuild(other)
    assert await state(store) == before


class _Stop(Exception):
    """What ends a run in the middle."""


def stopping(_: int) -> None:
    raise _Stop


async def test_a_rebuild_that_ends_in_the_middle_leaves_everything_and_nothing_behind(
    root: Path, store: RedisArticles, redis_client: Redis, offline: OfflineAssessor
) -> None:
    await pipeline.collect([source(root)], store, offline)
    before, names = await shown(store), await keys_of(store)
    making = RedisRebuild(redis_client, store._keys)
    with pytest.raises((_Stop, BaseExceptionGroup)):
        await reindex([source(root)], making, store, Claude(), on_assessed=stopping, on_read=stopping)
    assert await shown(store) == before
    assert await keys_of(store) - names <= {store._keys.epoch}
