"""Amounts, dates, names and acts, however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.stories.facts import facts, new_facts, words


def keys(text: str, kind: str) -> list[str]:
    return [f.key for f in facts(text) if f.kind == kind]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("It raised $2 billion.", "2e+09 usd"),
        ("It raised 2bn dollars.", "2e+09 usd"),
        ("It raised US$2,000,000,000.", "2e+09 usd"),
        ("A fine of €120 million.", "1.2e+08 eur"),
        ("A fine of 120m euros.", "1.2e+08 eur"),
        ("Sales rose by 12.5%.", "12.5 %"),
        ("Sales rose by 12.5 percent.", "12.5 %"),
        ("Sales rose by 12.5 per cent.", "12.5 %"),
        ("Up 3 percentage points.", "3 %"),
        ("It asked 4,200 shops.", "4200"),
        ("A 30-second spot", "30"),
    ],
)
def test_an_amount_is_the_same_however_it_is_written(text: str, key: str) -> None:
    assert keys(text, "amount") == [key]


@pytest.mark.parametrize(
    "text",
    [
        "In 2026 it will.",
        "GPT-5 and Gemini 3",
        "at 10:30",
        "see a/12/b",
        "three of 5 shops",
        "v2.1.3",
        "on 3 March 2026",
        "2026-03-03",
    ],
)
def test_years_versions_times_and_small_counts_are_no_amounts(text: str) -> None:
    assert keys(text, "amount") == []


@pytest.mark.parametrize("text", ["on March 3", "on 3 March 2026", "by Mar. 3rd, 2026", "the 3rd of March", "since 2026-03-03"])
def test_a_date_is_the_same_however_it_is_written(text: str) -> None:
    assert keys(text, "date") == ["03-03"]


def test_names_are_what_is_capitalised_within_a_sentence() -> None:
    text = "Retailers told the European Commission on Monday that OpenAI’s GPT-5 and Sam Altman were late. Leeds agreed."
    assert keys(text, "name") == ["european commission", "openai gpt-5", "sam altman"]


def test_of_a_headline_in_capitals_only_words_that_are_names_elsewhere_are_names() -> None:
    headline = "Regulators Fine Google Over Ad Auctions In Europe"
    assert keys(headline, "name") == []
    assert [f.key for f in facts(headline, known_names=frozenset({"google"})) if f.kind == "name"] == ["google"]
    assert keys("OpenAI Launches Cheaper Models For Marketers", "name") == ["openai"]


@pytest.mark.parametrize(
    ("text", "act"),
    [("Brussels fined it", "fined"), ("a penalty for it", "fined"), ("It was sued", "sued"), ("a lawsuit", "sued"),
     ("It is suing", "sued"), ("They launch it", "launched"), ("It unveiled it", "launched"), ("It withdrew it", "withdrawn")],
)  # fmt: skip
def test_an_act_is_the_same_however_it_is_told(text: str, act: str) -> None:
    assert keys(text, "act") == [act]


def test_an_amount_that_is_another_rounded_is_not_new() -> None:
    known = facts("It raised nearly $2 billion from 1,480 people.")
    told = facts("It raised $1.96 billion from 1,500 people, 30 of them in Leeds.")
    assert [f.key for f in new_facts(told, known, frozenset())] == ["30", "leeds"]
    assert new_facts(facts("It raised $2.4 billion."), known, frozenset())


def test_initials_of_a_name_that_was_told_are_not_new() -> None:
    known = facts("Officials of the Federal Trade Commission met on Monday.")
    assert new_facts(facts("So the FTC said."), known, frozenset()) == ()


def test_a_name_that_was_told_in_part_is_not_new() -> None:
    known_words = words("Pichai spoke to the commission.")
    told = facts("On Monday, Sundar Pichai met Margrethe Vestager of the European Commission.")
    assert [f.key for f in new_facts(told, (), known_words) if f.kind == "name"] == ["margrethe vestager"]


@given(st.text(max_size=300))
def test_any_text_has_facts_and_none_of_them_is_new_to_itself(text: str) -> None:
    told = facts(text)
    assert new_facts(told, told, words(text)) == ()
    assert all(f.key for f in told)
