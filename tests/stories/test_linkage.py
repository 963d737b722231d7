from __future__ import annotations

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


def test_a_headline_counts_more_the_less_there_is_to_read() -> None:
    assert scale(1.0) * scale(1.0) == 1.0
    assert scale(1.0) * scale(0.0) == 2.0
    assert scale(0.0) * scale(0.0) == 4.0


def test_nothing_is_no_story() -> None:
    assert linked([], []) == []
