"""An answer put together from pieces: whole sentences, in whatever pieces it comes."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.answers.passages import shown
from digest.answers.ports import Passage
from digest.answers.streaming import Reading, Sentences
from digest.answers.verifying import Verifier, has_link, plain
from digest.errors import AssessmentError

TEXT = "It costs 1.5 percent. Dr. Mara leads it, she said. Is it new? Yes!\n- A point\n- Another one\n\nThe end of it."


@given(st.lists(st.integers(1, len(TEXT) - 1), max_size=12), st.integers(0, 3))
def test_the_same_sentences_come_of_any_pieces(cuts: list[int], mark: int) -> None:
    ends = sorted({0, *cuts, len(TEXT)})
    taken, put = [], Sentences()
    for n, (a, b) in enumerate(itertools.pairwise(ends)):
        taken += put.add(TEXT[a:b], ((n, 0, 1, "x"),) if n == mark else ())
    taken += put.end()
    whole = Sentences()
    whole.add(TEXT, ())
    assert [t for t, _ in taken] == ["It costs 1.5 percent.", "Dr. Mara leads it, she said.", "Is it new?", "Yes!", "- A point",
                                     "- Another one", "The end of it."]  # fmt: skip
    if mark < len(ends) - 1:
        touched = [t for t, cited in taken if cited]
        assert all(t in TEXT for t in touched)


async def _events(*events: dict[str, Any]) -> Any:
    for each in events:
        yield SimpleNamespace(**{k: SimpleNamespace(**v) if isinstance(v, dict) else v for k, v in each.items()})


@pytest.mark.parametrize(
    "events",
    [
        [], [{"type": "message_start", "message": None}], [{"type": None}], [{}],
        [{"type": "content_block_start", "content_block": {"type": "text", "text": 7}}, {"type": "content_block_stop"}],
        [{"type": "content_block_delta", "delta": {"type": "citations_delta", "citation": None}}],
        [{"type": "content_block_delta", "delta": {"type": "citations_delta", "citation": SimpleNamespace(document_index="0")}}],
    ],
)  # fmt: skip
async def test_events_that_are_not_as_they_should_be_are_no_answer(events: list[dict[str, Any]]) -> None:
    reading = Reading(_events(*events))
    with pytest.raises(AssessmentError):
        assert [p async for p in reading.pieces()] == []


async def test_an_answer_that_does_not_end_is_ended() -> None:
    endless = [{"type": "content_block_delta", "delta": {"type": "text_delta", "text": "x" * 10_000}}] * 10
    with pytest.raises(AssessmentError, match="did not end"):
        assert [p async for p in Reading(_events(*endless)).pieces()] == []


@given(st.text(max_size=400), st.integers(0, 400), st.integers(0, 400))
def test_every_citation_is_word_for_word_in_the_article(text: str, start: int, length: int) -> None:
    for document in shown("what?", [Passage("a", text)], max_chars=10_000):
        said = document.text[start : start + length]
        cited = document.citation(start, start + length, said)
        if cited is not None:
            assert text[cited.start : cited.end] == cited.quote
            assert cited.quote


@given(st.text(max_size=300))
def test_any_text_is_checked(text: str) -> None:
    documents = shown("what?", [Passage("a", f"{text}\n\nIt costs 5 euros.")], max_chars=10_000)
    verifier = Verifier(documents)
    checked = verifier.checked(text, [(0, 0, len(text), text), (0, 0, 0, "It costs 5 euros.")])
    if checked is not None:
        assert not has_link(checked.text, text)
        assert checked.text == plain(text)
        assert all(c.quote in f"{text}\n\nIt costs 5 euros." for c in verifier.citations)
