"""Counts every model call in tokens and dollars, and keeps the day's spending under its cap.

Before a call the most it can cost is set aside in the ledger, which refuses what would pass the cap; afterwards the
call is settled with what it did use, whether or not the answer was of any use. As every process sets aside from the
same ledger before it calls, no number of workers together can pass the cap. The ledger itself is an adapter's
business.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import structlog

from digest import measures
from digest.context import workspace
from digest.errors import AssessmentError, BudgetExhausted, StoreError
from digest.ports import SpendingLedger, Usage
from digest.tracing import span

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from digest.assessment.prices import Prices

log = structlog.get_logger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Bill:
    """What one call used, filled in while it runs. ``usage`` stays empty for a call that cost nothing."""

    prices: Prices
    size: int
    usage: Usage = field(default_factory=Usage)

    def charge(self, reported: object) -> None:
        """Count what the provider ``reported``, the SDK's usage; called on every response, before it is judged."""
        usage = Usage(
            calls=1,
            input_tokens=_count(reported, "input_tokens"),
            output_tokens=_count(reported, "output_tokens"),
            cache_write_tokens=_count(reported, "cache_creation_input_tokens"),
            cache_read_tokens=_count(reported, "cache_read_input_tokens"),
        )
        self.usage = replace(usage, dollars=self.prices.priced(usage))

    def abandon(self) -> None:
        """Count a call that was sent and never answered: nobody knows, so its prompt is taken to have been read."""
        self.usage = self.prices.read(size=self.size)


@dataclass(frozen=True, slots=True)
class Committed:
    """What was counted beforehand, on which UTC ``day``: of how many costs, and how much in all."""

    day: date
    count: int
    dollars: float


@dataclass(slots=True)
class Spending:
    """The purse of one purpose and model. ``cap_usd``: dollars a UTC day, over all purposes; None is no cap.

    ``so_far`` is what was used through this object, which is one run's share of the day.
    """

    ledger: SpendingLedger
    prices: Prices
    cap_usd: float | None
    purpose: str = "assess"
    now: Callable[[], datetime] = _utc_now
    so_far: Usage = field(default_factory=Usage)

    @asynccontextmanager
    async def call(self, *, size: int, max_output_tokens: int) -> AsyncIterator[Bill]:
        """Sets the most a call can cost aside, and settles it on leaving, also when the call fails or is cancelled.

        ``size``: of the whole prompt, in bytes. Raises BudgetExhausted where the cap leaves no room, and
        AssessmentError (``ledger``) where the ledger cannot be asked; neither makes a call.
        """
        day = self.now().astimezone(UTC).date()
        most = self.prices.most(size=size, max_output_tokens=max_output_tokens).dollars
        try:
            await self._reserve(day, most)
        except BudgetExhausted:
            measures.refused(self.purpose)
            raise
        bill = Bill(self.prices, size)
        try:
            with span("model call", workspace=workspace(), purpose=self.purpose, model=self.prices.model) as step:
                try:
                    yield bill
                finally:
                    step.set(**_figures(bill.usage))
        finally:
            self.so_far += bill.usage
            measures.spent(bill.usage, self.purpose, self.prices.model)
            # A cancelled call has been paid for all the same, and what was set aside must go back.
            await asyncio.shield(self._settle(day, most, bill.usage))

    async def commit(self, costs: Sequence[float]) -> Committed:
        """Count the first of ``costs`` as spent, as many as the cap has room for: money for work that may be under way for
        longer than a reservation lasts. ``correct`` puts it right. Raises AssessmentError (``ledger``)."""
        day, count, dollars = self.now().astimezone(UTC).date(), 0, 0.0
        together = len(costs)
        while together and count < len(costs):
            most = sum(costs[count : count + together])
            try:
                await self._reserve(day, most)
            except BudgetExhausted:
                together //= 2
                continue
            await self._settle(day, most, Usage(dollars=most))
            count, dollars = count + len(costs[count : count + together]), dollars + most
        return Committed(day, count, dollars)

    async def correct(self, day: date, committed: float, usage: Usage) -> None:
        """Count ``usage`` in the place of what was ``committed`` for it on ``day``."""
        self.so_far += usage
        measures.spent(usage, self.purpose, self.prices.model)
        await self._settle(day, 0.0, replace(usage, dollars=usage.dollars - committed))

    async def _reserve(self, day: date, dollars: float) -> None:
        try:
            reserved = await self.ledger.reserve(day, dollars, self.cap_usd)
        except StoreError as error:
            raise AssessmentError(
                "The day's spending could not be looked up, so Claude was not asked", kind="ledger", remedy=error.remedy
            ) from error
        if not reserved:
            raise BudgetExhausted(
                f"The day's spending cap of ${self.cap_usd or 0:.2f} is reached",
                remedy="Spending starts again at midnight UTC; AINEWS_DAILY_CAP_USD raises the cap.",
            )

    async def _settle(self, day: date, reserved: float, usage: Usage) -> None:
        try:
            await self.ledger.settle(day, reserved, usage, purpose=self.purpose, model=self.prices.model)
        except StoreError as error:
            # The answer is there and paid for: losing it would help nobody. The reservation lapses by itself.
            log.warning(
                "spending.not_recorded",
                day=day.isoformat(),
                model=self.prices.model,
                reason=str(error),
                **_figures(usage),
            )


def _count(reported: object, name: str) -> int:
    """A count as reported, where it is one: the SDK does not validate responses."""
    tokens = getattr(reported, name, 0)
    return tokens if isinstance(tokens, int) and tokens > 0 else 0


def _figures(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "dollars": round(usage.dollars, 6),
    }
