"""Bullets a reader can use: whole statements of the text, each once, without the page's furniture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.assessment.sentences import is_boilerplate, is_code, is_heading, sentences
from digest.assessment.summary import BUDGET_WORDS, LONG, extract

LONG_TEXT = (
    "The agency Larkfield opened a studio for AI video on Tuesday. The studio makes video ads from product photos. "
    "A film of twenty seconds costs 90 euros. Clients wait two hours instead of two weeks. "
    "But the client signs off every film. Larkfield trained 60 people to write prompts. "
    "It was founded in 1998 in Leeds. The weather on the day was fine. Video ads bring Larkfield a third of its income. "
    "Rivals must cut prices because Larkfield charges so little. The studio will open in Lyon next year. "
    "Who pays when a film is wrong? They have not said."
)


def texts(text: str) -> list[str]:
    return [s.text for s in sentences(text)]


def test_a_summary_keeps_the_order_of_the_text() -> None:
    found = extract("Larkfield opens a studio for AI video ads", LONG_TEXT)
    places = [LONG_TEXT.index(b) for b in found.summary]
    assert places == sorted(places)
    assert len(found.summary) == 5


def test_a_summary_takes_what_the_headline_announces() -> None:
    found = extract("Larkfield opens a studio for AI video ads", LONG_TEXT)
    assert "The agency Larkfield opened a studio for AI video on Tuesday." in found.summary
    assert "The weather on the day was fine." not in found.summary


def test_insights_are_consequences_and_stand_alone() -> None:
    found = extract("Larkfield opens a studio for AI video ads", LONG_TEXT)
    assert "Rivals must cut prices because Larkfield charges so little." in (*found.summary, *found.insights)
    assert not set(found.summary) & set(found.insights)
    assert not any(b.startswith(("But ", "They ", "It ")) or b.endswith("?") for b in found.insights)


def test_a_sentence_twice_in_the_text_is_shown_once() -> None:
    found = extract(
        "Ads", "Prices of ads fall by half this year. PRICES of ads fall by half this year. Agencies cut their fees in May."
    )
    assert len(found.summary) == 2


def test_bullets_of_a_long_text_keep_within_their_budget_of_words() -> None:
    body = " ".join(
        f"Sentence number {n} says that the agent {n} buys {n} ads for shop {n} in the town of that name." for n in range(60)
    )
    words = sum(len(b.split()) for b in extract("Agents", body).summary)
    assert words <= BUDGET_WORDS * 1.25


def test_a_short_text_is_its_own_summary_without_insights() -> None:
    found = extract("Ads", "Video ads now cost half of what they did.")
    assert found.summary == ("Video ads now cost half of what they did.",)
    assert found.insights == ()


def test_without_a_body_the_headline_is_the_summary_and_without_either_there_is_none() -> None:
    assert extract("Ads get cheaper", "").summary == ("Ads get cheaper",)
    assert extract("", "").summary == ()
    assert extract("…", "12 %").summary == ()


def test_a_text_the_publisher_cut_off_ends_in_an_ellipsis() -> None:
    found = extract("Ads", "The studio makes video ads. Its clients wait only two hours for a film of twenty […]")
    assert found.summary[-1] == "Its clients wait only two hours for a film of twenty…"


def test_a_text_without_marks_is_shortened_at_a_word() -> None:
    found = extract("Ads", "so i launched three campaigns and all of them died " * 40)
    assert len(found.summary) == 1
    assert len(found.summary[0]) <= 600
    assert found.summary[0].endswith("…")
    assert found.summary[0].removesuffix("…").split()[-1] in "so i launched three campaigns and all of them died".split()


@pytest.mark.parametrize(
    "furniture",
    [
        "We use cookies to improve your experience.",
        "Accept all cookies.",
        "Read more: How agents change retail",
        "Read the full story here.",
        "Click here to download the report now.",
        "Sign up for our weekly newsletter.",
        "Subscribe to our newsletter",
        "Register today",
        "Follow us on LinkedIn",
        "Continue reading Best tools for shops",
        "Share this on Facebook",
        "Image credit: The Example",
        "Photo by Ann Lee on Pictures",
        "Presented by Fennwick",
        "Advertisement",
        "Copyright 2026 The Example. All rights reserved.",
        "© 2026 The Example",
        "Disclosure: the author owns shares.",
        "The post Retailer tests AI appeared first on The Example.",
        "This article was originally published in May.",
        "Please enable JavaScript to continue.",
        "submitted by /u/someone [link] [comments]",
        "EDIT: Thanks everyone for the answers.",
        "Thanks in advance!",
        "Skip to content",
        "By Ann Lee",
        "https://news.example/2026/an-agent-buys-ads/",
    ],
)
def test_furniture_of_the_page_is_no_bullet(furniture: str) -> None:
    news = "The retailer gave its search ads to an agent. The agent cut the cost of a sale by an eighth."
    assert all(is_boilerplate(s) for s in sentences(furniture)[:1])
    found = extract("A retailer's agent", f"{furniture}\n\n{news}\n\n{furniture}")
    assert found.summary == tuple(texts(news))


@pytest.mark.parametrize(
    "statement",
    [
        "Copyright law is changing because of generated images.",
        "Disclosure rules for AI ads take effect in March.",
        "Loading times decide whether shoppers stay.",
        "Learn why brands spend more on search than on video.",
        "Thanks to an assistant, everyone in the team writes ads.",
        "Video by itself sells nothing.",
        "Cookies will stay in Chrome, the company said.",
        "Advertisement spending fell by a tenth.",
        "Subscribers leave when newsletters are written by machines.",
        "Comments on generated ads are mostly hostile.",
        "Sponsored posts by creators will need a label in all states from the first of July, the ministry said on Monday.",
    ],
)
def test_news_about_such_things_is_no_furniture(statement: str) -> None:
    assert not any(is_boilerplate(s) for s in sentences(statement))


def test_code_is_no_bullet_and_prose_with_brackets_is() -> None:
    body = "Install the client first.\n\n```client = ads.Client(key=x); print(client.rows[0])```\n\nThe client returns a row for each ad."
    assert extract("A client for ads", body).summary == ("Install the client first.", "The client returns a row for each ad.")
    assert not any(is_code(s) for s in sentences("The agency (founded in 1998) won the account [for a year]."))


def test_headings_and_introductions_give_way_to_statements() -> None:
    body = "Why it matters\n\nThe agent cut costs by an eighth. Agencies lost two accounts.\n\nWhat comes next\n\nFees must change, they say."
    assert [is_heading(s) for s in sentences(body)] == [True, False, False, True, False]
    assert extract("Agents", body).summary == (
        "The agent cut costs by an eighth.",
        "Agencies lost two accounts.",
        "Fees must change, they say.",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mr. Lee paid $3.5 million. It works.", ["Mr. Lee paid $3.5 million.", "It works."]),
        ("It grew in the U.S. and the U.K. last year.", ["It grew in the U.S. and the U.K. last year."]),
        ("J. K. Lee left. She won.", ["J. K. Lee left.", "She won."]),
        ("Es kostet z. B. 75 Mio. Euro. Das ist viel.", ["Es kostet z. B. 75 Mio. Euro.", "Das ist viel."]),
        ("“We won. We will go on,” said Lee. He left.", ["“We won. We will go on,” said Lee.", "He left."]),
        ("广告改变了。价格下降了！真的吗？", ["广告改变了。", "价格下降了！", "真的吗？"]),
        ("هذا خبر. وهذا آخر؟ نعم.", ["هذا خبر.", "وهذا آخر؟", "نعم."]),
        ("One\n\nTwo\n- three\n- four", ["One", "Two", "three", "four"]),
        ("Wait... it goes on. Yes.", ["Wait... it goes on.", "Yes."]),
        ("...", []),
        ("Plan 9. Then 10.", ["Plan 9.", "Then 10."]),
    ],
)
def test_a_text_is_parted_where_its_sentences_end(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_a_text_in_another_language_has_a_summary_of_its_sentences() -> None:
    body = "谷歌周二推出了新的人工智能广告工具。该工具可以自动生成图片和文案。广告主可以设定预算和目标。分析师认为这将改变营销行业。"
    found = extract("谷歌推出广告工具", body)
    assert len(found.summary) == 3
    assert all(b in body for b in found.summary)


@given(st.lists(st.sampled_from(LONG_TEXT.split(". ")), min_size=LONG, max_size=40))
def test_no_bullet_is_shown_twice_whatever_the_text(parts: list[str]) -> None:
    found = extract("Larkfield", ". ".join(parts))
    shown = (*found.summary, *found.insights)
    assert len({b.lower() for b in shown}) == len(shown)
