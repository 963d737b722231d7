"""What every FeedStates promises, over Redis and over memory."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from redis.asyncio import Redis

from digest.feeds.ports import FeedState
from digest.stores.memory_feeds import MemoryFeedStates
from digest.stores.redis_feeds import RedisFeedStates

if TYPE_CHECKING:
    from digest.feeds.ports import FeedStates
    from digest.stores.keys import Keys

WHEN = datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)
BAD = FeedState("https://b.test/", checked=WHEN, failures=3, error="it answered 404: Ünïcode \N{SNOWMAN}", next_try=WHEN)
GOOD = FeedState("https://a.test/feed?x=1", "https://a.test/new", 'W/"1"', "Mon, 02 Nov 2026", WHEN, WHEN, 20, seen="0f")


@pytest.fixture
def feeds(where: str, redis_client: Redis, keys: Keys) -> FeedStates:
    if where == "memory":
        return MemoryFeedStates()
    return RedisFeedStates(redis_client, keys)


async def test_states_come_back_as_they_were_in_the_order_asked_for(feeds: FeedStates) -> None:
    await feeds.remember([BAD, GOOD])
    assert await feeds.states([GOOD.url, "https://new.test/", BAD.url]) == [GOOD, FeedState("https://new.test/"), BAD]


async def test_a_state_takes_the_place_of_the_one_before(feeds: FeedStates) -> None:
    await feeds.remember([BAD])
    await feeds.remember([FeedState(BAD.url, succeeded=WHEN)])
    assert await feeds.states([BAD.url]) == [FeedState(BAD.url, succeeded=WHEN)]


async def test_a_feed_that_is_no_longer_listed_is_forgotten(feeds: FeedStates) -> None:
    await feeds.remember([BAD, GOOD])
    await feeds.forget([BAD.url, "https://never.test/"])
    assert await feeds.states([BAD.url, GOOD.url]) == [FeedState(BAD.url), GOOD]


async def test_nothing_is_a_possible_number_of_feeds(feeds: FeedStates) -> None:
    await feeds.remember([])
    await feeds.forget([])
    assert await feeds.states([]) == []
