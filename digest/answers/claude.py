"""The answerer that asks Claude: the articles as documents that it may cite, its answer streamed, and every sentence checked before anybody
is told it.

What is sent is for ``prompt.py``, how the stream is read for ``streaming.py``, what of it may be shown for ``verifying.py``. A failure is
raised; answering otherwise is the business of ``answering.py``. Retries are the SDK's, within one deadline for the whole answer.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import structlog

from digest.answers.failures import failure_of, stopped
from digest.answers.offline import with_turns
from digest.answers.passages import shown
from digest.answers.ports import NO_ARTICLE_SAYS, NOT_THE_REST, THE_ARTICLE_DOES_NOT_SAY, Answer, CutOff, Sentence
from digest.answers.prompt import going_on, request_for
from digest.answers.streaming import Reading, Sentences
from digest.answers.verifying import Verifier
from digest.assessment.breaker import Breaker
from digest.assessment.clients import make_client
from digest.assessment.prices import Prices
from digest.assessment.spending import Spending
from digest.errors import AssessmentError
from digest.ports import Usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.answers.ports import Follow, Passage, Turn
    from digest.answers.prompt import Request
    from digest.assessment.clients import Client
    from digest.pacing import Rates
    from digest.ports import SpendingLedger
    from digest.settings import Settings

#: Five sentences with their citations are about 400 tokens; thinking counts too.
MAX_OUTPUT_TOKENS: Final = 4096
#: How often an answer that was cut off by its length goes on.
MOST_CALLS: Final = 3
#: How a sentence ends that nothing was cut off of.
_WHOLE: Final = re.compile(r"[.!?。！？…][\"'”’)\]]*\Z")
_TOO_LONG: Final = "The answer was longer than what is allowed and ends here."

log = structlog.get_logger(__name__)


@dataclass
class _Written:
    """An answer while it is written."""

    verifier: Verifier
    follow: Follow | None
    several: bool
    model: str
    sentences: list[Sentence] = field(default_factory=list)
    #: As the model wrote them, whole.
    raw: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    notes: list[str] = field(default_factory=list)

    async def take(self, found: Sequence[tuple[str, tuple[Any, ...]]]) -> None:
        """Sentences as they were written, with what they cite."""
        for text, cited in found:
            self.raw.append(text)
            sentence = self.verifier.checked(text, cited)
            if sentence is not None:
                self.sentences.append(sentence)
                if self.follow is not None:
                    await self.follow(sentence)

    def answer(self) -> Answer:
        """What is left of it."""
        notes = list(self.notes)
        if dropped := self.verifier.dropped:
            what = "A sentence of Claude's was" if dropped == 1 else f"{dropped} sentences of Claude's were"
            notes.append(f"{what} left out: the passages cited do not bear that out.")
        usage = self.usage if self.usage.calls else None
        if not self.sentences:
            nothing = NO_ARTICLE_SAYS if self.several else THE_ARTICLE_DOES_NOT_SAY
            return Answer(nothing, (), True, "claude", 0, tuple(notes), usage, model=self.model)
        sentences = [*self.sentences, *([Sentence(NOT_THE_REST)] if self.verifier.unsaid else [])]
        cited = tuple(self.verifier.citations)
        return Answer(
            " ".join(s.told() for s in sentences), cited, False, "claude", len({c.article_id for c in cited}), tuple(notes), usage,
            tuple(sentences), self.model,
        )  # fmt: skip


@dataclass(slots=True)
class ClaudeAnswerer:
    """Implements ``ports.Answerer``. ``max_chars``: of the articles that Claude is shown; ``timeout_s``: for one answer, waiting for a
    free place not included."""

    client: Client
    spending: Spending
    max_chars: int = 24_000
    timeout_s: float = 60.0
    concurrency: int = 8
    breaker: Breaker = field(default_factory=Breaker)
    _places: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.concurrency)

    @property
    def model(self) -> str:
        """The provider's name for it."""
        return self.client.model

    async def answer(
        self,
        asked: str,
        passages: Sequence[Passage],
        said: Sequence[Turn] = (),
        *,
        follow: Follow | None = None,
        purse: Spending | None = None,
    ) -> Answer:
        """See ``ports.Answerer``. ``purse``: what it is paid from, where that is not the installation's alone."""
        documents = await asyncio.to_thread(shown, with_turns(asked, said), passages, max_chars=self.max_chars)
        written = _Written(Verifier(documents), follow, len(passages) > 1, self.client.model)
        if not documents:
            return written.answer()
        async with self._places:
            self.breaker.check()
            try:
                await self._write(request_for(asked, documents, said), written, purse or self.spending)
            except AssessmentError as error:
                # What was refused is not to be read; all else that was written before stands, each sentence having been checked.
                if written.sentences and error.kind != "refusal":
                    raise CutOff(error, written.answer()) from error
                raise
        return written.answer()

    async def close(self) -> None:
        """Close the client's connections."""
        await self.client.close()

    async def _write(self, request: Request, written: _Written, purse: Spending) -> None:
        messages: Any = await self.client.messages()
        try:
            async with asyncio.timeout(self.timeout_s):
                for _ in range(MOST_CALLS):
                    before = len(written.raw)
                    if await self._call(messages, request, written, purse) != "max_tokens":
                        return
                    if len(written.raw) == before:  # it would be cut off there again
                        raise AssessmentError("Claude's answer was cut short", kind="truncated")
                    request = going_on(request, " ".join(written.raw[before:]))
                written.notes.append(_TOO_LONG)
        except TimeoutError as error:
            raise self._failed(failure_of(error, timeout_s=self.timeout_s)) from error

    async def _call(self, messages: Any, request: Request, written: _Written, purse: Spending) -> str:
        """One call to its end; why it stopped. Raises AssessmentError, TimeoutError where ours is over, and what ``follow`` raises."""
        async with purse.call(size=request.size, max_output_tokens=MAX_OUTPUT_TOKENS) as bill:
            reading, told = Reading(_nothing()), Sentences()
            try:
                async for text, cited in self._pieces(messages, request, reading):
                    await written.take(told.add(text, cited))
            except AssessmentError as error:
                if not reading.begun and error.kind in ("timeout", "connection"):
                    bill.abandon()
                await written.take([s for s in told.end() if _WHOLE.search(s[0])])
                raise self._failed(error) from error.__cause__
            except (TimeoutError, asyncio.CancelledError):
                if not reading.begun:
                    bill.abandon()
                raise
            finally:
                if reading.begun:
                    bill.charge(reading.reported)
                written.usage += bill.usage
            if failure := stopped(reading.stop):
                raise failure
            rest = told.end()
            # Half a sentence, of what was cut off, is written again.
            half = reading.stop == "max_tokens" and bool(rest) and not _WHOLE.search(rest[-1][0])
            await written.take(rest[:-1] if half else rest)
            self.breaker.succeeded()
        log.debug("claude.answered_question", stop=reading.stop, dollars=round(written.usage.dollars, 6))
        return reading.stop

    async def _pieces(self, messages: Any, request: Request, reading: Reading) -> Any:
        """What ``reading`` reads; its errors in our words, those of whoever reads it as they are."""
        try:
            stream = await messages.create(
                model=self.client.model,
                max_tokens=MAX_OUTPUT_TOKENS,
                system=request.system,
                messages=request.messages,
                stream=True,
            )
            reading.events = aiter(stream)
            pieces = reading.pieces()
        except (AssessmentError, TimeoutError):
            raise
        except Exception as error:  # the SDK's errors, and whatever a cloud's own credentials library raises
            raise failure_of(error, timeout_s=self.timeout_s) from error
        try:
            while True:
                try:
                    piece = await anext(pieces)
                except StopAsyncIteration:
                    return
                except (AssessmentError, TimeoutError):
                    raise
                except Exception as error:  # the transport's, and what no stream should hold
                    raise failure_of(error, timeout_s=self.timeout_s) from error
                yield piece
        finally:
            await stream.close()

    def _failed(self, error: AssessmentError) -> AssessmentError:
        if self.breaker.failed(error):
            log.warning("claude.paused", kind=error.kind, reason=str(error), remedy=error.remedy)
        return error


async def _nothing() -> Any:
    return
    yield


def claude_answerer(settings: Settings, ledger: SpendingLedger, rates: Rates | None = None) -> ClaudeAnswerer:
    """The answerer that ``settings`` describe; nothing is connected yet. Raises ConfigurationError with a remedy."""
    client = make_client(settings, model=settings.answer_model, timeout_s=settings.answer_timeout_s, rates=rates)
    spending = Spending(ledger, Prices(client.provider, client.model), settings.daily_cap_usd, purpose="answer")
    return ClaudeAnswerer(
        client, spending, settings.answer_max_chars, settings.answer_timeout_s, concurrency=settings.assess_concurrency
    )
