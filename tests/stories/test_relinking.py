from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.stories import relinking as module
from digest.stories.event_vector import EventVector
from digest.stories.linkage import STRONG, linked
from digest.stories.relinking import LEAST_KEPT, Linkages
from digest.stories.told import Told, cosines, cosines_with

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def article(rng: random.Random, number: int, subjects: int = 3) -> Told:
    """One of few subjects, by some of its words and some of all; some with text, a date, a claim or a meaning."""
    subject = rng.randrange(subjects)
    own = rng.sample(range(subject * 40, subject * 40 + 25), rng.randint(1, 9))
    words = sorted({*own, *rng.sample(range(1000, 1060), rng.choice((2, 3, 25)))})
    weights = bytes(rng.randint(20, 255) for _ in words)
    claims = (7 << 16 | rng.randrange(2),) if rng.random() < 0.2 else ()
    meaning = bytes(rng.randrange(256) for _ in range(8)) if rng.random() < 0.5 else b""
    when = NOON + timedelta(days=rng.choice((0, 0.5, 1, 4, 9))) if rng.random() < 0.7 else None
    return Told(f"a{number:03}", EventVector(tuple(words), weights, claims, meaning), when)


def afresh(group: list[Told], strong: float) -> list[list[int]]:
    return linked(cosines(group), [t.vector.evidence for t in group], strong)


@settings(max_examples=40)
@given(st.integers(0), st.sampled_from((STRONG, 0.4)))
def test_a_group_that_changes_is_parted_as_if_it_were_new(seed: int, strong: float) -> None:
    rng, number, linkages, live = random.Random(seed), 0, Linkages(), list[Told]()
    for _ in range(9):
        many = rng.choice((1, 1, 1, 2, 9, 40))
        live += [article(rng, number + n) for n in range(many)]
        number += many
        for gone in rng.sample(live, min(len(live), rng.choice((0, 0, 1, 3, len(live) // 2)))):
            live.remove(gone)
        if live and rng.random() < 0.2:  # one by its id, another by its words
            place = rng.randrange(len(live))
            live[place] = replace(article(rng, 0), id=live[place].id)
        live.sort(key=lambda t: t.order)
        assert linkages.parts(live, strong) == afresh(live, strong)


@settings(max_examples=25)
@given(st.integers(0))
def test_groups_that_join_and_part_are_parted_as_if_they_were_new(seed: int) -> None:
    rng, linkages = random.Random(seed), Linkages()
    made = sorted((article(rng, n, subjects=2) for n in range(3 * LEAST_KEPT)), key=lambda t: t.order)
    for _ in range(6):
        chosen = {t.id for t in rng.sample(made, rng.randint(0, len(made)))}
        for group in ([t for t in made if t.id in chosen], [t for t in made if t.id not in chosen]):
            assert linkages.parts(group, STRONG) == afresh(group, STRONG)


@given(st.integers(0))
def test_a_row_of_similarities_is_that_of_the_whole_table_to_the_last_bit(seed: int) -> None:
    rng = random.Random(seed)
    group = [article(rng, n) for n in range(12)]
    for n, row in enumerate(cosines(group)):
        assert cosines_with(group[n], group[:n]) == row[:n]


def test_copies_of_one_headline_are_parted_as_if_they_were_new() -> None:
    """All similarities are equal: which come together first goes by their places."""
    rng = random.Random("copies")
    one, linkages, live = article(rng, 0), Linkages(), list[Told]()
    for n in rng.sample(range(60), 60):
        live.append(Told(f"a{n:02}", one.vector, one.published))
        live.sort(key=lambda t: t.order)
        assert linkages.parts(live, STRONG) == afresh(live, STRONG)


def test_what_is_kept_is_bounded_and_what_was_let_go_is_reckoned_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CELLS", 3 * 32 * 32)
    rng, linkages = random.Random("bound"), Linkages()
    groups = [sorted((article(rng, 100 * g + n) for n in range(30)), key=lambda t: t.order) for g in range(6)]
    for group in [*groups, *rng.sample(groups, 6)]:
        assert linkages.parts(group, STRONG) == afresh(group, STRONG)
        assert 0 < linkages.cells <= module.MOST_CELLS


def test_a_group_that_goes_up_in_another_is_not_kept_beside_it() -> None:
    rng, linkages = random.Random("join"), Linkages()
    groups = [sorted((article(rng, 100 * g + n) for n in range(30)), key=lambda t: t.order) for g in range(2)]
    for group in groups:
        linkages.parts(group, STRONG)
    both = sorted((t for group in groups for t in group), key=lambda t: t.order)
    linkages.parts(both, STRONG)
    cells = linkages.cells
    linkages.parts(both[1:], STRONG)
    assert linkages.cells == cells


def test_of_small_groups_nothing_is_kept() -> None:
    rng, linkages = random.Random("small"), Linkages()
    linkages.parts([article(rng, n) for n in range(LEAST_KEPT - 1)], STRONG)
    assert linkages.cells == 0
