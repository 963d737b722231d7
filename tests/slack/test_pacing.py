"""Rate limits that all processes keep together, before a Slack that holds to them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from slack_sdk.errors import SlackApiError

from bot.local_slack.calls import METHODS
from bot.local_slack.server import LocalSlack
from bot.slack.client import slack_client
from bot.slack.pacing import TIER_OF, PacedClient
from bot.slack.publishing.outcomes import of_post, of_read
from digest.publishing.ports import NotSent
from digest.settings import Settings
from digest.stores.connection import connect
from digest.stores.keys import Keys
from digest.stores.redis_rates import RedisRates

CHANNEL = "C0AINEWS01"


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack() as made:
        made.rates.limited = True
        yield made


@pytest.fixture
async def clients(slack: LocalSlack, valkey_url: str, keys: Keys) -> AsyncIterator[list[PacedClient]]:
    """Of two processes, that try nothing again."""
    settings = Settings.load(slack_bot_token=slack.bot_token, slack_api_url=slack.api_url)
    stores = [connect(valkey_url) for _ in range(2)]
    made = [slack_client(settings, again=False, rates=RedisRates(store, keys)) for store in stores]
    yield [client for client in made if isinstance(client, PacedClient)]
    for store in stores:
        await store.aclose()


async def test_two_processes_that_post_into_one_channel_are_never_told_to_wait(
    slack: LocalSlack, clients: list[PacedClient]
) -> None:
    begun = time.monotonic()
    await asyncio.gather(*(clients[n % 2].chat_postMessage(channel=CHANNEL, text=f"Part {n}") for n in range(8)))
    assert time.monotonic() - begun > 4
    assert len(slack.workspace.channel(CHANNEL).messages) == 8


async def test_a_turn_that_does_not_come_in_time_is_as_if_slack_said_so(clients: list[PacedClient]) -> None:
    client = PacedClient.like(clients[0], clients[0]._rates)
    client._patience_s = 0.0
    for n in range(2):
        await client.chat_postMessage(channel=CHANNEL, text=f"Part {n}")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=CHANNEL, text="One more")
    outcome = of_post(caught.value)
    assert isinstance(outcome, NotSent)
    assert outcome.retry_after_s is not None
    assert 0 < outcome.retry_after_s <= 1.1
    assert of_read(caught.value).retry_after_s == outcome.retry_after_s


def test_the_tiers_are_those_of_slack() -> None:
    """As the local Slack, which was written by Slack's pages too, has them."""
    for method, tier in TIER_OF.items():
        assert METHODS[method].tier == tier, method
