"""What calls cost by the price list, what is set aside for them, and what becomes of a ledger that fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from digest.assessment.prices import Prices
from digest.assessment.spending import Spending
from digest.errors import AssessmentError, BudgetExhausted, StoreUnavailable
from digest.ports import Usage
from digest.stores.memory_spending import MemorySpendingLedger

HAIKU = Prices("anthropic", "claude-haiku-5-5")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("usage", "dollars"),
    [
        (Usage(input_tokens=1_000_0), 0.001),
        (Usage(output_tokens=10_000), 0.005),
        (Usage(cache_write_tokens=10_000), 0.00125),
        (Usage(cache_read_tokens=10_000), 0.0001),
        (Usage(input_tokens=200_000), 0.1),
        (Usage(), 0.0),
    ],
)
def test_the_price_list_prices_each_kind_of_token_and_the_long_prompt(usage: Usage, dollars: float) -> None:
    assert HAIKU.priced(usage) == pytest.approx(dollars)


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("anthropic", "claude-sonnet-5-5"), ("foundry", "claude-haiku-5-5"), ("vertex", "claude-haiku-5-5"),
        ("bedrock", "anthropic.claude-haiku-5-5"), ("bedrock", "global.anthropic.claude-haiku-4-5-20251001-v1:0"),
    ],
)  # fmt: skip
def test_every_provider_has_a_price(provider: str, model: str) -> None:
    assert Prices(provider, model).known


def test_an_unknown_model_is_charged_as_the_dearest_so_that_the_cap_holds() -> None:
    unknown, dearest = Prices("foundry", "our-deployment"), Prices("anthropic", "claude-fable-5-1")
    usage = Usage(input_tokens=1000, output_tokens=1000, cache_write_tokens=1000, cache_read_tokens=1000)
    assert not unknown.known
    assert unknown.priced(usage) >= dearest.priced(usage)


@pytest.mark.parametrize("text", ["plain English prose", "日本語の記事です", "🚀🔥" * 9, "\u0e01\u0e33\u0e25\u0e31\u0e07"])
def test_what_is_set_aside_covers_a_token_for_every_byte(text: str) -> None:
    size = len(text.encode())
    most = HAIKU.most(size=size, max_output_tokens=100)
    assert most.dollars >= HAIKU.priced(Usage(cache_write_tokens=size, output_tokens=100))


async def test_a_call_is_settled_with_what_the_provider_reported() -> None:
    ledger = MemorySpendingLedger()
    async with Spending(ledger, HAIKU, 1.0, now=lambda: NOON).call(size=4000, max_output_tokens=500) as bill:
        bill.charge(SimpleNamespace(input_tokens=900, output_tokens=90, cache_read_input_tokens=None))
    assert (await ledger.spent(NOON.date()))["assess/claude-haiku-5-5"] == Usage(1, 900, 90, 0, 0, 0.000135)


async def test_a_run_knows_what_it_used_itself() -> None:
    ledger = MemorySpendingLedger()
    before, after = (Spending(ledger, HAIKU, 1.0, now=lambda: NOON) for _ in range(2))
    for spending in (before, after, after):
        async with spending.call(size=4000, max_output_tokens=500) as bill:
            bill.charge(SimpleNamespace(input_tokens=1000, output_tokens=100))
    assert (after.so_far.calls, after.so_far.input_tokens, after.so_far.output_tokens) == (2, 2000, 200)
    assert after.so_far.dollars == pytest.approx(0.0003)


async def test_counts_that_are_no_counts_are_taken_for_none() -> None:
    ledger = MemorySpendingLedger()
    async with Spending(ledger, HAIKU, 1.0, now=lambda: NOON).call(size=4000, max_output_tokens=500) as bill:
        bill.charge(SimpleNamespace(input_tokens="many", output_tokens=-5))
    assert (await ledger.spent(NOON.date()))["assess/claude-haiku-5-5"] == Usage(calls=1)


async def test_the_day_is_the_utc_day_when_the_call_began() -> None:
    ledger = MemorySpendingLedger()
    late = datetime(2026, 11, 23, 22, tzinfo=timezone(timedelta(hours=-8)))
    async with Spending(ledger, HAIKU, 1.0, now=lambda: late).call(size=40, max_output_tokens=5) as bill:
        bill.charge(SimpleNamespace(input_tokens=10, output_tokens=1))
    assert await ledger.spent(date(2026, 11, 24))


async def test_at_the_cap_no_call_is_made() -> None:
    spending = Spending(MemorySpendingLedger(), HAIKU, 0.0001)
    with pytest.raises(BudgetExhausted) as caught:
        async with spending.call(size=4000, max_output_tokens=4096):
            pytest.fail("a call was made")
    assert caught.value.kind == "budget"
    assert "AINEWS_DAILY_CAP_USD" in caught.value.remedy


@dataclass
class Failing(MemorySpendingLedger):
    """A ledger whose store goes away, at once or after the call."""

    at_once: bool = False

    async def reserve(self, day: date, dollars: float, cap: float | None) -> bool:
        if self.at_once:
            raise StoreUnavailable("Redis is away.")
        return True

    async def settle(self, day: date, reserved: float, usage: Usage, *, purpose: str, model: str) -> None:
        raise StoreUnavailable("Redis is away.")


async def test_without_a_ledger_no_call_is_made() -> None:
    with pytest.raises(AssessmentError) as caught:
        async with Spending(Failing(at_once=True), HAIKU, 1.0).call(size=40, max_output_tokens=5):
            pytest.fail("a call was made")
    assert caught.value.kind == "ledger"


async def test_an_answer_is_not_lost_when_the_ledger_goes_away_meanwhile() -> None:
    async with Spending(Failing(), HAIKU, 1.0).call(size=40, max_output_tokens=5) as bill:
        bill.charge(SimpleNamespace(input_tokens=10, output_tokens=1))
    assert bill.usage.calls == 1
