"""The offline assessor fills what is missing, keeps what came, invents nothing, and is bounded for any text whatever."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.assessment.offline import OfflineAssessor
from digest.assessment.profile import load_profile
from digest.knowledge_base.document import parse_document
from digest.model import ASSESSED_FIELDS, MAX_SCORE, MIN_SCORE, Article, Assessment, Provenance
from tests.builders import article, assessment
from tests.data import data

ASSESSOR = OfflineAssessor(load_profile())
#: Far above what any text takes on an idle machine (0.3 s); a text that hangs takes minutes.
BOUND_S = 10.0

RETAIL = article(
    "Retailer lets an AI agent buy its search ads",
    body=(
        "A large retailer said on Monday that an AI agent now buys its search ads.\n\n"
        "The agent sets bids in Google Ads for 40,000 products every hour. It cut the cost of a sale by 12% in three months. "
        "People in marketing still choose the creative work. The retailer will use the agent for retail media next year. "
        "Analysts expect other retailers to follow because margins are thin. The agent was built with a language model. "
        "Its supplier did not say what it costs. Two agencies lost the account. "
        "Their chief executives said that fees must change."
    ),
)
ROBOTS = article(
    "Robot arm learns to fold proteins",
    body=(
        "Researchers trained a neural network on a dataset of molecules. The architecture needs less memory and fewer GPUs. "
        "The code is open source. Inference takes two milliseconds."
    ),
)


def judge(told: Article, known: Assessment | None = None) -> Assessment:
    return ASSESSOR.judge(told, known or Assessment())


def written_by(judged: Assessment) -> dict[str, str]:
    return {name: getattr(judged.provenance, name) for name in ASSESSED_FIELDS}


async def test_an_unassessed_article_gets_every_field_and_each_is_marked_offline() -> None:
    judged = await ASSESSOR.assess(RETAIL, Assessment())
    assert judged.missing == ()
    assert written_by(judged) == dict.fromkeys(ASSESSED_FIELDS, "offline") | {"category": ""}
    assert judged.category == ""
    assert 3 <= len(judged.summary) <= 5
    assert 1 <= len(judged.key_insights) <= 4
    assert "google-ads" in judged.tags
    assert judged.topic == "E-commerce and retail"
    assert judged.reason.startswith("Offline, by words alone: it mentions ")


def test_what_came_with_the_article_is_returned_as_it_was() -> None:
    known = assessment("source")
    assert judge(RETAIL, known) is known


@pytest.mark.parametrize("missing", ["score", "topic", "reason", "summary", "key_insights", "tags"])
def test_only_the_missing_field_is_written(missing: str) -> None:
    empty: object = getattr(Assessment(), missing)
    whole = assessment("source")
    known = replace(whole, **{missing: empty}, provenance=replace(whole.provenance, **{missing: ""}))
    judged = judge(RETAIL, known)
    assert getattr(judged, missing) not in (None, "", ())
    assert written_by(judged) == written_by(whole) | {missing: "offline"}
    assert replace(judged, **{missing: empty}, provenance=known.provenance) == known


def test_a_given_score_is_kept_and_the_reason_speaks_of_its_band() -> None:
    high = judge(RETAIL, Assessment(score=9.0, provenance=Provenance(score="source")))
    low = judge(RETAIL, Assessment(score=1.0, provenance=Provenance(score="source")))
    assert (high.score, low.score) == (9.0, 1.0)
    assert (high.provenance.score, high.provenance.reason) == ("source", "offline")
    assert "criteria for low relevance" not in high.reason
    assert "criteria for high relevance" not in low.reason


def test_a_score_of_zero_that_came_with_the_article_is_a_score() -> None:
    judged = judge(RETAIL, Assessment(score=0.0, provenance=Provenance(score="source")))
    assert judged.score == 0.0
    assert judged.provenance.score == "source"


def test_insights_do_not_repeat_a_summary_that_came_with_the_article() -> None:
    insights = judge(RETAIL).key_insights
    judged = judge(RETAIL, Assessment(summary=(insights[0],), provenance=Provenance(summary="source")))
    assert judged.summary == (insights[0],)
    assert insights[0] not in judged.key_insights


def test_the_reason_names_words_as_the_article_writes_them() -> None:
    judged = judge(article("Marketers doubt chatbots", body="ADVERTISERS pay for E-Commerce."))
    assert "Marketers" in judged.reason
    assert "ADVERTISERS" in judged.reason
    assert "E-Commerce" in judged.reason


def test_marketing_news_scores_above_research() -> None:
    relevant, beside = judge(RETAIL), judge(ROBOTS)
    assert relevant.score is not None
    assert beside.score is not None
    assert relevant.score >= 7.5 > 4.5 > beside.score
    assert "What speaks against it: science" in beside.reason


def test_a_text_beside_the_field_is_low_and_the_reason_says_why() -> None:
    judged = judge(article("The heron returns", body="A heron was seen at the lake. It stood for an hour."))
    assert judged.score == 2.0
    assert judged.reason == "Offline, by words alone: it mentions none of the profile's words."


@pytest.mark.parametrize("text", ["", " \n\n ", "…?!", "🔥🚀", "12 34 %", "—", "\u200f\u200e"])
def test_without_a_letter_it_stays_unscored_and_says_so(text: str) -> None:
    judged = judge(article("", headline=text, body=text))
    assert judged.score is None
    assert judged.reason == "Offline: there is no text to judge."
    assert judged.missing == ("score", "topic", "summary", "key_insights", "tags")
    assert written_by(judged) == dict.fromkeys(ASSESSED_FIELDS, "") | {"reason": "offline"}


def test_a_headline_alone_is_judged_and_is_its_own_summary() -> None:
    judged = judge(article("Google Ads gets an AI agent that writes campaigns", body=""))
    assert judged.score is not None
    assert judged.score > 7.5
    assert judged.summary == ("Google Ads gets an AI agent that writes campaigns",)
    assert judged.key_insights == ()


def test_the_headline_judged_is_the_publishers_not_the_title_given_later() -> None:
    plain = judge(article("Robot arm learns to fold proteins", body=ROBOTS.body))
    retitled = judge(article("AI in marketing, advertising and Google Ads", headline=ROBOTS.headline, body=ROBOTS.body))
    assert retitled == plain


HOSTILE = {
    "a megabyte without a space": "a" * 1_000_000,
    "a megabyte of spaces": " " * 1_000_000,
    "100,000 line ends": "\n" * 100_000,
    "100,000 paragraphs of a letter": "\n\nx" * 100_000,
    "only marks": ".!?" * 300_000,
    "full stops apart": ". " * 300_000,
    "abbreviations": "Mr. " * 250_000,
    "initials": "J. K. " * 150_000,
    "quotation marks": '" . ' * 200_000,
    "quotations never closed": "“a. " * 200_000,
    "marks of a cut": "[…] " * 200_000,
    "digits": "9" * 500_000 + "%",
    "list marks": "1. " * 300_000,
    "emoji": "😀" * 300_000,
    "lone surrogates": "\ud800 text \udfff. " * 60_000,
    "right to left": "مرحبا بكم في العالم. " * 40_000,
    "Chinese": "广告行业正在改变。" * 100_000,
    "Chinese without a mark": "广告" * 300_000,
    "Thai": "สวัสดี" * 100_000,
    "combining marks": "a" + "\u0301" * 500_000,
    "bidirectional marks": "\u202eads\u202c " * 100_000,
    "all words different": " ".join(f"w{n}" for n in range(150_000)),
    "sentences all different": " ".join(f"Word{n} goes here now." for n in range(40_000)),
    "sentences all alike": "The agent buys ads. " * 50_000,
    "capitals": "a " + "Ab " * 300_000,
    "capitals with dots": "a " + "A." * 300_000,
    "calls to read": "Read " + "more words and " * 60_000,
    "calls of long words": "Read now " + ("w" * 38 + " ") * 20_000 + "!?x",
    "notices": "we use cookies privacy policy subscribe to our the post " * 20_000,
    "code": "for (a[i]=0;a[i]<b;a[i]++){} " * 40_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_takes_bounded_time_and_gives_a_bounded_assessment(name: str) -> None:
    text = HOSTILE[name]
    begun = time.perf_counter()
    judged = judge(article("A headline", body=text)), judge(article("", headline=text, body=text))
    assert time.perf_counter() - begun < BOUND_S
    for each in judged:
        assert each.score is None or MIN_SCORE <= each.score <= MAX_SCORE
        assert len(each.reason) < 2_000
        assert len(each.topic) <= 80
        assert len(each.tags) <= 6
        assert all(len(tag) <= 40 for tag in each.tags)
        assert len(each.summary) <= 5
        assert len(each.key_insights) <= 4
        assert all(len(bullet) <= 600 for bullet in (*each.summary, *each.key_insights))


WORDS = st.sampled_from(
    'ads AI agent Google marketers cost 12% rises falls because it the This But “we” "we" said, e.g. U.S. Mr. read more '
    "here … [...] 广告 مرحبا 🚀 x=1; - • ? http://t.example".split()
)
JOINTS = st.sampled_from([" ", " ", " ", ". ", "! ", "? ", "\n", "\n\n", "\n- ", "。", "…\n\n", ' " '])
TEXTS = st.one_of(
    st.lists(st.tuples(WORDS, JOINTS), max_size=120).map(lambda parts: "".join(word + joint for word, joint in parts)),
    st.text(max_size=400),
)


def flat(text: str) -> str:
    return " ".join(text.split())


@settings(max_examples=200)
@given(headline=st.text(max_size=80), body=TEXTS)
def test_every_bullet_is_in_the_text_word_for_word(headline: str, body: str) -> None:
    judged = judge(article("", headline=headline, body=body))
    shown = (*judged.summary, *judged.key_insights)
    for bullet in shown:
        assert any(bullet in text or bullet.removesuffix("…") in text for text in (flat(body), flat(headline)))
    assert len(set(shown)) == len(shown)


@settings(max_examples=200)
@given(headline=st.text(max_size=80), body=TEXTS)
def test_any_text_gives_a_score_in_range_or_none_and_the_same_again(headline: str, body: str) -> None:
    told = article("", headline=headline, body=body)
    judged = judge(told)
    assert judged.score is None or MIN_SCORE <= judged.score <= MAX_SCORE
    assert (judged.score is None) == (not judged.topic) == (not judged.summary)
    assert judged == OfflineAssessor(load_profile()).judge(told, Assessment())
    assert all(tag == tag.lower() and " " not in tag for tag in judged.tags)


def test_real_documents_are_all_assessed_and_quoted_word_for_word() -> None:
    for path in sorted(data("knowledge-base").rglob("*.md")):
        document = parse_document(path.read_bytes(), now=RETAIL.collected)
        told = article(document.title, headline=document.headline, body=document.body)
        judged = judge(told)
        source = flat(document.body or document.headline)
        assert judged.score is not None, path
        assert judged.summary, path
        assert judged.topic, path
        for bullet in (*judged.summary, *judged.key_insights):
            assert bullet.removesuffix("…") in source, path
