"""The assessor that asks Claude: one request for each article, for the fields it lacks, as JSON of a fixed shape.

Only what is missing is asked for, with the known fields given as context: what came with an article is never written
anew, and the dearest tokens, the answer's, are paid for once. What is asked and what of the answer is kept is for
``asking.py``. A field Claude did not fill well stays missing, with a note; filling it by other means is the business
of ``fallback.py``. Retries are the SDK's, within one deadline for the whole call.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from digest.assessment.asking import MAX_OUTPUT_TOKENS, Asking, Limits, asking, checked
from digest.assessment.breaker import Breaker
from digest.assessment.clients import make_client
from digest.assessment.failures import from_sdk
from digest.assessment.prices import Prices
from digest.assessment.spending import Spending
from digest.errors import AssessmentError

if TYPE_CHECKING:
    from anthropic.resources import AsyncMessages
    from anthropic.types import Message
    from anthropic.types.message_create_params import MessageCreateParamsNonStreaming

    from digest.assessment.clients import Client
    from digest.assessment.profile import Profile
    from digest.assessment.prompt import Request
    from digest.assessment.spending import Bill
    from digest.model import Article, Assessment
    from digest.pacing import Rates
    from digest.ports import SpendingLedger
    from digest.settings import Settings

__all__ = ["ClaudeAssessor", "Limits", "claude_assessor"]

log = structlog.get_logger(__name__)


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
    _asking: Asking = field(init=False)

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.limits.concurrency)
        self._asking = Asking(self.client.model, self.rubric, self.limits)

    async def assess(self, article: Article, known: Assessment) -> Assessment:
        """``known`` with what Claude could fill. Raises AssessmentError, BudgetExhausted among them, where it filled
        nothing.
        """
        if not known.missing:
            return known
        request = self._asking.request(article, known)
        async with self._places:
            self.breaker.check()
            message = await self._ask(request, self._asking.params(request, known))
        return self._asking.assessment(message, article, known)

    async def close(self) -> None:
        """Close the client's connections."""
        await self.client.close()

    async def _ask(self, request: Request, params: MessageCreateParamsNonStreaming) -> Message:
        """Claude's message, paid for whatever it is worth. Raises AssessmentError."""
        messages = await self.client.messages()
        async with self.spending.call(size=request.size, max_output_tokens=MAX_OUTPUT_TOKENS) as bill:
            message = await self._send(messages, params, bill)
            bill.charge(message.usage)
            self.breaker.succeeded()
        log.debug("claude.answered", stop=message.stop_reason, dollars=round(bill.usage.dollars, 6))
        return message

    async def _send(self, messages: AsyncMessages, params: MessageCreateParamsNonStreaming, bill: Bill) -> Message:
        """One call with the SDK's retries, within the deadline. ``messages.parse`` would lose the usage of an answer
        that does not parse, which is paid for all the same: so ``create``, and our own parsing."""
        try:
            async with asyncio.timeout(self.limits.timeout_s):
                message = await messages.create(**params)
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
        return checked(message)

    def _failed(self, error: AssessmentError) -> None:
        if self.breaker.failed(error):
            log.warning("claude.paused", kind=error.kind, reason=str(error), remedy=error.remedy)


def claude_assessor(settings: Settings, profile: Profile, ledger: SpendingLedger, rates: Rates | None = None) -> ClaudeAssessor:
    """The assessor that ``settings`` describe; nothing is connected yet. Raises ConfigurationError with a remedy."""
    client = make_client(settings, rates=rates)
    how = asking(settings, profile, client.model)
    spending = Spending(ledger, Prices(client.provider, client.model), settings.daily_cap_usd)
    return ClaudeAssessor(client, how.rubric, spending, how.limits)
