from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.stories.event_terms import event_vector
from digest.stories.event_vector import MAX_TERMS, cosine, unpack, vector

TEXTS = st.text(max_size=400) | st.lists(st.sampled_from("Google adds Gemini 3 to Maps in 2026, not GPT-5".split())).map(
    " ".join
)


@given(TEXTS, TEXTS)
def test_packing_round_trips_any_text(title: str, text: str) -> None:
    made = event_vector(title, text)
    assert unpack(made.pack()) == made
    assert len(made.pack()) <= 306


@given(TEXTS, TEXTS)
def test_similarity_is_symmetric_and_between_0_and_1(one: str, other: str) -> None:
    a, b = event_vector(one), event_vector("", other)
    assert cosine(a, b) == cosine(b, a)
    assert 0.0 <= cosine(a, b) <= 1.0


def test_an_article_is_wholly_like_itself() -> None:
    made = event_vector("Google adds Gemini to Maps")
    assert cosine(made, made) == pytest.approx(1.0)


def test_an_empty_article_is_like_nothing() -> None:
    assert cosine(event_vector("", ""), event_vector("", "")) == 0.0


@pytest.mark.parametrize("damaged", [b"", b"\x01", b"\x02\x00\x00", event_vector("Google adds Gemini").pack()[:-1]])
def test_damaged_bytes_are_refused(damaged: bytes) -> None:
    with pytest.raises(ValueError, match="no vector"):
        unpack(damaged)


def test_only_the_heaviest_terms_are_kept() -> None:
    made = vector({n: float(n) for n in range(1, 200)})
    assert made.terms == tuple(range(200 - MAX_TERMS, 200))
    assert made.weights[-1] == 255


def test_a_headline_is_little_evidence_and_a_full_text_is_enough() -> None:
    full = " ".join(f"Quellmark{n} meets Brentholt{n}." for n in range(60))
    assert event_vector("Google adds Gemini to Maps").evidence == 0.0
    assert event_vector("Quellmark meets Brentholt", full).evidence == 1.0


def test_possessives_plurals_and_kinds_of_quotes_make_no_difference() -> None:
    one, other = event_vector("Veltrum’s robots"), event_vector("Veltrum's robot")
    assert cosine(one, other) == pytest.approx(1.0)


def test_a_rare_name_in_common_says_more_than_the_words_of_the_field() -> None:
    asked = event_vector("Veltrum launches AI model for marketers")
    assert cosine(asked, event_vector("Talks at Veltrum")) > cosine(asked, event_vector("Another AI model for marketers"))
