"""ArticleStore, Backlog and ChangeLog: one suite for every implementation."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from digest.codec import prepared
from digest.model import Assessment, Incoming, Origin, judged_by
from digest.stores.connection import connect
from digest.stores.keys import Keys
from digest.stores.memory import MemoryArticles
from digest.stores.redis_articles import RedisArticles
from tests.builders import article, assessment

Store = RedisArticles | MemoryArticles
LONG = "Forty shops in Leeds took on an assistant in May and June, and their sales rose by twelve percent within a month."


def root(article_id: str, named: dict[str, str]) -> str:
    """The article whose text this one has, over the copies between."""
    while named[article_id]:
        article_id = named[article_id]
    return article_id


def text(number: int) -> str:
    """A text with no word of another number's in it."""
    return (
        " ".join(
            f"{word}{number}" for word in "shops assistant sales retailers budget campaign agents customers prices".split()
        )
        + "."
    )


@pytest.fixture
def store(where: str, redis_client: Redis, keys: Keys) -> Store:
    return MemoryArticles() if where == "memory" else RedisArticles(redis_client, keys)


def incoming(
    title: str = "One",
    *,
    key: str = "",
    revision: str = "1",
    source: str = "kb:a",
    judged: Assessment | None = None,
    **fields: Any,
) -> Incoming:
    return Incoming(
        Origin(source, key or f"{title}.md", revision, "stamp"),
        article(title, **fields),
        assessment() if judged is None else judged,
    )


async def put(store: Store, *batch: Incoming) -> list[str]:
    return [s.outcome for s in await store.put(batch)]


async def test_what_was_put_is_got_back_exactly(store: Store) -> None:
    given = incoming("Ünïcode 🚀 \u2028", body="a\n\nb", notes=("n",), published=None)
    assert await put(store, given) == ["new"]
    (held,) = await store.get([given.article.id])
    assert held is not None
    assert held.lead.article == given.article
    assert held.lead.assessment == given.assessment
    assert held.origins == (given.origin,)


async def test_what_was_made_ready_elsewhere_is_stored_as_if_it_had_not_been(store: Store) -> None:
    lacking = Assessment(topic="Shops")
    given = [
        incoming("Ünïcode 🚀", body=LONG, notes=("n",), published=None),
        incoming("Two", body=LONG, judged=lacking),
        incoming("Short", body="", key="a key.md"),
    ]
    at_once = await store.put([prepared(i) for i in given])
    assert [(s.outcome, s.same_text_as) for s in at_once] == [("new", ""), ("new", given[0].article.id), ("new", "")]
    held = [h.lead for h in await store.get([i.article.id for i in given]) if h]
    assert [replace(h.article, same_text_as="") for h in held] == [i.article for i in given]
    assert [h.assessment for h in held] == [i.assessment for i in given]
    assert [h.lead.article.id for h in await store.unassessed(9)] == [given[1].article.id]
    assert await put(store, *given) == ["unchanged"] * 3


async def test_of_documents_in_one_batch_each_sees_those_before_it(store: Store) -> None:
    one, other = incoming("One", key="a.md"), incoming("Two", key="a.md", revision="2")
    back = replace(one, origin=replace(one.origin, revision="3"))
    assert await put(store, one, other, back, incoming("Two", key="b.md")) == ["new", "new", "new", "new"]
    assert {h.lead.article.title for h in await store.get([one.article.id, other.article.id]) if h} == {"One", "Two"}
    assert await store.ids() == {one.article.id, other.article.id}
    assert (await store.known("kb:a"))["a.md"].article_id == one.article.id
    assert [h.lead.article.title for h in (await store.changes(0, 9)).held] == ["One", "Two"]


async def test_what_is_not_held_is_none(store: Store) -> None:
    assert await store.get(["000000000000"]) == [None]


async def test_the_same_revision_again_is_unchanged(store: Store) -> None:
    assert await put(store, incoming()) == ["new"]
    assert await put(store, incoming()) == ["unchanged"]


async def test_another_revision_of_a_document_is_an_update(store: Store) -> None:
    await put(store, incoming())
    changed = incoming(revision="2", body="other text")
    assert await put(store, changed) == ["updated"]
    (held,) = await store.get([changed.article.id])
    assert held is not None
    assert held.lead.article.body == "other text"


async def test_another_document_with_the_url_is_a_duplicate_and_kept_as_a_copy(store: Store) -> None:
    first, second = incoming(key="a.md"), incoming(key="b.md", body="another text", publisher="Other")
    assert await put(store, first, second) == ["new", "duplicate"]
    (held,) = await store.get([first.article.id])
    assert held is not None
    assert held.lead.article.body == first.article.body
    assert [c.article.body for c in held.copies] == ["another text"]
    assert [o.key for o in held.origins] == ["a.md", "b.md"]


async def test_a_copy_fills_what_the_lead_lacks_before_any_judge(store: Store) -> None:
    bare = judged_by("source", Assessment(score=6.0))
    lead, copy = incoming(key="a.md", judged=bare), incoming(key="b.md")
    await put(store, lead, copy)
    await store.judge([(lead.article.id, assessment("offline", score=1.0, topic="judged"))])
    (held,) = await store.get([lead.article.id])
    assert held is not None
    assert held.lead.assessment.score == 6.0
    assert held.lead.assessment.topic == copy.assessment.topic
    assert held.lead.assessment.provenance.topic == "source"


async def test_a_moved_document_is_no_duplicate_of_itself(store: Store) -> None:
    await put(store, incoming(key="old.md"))
    await store.forget("kb:a", ["old.md"])
    moved = incoming(key="new.md")
    assert await put(store, moved) == ["updated"]
    (held,) = await store.get([moved.article.id])
    assert held is not None
    assert [o.key for o in held.origins] == ["new.md"]


async def test_a_document_whose_url_was_corrected_leaves_its_old_article(store: Store) -> None:
    wrong, right = incoming("Wrong", key="a.md"), incoming("Right", key="a.md", revision="2")
    await put(store, wrong)
    assert await put(store, right) == ["new"]
    assert (await store.get([wrong.article.id])) == [None]
    assert await store.total() == 1


async def test_a_corrected_url_leaves_the_copies_in_place(store: Store) -> None:
    await put(store, incoming("Shared", key="a.md"), incoming("Shared", key="b.md", body="copy"))
    await put(store, incoming("Right", key="a.md", revision="2"))
    (held,) = await store.get([incoming("Shared").article.id])
    assert held is not None
    assert held.lead.article.body == "copy"


async def test_the_first_article_with_a_text_is_named_by_the_others(store: Store) -> None:
    first, second = incoming("A", body=LONG), incoming("B", body=LONG.upper())
    results = await store.put([first, second])
    assert [r.same_text_as for r in results] == ["", first.article.id]
    (held,) = await store.get([second.article.id])
    assert held is not None
    assert held.lead.article.same_text_as == first.article.id


async def test_a_lightly_edited_copy_names_the_article_it_is_of(store: Store) -> None:
    first = "Forty shops in Leeds took on an assistant in May and June. Their sales rose by twelve percent within a month. " * 3
    edited = "LEEDS, 22 November - " + first.replace("within a month", "in four weeks").replace("Forty", "About forty")
    await put(store, incoming("A", body=first), incoming("Other", body=text(2)))
    (result,) = await store.put([incoming("B", body=edited)])
    assert result.same_text_as == incoming("A").article.id
    (copy,) = await store.put([incoming("C", body=edited)])
    assert root(
        copy.article_id,
        {copy.article_id: copy.same_text_as, result.article_id: result.same_text_as, incoming("A").article.id: ""},
    ) == (incoming("A").article.id)


async def test_a_text_that_was_changed_is_no_longer_the_same(store: Store) -> None:
    await put(store, incoming("A", body=LONG))
    await put(store, incoming("A", body=text(1), revision="2"))
    (result,) = await store.put([incoming("B", body=LONG)])
    assert result.same_text_as == ""


async def test_what_lacks_a_field_waits_until_it_is_judged(store: Store) -> None:
    bare = incoming("Bare", judged=Assessment())
    await put(store, incoming("Whole"), bare)
    assert [h.lead.article.id for h in await store.unassessed(10)] == [bare.article.id]
    await store.judge([(bare.article.id, assessment("offline", score=7.0))])
    assert await store.unassessed(10) == []
    (held,) = await store.get([bare.article.id])
    assert held is not None
    assert held.lead.assessment.score == 7.0
    assert held.lead.assessment.provenance.score == "offline"


async def test_a_changed_document_is_judged_anew(store: Store) -> None:
    bare = incoming("Bare", judged=Assessment())
    await put(store, bare)
    await store.judge([(bare.article.id, assessment("offline", score=7.0))])
    await put(store, replace(bare, origin=replace(bare.origin, revision="2")))
    (waiting,) = await store.unassessed(10)
    assert waiting.lead.assessment.score is None


async def test_between_takes_by_date_oldest_first(store: Store) -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    dated = [incoming(f"At {h:+}", published=noon + timedelta(hours=h)) for h in (2, -2, 0, 1)]
    undated = incoming("Undated", published=None, collected=noon + timedelta(minutes=30))
    await put(store, *dated, undated)
    found = await store.between(noon, noon + timedelta(hours=1))
    assert [h.lead.article.title for h in found] == ["Undated", "At +1"]


async def test_known_tells_what_was_read_of_a_source(store: Store) -> None:
    await put(store, incoming("A"), incoming("B", source="kb:b"))
    known = await store.known("kb:a")
    assert {k: (v.revision, v.stamp, v.article_id) for k, v in known.items()} == {
        "A.md": ("1", "stamp", incoming("A").article.id)
    }
    await store.touch([(Origin("kb:a", "A.md", "1", "later"), incoming("A").article.id)])
    assert (await store.known("kb:a"))["A.md"].stamp == "later"
    await store.forget("kb:a", ["A.md"])
    assert await store.known("kb:a") == {}


async def test_a_follower_sees_each_change_once_in_its_newest_state(store: Store) -> None:
    await put(store, incoming("A"), incoming("B"), incoming("C"))
    first = await store.changes(0, 2)
    assert [h.lead.article.title for h in first.held] == ["A", "B"]
    await put(store, incoming("A", revision="2", body="new"))
    second = await store.changes(first.last, 10)
    assert [h.lead.article.title for h in second.held] == ["C", "A"]
    assert second.held[1].lead.article.body == "new"
    assert (await store.changes(second.last, 10)).held == ()
    assert first.epoch == second.epoch


async def test_a_follower_ahead_of_the_store_is_sent_back_to_the_start(store: Store) -> None:
    await put(store, incoming("A"))
    before = await store.changes(0, 10)
    after = await store.changes(before.last + 100, 10)
    assert after.epoch != before.epoch
    assert [h.lead.article.title for h in after.held] == ["A"]


async def test_total_and_newest(store: Store) -> None:
    assert (await store.total(), await store.newest()) == (0, None)
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    await put(store, incoming("A", published=at), incoming("B", published=at - timedelta(days=1)))
    assert (await store.total(), await store.newest()) == (2, at)


async def test_many_writers_of_one_url_and_one_text_agree_on_one_first(redis_url: str, keys: Keys) -> None:
    clients = [connect(redis_url, workspace=keys.workspace) for _ in range(8)]
    stores = [RedisArticles(c, keys) for c in clients]
    batches = [
        [incoming(f"Story {n}", key=f"{w}-{n}.md", body=text(n), url=f"https://news.example/{n}") for n in range(50)]
        + [incoming(f"Copy {w} {n}", key=f"copy-{w}-{n}.md", body=text(1000 + n)) for n in range(50)]
        for w in range(len(stores))
    ]  # fmt: skip
    results = await asyncio.gather(*(s.put(b) for s, b in zip(stores, batches, strict=True)))
    for n in range(50):
        assert sorted(r[n].outcome for r in results) == ["duplicate"] * 7 + ["new"]
        firsts = [r[50 + n] for r in results if not r[50 + n].same_text_as]
        assert len(firsts) == 1
        named = {r[50 + n].article_id: r[50 + n].same_text_as for r in results}
        assert {root(article_id, named) for article_id in named} == {firsts[0].article_id}
    for client in clients:
        await client.aclose()


async def test_articles_past_their_retention_are_gone_from_every_key(redis_client: Redis, keys: Keys) -> None:
    store = RedisArticles(redis_client, keys, retention_days=1)
    await put(store, incoming("A", judged=Assessment()))
    assert 0 < await redis_client.ttl(keys.article(incoming("A").article.id)) <= 86_400
    await redis_client.zadd(keys.collected, {incoming("A").article.id: 0})  # as if it had been put in 1970
    assert await RedisArticles(redis_client, keys, retention_days=1).total() == 0
    for name in (keys.dated, keys.collected, keys.changed, keys.unassessed):
        assert await redis_client.zcard(name) == 0


async def test_every_key_is_of_the_workspace_and_documented(redis_client: Redis, keys: Keys) -> None:
    import digest.stores.keys as documented

    store = RedisArticles(redis_client, keys)
    await put(store, incoming("A", body=LONG), incoming("B", judged=Assessment()))
    await store.changes(0, 1)
    names = {k.decode() async for k in redis_client.scan_iter(match="*", count=1000) if keys.workspace in k.decode()}
    kinds = {n.removeprefix(keys.prefix).split(":")[0] for n in names}
    assert all(n.startswith(keys.prefix) for n in names)
    assert kinds == {"article", "text", "dated", "collected", "changed", "unassessed", "sequence", "epoch", "read", "near"}
    assert all(f"{{W}}:{kind}" in (documented.__doc__ or "") for kind in kinds)


async def test_the_ids_of_all_that_is_held(store: Store) -> None:
    assert await store.ids() == frozenset()
    one, two = incoming("One", key="a.md"), incoming("Two")
    await put(store, one, two)
    assert await store.ids() == {one.article.id, two.article.id}
    await put(store, incoming("Three", key="a.md", revision="2"))
    assert await store.ids() == {incoming("Three").article.id, two.article.id}


async def test_an_article_is_named_by_its_id_the_beginning_of_it_or_its_address(store: Store) -> None:
    given = incoming("One")
    await put(store, given, incoming("Two"))
    article_id = given.article.id
    for text in (article_id, article_id.upper(), f" {article_id} ", article_id[:6], f"{given.article.url}?utm_source=x"):
        assert await store.find(text) == [article_id], text
    for text in ("", article_id[:3], "zzzz", "one", "https://", f"{article_id}0", "*", "[0-9a-f]"):
        assert await store.find(text) == [], text
    assert await store.find("0000") == []
