"""What is asked and answered, and what an answerer is. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.ports import Usage

#: What is said where nothing in the article answers.
THE_ARTICLE_DOES_NOT_SAY: Final = "The article doesn't say."
NO_ARTICLE_SAYS: Final = "None of the articles says."


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that may answer: that of an article, by which it is cited. ``relevance`` tells, where there are several, how near the
    article is to the question: 0 to 1, 1 for the article that was asked about."""

    article_id: str
    text: str
    title: str = ""
    relevance: float = 1.0


@dataclass(frozen=True, slots=True)
class Citation:
    """``quote`` is the article's text from ``start`` to ``end`` (characters), word for word. That text is ``questions.text_of``'s."""

    article_id: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that was asked before in the same conversation, and what was answered."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Answer:
    """``text`` is for people. ``abstained``: it says that the article does not say, and cites nothing. ``articles``: how many are cited.
    ``usage``: what a model took, None where there was none."""

    text: str
    citations: tuple[Citation, ...]
    abstained: bool
    provenance: Literal["offline", "claude"]
    articles: int
    notes: tuple[str, ...] = ()
    usage: Usage | None = None


class Answerer(Protocol):
    """Answers from passages."""

    async def answer(self, question: str, passages: Sequence[Passage], said: Sequence[Turn] = ()) -> Answer:
        """Raises nothing for any text whatever."""
