"""What a meaning does to stories, by a meaning of the test's own: what wordllama says is in ``tests/semantics``."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.stories.event_terms import event_vector
from digest.stories.event_vector import unpack
from digest.stories.events import Events, clusters
from digest.stories.meaning import MAX_MEANING, likenesses, quantised, weighed
from digest.stories.told import Told

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TEXT = " ".join(f"Veltrum{n} opens studio{n} in Harrowgate{n}." for n in range(20))
MEANINGS = st.lists(st.integers(-127, 127), min_size=8, max_size=8).filter(any).map(quantised)
TITLES = st.lists(
    st.sampled_from("Veltrum Harrowgate buys sells shuts opens studio rival in Leeds".split()), min_size=1, max_size=6
).map(" ".join)


def one_way(title: str) -> bytes:
    """All headlines mean the same."""
    return quantised([3.0, 4.0])


def by_length(title: str) -> bytes:
    return quantised([len(title) % 5 - 2.0, 1.0, len(title) % 3])


def told(name: str, title: str, text: str = "", days: float = 0.0, meaning: object = by_length) -> Told:
    return Told(name, event_vector(title, text, meaning=meaning), NOON + timedelta(days=days))  # type: ignore[arg-type]


@st.composite
def live(draw: st.DrawFn) -> list[Told]:
    made = draw(st.lists(st.tuples(TITLES, st.sampled_from(["", TEXT]), st.integers(0, 9)), max_size=12))
    return [told(f"a{n:02}", title, text, days) for n, (title, text, days) in enumerate(made)]


@given(st.lists(MEANINGS, min_size=1, max_size=6))
def test_likeness_is_the_cosine_and_the_same_both_ways(meanings: list[bytes]) -> None:
    found = likenesses(meanings, meanings)
    for n, one in enumerate(meanings):
        for m, other in enumerate(meanings):
            a, b = ([b - 256 if b > 127 else b for b in each] for each in (one, other))
            product = sum(x * y for x, y in zip(a, b, strict=True))
            assert found[n][m] == product / (sqrt(sum(x * x for x in a)) * sqrt(sum(y * y for y in b))) == found[m][n]


def test_a_meaning_is_bounded_and_nothing_means_nothing() -> None:
    assert len(quantised([1.0] * 1_000)) == MAX_MEANING
    assert quantised([0.5, -1.0]) == bytes([64, 129])
    assert quantised([0.0, 0.0]) == quantised([]) == b""


@given(st.floats(0, 1), st.floats(-1, 1), st.floats(0, 1))
def test_what_is_weighed_is_between_0_and_1_and_full_texts_go_by_their_words(cosine: float, alike: float, lack: float) -> None:
    assert 0.0 <= weighed(cosine, alike, lack) <= 1.0
    assert weighed(cosine, alike, 0.0) == cosine


@given(TITLES, st.sampled_from(["", TEXT]))
def test_a_vector_with_a_meaning_packs_and_one_without_is_as_ever(title: str, text: str) -> None:
    with_it, without = event_vector(title, text, meaning=by_length), event_vector(title, text)
    assert unpack(with_it.pack()) == with_it
    assert replace(with_it, meaning=b"") == without
    assert without.pack()[0] == 1
    assert unpack(without.pack()) == without


def test_the_longest_meaning_packs_within_the_bound() -> None:
    made = event_vector("Google adds Gemini", meaning=lambda _: quantised([1.0] * MAX_MEANING))
    assert unpack(made.pack()) == made
    for damaged in (made.pack()[:-1], made.pack() + b"\0", made.pack()[: -MAX_MEANING - 2]):
        with pytest.raises(ValueError, match="no vector"):
            unpack(damaged)


def test_a_full_text_is_not_asked_what_it_means() -> None:
    asked: list[str] = []

    def listening(title: str) -> bytes:
        asked.append(title)
        return b"\1"

    assert event_vector("Veltrum opens studio", TEXT, meaning=listening).meaning == b""
    assert event_vector("Veltrum opens studio", "", meaning=listening).meaning == b"\1"
    assert asked == ["Veltrum opens studio"]


@given(live(), st.randoms(use_true_random=False))
def test_stories_ignore_the_order_of_arrival_with_meanings_too(articles: list[Told], shuffler: random.Random) -> None:
    events = Events()
    for each in shuffler.sample(articles, len(articles)):
        events.add(each)
    assert {frozenset(p) for p in events.clusters().values()} == {frozenset(p) for p in clusters(articles)}


@given(live(), st.randoms(use_true_random=False))
def test_removing_undoes_adding_with_meanings_too(articles: list[Told], shuffler: random.Random) -> None:
    gone = shuffler.sample(articles, len(articles) // 2)
    events = Events()
    events.add(*articles)
    events.remove(*(t.id for t in gone))
    kept = [t for t in articles if t not in gone]
    assert {frozenset(p) for p in events.clusters().values()} == {frozenset(p) for p in clusters(kept)}


def test_headlines_that_share_some_words_are_one_event_where_they_mean_the_same() -> None:
    titles = ("Pizza chain files for Chapter 11", "Sbarro pizza closes for good as it goes bankrupt")
    for meaning, stories in ((None, 2), (one_way, 1)):
        assert len(clusters(told(t, t, meaning=meaning) for t in titles)) == stories


def test_meaning_alone_makes_no_story() -> None:
    assert (
        len(clusters([told("a", "Sbarro goes bankrupt", meaning=one_way), told("b", "Pizza chain fails", meaning=one_way)]))
        == 2
    )


def test_what_contradicts_is_not_one_event_whatever_it_means() -> None:
    titles = ("Google adds Gemini to Maps", "Google removes Gemini from Maps")
    assert len(clusters(told(t, t, meaning=one_way) for t in titles)) == 2


def test_a_headline_that_means_nothing_goes_by_its_words() -> None:
    titles = ("Veltrum opens studio in Leeds", "Veltrum opens studio in Leeds today", "Harrowgate sues Oakhurst")
    silent = clusters(told(t, t, meaning=lambda _: b"") for t in titles)
    assert silent == clusters(told(t, t, meaning=None) for t in titles)
