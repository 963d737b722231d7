from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from digest.stories.fingerprint import text_fingerprint

TEXT = "The agency said on Monday that its “bidding” tool had cut costs by 12 percent for forty clients in three countries."


def test_case_spacing_punctuation_and_quotes_do_not_matter() -> None:
    edited = TEXT.upper().replace("“", '"').replace("”", '"').replace(" ", "\n\n").replace(".", " …")
    assert text_fingerprint(edited) == text_fingerprint(TEXT) != ""


def test_one_word_more_is_another_text() -> None:
    assert text_fingerprint(TEXT + " Yesterday.") != text_fingerprint(TEXT)


def test_a_number_that_differs_is_another_text() -> None:
    assert text_fingerprint(TEXT.replace("12", "21")) != text_fingerprint(TEXT)


def test_a_short_text_has_no_fingerprint() -> None:
    assert text_fingerprint("Comments") == ""
    assert text_fingerprint("Watch the video and tell us what you think.") == ""


@given(st.text(st.characters(max_codepoint=127), max_size=200))
def test_the_quick_way_for_ascii_agrees_with_the_general_one(text: str) -> None:
    general = text_fingerprint(text + " “")  # one quotation mark makes it take the other branch
    assert text_fingerprint(text) == general
