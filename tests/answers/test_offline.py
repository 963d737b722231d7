"""Answers without a model: what is quoted, and when nothing is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.answers.offline import OfflineAnswerer, answered
from digest.answers.ports import NO_ARTICLE_SAYS, THE_ARTICLE_DOES_NOT_SAY, Passage, Turn
from digest.answers.terms import kind, question

ARTICLE = """Fennwick, which sells advertising on 1,400 online shops, now lets AI agents plan and buy campaigns.
It opened on 14 October 2026 in Rotterdam.

After a free period Fennwick takes 1.5 percent of the money an agent spends. Mara Oyelaran, who leads the platform, said that only a
person with a second factor can raise the daily budget. The company chose an open specification because advertisers asked to change
agents without leaving."""


@pytest.mark.parametrize(
    ("asked", "quoted"),
    [
        ("How much does Fennwick take of what an agent spends?", "1.5 percent"),
        ("When did it open in Rotterdam?", "14 October 2026"),
        ("Who leads the platform?", "Mara Oyelaran"),
        ("Why did the company choose an open specification?", "because advertisers asked"),
        ("Who can raise the daily budget?", "a\nperson with a second factor"),
    ],
)
def test_the_sentence_that_answers_is_quoted_word_for_word(asked: str, quoted: str) -> None:
    answer = answered(asked, [Passage("a1", ARTICLE)])
    assert not answer.abstained
    assert any(quoted in c.quote for c in answer.citations)
    assert len(answer.citations) <= 2
    for cited in answer.citations:
        assert ARTICLE[cited.start : cited.end] == cited.quote


@pytest.mark.parametrize(
    "asked",
    ["Who founded Larkfield Robotics?", "What does a seat of Lumivane Studio cost?", "", "?", "the of and", "zyx" * 900],
)
def test_what_the_article_does_not_say_is_not_answered(asked: str) -> None:
    answer = answered(asked, [Passage("a1", ARTICLE)])
    assert (answer.abstained, answer.text, answer.citations) == (True, THE_ARTICLE_DOES_NOT_SAY, ())


def test_of_several_articles_the_one_that_answers_is_cited() -> None:
    other = Passage("b2", "Pellmarket tests shelf labels that answer questions. The labels cost 12 euros each.", relevance=0.6)
    answer = answered("What do the shelf labels of Pellmarket cost?", [Passage("a1", ARTICLE), other])
    assert {c.article_id for c in answer.citations} == {"b2"}
    assert answer.articles == 1
    nothing = answered("Who founded Larkfield Robotics?", [Passage("a1", ARTICLE), other])
    assert nothing.text == NO_ARTICLE_SAYS


async def test_a_question_of_few_words_means_what_was_asked_before() -> None:
    said = [Turn("How much does Fennwick take of what an agent spends?", "1.5 percent")]
    answer = await OfflineAnswerer().answer("And who?", [Passage("a1", ARTICLE)], said)
    assert not answer.abstained


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("Who leads it?", "name"), ("How many shops are there?", "number"), ("What percentage is kept?", "number"),
        ("When did it open?", "time"), ("In which year was that?", "time"), ("Where is it?", "place"),
        ("In what country is it?", "place"), ("Why an open specification?", "reason"), ("What is Handshake?", "any"),
    ],
)  # fmt: skip
def test_what_kind_of_answer_is_asked_for(asked: str, expected: str) -> None:
    assert kind(asked) == expected


def test_rare_words_of_a_question_tell_more_than_common_ones() -> None:
    terms = question("Which company did Fennwick buy?").terms
    assert terms["fennwick"] > terms["compani"]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300), st.lists(st.text(max_size=600), max_size=4))
def test_any_text_is_answered_or_not_and_quotes_are_exact(asked: str, texts: list[str]) -> None:
    answer = answered(asked, [Passage(str(n), t) for n, t in enumerate(texts)])
    assert answer.abstained == (not answer.citations)
    for cited in answer.citations:
        assert cited.quote
        assert texts[int(cited.article_id)][cited.start : cited.end] == cited.quote
