"""What is asked and answered, what an answerer is, and what it keeps: conversations, answers given, how much was asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol

from digest.errors import AssessmentError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from digest.ports import Usage

#: What is said where nothing in the article answers.
THE_ARTICLE_DOES_NOT_SAY: Final = "The article doesn't say."
NO_ARTICLE_SAYS: Final = "None of the articles says."
#: What is said after an answer to a part of the question.
NOT_THE_REST: Final = "The rest the article doesn't say."

#: Turns of a conversation that are kept, and seconds after its last one. A day: who asks again tomorrow asks anew.
TURNS: Final = 8
CONVERSATION_TTL_S: Final = 86_400
#: Seconds that an answer is given again for. The article's text is part of what it is found by; a week bounds what is held.
ANSWER_TTL_S: Final = 7 * 86_400
#: Longest question that is read, in characters.
LONGEST_QUESTION: Final = 2_000


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that may answer: that of an article, by which it is cited. ``relevance`` tells, where there are several, how near the
    article is to the question: 0 to 1, 1 for the article that was asked about. ``about``: publisher and date, for a model."""

    article_id: str
    text: str
    title: str = ""
    relevance: float = 1.0
    about: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """``quote`` is the article's text from ``start`` to ``end`` (characters), word for word. That text is ``questions.text_of``'s."""

    article_id: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer. ``sources``: numbers, from 1, of the citations that it rests on; none for a sentence of ours.
    ``mark``: what the passages cited do not name, in words; empty where they bear all of it out."""

    text: str
    sources: tuple[int, ...] = ()
    mark: str = ""

    def told(self) -> str:
        """With its numbers, and its mark."""
        numbers = "".join(f"[{n}]" for n in self.sources)
        return " ".join(filter(None, (self.text, numbers, self.mark and f"({self.mark})")))


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that was asked before in the same conversation, and what was answered. ``about``: ids of the articles that were asked
    or cited, the one that was meant first."""

    question: str
    answer: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """``text`` is for people. ``abstained``: it says that the article does not say, and cites nothing. ``articles``: how many are cited.
    ``usage``: what a model took, None where there was none. ``sentences``: what a model wrote; without one the quotes are the answer."""

    text: str
    citations: tuple[Citation, ...]
    abstained: bool
    provenance: Literal["offline", "claude"]
    articles: int
    notes: tuple[str, ...] = ()
    usage: Usage | None = None
    sentences: tuple[Sentence, ...] = ()
    model: str = ""


class CutOff(AssessmentError):
    """A model broke off in the middle. ``sofar``: what it had written, as good as if it had ended there."""

    def __init__(self, cause: AssessmentError, sofar: Answer) -> None:
        super().__init__(str(cause), kind=cause.kind, remedy=cause.remedy, retry_after_s=cause.retry_after_s)
        self.sofar = sofar


#: Is told each sentence as soon as it is there and was checked; what it raises ends the answer.
Follow = Callable[[Sentence], Awaitable[None]]


class Answerer(Protocol):
    """Answers from passages."""

    async def answer(
        self, asked: str, passages: Sequence[Passage], said: Sequence[Turn] = (), *, follow: Follow | None = None
    ) -> Answer:
        """``said``: earlier turns, the oldest first. The answer's sentences begin with those that ``follow`` was told, in order. Raises
        nothing for any text whatever; one that asks a model raises AssessmentError, BudgetExhausted and CutOff among them."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and where: what questions to a model are counted by."""

    team: str
    channel: str
    person: str


class Quotas(Protocol):
    """How many questions were asked of a model, by UTC date and name."""

    async def take(self, day: date, limits: Mapping[str, int]) -> str:
        """Count one question for each name of ``limits``, unless one of them has had as many as its limit: then nothing is counted, and
        the first such name is given. Empty: it was counted. Atomic. Raises StoreError."""


class Conversations(Protocol):
    """What was said in a conversation: the newest ``TURNS`` turns, until ``CONVERSATION_TTL_S`` after the last."""

    async def turns(self, name: str) -> list[Turn]:
        """The oldest first. Raises StoreError."""

    async def add(self, name: str, turn: Turn) -> None:
        """One turn more. Raises StoreError."""


class AnswerCache(Protocol):
    """Answers that were given, for ``ANSWER_TTL_S``."""

    async def get(self, key: str) -> Answer | None:
        """The answer that was put under ``key``. Raises StoreError."""

    async def put(self, key: str, answer: Answer) -> None:
        """Remember it. Raises StoreError."""
