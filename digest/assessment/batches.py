"""A large backlog, assessed by Claude's Message Batches API at half price: submitted now, collected within a day.

What is asked of each article and what of its answer is kept is ``asking.py``'s, the same as for a single call. Here is how a
batch is paid for, remembered and taken apart. The most it can cost is counted when it is submitted, so that the day's cap holds
whatever becomes of it; what it did cost takes that place when it is settled. An article that failed is an AssessmentError among
the results, to be tried again, and never a score.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

import orjson
import structlog

from digest.assessment.asking import MAX_OUTPUT_TOKENS, Asking, asking
from digest.assessment.batch_results import message_of, read_results, usage_of
from digest.assessment.clients import make_client
from digest.assessment.failures import from_sdk
from digest.assessment.prices import Prices
from digest.assessment.spending import Spending
from digest.errors import AssessmentError, BudgetExhausted, NotFound, StoreError
from digest.ports import Batch, BatchResult, Submitted, Usage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from anthropic.resources.messages import AsyncBatches

    from digest.assessment.clients import Client
    from digest.assessment.profile import Profile
    from digest.assessment.prompt import Request
    from digest.model import Article, Assessment
    from digest.ports import Batches, SpendingLedger
    from digest.settings import Settings

    LookUp = Callable[[Sequence[str]], Awaitable[list[tuple[Article, Assessment] | None]]]

#: A batch may hold 100,000 requests and 256 MB. Ours are smaller: what one process prepares and sends in a minute or two. The
#: sizes are those of the prompts, which JSON and the schema make some 20 % larger.
MAX_REQUESTS: Final = 10_000
MAX_BYTES: Final = 100_000_000
#: Seconds to send a batch, and to fetch its results, which are about as large.
TRANSFER_S: Final = 300.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class BatchAssessor:
    """Implements ``ports.BatchedAssessor``. ``spending`` must have the prices of batches; ``held`` gives articles by id as they
    are now, with what is known of them, or None for one that is gone; ``batches`` remembers what is under way."""

    client: Client
    asking: Asking
    spending: Spending
    batches: Batches
    held: LookUp
    max_requests: int = field(default=MAX_REQUESTS)

    async def submit(self, waiting: Sequence[tuple[Article, Assessment]]) -> Submitted:
        """See ``ports.BatchedAssessor``."""
        api = await self.client.batches(once=True)  # a second try after a lost answer could be a second batch, paid for twice
        asked, left_over = await self._prepared(waiting)
        if not asked:
            return Submitted(None, left_over)
        paid = await self.spending.commit([self._most(request) for _, _, request in asked])
        if not paid.count:
            raise BudgetExhausted(
                f"The day's spending cap of ${self.spending.cap_usd or 0:.2f} has no room for a batch",
                remedy="Spending starts again at midnight UTC; AINEWS_DAILY_CAP_USD raises the cap.",
            )
        sent, not_paid = asked[: paid.count], asked[paid.count :]
        try:
            batch_id = await self._created(api, sent)
        except _NotSent as error:
            await self.spending.correct(paid.day, paid.dollars, Usage())
            raise error.failure from error
        ids, digests = tuple(a.id for a, _, _ in sent), tuple(_digest(r) for _, _, r in sent)
        batch = Batch(batch_id, self.spending.now().astimezone(UTC), ids, digests, paid.day, paid.dollars)
        await self._remember(batch)
        log.info(
            "batch.submitted", batch=batch.id, articles=len(ids), left_over=len(not_paid) + len(left_over), most=paid.dollars
        )
        return Submitted(batch, (*(a.id for a, _, _ in not_paid), *left_over))

    async def collect(self, batch_id: str) -> BatchResult | None:
        """See ``ports.BatchedAssessor``."""
        batch = next((b for b in await self.batches.under_way() if b.id == batch_id), None)
        if batch is None:
            raise NotFound(f"No batch '{batch_id}' is under way")
        answers = await self._answers(batch)
        if answers is None:
            return None
        held = dict(zip(batch.articles, await self.held(batch.articles), strict=True))
        assessed: list[tuple[str, Assessment]] = []
        failures: list[tuple[str, AssessmentError]] = []
        for article_id, digest in zip(batch.articles, batch.asked, strict=True):
            try:
                if (judged := self._judged(held[article_id], digest, answers.get(article_id))) is not None:
                    assessed.append((article_id, judged))
            except AssessmentError as error:
                failures.append((article_id, error))
        return BatchResult(
            batch, tuple(assessed), tuple(failures), usage_of(answers, self.spending.prices) if answers else None
        )

    async def settle(self, result: BatchResult) -> None:
        """See ``ports.BatchedAssessor``."""
        if await self.batches.remove(result.batch.id) and result.usage is not None:
            await self.spending.correct(result.batch.day, result.batch.committed, result.usage)

    async def cancel(self, batch_id: str) -> None:
        """Ask the provider to stop; it is to be collected all the same, as what was done by then is paid for. Raises
        AssessmentError."""
        api = await self.client.batches()
        try:
            await api.cancel(batch_id)
        except Exception as error:
            raise _failure(error) from error

    async def close(self) -> None:
        """Close the client's connections."""
        await self.client.close()

    async def _prepared(
        self, waiting: Sequence[tuple[Article, Assessment]]
    ) -> tuple[list[tuple[Article, Assessment, Request]], tuple[str, ...]]:
        """What to ask of each, up to a batch's limits, and the ids of those beyond them."""
        seen = {i for batch in await self.batches.under_way() for i in batch.articles}
        asked: list[tuple[Article, Assessment, Request]] = []
        left_over: list[str] = []
        size = 0
        for article, known in waiting:
            if article.id in seen or not known.missing:
                continue
            seen.add(article.id)
            request = self.asking.request(article, known)
            size += request.size
            if left_over or size > MAX_BYTES or len(asked) >= self.max_requests:
                left_over.append(article.id)
            else:
                asked.append((article, known, request))
        return asked, tuple(left_over)

    def _most(self, request: Request) -> float:
        return self.spending.prices.most(size=request.size, max_output_tokens=MAX_OUTPUT_TOKENS).dollars

    async def _created(self, api: AsyncBatches, sent: Sequence[tuple[Article, Assessment, Request]]) -> str:
        """The new batch's id. Raises _NotSent where the provider has not got it, and AssessmentError where nobody knows: that
        one stays counted, as it may run."""
        requests: Any = [{"custom_id": a.id, "params": self.asking.params(r, known)} for a, known, r in sent]
        try:
            async with asyncio.timeout(TRANSFER_S):
                made = await api.create(requests=requests, timeout=TRANSFER_S)
        except Exception as error:
            failure = _failure(error)
            if _may_have_arrived(error, failure):
                log.warning("batch.unknown", articles=len(sent), reason=str(failure))
                raise failure from error
            raise _NotSent(failure) from error
        if not isinstance(getattr(made, "id", None), str):
            raise AssessmentError("Claude's provider sent no batch", kind="invalid")
        return made.id

    async def _remember(self, batch: Batch) -> None:
        """A batch that cannot be remembered would cost money for nothing: then it is called off."""
        try:
            await self.batches.add(batch)
        except StoreError:
            log.error("batch.not_remembered", batch=batch.id, articles=len(batch.articles))
            try:
                await self.cancel(batch.id)
            except AssessmentError as error:
                log.error("batch.not_canceled", batch=batch.id, reason=str(error))
            raise

    async def _answers(self, batch: Batch) -> dict[str, Any] | None:
        """The provider's result of each request, by article id; None while the batch runs, nothing where its results are gone."""
        import anthropic

        api = await self.client.batches()
        try:
            async with asyncio.timeout(TRANSFER_S):
                there = await api.retrieve(batch.id)
                if there.processing_status != "ended":
                    return None
                if not there.results_url:
                    log.warning("batch.results_gone", batch=batch.id)
                    return {}
                return await read_results(api, batch)
        except anthropic.NotFoundError:
            log.warning("batch.gone", batch=batch.id)
            return {}
        except Exception as error:
            raise _failure(error) from error

    def _judged(self, held: tuple[Article, Assessment] | None, digest: str, answer: Any) -> Assessment | None:
        """The article's assessment by ``answer``; None where it needs none any more. Raises AssessmentError."""
        if held is None:
            raise AssessmentError("The article is no longer held", kind="gone")
        article, known = held
        if not known.missing:
            return None
        message = message_of(answer)
        if _digest(self.asking.request(article, known)) != digest:
            raise AssessmentError("The article changed while it was being assessed", kind="changed")
        return self.asking.assessment(message, article, known)


def batch_assessor(
    settings: Settings, profile: Profile, ledger: SpendingLedger, batches: Batches, held: LookUp
) -> BatchAssessor:
    """The assessor of batches that ``settings`` describe; nothing is connected yet. Raises ConfigurationError with a remedy."""
    client = make_client(settings)
    prices = Prices(client.provider, client.model, batch=True)
    spending = Spending(ledger, prices, settings.daily_cap_usd, purpose="assess-batch")
    return BatchAssessor(client, asking(settings, profile, client.model), spending, batches, held)


class _NotSent(Exception):
    """The provider has not got it, so it costs nothing."""

    def __init__(self, failure: AssessmentError) -> None:
        super().__init__(str(failure))
        self.failure = failure


def _digest(request: Request) -> str:
    """What was asked of the article, in 16 hex digits. The rubric is no part of it: an answer by the old one still serves."""
    return hashlib.sha256(orjson.dumps(request.content)).hexdigest()[:16]


def _failure(error: Exception) -> AssessmentError:
    import httpx2

    if isinstance(error, AssessmentError):
        return error
    if isinstance(error, httpx2.HTTPError):  # the SDK says these in its own words for a call, not while a result is read
        return AssessmentError("The connection to Claude was lost", kind="connection")
    return from_sdk(error, timeout_s=TRANSFER_S)


def _may_have_arrived(error: Exception, failure: AssessmentError) -> bool:
    """Whether the provider may have taken what was sent although no answer came: not where no connection was made."""
    import httpx2

    cause = error.__cause__
    return failure.kind in ("timeout", "connection") and not isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout)
