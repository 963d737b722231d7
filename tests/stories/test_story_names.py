from __future__ import annotations

from digest.stories.story_names import Change, change, names


def test_when_stories_join_the_one_with_more_articles_keeps_its_identifier() -> None:
    old = {"small": ("a",), "large": ("b", "c")}
    new = names([("a", "b", "c")], old, ())
    assert new == {"large": ("a", "b", "c")}
    assert change(new, old) == Change(changed=("large",), joined=(("small", "large"),))


def test_when_a_story_splits_its_largest_part_keeps_the_identifier() -> None:
    old = {"story": ("a", "b", "c")}
    new = names([("a",), ("b", "c")], old, ())
    assert new == {"story": ("b", "c"), "a": ("a",)}
    assert change(new, old) == Change(changed=("story",), split=(("a", "story"),))


def test_of_parts_of_one_size_the_earliest_keeps_the_identifier() -> None:
    assert names([("a",), ("b",)], {"story": ("a", "b")}, ()) == {"story": ("a",), "b": ("b",)}


def test_an_identifier_that_is_taken_is_not_given_again() -> None:
    assert names([("a",)], {}, {"a"}) == {"a.2": ("a",)}
    assert names([("a", "b")], {}, {"a"}) == {"b": ("a", "b")}


def test_a_story_that_is_as_it_was_did_not_change() -> None:
    same = {"story": ("a", "b")}
    assert change(names([("a", "b")], same, ()), same) == Change()
