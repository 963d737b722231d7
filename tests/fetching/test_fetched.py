from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.fetching.fetched import Fetched, fresh_s, retry_after_s
from digest.fetching.fetcher import shown

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0), (" 0 ", 0.0), ("Mon, 02 Nov 2026 12:01:00 GMT", 60.0), ("Mon, 02 Nov 2026 11:00:00 GMT", 0.0),
        ("", None), ("-5", None), ("soon", None), ("1e9", None), ("9" * 30, None), ("١٢", None),
    ],
)  # fmt: skip
def test_retry_after_is_read_in_both_its_forms(value, seconds):
    assert retry_after_s(value, NOW) == seconds


@given(st.text())
def test_retry_after_never_raises_and_never_lies_in_the_past(value):
    seconds = retry_after_s(value, NOW)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "public, max-age=600"}, 600.0),
        ({"cache-control": "MAX-AGE=600", "age": "200"}, 400.0),
        ({"cache-control": "max-age=600", "age": "700"}, 0.0),
        ({"cache-control": "max-age=600, no-cache"}, 0.0),
        ({"cache-control": "s-maxage=600"}, 0.0),
        ({"expires": "Mon, 02 Nov 2026 12:05:00 GMT"}, 300.0),
        ({"cache-control": "max-age=60", "expires": "Mon, 02 Nov 2026 12:05:00 GMT"}, 60.0),
        ({"expires": "0"}, 0.0),
        ({"cache-control": "max-age=-1"}, 0.0),
        ({}, 0.0),
    ],
)
def test_how_long_an_answer_stays_fresh(headers, seconds):
    assert fresh_s(headers, NOW) == seconds


@given(st.dictionaries(st.sampled_from(["cache-control", "age", "expires"]), st.text()))
def test_freshness_never_raises_and_is_never_negative(headers):
    assert fresh_s(headers, NOW) >= 0


def test_a_type_is_told_without_its_parameters():
    fetched = Fetched("u", "u", 200, {"content-type": " Application/RSS+XML ; charset='utf-8'"}, b"")
    assert (fetched.content_type, fetched.charset) == ("application/rss+xml", "utf-8")
    assert (Fetched("u", "u", 200, {}, b"").content_type, Fetched("u", "u", 200, {}, b"").charset) == ("", "")


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://user:secret@example.com/a@b", "https://example.com/a@b"),
        ("https://a@b:secret@example.com", "https://example.com"),
        ("nonsense", "nonsense"),
    ],
)
def test_a_password_is_never_shown(url, safe):
    assert shown(url) == safe
