"""What files of an inbox say: the monitor's, and texts in which people note where they are from."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import SourceError
from digest.knowledge_base.document import Document
from digest.knowledge_base.inbox import inbox_document, saved_from
from digest.knowledge_base.writing import monitor_file
from tests.knowledge_base.test_writing import document

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CHANGED = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def read(name: str, text: str) -> Document:
    return inbox_document(name, text.encode(), now=NOW, changed=CHANGED)


def test_the_monitors_file_is_read_as_it_was_written() -> None:
    given_ = document(title="Forty Shops", headline="Forty Shops", summary=(), key_insights=(), tags=(), assessed_by="claude")
    assert read("2026-11-22_ai_forty-shops.md", monitor_file(given_)) == given_


def test_labels_at_the_top_of_a_text_say_what_it_is() -> None:
    text = "Title: Why 3 < 4 & 5 <b>\nURL: https://paper.test/a?b=1&c=2\nPublisher: The Paper\nDate: 2026-11-20\n\nA line\ngoes on.\n\nMore."
    found = read("a.txt", text)
    assert (found.title, found.url, found.publisher) == ("Why 3 < 4 & 5 <b>", "https://paper.test/a?b=1&c=2", "The Paper")
    assert (found.published, found.collected) == (datetime(2026, 11, 20, tzinfo=UTC), CHANGED)
    assert found.body == "A line goes on.\n\nMore."


@pytest.mark.parametrize(
    "line",
    [
        "https://paper.test/x",
        "URL: https://paper.test/x",
        "<https://paper.test/x>",
        "**Source**: https://paper.test/x",
        "> via: https://paper.test/x",
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_a_line_that_is_an_address_says_where_it_is_from(name: str, line: str) -> None:
    found = read(name, f"Shops adopt assistants\n\n{line}\n\nForty shops in Leeds.")
    assert (found.title, found.url) == ("Shops adopt assistants", "https://paper.test/x")
    assert found.body.endswith("Forty shops in Leeds.")
    assert "paper.test" not in found.body


@pytest.mark.parametrize(
    "below", ["URL: https://paper.test/x", "https://paper.test/x", "URL: https://paper.test/x\nDate: 2026-11-20"]
)
def test_a_line_right_above_an_address_or_a_label_is_the_title(below: str) -> None:
    found = read("a.txt", f"Shops adopt: assistants & more\n{below}\n\nForty shops in Leeds.")
    assert (found.title, found.url) == ("Shops adopt: assistants & more", "https://paper.test/x")
    assert found.body == "Forty shops in Leeds."


def test_an_address_within_a_sentence_says_nothing_of_the_whole() -> None:
    assert read("a.txt", "Shops adopt assistants\n\nAs https://paper.test/x tells, forty do.").url == ""


def test_the_first_words_are_the_title_of_what_has_none() -> None:
    assert read("a.md", "One two three.\n\nFour.").title == "One two three."
    assert read("a.md", "# Heading\n\nFour.").title == "Heading"
    long = read("a.txt", "word " * 60)
    assert long.title.endswith(" word…")
    assert len(long.title) <= 121


def test_what_looks_like_markup_in_a_text_is_text() -> None:
    found = read("a.txt", "A & B\n\nhttps://paper.test/x\n\nif a < b and c > d: print('<b>')\n\n## Summary\n\n- not a bullet")
    assert "if a < b and c > d: print('<b>')" in found.body
    assert "## Summary" in found.body
    assert found.summary == ()


@pytest.mark.parametrize("data", [b"", b" \n", b"\x00\x01\x02" * 50])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError):
        inbox_document("a.txt", data, now=NOW, changed=CHANGED)


@given(st.binary(max_size=300), st.sampled_from(["a.txt", "a.md"]))
def test_any_bytes_are_read_or_refused(data: bytes, name: str) -> None:
    try:
        inbox_document(name, data, now=NOW, changed=CHANGED)
    except SourceError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("page", "url"),
    [
        (b"<!doctype html><!-- saved from url=(0020)https://paper.test/x --><html>", "https://paper.test/x"),
        (
            b"<html><!--\n Page saved with SingleFile \n url: https://paper.test/x \n saved date: Fri -->",
            "https://paper.test/x",
        ),
        (b"<html><!-- saved from url=(0014)about:internet -->", ""),
        (b"<html><body>https://paper.test/x", ""),
    ],
)
def test_browsers_note_where_a_saved_page_is_from(page: bytes, url: str) -> None:
    assert saved_from(page) == url
