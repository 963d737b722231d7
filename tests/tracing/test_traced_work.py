"""The spans of real work: a collect, a call of Claude, a question, a command and a digest in Slack; and no word of what they treated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.assessment.prices import Prices
from digest.assessment.spending import Spending
from digest.ports import Usage
from digest.publishing.timing import Timing
from digest.stores.memory_spending import MemorySpendingLedger
from digest.tracing import tracing
from tests.otlp import Receiver, receiving
from tests.slack.conftest import ADA, NEWS, Bot, Starts, start  # noqa: F401 a fixture

QUESTION = "Who gives away the media mix model, Grace Hopper?"


@pytest.fixture
def receiver() -> AsyncIterator[Receiver]:
    with receiving() as made:
        yield made


async def test_a_call_of_a_model_is_a_span_with_its_tokens(receiver: Receiver, tmp_path: Path) -> None:
    from digest.settings import Settings

    purse = Spending(MemorySpendingLedger(), Prices("anthropic", "claude-haiku-5-5"), 5.0)
    loaded = Settings.load(otlp_endpoint=receiver.url)
    async with tracing(loaded, "ainews-test"), purse.call(size=1_000, max_output_tokens=100) as bill:
        bill.usage = Usage(1, 200, 50, dollars=0.0001)
    [call] = receiver.named("model call")
    assert call.attributes == {
        "workspace": "local", "purpose": "assess", "model": "claude-haiku-5-5", "input_tokens": 200, "output_tokens": 50, "dollars": 0.0001,
    }  # fmt: skip


@pytest.mark.parametrize("start", ["http"], indirect=True)
async def test_what_the_bot_does_is_traced_without_a_word_of_it(start: Starts, receiver: Receiver) -> None:  # noqa: F811
    bot: Bot = await start(timing=Timing().faster(60), otlp_endpoint=receiver.url)
    await bot.command(f"ask {QUESTION}")
    now = datetime.now(UTC)
    channel = bot.slack.workspace.channel(NEWS).id
    due = (now - timedelta(minutes=1)).time().replace(second=0, microsecond=0)
    wanted = replace(bot.settings.subscription(channel), at=due)
    await bot.parts.subscriptions.put(wanted, ADA, now - timedelta(minutes=10))
    async with asyncio.timeout(30):
        while not (found := await bot.parts.ledger.newest(1)) or found[0].state not in ("sent", "verified"):
            await asyncio.sleep(0.1)
    await bot.stop()
    names = {s.name for s in receiver.spans}
    assert names >= {"slack command", "slack answer", "question answer", "digest prepare", "digest post"}
    [answer] = [s for s in receiver.named("slack answer") if s.attributes["what"] == "ask"]
    [asked] = receiver.named("question answer")
    assert asked.parent == answer.id
    assert asked.attributes["by"] == "offline"
    assert {s.attributes["workspace"] for s in receiver.spans if "workspace" in s.attributes} == {bot.settings.workspace}
    [prepared] = receiver.named("digest prepare")
    assert prepared.attributes["chosen"] > 0
    assert {s.attributes["outcome"] for s in receiver.named("digest post")} == {"Sent"}
    for word in (b"media mix", b"Grace", b"example.com", channel.encode(), ADA.encode() + b" "):
        assert word not in receiver.raw
