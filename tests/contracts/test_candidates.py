"""What every Candidates promises, over Redis and over memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from redis.asyncio import Redis

from digest.codec import packed
from digest.feeds.ports import Candidate, Packed
from digest.stores.memory_candidates import MemoryCandidates
from digest.stores.redis_articles import RedisArticles
from digest.stores.redis_candidates import RedisCandidates
from tests.builders import entry

if TYPE_CHECKING:
    from digest.feeds.ports import Candidates
    from digest.model import Incoming
    from digest.stores.keys import Keys

NOW = datetime(2026, 11, 23, 9, 0, 0, 123000, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def candidates(where: str, redis_client: Redis, keys: Keys) -> Candidates:
    return MemoryCandidates() if where == "memory" else RedisCandidates(redis_client, keys)


def entries(number: int) -> list[Incoming]:
    return [entry(f"Tïtle {n}", url=f"https://paper.test/{n}") for n in range(number)]


def waiting(some: list[Incoming]) -> list[Packed]:
    return [packed(one) for one in some]


async def test_an_entry_waits_once_and_comes_back_as_it_was(candidates: Candidates) -> None:
    [one] = entries(1)
    assert await candidates.admit(waiting([one, one]), NOW) == ["new", "waiting"]
    assert await candidates.claim(10, NOW, 60) == [Candidate(one, NOW)]
    assert await candidates.count() == 1


async def test_what_is_claimed_is_nobody_elses_until_the_lease_is_over(candidates: Candidates) -> None:
    await candidates.admit(waiting(entries(5)), NOW)
    first, second = await candidates.claim(3, NOW, 600), await candidates.claim(3, NOW, 600)
    assert len(first) == 3
    assert len(second) == 2
    assert await candidates.claim(9, NOW + timedelta(seconds=599), 600) == []
    assert len(await candidates.claim(9, LATER, 600)) == 5


async def test_what_is_settled_waits_no_more_and_is_never_new_again(candidates: Candidates) -> None:
    some = entries(3)
    await candidates.admit(waiting(some), NOW)
    await candidates.settle([(some[0].article.id, 3.5), (some[1].article.id, None)])
    assert await candidates.admit(waiting(some), LATER) == ["seen", "seen", "waiting"]
    assert [await candidates.score(e.article.id) for e in some] == [3.5, None, None]
    assert [c.incoming for c in await candidates.claim(9, LATER, 60)] == [some[2]]
    assert await candidates.count() == 1


async def test_what_failed_is_due_later_and_remembers_why(candidates: Candidates) -> None:
    await candidates.admit(waiting(entries(2)), NOW)
    [one, other] = await candidates.claim(2, NOW, 60)
    await candidates.postpone([replace(one, tries=1, error="Claude was away")], LATER)
    [first, second] = await candidates.claim(9, LATER, 60)
    assert first == other
    assert (second.tries, second.error, second.since) == (1, "Claude was away", NOW)


async def test_those_that_wait_can_be_looked_up(candidates: Candidates) -> None:
    some = entries(3)
    await candidates.admit(waiting(some), NOW)
    await candidates.settle([(some[1].article.id, 5.0)])
    assert await candidates.get([e.article.id for e in some]) == [Candidate(some[0], NOW), None, Candidate(some[2], NOW)]
    assert await candidates.get([]) == []


async def test_the_longest_due_come_first(candidates: Candidates) -> None:
    some = entries(3)
    await candidates.admit(waiting(some[1:]), NOW)
    await candidates.admit(waiting(some[:1]), NOW - timedelta(hours=1))
    assert (await candidates.claim(1, NOW, 60))[0].incoming == some[0]


async def test_of_many_writers_one_is_told_that_it_is_new(candidates: Candidates) -> None:
    some = entries(250)
    answers = await asyncio.gather(*(candidates.admit(waiting(some), NOW) for _ in range(5)))
    assert [sum(a[n] == "new" for a in answers) for n in range(250)] == [1] * 250


async def test_nothing_is_a_possible_number_of_entries(candidates: Candidates) -> None:
    assert await candidates.admit([], NOW) == []
    await candidates.settle([])
    await candidates.postpone([], NOW)
    assert await candidates.claim(5, NOW, 60) == []


async def test_an_article_that_is_held_already_is_no_candidate(redis_client: Redis, keys: Keys) -> None:
    [one] = entries(1)
    await RedisArticles(redis_client, keys).put([one])
    assert await RedisCandidates(redis_client, keys).admit(waiting([one]), NOW) == ["held"]
    memory = MemoryCandidates(held=lambda i: i == one.article.id)
    assert await memory.admit(waiting([one]), NOW) == ["held"]


async def test_what_was_seen_is_remembered_for_as_long_as_its_feed_lists_it(redis_client: Redis, keys: Keys) -> None:
    [one], candidates = entries(1), RedisCandidates(redis_client, keys, retention_days=2)
    await candidates.settle([(one.article.id, 1.0)])
    await redis_client.expire(keys.seen(one.article.id), 100)
    assert await candidates.admit(waiting([one]), NOW) == ["seen"]
    assert await redis_client.ttl(keys.seen(one.article.id)) > 2 * 86_400 - 60


async def test_one_that_is_named_is_claimed_if_it_is_due_and_nobody_has_it(candidates: Candidates) -> None:
    some = entries(3)
    await candidates.admit(waiting(some), NOW)
    ids = [one.article.id for one in some]
    assert sorted(await candidates.due(10, NOW)) == sorted(ids)
    assert len(await candidates.due(2, NOW)) == 2
    assert await candidates.claim(1, NOW, 60, [ids[1]]) == [Candidate(some[1], NOW)]
    assert await candidates.claim(1, NOW, 60, [ids[1]]) == []
    assert await candidates.claim(5, NOW, 60, [ids[2], "nobody", ids[1]]) == [Candidate(some[2], NOW)]
    assert await candidates.due(10, NOW) == [ids[0]]
    assert await candidates.due_at(ids[0]) == NOW
    assert await candidates.due_at(ids[1]) == NOW + timedelta(seconds=60)
    assert await candidates.due_at("nobody") is None
