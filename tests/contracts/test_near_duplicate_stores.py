"""What every NearDuplicates promises, over Redis and over memory."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.model import article_id
from digest.stores.connection import connect
from digest.stores.memory_near_duplicates import MemoryNearDuplicates
from digest.stores.redis_near_duplicates import RedisNearDuplicates
from digest.stories.near_duplicates import SAME, bands, sketch

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from digest.ports import Copy, NearDuplicates
    from digest.stores.keys import Keys


@pytest.fixture
def near(where: str, redis_client: Redis, keys: Keys) -> NearDuplicates:
    return MemoryNearDuplicates() if where == "memory" else RedisNearDuplicates(redis_client, keys)


def text(number: int, size: int = 120) -> str:
    """Made-up words, others for each number."""
    rng = random.Random(number)
    return " ".join("".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(4, 9))) for _ in range(size))


def edited(number: int, times: int = 1) -> str:
    words = text(number).split()
    words[: times * 7 : 7] = ["another"] * times
    return " ".join(words)


def told(name: str, body: str) -> tuple[str, bytes]:
    return article_id(name), sketch(body)


def ids(found: list[tuple[Copy, ...]]) -> list[list[str]]:
    return [[c.article_id for c in copies] for copies in found]


async def test_the_later_copy_finds_the_earlier_one(near: NearDuplicates) -> None:
    assert ids(await near.add([told("a", text(1)), told("b", text(2))])) == [[], []]
    [[copy]] = await near.add([told("c", edited(1))])
    assert copy.article_id == article_id("a")
    assert SAME <= copy.degree <= 1


async def test_copies_in_one_batch_find_each_other_in_order(near: NearDuplicates) -> None:
    found = await near.add([told("a", text(1)), told("b", text(2)), told("c", edited(1)), told("d", edited(2))])
    assert ids(found) == [[], [], [article_id("a")], [article_id("b")]]


async def test_the_most_alike_comes_first(near: NearDuplicates) -> None:
    await near.add([told("half", " ".join(text(1).split()[:60])), told("whole", text(1))])
    [found] = ids(await near.add([told("copy", edited(1))]))
    assert found == [article_id("whole"), article_id("half")]


async def test_the_same_again_is_answered_as_the_first_time(near: NearDuplicates) -> None:
    first, second = told("a", text(1)), told("b", edited(1))
    answers = await near.add([first, second])
    assert await near.add([first, second]) == answers
    assert await near.add([first]) == [()]


async def test_another_text_of_an_article_takes_the_place_of_the_first(near: NearDuplicates) -> None:
    await near.add([told("a", text(1)), told("a", text(2))])
    assert ids(await near.add([told("b", edited(1)), told("c", edited(2))])) == [[], [article_id("a")]]


async def test_an_article_whose_text_became_too_short_is_found_no_more(near: NearDuplicates) -> None:
    await near.add([told("a", text(1))])
    assert await near.add([told("a", "Gone")]) == [()]
    assert await near.add([told("b", edited(1))]) == [()]


async def test_looking_remembers_nothing(near: NearDuplicates) -> None:
    await near.add([told("a", text(1))])
    assert ids(await near.candidates([told("b", edited(1)), told("c", text(2))])) == [[article_id("a")], []]
    assert await near.add([told("d", text(2))]) == [()]
    assert ids(await near.candidates([told("e", edited(1))])) == [[article_id("a")]]


async def test_what_is_forgotten_is_found_no_more(near: NearDuplicates) -> None:
    await near.add([told("a", text(1)), told("b", text(2))])
    await near.forget([article_id("a"), article_id("unknown")])
    await near.forget([])
    assert ids(await near.add([told("c", edited(1)), told("d", edited(2))])) == [[], [article_id("b")]]


async def test_nothing_is_a_possible_batch(near: NearDuplicates) -> None:
    assert await near.add([]) == []
    assert await near.candidates([]) == []
    assert await near.add([told("a", ""), told("b", "")]) == [(), ()]


async def test_many_in_one_call_keep_their_places(near: NearDuplicates) -> None:
    batch = [told(str(n), text(n, 40)) for n in range(230)]
    assert ids(await near.add(batch)) == [[]] * 230
    again = [told(f"copy {n}", text(n, 40)) if n % 2 else told(f"none {n}", "") for n in range(230)]
    assert ids(await near.add(again)) == [[article_id(str(n))] if n % 2 else [] for n in range(230)]


async def test_a_copy_is_found_among_many_that_end_alike(near: NearDuplicates) -> None:
    footer = text(999, 40)
    await near.add([told("a", f"{text(1, 60)} {footer}")])
    await near.add([told(str(n), f"{text(n, 60)} {footer}") for n in range(2, 80)])
    [[first, *_]] = ids(await near.candidates([told("b", f"{text(1, 60)} {text(1000, 10)}")]))
    assert first == article_id("a")


async def test_of_two_writers_at_once_exactly_one_sees_the_other(redis_url: str, keys: Keys) -> None:
    made = [connect(redis_url, workspace=keys.workspace) for _ in range(2)]
    async with made[0], made[1]:
        stores = [RedisNearDuplicates(c, keys) for c in made]
        for n in range(20):
            pair = [(told(f"a{n}", text(n)),), (told(f"b{n}", edited(n)),)]
            answers = await asyncio.gather(*(s.add(p) for s, p in zip(stores, pair, strict=True)))
            assert sorted(len(found) for [found] in answers) == [0, 1]


async def test_every_key_expires_with_the_articles(redis_client: Redis, keys: Keys) -> None:
    await RedisNearDuplicates(redis_client, keys, retention_days=3).add([told("a", text(1))])
    assert 3 * 86_400 - 60 < await redis_client.ttl(keys.near(article_id("a"))) <= 3 * 86_400
    [held] = [k async for k in redis_client.scan_iter(match=f"{keys.prefix}near:bands:*")]
    assert 3 * 86_400 < await redis_client.ttl(held) <= 4 * 86_400


async def test_an_expired_sketch_is_no_candidate(redis_client: Redis, keys: Keys) -> None:
    near = RedisNearDuplicates(redis_client, keys)
    await near.add([told("a", text(1))])
    await redis_client.unlink(keys.near(article_id("a")))
    assert await near.add([told("b", edited(1))]) == [()]


async def test_bands_of_the_periods_before_are_looked_at(
    redis_client: Redis, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = RedisNearDuplicates(redis_client, keys, retention_days=3)
    await near.add([told("a", text(1))])
    import time

    later = time.time() + 2 * 86_400
    monkeypatch.setattr("digest.stores.redis_near_duplicates.time.time", lambda: later)
    assert ids(await near.add([told("b", edited(1))])) == [[article_id("a")]]


async def test_a_band_holds_no_more_than_ten_ids(redis_client: Redis, keys: Keys) -> None:
    near = RedisNearDuplicates(redis_client, keys)
    await near.add([told(str(n), text(1)) for n in range(30)])
    [held] = [k async for k in redis_client.scan_iter(match=f"{keys.prefix}near:bands:*")]
    values = await redis_client.hvals(held)
    assert len(values) == len(bands(sketch(text(1))))
    assert {len(v) for v in values} == {60}


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(), max_size=300), max_size=5))
async def test_any_text_can_be_added(near: NearDuplicates, texts: list[str]) -> None:
    assert len(await near.add([told(t.encode("utf-8", "replace").hex(), t) for t in texts])) == len(texts)
