from __future__ import annotations

import random

import pytest

from digest.stories.linkage import linked, scale


def cosines(count: int, pairs: dict[tuple[int, int], float]) -> list[list[float]]:
    return [[pairs.get((min(a, b), max(a, b)), 0.0) for b in range(count)] for a in range(count)]


def test_without_a_strong_pair_nothing_joins() -> None:
    assert linked(cosines(2, {(0, 1): 0.24}), [1.0, 1.0]) == [[0], [1]]
    assert linked(cosines(2, {(0, 1): 0.26}), [1.0, 1.0]) == [[0, 1]]


def test_a_strong_pair_alone_does_not_join_what_is_otherwise_unlike() -> None:
    two_stories = {(0, 1): 0.6, (1, 2): 0.6, (0, 2): 0.6, (3, 4): 0.6, (4, 5): 0.6, (3, 5): 0.6, (2, 3): 0.5}
    assert linked(cosines(6, two_stories), [1.0] * 6) == [[0, 1, 2], [3, 4, 5]]


def twins(across: float) -> list[list[float]]:
    """Two tight groups of six full texts."""
    return [[0.6 if (a < 6) == (b < 6) else across for b in range(12)] for a in range(12)]


def test_two_tight_groups_that_are_less_alike_across_stay_apart() -> None:
    assert len(linked(twins(0.3), [1.0] * 12)) == 2
    assert len(linked(twins(0.55), [1.0] * 12)) == 1


def test_headlines_are_not_held_to_the_tightness_of_their_story() -> None:
    assert len(linked(twins(0.3), [0.0] * 12)) == 1


def gathered(count: int, faint: float, evidence: float) -> list[list[int]]:
    """What becomes of one article that is faintly like each of ``count`` that are one story."""
    alike = {(a, b): 0.5 for a in range(count) for b in range(a + 1, count)}
    return linked(cosines(count + 1, alike | {(a, count): faint for a in range(count)}), [evidence] * (count + 1))


def test_a_headline_that_is_faintly_like_many_of_a_story_is_of_it() -> None:
    assert len(gathered(10, 0.2, 0.0)) == 1
    assert len(gathered(10, 0.15, 0.0)) == 2


def test_being_faintly_like_a_few_or_with_a_full_text_is_not_enough() -> None:
    assert len(gathered(9, 0.2, 0.0)) == 2
    assert len(gathered(10, 0.2, 1.0)) == 2


@pytest.mark.parametrize("seed", range(20))
def test_which_headlines_come_together_does_not_go_by_their_places(seed: int) -> None:
    """Most near pairs of headlines are scaled to 1, and yet the likest come first."""
    rng = random.Random(seed)
    alike = {(a, b): rng.random() * (rng.random() < 0.25) for b in range(24) for a in range(b)}
    places = rng.sample(range(24), 24)
    moved = {(min(places[a], places[b]), max(places[a], places[b])): c for (a, b), c in alike.items()}
    found = {frozenset(places[n] for n in part) for part in linked(cosines(24, alike), [0.0] * 24)}
    assert found == {frozenset(part) for part in linked(cosines(24, moved), [0.0] * 24)}


def test_a_headline_counts_more_the_less_there_is_to_read() -> None:
    assert scale(1.0) * scale(1.0) == 1.0
    assert scale(1.0) * scale(0.0) == 2.0
    assert scale(0.0) * scale(0.0) == 4.0


def test_nothing_is_no_story() -> None:
    assert linked([], []) == []
