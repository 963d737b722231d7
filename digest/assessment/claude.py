"""The assessor that asks Claude: one request for each article, for the fields it lacks, as JSON of a fixed shape.

Only what is missing is asked for, with the known fields given as context: what came with an article is never written
anew, and the dearest tokens, the answer's, are paid for once. The answer is trusted as little as the article is;
``verdict.py`` and ``grounding.py`` say what of it is kept. A field Claude did not fill well stays missing, with a
note; filling it by other means is the business of ``fallback.py``. Retries are the SDK's, within one deadline for the
whole call.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

import structlog

from digest.assessment.breaker import Breaker
from digest.assessment.clients import make_client
from digest.assessment.failures import from_sdk, from_stop
from digest.assessment.grounding import Evidence, grounded
from digest.assessment.prices import Prices
from digest.assessment.prompt import Request, request_for
from digest.assessment.spending import Spending
from digest.assessment.verdict import verdict_of, verdict_type
from digest.errors import AssessmentError
from digest.model import Assessment, judged_by

if TYPE_CHECKING:
    from anthropic.resources import AsyncMessages
    from anthropic.types import Message

    from digest.assessment.clients import Client
    from digest.assessment.profile import Profile
    from digest.assessment.spending import Bill
    from digest.model import Article
    from digest.ports import SpendingLedger
    from digest.settings import Settings

log = structlog.get_logger(__name__)

#: A whole assessment is about 450 tokens; thinking counts too and is what the rest is for. More is an answer gone
#: astray.
MAX_OUTPUT_TOKENS: Final = 4096
_LABELS: Final = {"key_insights": "key insights"}


@dataclass(frozen=True, slots=True)
class Limits:
    """How Claude is asked. ``timeout_s``: seconds for one article, retries included, waiting for a free place not.
    ``max_chars``: of the article's text. ``effort`` is the model's, ``none`` leaves it out."""

    concurrency: int = 8
    timeout_s: float = 60.0
    max_chars: int = 24_000
    effort: Literal["none", "low", "medium", "high"] = "low"


@dataclass(slots=True)
class ClaudeAssessor:
    """Implements ``ports.Assessor``, except that a field Claude did not fill usably stays missing and the note says
    so.
    """

    client: Client
    rubric: str
    spending: Spending
    limits: Limits = field(default_factory=Limits)
    breaker: Breaker = field(default_factory=Breaker)
    _places: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.limits.concurrency)

    async def assess(self, article: Article, known: Assessment) -> Assessment:
        """``known`` with what Claude could fill. Raises AssessmentError, BudgetExhausted among them, where it filled
        nothing.
        """
        if not known.missing:
            return known
        request = request_for(article, known, self.rubric, max_chars=self.limits.max_chars)
        async with self._places:
            self.breaker.check()
            text = await self._ask(request, known.missing)
        written = verdict_of(text, known.missing, words=len(article.body.split()))
        kept, notes = _borne_out(written, article, self.limits.max_chars)
        if unusable := [n for n in known.missing if n in written.missing]:
            notes.append(f"Claude gave no usable {' or '.join(_LABELS.get(n, n) for n in unusable)}")
        if request.shortened:
            notes.append(f"Claude was shown the first {self.limits.max_chars:,} characters")
        kept = replace(judged_by("claude", kept), model=self.client.model)
        return replace(known.filled_from(kept), note="; ".join(n for n in (known.note, *notes) if n))

    async def close(self) -> None:
        """Close the client's connections."""
        await self.client.close()

    async def _ask(self, request: Request, missing: tuple[str, ...]) -> str:
        """The text of Claude's answer, paid for and complete. Raises AssessmentError."""
        messages = await self.client.messages()
        async with self.spending.call(size=request.size, max_output_tokens=MAX_OUTPUT_TOKENS) as bill:
            message = await self._send(messages, request, missing, bill)
            bill.charge(message.usage)
            self.breaker.succeeded()
        log.debug("claude.answered", stop=message.stop_reason, dollars=round(bill.usage.dollars, 6))
        if failure := from_stop(message.stop_reason):
            raise failure
        text = "".join(block.text for block in message.content if block.type == "text")
        if not text.strip():
            raise AssessmentError("Claude gave no answer", kind="invalid")
        return text

    async def _send(self, messages: AsyncMessages, request: Request, missing: tuple[str, ...], bill: Bill) -> Message:
        """One call with the SDK's retries, within the deadline. ``messages.parse`` would lose the usage of an answer
        that does not parse, which is paid for all the same: so ``create``, and our own parsing."""
        try:
            async with asyncio.timeout(self.limits.timeout_s):
                message = await messages.create(
                    model=self.client.model,
                    max_tokens=MAX_OUTPUT_TOKENS,
                    system=request.system,
                    messages=[{"role": "user", "content": request.content}],
                    output_config=self._output(missing),
                )
        except AssessmentError as error:
            self._failed(error)
            raise
        except Exception as error:  # the SDK's errors, and whatever a cloud's own credentials library raises
            failure = from_sdk(error, timeout_s=self.limits.timeout_s)
            if failure.kind in ("timeout", "connection"):
                bill.abandon()
            elif failure.kind == "client":
                log.warning("claude.client_failed", error=type(error).__name__, exc_info=error)
            self._failed(failure)
            raise failure from error
        if getattr(message, "usage", None) is None or not isinstance(message.content, list):
            raise AssessmentError("Claude's provider sent no message", kind="invalid")
        return message

    def _output(self, missing: tuple[str, ...]) -> Any:
        effort = {} if self.limits.effort == "none" else {"effort": self.limits.effort}
        return {"format": {"type": "json_schema", "schema": _schema(missing)}, **effort}

    def _failed(self, error: AssessmentError) -> None:
        if self.breaker.failed(error):
            log.warning("claude.paused", kind=error.kind, reason=str(error), remedy=error.remedy)


def claude_assessor(settings: Settings, profile: Profile, ledger: SpendingLedger) -> ClaudeAssessor:
    """The assessor that ``settings`` describe; nothing is connected yet. Raises ConfigurationError with a remedy."""
    client = make_client(settings)
    limits = Limits(
        concurrency=settings.assess_concurrency,
        timeout_s=settings.assess_timeout_s,
        max_chars=settings.assess_max_chars,
        effort=settings.assess_effort,
    )
    spending = Spending(ledger, Prices(client.provider, client.model), settings.daily_cap_usd)
    return ClaudeAssessor(client, profile.rubric(), spending, limits)


@lru_cache(maxsize=64)
def _schema(missing: tuple[str, ...]) -> dict[str, Any]:
    from anthropic import transform_schema

    return transform_schema(verdict_type(missing))


def _borne_out(written: Assessment, article: Article, shown: int) -> tuple[Assessment, list[str]]:
    """``written`` without the bullets that say what the part of the article Claude saw does not, and a note of each
    loss.
    """
    published = f"{article.published:%Y-%m-%d %A %d %B}" if article.published else ""
    evidence = Evidence("\n".join((article.title, article.headline, article.publisher, published, article.body[:shown])))
    notes: list[str] = []
    kept: dict[str, Any] = {}
    for name in ("summary", "key_insights"):
        bullets: tuple[str, ...] = getattr(written, name)
        kept[name], wanting = grounded(bullets, evidence)
        if lost := len(bullets) - len(kept[name]):
            what = ", ".join(f"“{w}”" for w in wanting[:3])
            notes.append(f"{lost} of Claude's {_LABELS.get(name, name)} bullets left out: the article does not say {what}")
    return replace(written, **kept), notes
