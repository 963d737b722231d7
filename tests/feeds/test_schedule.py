from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.feeds.feed import Feed
from digest.feeds.ports import FeedState
from digest.feeds.schedule import LONGEST_FRESH_S, LONGEST_RETRY_AFTER_S, LONGEST_WAIT_S, answered, failed, is_due

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FEED = Feed("Paper", "https://paper.test/feed")
NEW = FeedState(FEED.url)


def wait_s(state: FeedState) -> float:
    assert state.next_try is not None
    return (state.next_try - NOW).total_seconds()


def test_a_feed_that_was_never_asked_is_due_and_one_just_asked_is_not():
    state = answered(FEED, NEW, NOW, interval_s=1800, entries=3)
    assert is_due(NEW, NOW)
    assert not is_due(state, NOW + timedelta(seconds=1799))
    assert is_due(state, NOW + timedelta(seconds=1800))
    assert (state.entries, state.succeeded, state.checked, state.error) == (3, NOW, NOW, "")


@pytest.mark.parametrize(
    ("own_s", "fresh_s", "expected_s"),
    [(None, 0, 1800), (7200, 0, 7200), (60, 0, 60), (None, 3600, 3600), (None, 60, 1800), (None, 31_536_000, LONGEST_FRESH_S)],
)
def test_the_wait_is_the_interval_or_longer_where_the_answer_stays_fresh(own_s, fresh_s, expected_s):
    feed = Feed("Paper", FEED.url, interval_s=own_s)
    assert wait_s(answered(feed, NEW, NOW, interval_s=1800, fresh_s=fresh_s, entries=1)) == expected_s


def test_validators_stay_when_nothing_changed_and_go_when_a_new_answer_has_none():
    first = answered(FEED, NEW, NOW, interval_s=60, etag='"1"', last_modified="Mon", entries=9)
    unchanged = answered(FEED, first, NOW, interval_s=60)
    assert (unchanged.etag, unchanged.last_modified, unchanged.entries) == ('"1"', "Mon", 9)
    changed = answered(FEED, first, NOW, interval_s=60, entries=2)
    assert (changed.etag, changed.last_modified, changed.entries) == ("", "", 2)


def test_failures_double_the_wait_up_to_a_day_and_a_success_ends_them():
    state, waits = NEW, []
    for _ in range(8):
        state = failed(FEED, state, NOW, interval_s=1800, error="it is down")
        waits.append(wait_s(state) / 1800)
    assert waits == [2, 4, 8, 16, 32, 48, 48, 48]
    assert (state.failures, state.error, state.succeeded) == (8, "it is down", None)
    assert answered(FEED, state, NOW, interval_s=1800, entries=1).failures == 0


def test_what_the_server_asks_for_counts_if_it_is_longer_but_not_for_ever():
    assert wait_s(failed(FEED, NEW, NOW, interval_s=60, error="busy", retry_after_s=5)) == 120
    assert wait_s(failed(FEED, NEW, NOW, interval_s=60, error="busy", retry_after_s=9000)) == 9000
    assert wait_s(failed(FEED, NEW, NOW, interval_s=60, error="busy", retry_after_s=1e9)) == LONGEST_RETRY_AFTER_S


def test_a_feed_that_is_gone_is_hardly_asked_any_more_and_says_what_to_do():
    state = failed(FEED, NEW, NOW, interval_s=60, error="the server answered 410 (Gone)", status=410)
    assert wait_s(state) == LONGEST_RETRY_AFTER_S
    assert "remove it from the list" in state.error


def test_a_move_for_good_is_remembered_until_the_new_place_fails_twice():
    moved = answered(FEED, NEW, NOW, interval_s=60, moved_to="https://new.test/", entries=1)
    assert answered(FEED, moved, NOW, interval_s=60).moved_to == "https://new.test/"
    once = failed(FEED, moved, NOW, interval_s=60, error="away")
    assert once.moved_to == "https://new.test/"
    assert failed(FEED, once, NOW, interval_s=60, error="away").moved_to == ""


def test_a_move_back_to_the_listed_address_is_no_move():
    moved = answered(FEED, NEW, NOW, interval_s=60, moved_to="https://new.test/", entries=1)
    assert answered(FEED, moved, NOW, interval_s=60, moved_to=FEED.url, entries=1).moved_to == ""


@given(st.integers(0, 5000), st.floats(1, 1e6), st.floats(0, 1e9))
def test_however_often_it_fails_it_is_tried_again_within_bounds(failures, interval_s, retry_after_s):
    state = failed(
        FEED, FeedState(FEED.url, failures=failures), NOW, interval_s=interval_s, error="x", retry_after_s=retry_after_s
    )
    assert 0 < wait_s(state) <= max(LONGEST_WAIT_S, LONGEST_RETRY_AFTER_S)
