from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.stories import events as module
from digest.stories.event_terms import event_vector
from digest.stories.events import Events, clusters
from digest.stories.story_names import Change
from digest.stories.told import Told

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMES = ("Veltrum", "Harrowgate", "Brackenbury", "Quellmark", "Tamsin", "Oakhurst")
ACTS = ("buys", "sues", "hires from", "shuts", "praises")


def told(name: str, title: str, text: str = "", days: float | None = None) -> Told:
    return Told(name, event_vector(title, text), None if days is None else NOON + timedelta(days=days))


@st.composite
def live(draw: st.DrawFn) -> list[Told]:
    titles = st.tuples(st.sampled_from(NAMES), st.sampled_from(ACTS), st.sampled_from(NAMES), st.sampled_from(NAMES)).map(
        " ".join
    )
    given_days = st.none() | st.integers(0, 12)
    made = draw(st.lists(st.tuples(titles, titles, given_days), max_size=14))
    return [told(f"a{n:02}", title, text, days) for n, (title, text, days) in enumerate(made)]


def parts(events: Events) -> set[frozenset[str]]:
    return {frozenset(articles) for articles in events.clusters().values()}


@given(live())
def test_stories_are_a_partition(articles: list[Told]) -> None:
    found = [a for part in clusters(articles) for a in part]
    assert sorted(found) == sorted(a.id for a in articles)


@given(live(), st.randoms(use_true_random=False))
def test_stories_ignore_the_order_of_arrival(articles: list[Told], shuffler: random.Random) -> None:
    shuffled = shuffler.sample(articles, len(articles))
    events = Events()
    for each in shuffled:
        events.add(each)
    assert clusters(shuffled) == clusters(articles)
    assert parts(events) == {frozenset(part) for part in clusters(articles)}


@given(live(), st.randoms(use_true_random=False))
def test_removing_undoes_adding(articles: list[Told], shuffler: random.Random) -> None:
    kept = shuffler.sample(articles, len(articles) // 2)
    events = Events()
    events.add(*articles)
    for each in articles:
        if each not in kept:
            events.remove(each.id)
    assert parts(events) == {frozenset(part) for part in clusters(kept)}
    assert len(events) == len(kept)


@given(live(), st.data())
def test_changes_tell_every_identifier_that_came_or_went(articles: list[Told], data: st.DataObject) -> None:
    events = Events()
    for each in data.draw(st.lists(st.sampled_from(articles), max_size=20) if articles else st.just([])):
        before = events.clusters()
        change = events.remove(each.id) if each.id in {a for p in before.values() for a in p} else events.add(each)
        after = events.clusters()
        assert after.keys() - before.keys() == {*change.formed, *(new for new, _ in change.split)}
        assert before.keys() - after.keys() == {*change.gone, *(old for old, _ in change.joined)}
        assert {s for s in before.keys() & after.keys() if before[s] != after[s]} == set(change.changed)
        assert all(events.story_of(a) == story for story, part in after.items() for a in part)


@given(live())
def test_a_copy_of_a_lone_article_joins_it(articles: list[Told]) -> None:
    for first in articles[:1]:
        if first.vector.terms:
            assert len(clusters([first, Told("copy", first.vector, first.published)])) == 1


#: Headlines of one story in many words, and some that are only faintly like them.
CROWD = [f"Harrowgate {act} Veltrum's {thing}" for act in ("buys", "takes over") for thing in ("studio", "film studio", "Leeds studio", "adverts", "advert studio", "film adverts")]  # fmt: skip
FAINT = (
    "Veltrum and Oakhurst among Quellmark, Tamsin, Brackenbury, Dunmoor and Ashby",
    "Leeds waits for Oakhurst and others",
    "Brackenbury asks about adverts in the county",
)


@given(st.lists(st.sampled_from([*CROWD, *FAINT]), max_size=24), st.randoms(use_true_random=False))
def test_headlines_that_lean_on_a_story_ignore_the_order_and_what_came_and_went(
    titles: list[str], shuffler: random.Random
) -> None:
    articles = [told(f"a{n:02}", title) for n, title in enumerate(titles)]
    passing = [told(f"p{n}", title) for n, title in enumerate(shuffler.sample([*CROWD, *FAINT], 4))]
    events = Events()
    for each in shuffler.sample([*articles, *passing], len(articles) + len(passing)):
        events.add(each)
    for each in shuffler.sample(passing, len(passing)):
        events.remove(each.id)
    assert parts(events) == {frozenset(part) for part in clusters(articles)}
    assert all(events.story_of(a) == story for story, part in events.clusters().items() for a in part)


def test_a_headline_faintly_like_a_large_story_is_of_it_once_there_are_many() -> None:
    events = Events()
    events.add(*(told(f"a{n:02}", title) for n, title in enumerate(CROWD)))
    assert len(events.clusters()) == 1
    events.add(told("z", FAINT[0]))
    assert events.story_of("z") == events.story_of("a00")
    events.remove(*(f"a{n:02}" for n in range(8)))
    assert events.story_of("z") == "z"


LEEDS = "Harrowgate Media opened a studio in Leeds that makes adverts for Brackenbury with a model by Veltrum."
SUIT = "Oakhurst sued Quellmark in Delaware over forty patents on the ranking of sponsored answers."
STORY = [
    told("studio-1", "Harrowgate opens Veltrum studio in Leeds", LEEDS, 0.0),
    told("studio-2", "Adverts by machine: Harrowgate's Leeds studio", LEEDS, 0.3),
    told("suit-1", "Oakhurst sues Quellmark over sponsored answers", SUIT, 0.1),
]


def test_outlets_that_tell_one_event_are_one_story() -> None:
    assert clusters(STORY) == (("studio-1", "studio-2"), ("suit-1",))


@pytest.mark.parametrize("position", range(3))
def test_a_duplicate_never_splits_its_story(position: int) -> None:
    copy = Told("zz-copy", STORY[position].vector, STORY[position].published)
    found = clusters([*STORY, copy])
    assert len(found) == 2
    assert any({copy.id, STORY[position].id} <= set(part) for part in found)


def test_the_same_words_a_week_apart_are_two_stories() -> None:
    first, later = told("a", "Harrowgate opens studio", LEEDS, 0.0), told("b", "Harrowgate opens studio", LEEDS, 7.0)
    assert len(clusters([first, later])) == 2


def test_time_says_nothing_where_a_date_is_missing() -> None:
    assert len(clusters([told("a", "Harrowgate opens studio", LEEDS, 0.0), told("b", "Harrowgate opens studio", LEEDS)])) == 1


def test_a_new_story_is_named_after_its_earliest_article() -> None:
    events = Events()
    assert events.add(*STORY) == Change(formed=("studio-1", "suit-1"))


def test_a_story_keeps_its_identifier_when_an_earlier_article_joins() -> None:
    events = Events()
    events.add(STORY[1])
    assert events.add(STORY[0]) == Change(changed=("studio-2",))
    assert events.clusters() == {"studio-2": ("studio-1", "studio-2")}


def test_an_article_that_leaves_alone_takes_its_story_with_it() -> None:
    events = Events()
    events.add(*STORY)
    assert events.remove("suit-1") == Change(gone=("suit-1",))
    assert events.remove("suit-1") == Change()


def test_adding_an_article_again_replaces_it() -> None:
    events = Events()
    events.add(*STORY)
    moved = Told("studio-2", STORY[2].vector, STORY[2].published)
    assert events.add(moved) == Change(changed=("studio-1", "suit-1"))
    assert len(events) == 3


def test_neighbours_are_the_nearest_other_stories_of_any_time() -> None:
    events = Events()
    events.add(*STORY, told("last-month", "Harrowgate plans studio with Veltrum", "A studio in Leeds is planned.", -30.0))
    assert [story for story, _ in events.neighbours("studio-2")] == ["last-month"]
    assert events.neighbours("studio-2", 0) == []


def test_a_group_past_the_bound_is_parted_by_stronger_pairs_and_copies_stay_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_GROUP", 3)
    copies = [Told(f"copy-{n}", STORY[0].vector, STORY[0].published) for n in range(6)]
    found = clusters([*copies, *STORY])
    assert {len(part) for part in found} >= {7}
    assert sum(map(len, found)) == 9
