"""Ledger of publications: one suite for every implementation."""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from digest.model import EditionStory
from digest.publishing.publication import STATES, Name, Piece, Publication, sealed
from digest.publishing.stored import dump_digest, dump_publication, load_digest, load_publication
from digest.stores.keys import Keys
from digest.stores.memory_ledger import MemoryLedger
from digest.stores.redis_ledger import RedisLedger
from tests.builders import chosen, digest, story

Ledger = RedisLedger | MemoryLedger
DUE = datetime.now(UTC).replace(microsecond=0)
NAME = Name("C1", date(2026, 11, 23))


def publication(name: Name = NAME, **given: object) -> Publication:
    pieces = (Piece("Root", ({"type": "divider"},), (1, 2)), Piece("Reply", (), (2,), "17.2"))
    made = Publication(
        name, DUE, DUE + timedelta(hours=12), DUE, pieces, sealed(pieces), (EditionStory("a", "A"),), b"\x00\xff"
    )
    return replace(made, **given)  # type: ignore[arg-type]


@pytest.fixture
def ledger(where: str, redis_client: Redis, keys: Keys) -> Ledger:
    return MemoryLedger() if where == "memory" else RedisLedger(redis_client, keys)


async def test_what_was_prepared_first_stays(ledger: Ledger) -> None:
    made = [publication(reason=str(n)) for n in range(20)]
    remembered = await asyncio.gather(*(ledger.add(p) for p in made))
    assert len({p.reason for p in remembered}) == 1
    assert await ledger.get(NAME) == remembered[0]
    assert await ledger.get(Name("C1", NAME.day, "weekly")) is None


async def test_of_many_who_want_the_lease_one_has_it(ledger: Ledger) -> None:
    tokens = [t for t in await asyncio.gather(*(ledger.lease(NAME, 30) for _ in range(20))) if t]
    assert len(tokens) == 1
    await ledger.release(NAME, "another's")
    assert await ledger.lease(NAME, 30) is None
    await ledger.release(NAME, tokens[0])
    assert await ledger.lease(NAME, 30)


async def test_only_who_holds_the_lease_changes_what_is_remembered(ledger: Ledger) -> None:
    await ledger.add(publication())
    token = await ledger.lease(NAME, 0.05)
    assert token
    assert await ledger.save(publication(reason="mine"), token, 0.05)
    await asyncio.sleep(0.1)
    assert not await ledger.save(publication(reason="too late"), token, 30)
    other = await ledger.lease(NAME, 30)
    assert other
    assert not await ledger.save(publication(reason="too late"), token, 30)
    await ledger.release(NAME, token)
    assert await ledger.save(publication(reason="theirs"), other, 30)
    held = await ledger.get(NAME)
    assert held is not None
    assert held.reason == "theirs"


async def test_saving_holds_the_lease_on(ledger: Ledger) -> None:
    await ledger.add(publication())
    token = await ledger.lease(NAME, 0.2)
    assert token
    for _ in range(4):
        await asyncio.sleep(0.1)
        assert await ledger.save(publication(), token, 0.2)
    assert await ledger.lease(NAME, 30) is None


async def test_open_are_those_that_are_not_closed_by_when_they_are_due(ledger: Ledger) -> None:
    names = [Name(f"C{n}", NAME.day) for n in range(len(STATES))]
    for n, (name, state) in enumerate(zip(names, STATES, strict=True)):
        await ledger.add(publication(name, due=DUE - timedelta(minutes=n), state=state))
    wanted = [n for n, s in zip(names, STATES, strict=True) if s not in ("verified", "expired", "skipped")]
    assert await ledger.open() == wanted[::-1]
    token = await ledger.lease(wanted[0], 30)
    assert token
    assert await ledger.save(publication(wanted[0], state="verified"), token, 30)
    assert await ledger.open() == wanted[:0:-1]


async def test_the_newest_come_first_of_one_channel_too(ledger: Ledger) -> None:
    days = [Name(c, date(2026, 11, d)) for c in ("C1", "C2") for d in (20, 21, 22)]
    for name in days:
        await ledger.add(publication(name, due=DUE - timedelta(days=22 - name.day.day), state="verified"))
    assert [p.name for p in await ledger.newest(2, "C2")] == [days[5], days[4]]
    assert len(await ledger.newest(10)) == 6


async def test_a_proof_is_of_one_bot(ledger: Ledger) -> None:
    await ledger.remember_proof("B1")
    assert await ledger.proved("B1")
    assert not await ledger.proved("B2")


async def test_its_life_is_the_same_until_it_is_lost(ledger: Ledger) -> None:
    assert await ledger.life() == await ledger.life()


async def test_redis_has_another_life_after_its_keys_are_gone(redis_client: Redis, keys: Keys) -> None:
    ledger = RedisLedger(redis_client, keys)
    before = await ledger.life()
    await redis_client.delete(keys.publications_life)
    assert await ledger.life() != before


async def test_what_was_damaged_in_redis_counts_as_not_there(redis_client: Redis, keys: Keys) -> None:
    ledger = RedisLedger(redis_client, keys)
    await ledger.add(publication())
    await redis_client.set(keys.publication(str(NAME)), b"\x00")
    assert await ledger.get(NAME) is None
    assert await ledger.newest(5) == []
    again = publication(reason="anew")
    assert await ledger.add(again) == again
    assert await ledger.get(NAME) == again


names = st.builds(Name, st.from_regex(r"[CDG][A-Z0-9]{8,10}", fullmatch=True), st.dates(), st.sampled_from(["daily", "weekly"]))
instants = st.datetimes(timezones=st.just(UTC))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
stored = st.builds(
    Publication, names, instants, instants, instants,
    st.lists(st.builds(Piece, texts, st.just(({"type": "section", "x": [1, None]},)), st.tuples(st.integers(1, 9)), texts), max_size=3).map(tuple),
    texts, st.tuples(st.builds(EditionStory, texts, texts, st.tuples(texts))), st.binary(max_size=50), st.sampled_from(STATES), texts,
    st.integers(0, 9), st.none() | instants, st.none() | instants, st.none() | instants, st.integers(0, 3), st.integers(0, 3),
)  # fmt: skip


@given(stored)
def test_what_is_stored_comes_back_exactly(one: Publication) -> None:
    assert load_publication(dump_publication(one)) == one
    fields = {n: getattr(one, n) for n in type(one).__slots__ if n != "digest"}
    as_before = zlib.compress(orjson.dumps({**fields, "digest": one.digest.decode("latin-1")}), 6)
    assert load_publication(as_before) == one
    assert Name.of(str(one.name)) == one.name


def test_a_digest_comes_back_as_a_reader_sees_it() -> None:
    made = digest([chosen(1, story("One")), chosen(2, story("Two"))])
    back = load_digest(dump_digest(made))
    assert [c.story.lead.assessment for c in back.chosen] == [c.story.lead.assessment for c in made.chosen]
    assert back.subscription == made.subscription
    assert all(c.story.lead.article.body == "" for c in back.chosen)


@pytest.mark.parametrize("data", [b"", b"{}", b"\x78\x9c"])
def test_what_is_damaged_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        load_publication(data)


async def test_those_that_are_forty_days_older_than_the_newest_are_forgotten_whatever_the_date_is(
    redis_client: Redis, keys: Keys
) -> None:
    ledger, long_ago = RedisLedger(redis_client, keys), datetime(2020, 1, 1, 9, tzinfo=UTC)

    def of(day: datetime) -> Publication:
        return publication(Name("C1", day.date()), due=day)

    await ledger.add(of(long_ago))
    assert await ledger.open() == [Name("C1", long_ago.date())]
    later = long_ago + timedelta(days=41)
    await ledger.add(of(later))
    assert await ledger.open() == [Name("C1", later.date())]
