"""Topic and tags: the profile's where its words occur, else the text's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from digest.assessment.profile import load_profile
from digest.assessment.topics import Topics

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = Topics(load_profile())


def test_the_topic_is_the_one_most_spoken_of() -> None:
    topic, tags = SHIPPED.find(
        "Shoppers ask assistants", "Retailers report that shoppers ask an assistant before checkout. One uses email marketing."
    )
    assert topic == "E-commerce and retail"
    assert "shopper" in tags


def test_a_mention_in_the_headline_outweighs_two_in_the_body() -> None:
    topic, _ = SHIPPED.find("SEO in Leeds", "A shopper met a retailer.")
    assert topic == "AI search and SEO"


def test_of_topics_alike_in_strength_the_profiles_first_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "two.yaml"
    file.write_text(
        "name: Two\naudience: All\nhigh: [a cat]\nmedium: [a dog]\nlow: [a bird]\n"
        "topics:\n  - {name: Dogs, words: [dog]}\n  - {name: Cats, words: [cat]}\n"
    )
    topics = Topics(load_profile(file))
    assert topics.find("Cats and dogs", "")[0] == "Dogs"
    assert topics.find("Cats and a dog", "A cat.")[0] == "Cats"


def test_without_a_topic_of_the_profile_the_headline_gives_its_first_clause() -> None:
    assert SHIPPED.find("The heron returns: what it eats", "")[0] == "The heron returns"
    assert SHIPPED.find("", "A heron came. It left.")[0] == "A heron came. It left."
    assert SHIPPED.find("", "")[0] == ""


def test_a_topic_taken_from_a_headline_is_bounded_and_ends_in_a_telling_word() -> None:
    topic, _ = SHIPPED.find("Herons were counted at all lakes of the country and in its rivers by children", "")
    assert topic == "Herons were counted at all lakes"
    assert len(SHIPPED.find("h" * 5_000, "")[0]) == 80


def test_names_in_the_text_are_tags_and_words_of_a_heading_are_not() -> None:
    body = "Which Point Of Sale System Is Best For Shops\n\nThe tills of Larkfield Systems are cheap, and Larkfield Systems repairs them."
    _, tags = SHIPPED.find("Tills compared", body)
    assert "larkfield-systems" in tags
    assert not any("point" in tag or "system-is" in tag for tag in tags)


def test_furniture_of_the_page_gives_no_tags() -> None:
    _, tags = SHIPPED.find("Agents buy ads", "Agents buy ads for shops.\n\nFollow us on LinkedIn\n\nShare this on Facebook")
    assert not {"linkedin", "facebook"} & set(tags)


def test_a_special_tag_may_follow_a_general_one_but_not_the_other_way_round() -> None:
    _, tags = SHIPPED.find("AI agents write ads", "Google Ads lets an AI agent write ads. AI is used for ads in Google Ads.")
    assert "google-ads" in tags
    assert "ai-agent" in tags
    assert "agent" not in tags


@pytest.mark.parametrize("headline", ["Ads", "AI: ads, ads, ads!", "广告", "Überraschung für Händler", "L'IA et la publicité"])
def test_tags_are_slugs_at_most_six_and_each_once(headline: str) -> None:
    _, tags = SHIPPED.find(headline, f"{headline}. Google Ads, Meta Ads, TikTok, Shopify, CRM, SEO, ROAS and GDPR. {headline}.")
    assert 1 <= len(tags) <= 6
    assert len(set(tags)) == len(tags)
    assert all(tag == tag.lower() and "--" not in tag and tag.strip("-") == tag for tag in tags)
    assert all(part.isalnum() for tag in tags for part in tag.split("-"))


def test_a_word_met_once_is_no_tag_beside_better_ones() -> None:
    _, tags = SHIPPED.find("Larkfield buys Fennwick", "Larkfield pays two million for Fennwick.")
    assert {"larkfield", "fennwick"} <= set(tags)
    assert "buys" not in tags
