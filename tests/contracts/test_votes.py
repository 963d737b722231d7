"""What every Votes promises, over Redis and over memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from digest.stores.memory_subscribing import MemoryVotes
from digest.stores.redis_votes import RedisVotes
from digest.stories.taste import Aspect, Vote
from digest.subscribing.ports import VOTES_KEPT

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from digest.stores.keys import Keys
    from digest.subscribing.ports import Votes

WHEN = datetime(2026, 11, 23, 23, 59, 0, 123456, tzinfo=UTC)
MORE = Vote("U1", "feedfacecafe", 1, (Aspect("topic", "agent", "Agents"), Aspect("publisher", "martech", "MarTech")), WHEN)
LESS = Vote("U2", "feedfacecafe", -1, (Aspect("tag", "größe", "Größe"),), WHEN + timedelta(minutes=1))


@pytest.fixture
def votes(where: str, redis_client: Redis, keys: Keys) -> Votes:
    if where == "memory":
        return MemoryVotes()
    return RedisVotes(redis_client, keys)


async def test_votes_come_back_as_they_were_the_newest_first(votes: Votes) -> None:
    assert await votes.votes("C1") == []
    for vote in (MORE, LESS):
        await votes.cast("C1", vote)
    assert await votes.votes("C1") == [LESS, MORE]
    assert await votes.votes("C2") == []


async def test_a_person_has_one_vote_on_an_article_and_the_later_holds(votes: Votes) -> None:
    changed = replace(MORE, direction=-1, at=WHEN + timedelta(hours=1))
    for vote in (MORE, LESS, changed):
        await votes.cast("C1", vote)
    assert await votes.votes("C1") == [changed, LESS]


async def test_neither_more_nor_less_takes_a_vote_back(votes: Votes) -> None:
    for vote in (MORE, LESS, replace(MORE, direction=0)):
        await votes.cast("C1", vote)
    assert await votes.votes("C1") == [LESS]
    await votes.cast("C1", replace(MORE, direction=0))
    assert await votes.votes("C1") == [LESS]


async def test_votes_can_be_taken_back_of_one_person_or_of_the_whole_channel(votes: Votes) -> None:
    cast = [MORE, LESS, replace(MORE, article_id="other"), replace(MORE, person="U10")]
    for vote in cast:
        await votes.cast("C1", vote)
    await votes.cast("C2", MORE)
    assert await votes.forget("C1", "U1") == 2
    assert {v.person for v in await votes.votes("C1")} == {"U2", "U10"}
    assert await votes.forget("C1") == 2
    assert await votes.forget("C1") == 0
    assert await votes.votes("C1") == []
    assert await votes.votes("C2") == [MORE]


async def test_the_oldest_votes_of_a_channel_fall_away(votes: Votes) -> None:
    for n in range(VOTES_KEPT + 3):
        await votes.cast("C1", replace(MORE, article_id=f"{n:05}", at=WHEN + timedelta(minutes=n)))
    kept = await votes.votes("C1")
    assert len(kept) == VOTES_KEPT
    assert (kept[0].article_id, kept[-1].article_id) == (f"{VOTES_KEPT + 2:05}", "00003")
