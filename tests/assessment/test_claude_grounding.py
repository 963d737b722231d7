"""What a bullet may say of an article: numbers by value, months, names; and what is no reason to drop one."""

from __future__ import annotations

import pytest

from digest.assessment.grounding import Evidence, grounded, unsupported

ARTICLE = Evidence(
    "Meta and OpenAI cut prices\nThe Example\n2026-11-18 Wednesday 18 November\n"
    "OpenAI's Sam Altman said on Tuesday that revenue reached $3 billion, up 45 percent, in the third quarter. "
    "About 1,000 advertisers in Europe use ChatGPT; three of them, L'Oréal among them, pay $1.2-1.5bn. "
    "The Interactive Advertising Bureau (IAB) counts 12,500 campaigns. GPT-5.5 costs 0.5 cents; 20 to 30 million "
    "people use it. "
    "Large language models on the H100 are 2x faster. Chinese rivals follow, according to Gartner."
)


@pytest.mark.parametrize(
    "bullet",
    [
        "Revenue reached $3bn, up 45%.",
        "Revenue reached 3,000,000,000 dollars.",
        "Three advertisers pay between $1.2bn and $1.5bn.",
        "Some 1000 advertisers take part.",
        "The 12,500 campaigns were counted by the IAB.",
        "It costs half a cent, or 0.5 cents, with GPT-5.5.",
        "Twenty to thirty million people use it.",
        "It runs twice as fast on an H100, or 2x.",
        "One of them is L'Oreal.",
        "The announcement came on 18 November 2026.",
        "It was announced on Tuesday in Q3.",
        "Prices fell, says OpenAI's chief Altman.",
        "Users of Chat GPT and LLMs gain.",
        "European advertisers meet rivals from China.",
        "For a CMO, the ROI of AI in B2B is what counts.",
        "Teams should expect lower prices and plan for them.",
        "Competitive Pressure: Rivals will follow.",
        "Gartner's view is that others follow.",
    ],
)
def test_what_the_article_says_in_other_words_is_borne_out(bullet: str) -> None:
    assert unsupported(bullet, ARTICLE) == ()


@pytest.mark.parametrize(
    ("bullet", "wanting"),
    [
        ("Revenue reached $3 million.", "3 million"),
        ("Revenue rose by 54%.", "54"),
        ("Seven advertisers pay.", "Seven"),
        ("The model is GPT-6.", "6"),
        ("The deal closes in December.", "December"),
        ("It was said by Satya Nadella.", "Satya"),
        ("Prices were matched by Anthropic.", "Anthropic"),
        ("NVIDIA follows.", "NVIDIA"),
        ("It runs on the B200.", "B200"),
        ("The WFA agrees.", "WFA"),
        ("Two billion people use it.", "Two billion"),
        ("In 2024 it was cheaper.", "2024"),
    ],
)
def test_a_number_date_or_name_the_article_does_not_have_is_found(bullet: str, wanting: str) -> None:
    assert wanting in unsupported(bullet, ARTICLE)


def test_only_the_bullets_that_fail_are_taken_out_and_the_order_stays() -> None:
    kept, wanting = grounded(("Revenue is $3bn.", "It fell 99%.", "ChatGPT is used in Europe."), ARTICLE)
    assert kept == ("Revenue is $3bn.", "ChatGPT is used in Europe.")
    assert wanting == ("99",)


def test_a_name_spelled_out_by_the_model_is_borne_out_by_its_acronym() -> None:
    evidence = Evidence("The IAB said that the share of ads made by LLMs rose in the year.")
    assert unsupported("The Interactive Advertising Bureau expects more from Large Language Models.", evidence) == ()


def test_names_are_not_checked_where_the_article_is_not_in_english() -> None:
    evidence = Evidence("Die Werbung und das Geschäft mit der KI: 40 Prozent der Händler in München sind dabei.")
    assert unsupported("Retailers in Munich take part, 40% of them.", evidence) == ()
    assert unsupported("Retailers in Munich take part, 41% of them.", evidence) == ("41",)


def test_a_decimal_comma_is_read_both_ways() -> None:
    assert unsupported("It grew by 4.5%.", Evidence("Le chiffre monte de 4,5 % et la suite.")) == ()


def test_an_empty_article_bears_nothing_out_and_breaks_nothing() -> None:
    assert unsupported("Sales rose 5% at Acme.", Evidence("")) == ("5", "Acme")
    assert unsupported("", Evidence("")) == ()
