"""Answers and turns as JSON and back, for the store. What was written by an older version and cannot be read any more is None."""

from __future__ import annotations

from typing import Any

import orjson

from digest.answers.ports import Answer, Citation, Sentence, Turn


def dump_turn(turn: Turn) -> bytes:
    """A Turn as JSON bytes."""
    return orjson.dumps([turn.question, turn.answer, turn.about])


def load_turn(data: bytes) -> Turn | None:
    """The Turn of ``dump_turn``."""
    match _read(data):
        case [str(question), str(answer), list(about)]:
            return Turn(question, answer, tuple(map(str, about)))
    return None


def dump_answer(answer: Answer) -> bytes:
    """An Answer as JSON bytes, without what it cost: it is paid for once."""
    return orjson.dumps(
        {
            "text": answer.text, "abstained": answer.abstained, "provenance": answer.provenance, "articles": answer.articles,
            "notes": answer.notes, "model": answer.model, "sentences": answer.sentences,
            "citations": answer.citations,
        }
    )  # fmt: skip


def load_answer(data: bytes) -> Answer | None:
    """The Answer of ``dump_answer``."""
    raw = _read(data)
    try:
        sentences = tuple(Sentence(s["text"], tuple(s["sources"]), s["mark"]) for s in raw["sentences"])
        cited = tuple(Citation(**c) for c in raw["citations"])
        return Answer(
            raw["text"], cited, raw["abstained"], raw["provenance"], raw["articles"], tuple(raw["notes"]), None, sentences,
            raw["model"],
        )  # fmt: skip
    except (TypeError, KeyError):
        return None


def _read(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
