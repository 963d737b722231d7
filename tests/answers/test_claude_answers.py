"""Answers by Claude over a real socket and the real SDK: what is sent, what of the stream is shown, what it costs, how it fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from digest.answers.answering import Answering, Limits
from digest.answers.claude import ClaudeAnswerer, claude_answerer
from digest.answers.offline import OfflineAnswerer
from digest.answers.ports import (
    NO_ARTICLE_SAYS,
    NOT_THE_REST,
    THE_ARTICLE_DOES_NOT_SAY,
    Asker,
    CutOff,
    Passage,
    Sentence,
    Turn,
)
from digest.errors import AssessmentError, BudgetExhausted
from digest.settings import Settings
from digest.stores.memory_answers import MemoryAnswerCache, MemoryQuotas
from digest.stores.memory_spending import MemorySpendingLedger
from tests.answers.claude_stream import Block, ClaudeStream, Said, asked, documents, said, serve_stream

ARTICLE = """Fennwick, which sells advertising on 1,400 online shops, now lets AI agents plan and buy campaigns. It opened on 14 October 2026 in
Rotterdam.

After a free period Fennwick takes 1.5 percent of the money an agent spends. Mara Oyelaran, who leads the platform, said that only a person
with a second factor can raise the daily budget."""
PASSAGE = Passage("a1", ARTICLE, "Fennwick opens to agents", about="The Example, published 15 October 2026")
QUESTION = "What does Fennwick take?"


@pytest.fixture(scope="module")
def server() -> Iterator[ClaudeStream]:
    yield from serve_stream()


@pytest.fixture
def api(server: ClaudeStream) -> ClaudeStream:
    return server.reset()


@pytest.fixture
def ledger() -> MemorySpendingLedger:
    return MemorySpendingLedger()


@pytest.fixture
async def claude(api: ClaudeStream, ledger: MemorySpendingLedger) -> AsyncIterator[ClaudeAnswerer]:
    made = claude_answerer(Settings.load(**api.settings(answer_timeout_s=5)), ledger)
    yield made
    await made.close()


async def spent(ledger: MemorySpendingLedger) -> Any:
    return (await ledger.spent(datetime.now(UTC).date())).get("answer/claude-sonnet-5-5")


async def test_an_answer_is_its_sentences_each_with_a_passage_of_the_article(api: ClaudeStream, claude: ClaudeAnswerer) -> None:
    api.answers = [said(("Fennwick takes 1.5 percent.", "takes 1.5 percent"), (" It opened in Rotterdam.", "Rotterdam"))]
    told: list[Sentence] = []

    async def follow(sentence: Sentence) -> None:
        told.append(sentence)

    answer = await claude.answer(QUESTION, [PASSAGE], follow=follow)
    assert answer.text == "Fennwick takes 1.5 percent. [1] It opened in Rotterdam. [2]"
    assert (
        [s.text for s in told]
        == ["Fennwick takes 1.5 percent.", "It opened in Rotterdam."]
        == [s.text for s in answer.sentences]
    )
    assert (answer.provenance, answer.abstained, answer.articles, answer.model) == ("claude", False, 1, "claude-sonnet-5-5")
    for cited in answer.citations:
        assert ARTICLE[cited.start : cited.end] == cited.quote
    assert "1.5 percent" in answer.citations[0].quote
    assert answer.usage is not None
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (900, 60)


async def test_the_article_is_sent_as_a_document_to_cite_without_tools_or_secrets(
    api: ClaudeStream, claude: ClaudeAnswerer
) -> None:
    await claude.answer(QUESTION, [PASSAGE], [Turn("Who leads it?", "Mara Oyelaran leads it. [1]", ("a1",))])
    (sent,) = api.requests
    (document,) = documents(sent)
    assert document == {
        "type": "document", "citations": {"enabled": True}, "title": "Fennwick opens to agents",
        "source": {"type": "text", "media_type": "text/plain", "data": ARTICLE}, "context": "The Example, published 15 October 2026",
    }  # fmt: skip
    assert (sent["model"], sent["stream"], asked(sent)) == ("claude-sonnet-5-5", True, QUESTION)
    assert "tools" not in sent
    assert [m["role"] for m in sent["messages"]] == ["user", "assistant", "user"]
    assert "sk-ant-secret" not in str(sent)


async def test_what_readers_do_not_see_is_not_sent_and_quotes_are_the_articles_own_all_the_same(
    api: ClaudeStream, claude: ClaudeAnswerer
) -> None:
    hidden = "It co\u200bsts \U000e0041\U000e0042five euros. More follows."
    api.answers = [said(("It costs five euros.", "five euros"))]
    answer = await claude.answer("What does it cost?", [Passage("a1", hidden)])
    assert documents(api.requests[0])[0]["source"]["data"] == "It costs five euros. More follows."
    assert answer.citations[0].quote == "It co\u200bsts \U000e0041\U000e0042five euros."


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Fennwick takes 2.5 percent.", "takes 1.5 percent"),
        ("It opened on 14 November 2026.", "14 October"),
        ("It opened on a Tuesday.", "14 October"),
        ("Google takes 1.5 percent.", "takes 1.5 percent"),
        ("Zorblax takes 1.5 percent.", "takes 1.5 percent"),
        ("Fennwick takes 1.5 percent, as Sundar Pichai says.", "takes 1.5 percent"),
        ("Fennwick takes 1.5 percent; see https://evil.example/x.", "takes 1.5 percent"),
        ("Fennwick takes 1.5 percent, see evil.example for more.", "takes 1.5 percent"),
        ("Fennwick takes 1.5 percent [more](//evil.example).", "takes 1.5 percent"),
        ("Fennwick takes 1.5 percent <!channel>.", "takes 1.5 percent"),
        ("Fennwick takes 1.5 percent, @here.", "takes 1.5 percent"),
        ("Fennwick takes 1.5 percent, write to x@evil.example.", "takes 1.5 percent"),
        ("Fennwick takes 1.5 percent, ｈｔｔｐｓ：／／evil.", "takes 1.5 percent"),
    ],
)
async def test_a_sentence_that_its_passages_do_not_bear_out_is_left_out(
    api: ClaudeStream, claude: ClaudeAnswerer, text: str, phrase: str
) -> None:
    api.answers = [said((text, phrase))]
    answer = await claude.answer(QUESTION, [PASSAGE])
    assert (answer.text, answer.citations, answer.abstained) == (THE_ARTICLE_DOES_NOT_SAY, (), True)
    assert answer.notes == ("A sentence of Claude's was left out: the passages cited do not bear that out.",)


@pytest.mark.parametrize("wrong", ["words", "place", "document", "all of it", "nothing"])
async def test_a_citation_that_is_not_word_for_word_in_the_article_is_none(
    api: ClaudeStream, claude: ClaudeAnswerer, wrong: str
) -> None:
    right = {
        "type": "char_location",
        "cited_text": "takes 1.5 percent",
        "document_index": 0,
        "start_char_index": 0,
        "end_char_index": 17,
    }
    cites = {
        "words": [{**right, "cited_text": "takes about 1.5 percent"}], "place": [right], "document": [{**right, "document_index": 7}],
        "all of it": [{**right, "cited_text": "x" * 3_000}], "nothing": [],
    }  # fmt: skip
    api.answers = [Said((Block("It takes 1.5 percent.", tuple(cites[wrong])),))]
    answer = await claude.answer(QUESTION, [PASSAGE])
    if wrong == "place":  # the words are in the article, elsewhere than said
        assert answer.citations[0].quote == "takes 1.5 percent"
        assert ARTICLE[answer.citations[0].start : answer.citations[0].end] == "takes 1.5 percent"
    else:
        assert (answer.abstained, answer.citations) == (True, ())


async def test_a_name_that_is_elsewhere_in_the_article_is_marked(api: ClaudeStream, claude: ClaudeAnswerer) -> None:
    api.answers = [said(("In Rotterdam 1.5 percent is taken.", "takes 1.5 percent"))]
    answer = await claude.answer(QUESTION, [PASSAGE])
    assert answer.text == "In Rotterdam 1.5 percent is taken. [1] (the passage doesn't name Rotterdam)"


async def test_what_the_article_does_not_say_is_said_in_our_words(api: ClaudeStream, claude: ClaudeAnswerer) -> None:
    api.answers = [
        said("The article doesn't say."),
        said("The article does not say who SECRET is."),
        said("None of the articles says so."),
    ]
    for _ in range(2):
        answer = await claude.answer("Who founded it?", [PASSAGE])
        assert (answer.text, answer.abstained, answer.notes) == (THE_ARTICLE_DOES_NOT_SAY, True, ())
    several = await claude.answer("Who founded it?", [PASSAGE, Passage("b", "Another text about shops.")])
    assert several.text == NO_ARTICLE_SAYS
    api.answers = [said(("It opened in Rotterdam.", "Rotterdam"), " The article doesn't say when it closes.")]
    part = await claude.answer("Where did it open and when does it close?", [PASSAGE])
    assert part.text == f"It opened in Rotterdam. [1] {NOT_THE_REST}"


async def test_an_answer_that_its_length_cut_off_goes_on(
    api: ClaudeStream, claude: ClaudeAnswerer, ledger: MemorySpendingLedger
) -> None:
    api.answers = [
        said(("Fennwick takes 1.5 percent. ", "takes 1.5 percent"), ("It opened in Rot", "Rotterdam"), stop="max_tokens"),
        said(("It opened in Rotterdam.", "Rotterdam")),
    ]
    answer = await claude.answer(QUESTION, [PASSAGE])
    assert answer.text == "Fennwick takes 1.5 percent. [1] It opened in Rotterdam. [2]"
    assert api.requests[1]["messages"][1] == {"role": "assistant", "content": "Fennwick takes 1.5 percent."}
    assert (await spent(ledger)).calls == 2
    api.answers = [said(("Fennwick takes 1.5 percent. ", "takes 1.5 percent"), stop="max_tokens")] * 3
    assert "ends here" in (await claude.answer(QUESTION, [PASSAGE])).notes[0]
    api.answers = [said("It takes", stop="max_tokens")]
    with pytest.raises(AssessmentError, match="cut short"):  # where nothing was written it would be cut off there again
        await claude.answer(QUESTION, [PASSAGE])


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ({"status": 429}, "rate_limit"), ({"status": 529}, "overloaded"), ({"status": 500}, "server"), ({"status": 401}, "auth"),
        ({"stop": "refusal"}, "refusal"), ({"stop": "tool_use"}, "invalid"), ({"cut_after": 0}, "connection"),
        ({"cut_after": 0, "error": "overloaded_error"}, "overloaded"), ({"cut_after": 0, "error": "nonsense"}, "server"),
    ],
)  # fmt: skip
async def test_a_failure_is_raised_and_answered_offline_with_a_note(
    api: ClaudeStream, claude: ClaudeAnswerer, how: dict[str, Any], kind: str
) -> None:
    api.model = lambda _: said(("Fennwick takes 1.5 percent.", "takes 1.5 percent"), **how)
    with pytest.raises(AssessmentError) as raised:
        await claude.answer(QUESTION, [PASSAGE])
    assert raised.value.kind == kind
    assert not isinstance(raised.value, CutOff)
    answer = await Answering(OfflineAnswerer(), claude).answer(QUESTION, [PASSAGE])
    assert answer.provenance == "offline"
    assert any("1.5 percent" in c.quote for c in answer.citations)
    assert answer.notes[0].endswith("; quoted without it.")
    assert "Claude" in answer.notes[0]


@pytest.mark.parametrize("how", [{"cut_after": 2}, {"cut_after": 2, "error": "overloaded_error"}])
async def test_what_was_written_before_claude_broke_off_stands_with_passages_beside_it(
    api: ClaudeStream, claude: ClaudeAnswerer, ledger: MemorySpendingLedger, how: dict[str, Any]
) -> None:
    blocks = (("It opened in Rotterdam. ", "Rotterdam"), ("Mara Oyelaran leads", "Mara"), (" the platform.", "Mara"))
    api.model = lambda _: said(*blocks, **how)
    told: list[str] = []

    async def follow(sentence: Sentence) -> None:
        told.append(sentence.text)

    answer = await Answering(OfflineAnswerer(), claude).answer(QUESTION, [PASSAGE], follow=follow)
    assert told == ["It opened in Rotterdam."] == [s.text for s in answer.sentences]
    assert any("1.5 percent" in c.quote for c in answer.citations)
    assert "what it wrote before is above, and may not be all. The passages beside it were found without it." in answer.notes[0]
    counted = await spent(ledger)
    assert counted.input_tokens == 900
    assert counted.dollars > 0


async def test_a_deadline_and_an_abandoned_answer_are_paid_for(api: ClaudeStream, ledger: MemorySpendingLedger) -> None:
    slow = claude_answerer(Settings.load(**api.settings(answer_timeout_s=0.5)), ledger)
    api.model = lambda _: said(("It opened in Rotterdam. ", "Rotterdam"), "More. ", "More.", pause_s=0.6)
    with pytest.raises(AssessmentError) as raised:
        await slow.answer(QUESTION, [PASSAGE])
    assert raised.value.kind == "timeout"
    assert (await spent(ledger)).input_tokens == 900
    task = asyncio.create_task(slow.answer(QUESTION, [PASSAGE]))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await ledger.reserve(datetime.now(UTC).date(), 4.9, 5.0)  # nothing is still set aside
    await slow.close()


async def test_the_cap_of_a_day_holds_and_offline_answers_then(api: ClaudeStream, ledger: MemorySpendingLedger) -> None:
    poor = claude_answerer(Settings.load(**api.settings(daily_cap_usd=0.01)), ledger)
    with pytest.raises(BudgetExhausted):
        await poor.answer(QUESTION, [PASSAGE])
    answer = await Answering(OfflineAnswerer(), poor).answer(QUESTION, [PASSAGE])
    assert api.requests == []
    assert "spending cap of $0.01 is reached; quoted without it." in answer.notes[0]
    await poor.close()


async def test_the_same_question_to_the_same_text_is_answered_from_the_cache(api: ClaudeStream, claude: ClaudeAnswerer) -> None:
    api.model = lambda _: said(("Fennwick takes 1.5 percent.", "takes 1.5 percent"))
    answering = Answering(OfflineAnswerer(), claude, MemoryAnswerCache())
    first = await answering.answer(QUESTION, [PASSAGE])
    again = await answering.answer(f"  {QUESTION.upper()}", [PASSAGE])
    assert (again.text, again.citations, again.usage) == (first.text, first.citations, None)
    assert len(api.requests) == 1
    await answering.answer(QUESTION, [Passage("a1", ARTICLE + " It changed.", PASSAGE.title)])
    await answering.answer(QUESTION, [PASSAGE], [Turn("And before?", "Nothing.")])
    assert len(api.requests) == 3
    api.model = lambda _: said(status=529)
    failed = await answering.answer("Who leads the platform?", [PASSAGE])
    api.model = lambda _: said(("Mara Oyelaran leads it.", "Mara"))
    assert (failed.provenance, (await answering.answer("Who leads the platform?", [PASSAGE])).provenance) == (
        "offline",
        "claude",
    )


async def test_quotas_of_a_person_a_channel_and_a_day_hold(api: ClaudeStream, claude: ClaudeAnswerer) -> None:
    api.model = lambda _: said(("Fennwick takes 1.5 percent.", "takes 1.5 percent"))
    answering = Answering(OfflineAnswerer(), claude, None, MemoryQuotas(), Limits(person=1, channel=2, day=3))

    async def notes(person: str, channel: str) -> str:
        return " ".join((await answering.answer(QUESTION, [PASSAGE], who=Asker("T", channel, person))).notes)

    assert await notes("U1", "C1") == ""
    assert "You have asked as many" in await notes("U1", "C2")
    assert await notes("U2", "C1") == ""
    assert "This channel has asked" in await notes("U3", "C1")
    assert await notes("U3", "C2") == ""
    assert "As many questions as are allowed" in await notes("U4", "C3")
    assert len(api.requests) == 3


async def test_of_long_articles_the_passages_likeliest_to_answer_are_shown(
    api: ClaudeStream, ledger: MemorySpendingLedger
) -> None:
    filler = "\n\n".join(f"Paragraph {n} tells of harbours, ships and their weather at some length. " * 8 for n in range(60))
    small = claude_answerer(Settings.load(**api.settings(answer_max_chars=3_000)), ledger)
    api.answers = [said(("Fennwick takes 1.5 percent.", "takes 1.5 percent"))]
    text = f"{filler}\n\n{ARTICLE}\n\n{filler}"
    answer = await small.answer(QUESTION, [Passage("a1", text)])
    assert "1.5 percent" in answer.citations[0].quote
    assert text[answer.citations[0].start : answer.citations[0].end] == answer.citations[0].quote
    assert sum(len(d["source"]["data"]) for d in documents(api.requests[0])) <= 3_000
    await small.close()
