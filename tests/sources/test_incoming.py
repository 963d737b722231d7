from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import SourceError
from digest.model import Incoming, article_id
from digest.sources.incoming import incoming, one_line, scored

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


def made(**given) -> Incoming:
    return incoming(
        **{"source": "test:", "key": "1", "revision": "r", "url": "https://example.com/a", "title": "A", "now": NOW} | given
    )


def test_an_article_is_keyed_by_its_canonical_url_and_links_to_the_one_given():
    article = made(url=" https://www.Example.com/a/?utm_source=x&id=1#top ").article
    assert article.canonical_url == "https://example.com/a?id=1"
    assert article.id == article_id(article.canonical_url)
    assert article.url == "https://www.Example.com/a/?utm_source=x&id=1#top"


@pytest.mark.parametrize(
    "url",
    ["", "   ", "example.com/a", "javascript:alert(1)", "file:///etc/passwd", "https://", "//a/b", "https://[::1"],
)
def test_what_is_no_web_address_makes_no_article(url):
    with pytest.raises(SourceError, match="URL") as caught:
        made(url=url, key="the key")
    assert caught.value.where == "the key"


def test_credentials_are_dropped_from_a_url_with_a_note():
    article = made(url="https://user:secret@example.com/a").article
    assert article.url == "https://example.com/a"
    assert article.notes == ("the URL held a user name or password, which was dropped",)
    assert made(url="https://example.com/@user/a").article.notes == ()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ('https://example.com/"><script>', "https://example.com/%22%3E%3Cscript%3E"),
        ("https://example.com/a b|c", "https://example.com/a%20b%7Cc"),
        ("https://example.com/a\n\tb", "https://example.com/ab"),
        ("https://example.com/\u202egnp.exe", "https://example.com/%E2%80%AEgnp.exe"),
        ("https://example.com/\ud800a", "https://example.com/a"),
        ("https://example.com/späti", "https://example.com/späti"),
    ],
)
def test_a_link_cannot_break_out_of_where_it_is_put(given, kept):
    assert made(url=given).article.url == kept


def test_title_and_headline_stand_in_for_each_other():
    assert (made(title="", headline="H").article.title, made(title="T").article.headline) == ("H", "T")
    both = made(title="T", headline="H").article
    assert (both.title, both.headline) == ("T", "H")


@pytest.mark.parametrize("title", ["", " \n\t ", "\u200b\u202e", "\x00\x07", "\ud800"])
def test_a_title_of_nothing_that_can_be_seen_is_no_title(title):
    with pytest.raises(SourceError, match="no title"):
        made(title=title)


def test_nothing_is_shortened_without_a_note():
    found = made(title="t" * 501, publisher="p" * 201, reason="r" * 3001, tags=["x" * 61], summary=[str(n) for n in range(31)])
    assert [len(found.article.title), len(found.article.publisher), len(found.assessment.reason)] == [500, 200, 3000]
    assert found.article.title.endswith("…")
    assert len(found.article.notes) == 5
    assert len(found.assessment.summary) == 30
    assert made(title="t" * 500).article.notes == ()


def test_what_came_with_the_article_is_marked_as_the_sources():
    found = made(score=0.0, topic="T", tags=["a", "a", " "]).assessment
    assert (found.score, found.tags) == (0.0, ("a",))
    marks = found.provenance
    assert (marks.score, marks.topic, marks.tags, marks.reason, marks.summary) == ("source", "source", "source", "", "")
    assert found.missing == ("reason", "summary", "key_insights")


@pytest.mark.parametrize("when", [datetime(1970, 1, 1, tzinfo=UTC), NOW + timedelta(days=3), datetime(9998, 1, 1, tzinfo=UTC)])
def test_a_date_that_cannot_be_is_dropped_with_a_note(when):
    article = made(published=when, collected=when).article
    assert (article.published, article.collected) == (None, NOW)
    assert len(article.notes) == 2


def test_the_host_stands_in_for_a_publisher_that_is_not_named():
    assert made(url="https://www.example.com:8080/a").article.publisher == "example.com:8080"


@pytest.mark.parametrize(
    ("value", "score", "noted"),
    [(9, 9.0, 0), ("9/10", 9.0, 0), (0, 0.0, 0), (None, None, 0), ("", None, 0), ("nine", None, 1), (11, None, 1),
     (float("nan"), None, 1), (True, None, 1), ([9], None, 1), (10**400, None, 1), ("x" * 500, None, 1)],
)  # fmt: skip
def test_a_score_that_is_none_is_unscored_with_a_note_and_never_zero(value, score, noted):
    found, note = scored(value)
    assert (found, bool(note)) == (score, bool(noted))
    assert len(note) < 100


@given(st.text())
def test_a_line_is_one_line_that_can_be_written_and_cleaning_it_again_changes_nothing(text):
    line = one_line(text)
    assert line == " ".join(line.split())
    assert line.encode("utf-8").decode() == line
    assert one_line(line) == line
    assert not any(ord(c) < 32 or 0x202A <= ord(c) <= 0x202E for c in line)


@given(st.text(), st.text(), st.text(), st.lists(st.text()), st.lists(st.text()))
def test_any_text_makes_an_article_that_can_be_stored_or_a_clear_error(title, publisher, reason, tags, summary):
    try:
        found = made(title=title, publisher=publisher, reason=reason, tags=tags, summary=summary)
    except SourceError as error:
        assert str(error) == "it has no title"
        return
    repr((found.article.title, found.article.publisher, found.assessment)).encode("utf-8")
