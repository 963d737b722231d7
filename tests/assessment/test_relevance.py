"""Relevance by words: with the learned weights of the shipped profile, and by a profile alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from digest.assessment.profile import DEFAULT_PROFILE, load_profile
from digest.assessment.relevance import OFF_FIELD, Relevance, band_of
from digest.assessment.terms import Phrases, count_words, first_mention, fold, terms
from digest.assessment.weights import Scale, load_weights
from digest.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = Relevance(load_profile())

HOSPITAL = """
name: AI in hospitals
audience: Doctors, nurses and managers of hospitals.
high:
  - AI used in diagnosis or treatment of patients, such as imaging, triage or sepsis alerts.
  - Clinical trials and approvals of medical AI devices by regulators, such as the FDA.
medium:
  - Administration of hospitals with AI, such as scheduling, billing and medical records.
low:
  - Consumer apps, advertising and shopping without a use in care.
  - Share prices and funding rounds of start-ups.
topics:
  - name: Imaging
    words: [radiology, imaging, scan, mammogram, X-ray]
  - name: Approval and trials
    words: [FDA, clinical trial, approval, medical device]
  - name: Records and billing
    words: [medical record, billing, scheduling, paperwork]
  - name: Consumer products
    words: [shopping, advertising, app, gadget]
"""


@pytest.fixture
def hospital(tmp_path: Path) -> Relevance:
    file = tmp_path / "hospital.yaml"
    file.write_text(HOSPITAL)
    return Relevance(load_profile(file))


def test_another_profile_orders_articles_without_learned_weights(hospital: Relevance) -> None:
    texts = [
        (
            "AI reads mammograms as well as two radiologists",
            "In a clinical trial, imaging software found more cancers in patients.",
        ),
        (
            "Hospitals give scheduling and billing to AI",
            "Software fills in medical records and saves nurses an hour of paperwork.",
        ),
        ("Shopping app adds an AI assistant", "The app shows advertising to people who look for gadgets."),
    ]
    scores = [hospital.judge(headline, body).score for headline, body in texts]
    assert scores == sorted(scores, reverse=True)
    assert [band_of(s) for s in scores] == ["high", "medium", "low"]


def test_another_profile_explains_itself_by_its_own_topics_and_criteria(hospital: Relevance) -> None:
    high = hospital.judge(
        "FDA approval for a sepsis alert", "The medical device warns of sepsis. Regulators saw a clinical trial."
    )
    assert high.favour[0] == "Approval and trials"
    assert high.criterion.startswith("Clinical trials and approvals")
    low = hospital.judge("Shopping app", "Advertising in a shopping app.")
    assert low.against == ("Consumer products",)


def test_words_behind_a_without_speak_for_nothing(hospital: Relevance) -> None:
    assert hospital.judge("Care", "Care.").score == OFF_FIELD


@pytest.mark.parametrize("relevance", ["shipped", "hospital"])
def test_a_text_with_none_of_the_words_gets_the_middle_of_the_low_band(relevance: str, hospital: Relevance) -> None:
    judged = {"shipped": SHIPPED, "hospital": hospital}[relevance].judge("The heron returns", "It stood at the lake.")
    assert (judged.score, judged.band) == (OFF_FIELD, "low")
    assert judged.mentions == judged.favour == judged.against == ()


def test_a_headline_weighs_more_than_a_mention_in_the_body() -> None:
    body = "The company spoke on Monday of its plans for the year."
    above = SHIPPED.judge("Google Ads gets AI bidding", body).score
    below = SHIPPED.judge("Plans for the year", f"{body} Google Ads gets AI bidding.").score
    assert above > below > SHIPPED.judge("Plans for the year", body).score


def test_saying_a_word_a_thousand_times_gains_nothing_over_a_few() -> None:
    few = SHIPPED.judge("Ads", "Google Ads. " * 8)
    many = SHIPPED.judge("Ads", "Google Ads. " * 1_000)
    assert abs(many.score - few.score) < 0.5


def test_mentions_are_words_of_the_text_and_not_parts_of_one_another() -> None:
    judged = SHIPPED.judge(
        "Emails: marketers trust AI", "Adobe says that AI helps Marketers with advertising and with e-commerce."
    )
    assert judged.mentions
    assert all(
        m in "Emails: marketers trust AI\nAdobe says that AI helps Marketers with advertising and with e-commerce."
        for m in judged.mentions
    )
    assert {"marketers", "AI"} <= set(judged.mentions)


def test_a_reason_does_not_contradict_itself() -> None:
    judged = SHIPPED.judge(
        "Google Ads adds AI agents for marketing", "The architecture needs GPUs and training. Marketers buy ads."
    )
    assert "neither marketing nor search" not in judged.against
    assert not {"technical detail", "technical detail without marketing"} <= set(judged.against)
    assert not set(judged.favour) & set(judged.against)


def test_a_criterion_is_named_only_where_the_text_shares_enough_with_it() -> None:
    assert SHIPPED.judge("Google Ads gets an AI feature", "Performance Max gets it too.").criterion.startswith(
        "New AI features in advertising"
    )
    assert SHIPPED.judge("Marketing", "A day in marketing.").criterion == ""
    assert (
        SHIPPED.judge(
            "AI", "Google Ads, Performance Max, Meta Ads and Microsoft Advertising, new platforms and features."
        ).criterion
        == ""
    )


def test_scores_stay_within_range_whatever_the_weights(tmp_path: Path) -> None:
    for weight, expected in ((100, 10.0), (-100, 0.0)):
        file = weights_file(tmp_path, features=[{"name": "ads", "all": ["ads"], "weight": weight}])
        assert Relevance(profile_with(tmp_path, file)).judge("ads", "ads ads ads").score == expected


def profile_with(folder: Path, weights: Path) -> Any:
    file = folder / "own.yaml"
    file.write_text(f"{HOSPITAL}\nweights: {weights.name}\n")
    return load_profile(file)


def weights_file(folder: Path, **changes: Any) -> Path:
    content = {
        "format": 1, "subjects": ["ads"], "words": {"ads": ["ad"], "shops": ["shop"]},
        "features": [{"name": "ads", "all": ["ads"], "weight": 1}],
    } | changes  # fmt: skip
    file = folder / "own.json"
    file.write_text(json.dumps(content))
    return file


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"format": 2}, "format: input should be 1"),
        ({"extra": 1}, "extra: extra inputs are not permitted"),
        ({"subjects": ["cars"]}, "no list of words is called cars"),
        ({"features": [{"name": "x", "all": ["not cars"]}]}, "no list of words is called cars"),
        ({"unions": {"both": ["ads", "question"]}}, "no list of words is called question"),
        ({"unions": {"both": ["other"], "other": ["ads"]}}, "no list of words is called other"),
        ({"unions": {"ads": ["shops"]}}, "there are two of ads"),
        ({"words": {"ads": ["ad"], "length": ["long"]}}, "there are two of length"),
        ({"features": []}, "features"),
        ({"features": [{"name": "x", "all": ["ads"], "weight": float("nan")}]}, "features.0.weight"),
        ({"constant": float("inf")}, "constant"),
        ({"spread": 0}, "spread"),
        ({"words": {"ads": [1]}}, "words.ads.0"),
    ],
)
def test_weights_that_are_wrong_are_told_with_file_and_field(changes: dict[str, Any], told: str, tmp_path: Path) -> None:
    file = weights_file(tmp_path, **changes)
    with pytest.raises(ConfigurationError, match="not usable") as caught:
        Relevance(profile_with(tmp_path, file))
    assert str(file) in str(caught.value)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Invalid JSON"),
        (b"{", "Invalid JSON"),
        (b"\xff\xfe{}", "Invalid JSON"),
        (b"[" * 100_000, "recursion limit"),
        (b"[]", "should be an object"),
        (b" " * 300_000, "larger than 256 KB"),
        (b"{}", "subjects: field required; words: field required; features: field required"),
    ],
)
def test_a_garbled_weights_file_is_told_with_its_name(content: bytes, told: str, tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        load_weights(file)
    assert str(file) in str(caught.value)
    assert told.lower() in str(caught.value).lower()


def test_a_weights_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_weights(tmp_path / "gone.json")


def test_the_shipped_weights_name_every_feature_once_and_agree_with_the_rubric() -> None:
    weights = load_weights(DEFAULT_PROFILE.with_name("marketing.weights.json"))
    names = [f.name for f in weights.features]
    assert len(set(names)) == len(names)
    contrary = [f.name for f in weights.features if abs(f.prior) >= 1 and f.prior * f.weight < 0]
    assert contrary == []
    assert {"spearman_held_out", "roc_area_held_out", "documents"} <= weights.learned.keys()


def test_a_feature_of_several_subjects_is_the_product_of_their_values(tmp_path: Path) -> None:
    features = [{"name": "both", "all": ["ads", "not shops"], "weight": 1}]
    scale = Scale(load_weights(weights_file(tmp_path, features=features)))
    assert scale.features(scale.see("ads ads", "ads ads")) == [1.0]
    assert scale.features(scale.see("ads ads", "shop shop")) == [0.6 * 0.6]
    assert scale.features(scale.see("cars", "cars")) == [0.0]


@pytest.mark.parametrize(
    ("one", "other"),
    [("ads", "Ad"), ("agency's", "agencies"), ("campaigning", "campaigns"), ("prices", "price"), ("Retailer’s", "retailers")],
)
def test_forms_of_a_word_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("marketing", "market"), ("bus", "bu"), ("shopping", "shop"), ("class", "clas")])
def test_other_words_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_phrases_are_counted_whole_and_by_group() -> None:
    phrases = Phrases({"platforms": ["Google Ads", "Performance Max"], "ads": ["ad"]})
    counted = phrases.count(terms("Google's ad, google ads and Performance; Google Ads."))
    assert counted == {"platforms": {"Google Ads": 3}, "ads": {"ad": 3}}


def test_a_mention_is_told_as_it_is_written() -> None:
    assert first_mention("google ads", "In GOOGLE\n Ads, the") == "GOOGLE Ads"
    assert first_mention("e commerce", "E-Commerce grows") == "E-Commerce"
    assert first_mention("ads", "nothing here") == ""
    assert first_mention("广告", "新广告工具") == "广告"


def test_scripts_without_spaces_have_a_word_for_two_characters() -> None:
    assert count_words("广告行业改变") == 3
    assert count_words("") == 0
