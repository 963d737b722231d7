from __future__ import annotations

import pytest

from digest.stories.event_terms import event_vector
from digest.stories.events import clusters
from digest.stories.told import Told
from digest.stories.veto import claims, contradict

OPPOSED = [
    ("Google adds Gemini to Maps", "Google removes Gemini from Maps"),
    ("OpenAI launches its advertising network", "OpenAI shuts down its advertising network"),
    ("OpenAI will release Orion this spring", "OpenAI will not release Orion this spring"),
    ("Anthropic wins copyright case against publishers", "Anthropic loses copyright case against publishers"),
    ("Nvidia shares rise on chip exports", "Nvidia shares fall on chip exports"),
    ("Meta expands AI labels on ads", "Meta limits AI labels on ads"),
    ("EU approves Adobe deal", "EU blocks Adobe deal"),
    ("Perplexity hires a chief marketing officer", "Perplexity fires its chief marketing officer"),
    ("Mistral confirms talks with Apple", "Mistral denies talks with Apple"),
    ("TikTok starts paid search trial", "TikTok ends paid search trial"),
    ("OpenAI ships GPT-5 to developers", "OpenAI ships GPT-4 to developers"),
    ("Gemini 3 tops the benchmark", "Gemini 2.5 tops the benchmark"),
    ("Alphabet reports Q3 ad revenue", "Alphabet reports Q2 ad revenue"),
    ("Meta's third quarter beats estimates", "Meta's second quarter beats estimates"),
    ("The state of AI marketing 2026", "The state of AI marketing 2025"),
]
AGREED = [
    ("Google adds Gemini to Maps", "Gemini is coming to Google Maps"),
    ("OpenAI launches its advertising network", "OpenAI opens its advertising network to all"),
    ("OpenAI will not release Orion this spring", "OpenAI delays Orion past spring"),
    ("Nvidia shares fall on chip exports", "Nvidia stock drops, and rivals rise, on chip exports"),
    ("OpenAI ships GPT-5 to developers", "GPT-5 is here: what it can do that GPT-4 could not"),
    ("Alphabet reports Q3 ad revenue", "Alphabet's third quarter ad revenue is out"),
    ("Mistral raises $2 billion", "Mistral closes a round of 1.7 billion euros"),
    ("Anthropic wins copyright case", "Publishers lose copyright case against Anthropic"),
    ("Ad spending falls 3% in May", "Ad spending falls 2.8% in May"),
    ("Perplexity buys an ad agency", "Ad agency sold to Perplexity"),
]


@pytest.mark.parametrize(("one", "other"), OPPOSED)
def test_opposed_titles_contradict_either_way_round(one: str, other: str) -> None:
    assert contradict(claims(one), claims(other))
    assert contradict(claims(other), claims(one))


@pytest.mark.parametrize(("one", "other"), AGREED)
def test_titles_of_one_event_do_not_contradict(one: str, other: str) -> None:
    assert not contradict(claims(one), claims(other))


@pytest.mark.parametrize(("one", "other"), OPPOSED)
def test_articles_whose_titles_contradict_are_two_stories(one: str, other: str) -> None:
    assert len(clusters([Told("a", event_vector(one)), Told("b", event_vector(other))])) == 2


def test_the_opposite_acts_of_two_subjects_agree() -> None:
    assert not contradict(claims("Stocks fall on export data"), claims("Yields rise on export data"))


def test_a_title_that_says_both_contradicts_neither() -> None:
    both = claims("Google adds Gemini here, Google removes Gemini there")
    assert not contradict(both, claims("Google adds Gemini"))
    assert not contradict(both, claims("Google removes Gemini"))


def test_a_careless_headline_does_not_part_a_story() -> None:
    text = "Harrowgate Media said on Tuesday that its studio in Leeds makes adverts for Brackenbury with a model by Veltrum."
    titles = ["Harrowgate adds Veltrum studio", "Harrowgate brings Veltrum to Leeds", "Veltrum studio for Harrowgate in Leeds",
              "Brackenbury adverts by Veltrum and Harrowgate", "Harrowgate drops Veltrum studio"]  # fmt: skip
    assert len(clusters(Told(str(n), event_vector(title, text)) for n, title in enumerate(titles))) == 1


def test_no_title_claims_nothing() -> None:
    assert claims("") == ()
    assert not contradict((), claims("Google adds Gemini"))
