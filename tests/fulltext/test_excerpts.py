"""Which texts of feeds are excerpts, and whether a page's text is what one was taken from."""

from __future__ import annotations

import pytest

from digest.fulltext.excerpts import LONGEST_CUT_CHARS, SHORT_CHARS, is_excerpt, is_of

WORDS = "The company said on Monday that its agents will buy advertising space for customers. "


@pytest.mark.parametrize("body", ["", "A teaser.", WORDS * 3])
def test_a_short_text_is_an_excerpt(body: str) -> None:
    assert is_excerpt(body)


def test_a_long_text_is_none() -> None:
    assert not is_excerpt(WORDS * (SHORT_CHARS // len(WORDS) + 1))


@pytest.mark.parametrize(
    "end",
    [
        "And then the […]", "And then…", "and so on...", "Read more", "Continue reading", "Continue reading Agents buy space →",
        "Read the full story on The Paper.", "Read the whole report", "READ MORE »",
    ],
)  # fmt: skip
def test_a_text_that_is_cut_off_is_an_excerpt(end: str) -> None:
    assert is_excerpt(WORDS * 15 + end)


@pytest.mark.parametrize("end", ["Readers want more.", "The study can be read here. It has 40 pages.", "He would read on."])
def test_words_that_only_look_alike_cut_nothing_off(end: str) -> None:
    assert not is_excerpt(WORDS * 15 + end)


def test_a_whole_article_may_end_with_an_ellipsis() -> None:
    assert not is_excerpt(WORDS * (LONGEST_CUT_CHARS // len(WORDS) + 1) + "Who knows…")


def test_a_page_that_says_something_else_is_not_of_the_excerpt() -> None:
    assert is_of(WORDS, f"Agents at work. {WORDS} More follows.")
    assert not is_of(WORDS, "Before you continue, please accept our cookies or choose what to share with our 812 partners.")
