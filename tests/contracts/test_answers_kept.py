"""What Conversations, AnswerCache and Quotas promise, over Redis and over memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from digest.answers.ports import CONVERSATION_TTL_S, TURNS, Answer, Citation, Sentence, Turn
from digest.ports import Usage
from digest.stores.memory_answers import MemoryAnswerCache, MemoryConversations, MemoryQuotas
from digest.stores.redis_answers import RedisAnswerCache, RedisConversations, RedisQuotas

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from digest.answers.ports import AnswerCache, Conversations, Quotas
    from digest.stores.keys import Keys

DAY = date(2026, 11, 23)
ANSWER = Answer(
    "It costs 5. [1]", (Citation("a1", 3, 9, "costs\n5"),), False, "claude", 1, ("A note.",), Usage(1, 900, 60),
    (Sentence("It costs 5.", (1,), "the passage doesn't name It"),), "claude-sonnet-5-5",
)  # fmt: skip


@pytest.fixture
def kept(where: str, redis_client: Redis, keys: Keys) -> tuple[Conversations, AnswerCache, Quotas]:
    if where == "memory":
        return MemoryConversations(), MemoryAnswerCache(), MemoryQuotas()
    return RedisConversations(redis_client, keys), RedisAnswerCache(redis_client, keys), RedisQuotas(redis_client, keys)


Kept = tuple["Conversations", "AnswerCache", "Quotas"]


async def test_a_conversation_keeps_its_newest_turns_the_oldest_first(kept: Kept) -> None:
    conversations = kept[0]
    assert await conversations.turns("C1:1.0") == []
    for n in range(TURNS + 3):
        await conversations.add("C1:1.0", Turn(f"question {n}?", f"answer {n}", ("a1", "b2")))
    turns = await conversations.turns("C1:1.0")
    assert [t.question for t in turns] == [f"question {n}?" for n in range(3, TURNS + 3)]
    assert turns[0] == Turn("question 3?", "answer 3", ("a1", "b2"))
    assert await conversations.turns("C1:2.0") == []


async def test_an_answer_comes_back_as_it_was_but_for_its_cost(kept: Kept) -> None:
    cache = kept[1]
    assert await cache.get("k") is None
    await cache.put("k", ANSWER)
    found = await cache.get("k")
    assert found is not None
    assert replace(found, usage=None) == replace(ANSWER, usage=None)


async def test_a_question_is_counted_for_all_names_or_for_none(kept: Kept) -> None:
    quotas = kept[2]
    limits = {"person:U1": 2, "day": 3}
    assert [await quotas.take(DAY, limits) for _ in range(3)] == ["", "", "person:U1"]
    assert await quotas.take(DAY, {"person:U2": 2, "day": 3}) == ""
    assert await quotas.take(DAY, {"person:U3": 2, "day": 3}) == "day"
    assert await quotas.take(DAY, {"person:U3": 2}) == ""  # what was refused was not counted
    assert await quotas.take(date(2026, 11, 24), limits) == ""
    assert await quotas.take(DAY, {"nobody": 0}) == "nobody"


async def test_of_many_at_once_no_more_than_the_limit_are_counted(kept: Kept) -> None:
    taken = await asyncio.gather(*(kept[2].take(DAY, {"day": 7}) for _ in range(20)))
    assert taken.count("") == 7


async def test_in_redis_a_conversation_ends_by_itself_and_what_an_older_version_wrote_is_passed_over(
    redis_client: Redis, keys: Keys
) -> None:
    conversations, cache = RedisConversations(redis_client, keys), RedisAnswerCache(redis_client, keys)
    await conversations.add("c", Turn("q", "a"))
    assert 0 < await redis_client.ttl(keys.conversation("c")) <= CONVERSATION_TTL_S
    await redis_client.rpush(keys.conversation("c"), b"{}", b"no json")  # type: ignore[misc]
    assert await conversations.turns("c") == [Turn("q", "a")]
    await redis_client.set(keys.answer("k"), b'{"text": "old"}')
    assert await cache.get("k") is None


async def test_in_memory_what_is_over_is_forgotten() -> None:
    now = [0.0]
    conversations, cache = MemoryConversations(lambda: now[0]), MemoryAnswerCache(lambda: now[0])
    await conversations.add("c", Turn("q", "a"))
    await cache.put("k", ANSWER)
    now[0] = 8 * 86_400.0
    assert (await conversations.turns("c"), await cache.get("k")) == ([], None)
