"""Faults, rate limits and connections that end, as the real clients meet them."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.local_slack.app import SlackApp
from bot.local_slack.faults import KINDS
from bot.local_slack.server import LocalSlack

NEWS = "C0AINEWS01"


@pytest.fixture
def once(slack: LocalSlack) -> AsyncWebClient:
    """A client that asks once and waits two seconds."""
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[], timeout=2)


def held(slack: LocalSlack) -> int:
    return len(slack.workspace.channel(NEWS).messages)


@pytest.mark.parametrize(
    ("kind", "error", "effects"),
    [
        ("drop_before", aiohttp.ClientError, 0),
        ("drop_after", aiohttp.ClientError, 1),
        ("cut", aiohttp.ClientPayloadError, 1),
        ("hang", TimeoutError, 0),
        ("hang_after", TimeoutError, 1),
        ("error_500", SlackApiError, 0),
        ("error_500_after", SlackApiError, 1),
        ("garbage", (SlackApiError, UnicodeDecodeError), 0),
        ("garbage_after", (SlackApiError, UnicodeDecodeError), 1),
        ("fatal_error", SlackApiError, 1),
        ("ratelimited", SlackApiError, 0),
        ("refused", SlackApiError, 0),
    ],
)
async def test_a_fault_befalls_the_next_call_and_has_its_effect_or_not(
    slack: LocalSlack, once: AsyncWebClient, kind: Any, error: Any, effects: int
) -> None:
    fault = slack.faults.add(kind, "chat.postMessage", next=1, error="internal_error")
    with pytest.raises(error):
        await once.chat_postMessage(channel=NEWS, text="digest")
    assert held(slack) == effects
    await once.chat_postMessage(channel=NEWS, text="digest")
    assert (held(slack), fault.struck) == (effects + 1, 1)


async def test_a_doubled_effect_is_answered_once(slack: LocalSlack, once: AsyncWebClient) -> None:
    slack.faults.add("double", "chat.*", next=1)
    assert (await once.chat_postMessage(channel=NEWS, text="digest"))["ok"]
    assert held(slack) == 2


async def test_a_delayed_answer_comes(slack: LocalSlack, once: AsyncWebClient) -> None:
    slack.faults.add("delay", seconds=0.2, next=1)
    began = time.monotonic()
    await once.chat_postMessage(channel=NEWS, text="digest")
    assert time.monotonic() - began >= 0.2


async def test_a_broken_connection_makes_the_usual_client_post_twice(slack: LocalSlack, client: AsyncWebClient) -> None:
    """Why ``PUBLISHING.md`` takes the connection-error handler out for ``chat.postMessage``."""
    slack.faults.add("drop_after", "chat.postMessage", next=1)
    await client.chat_postMessage(channel=NEWS, text="digest")
    assert held(slack) == 2


async def test_the_same_seed_strikes_the_same_calls() -> None:
    async def struck(seed: int) -> list[bool]:
        async with LocalSlack(seed=seed) as slack:
            client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
            slack.faults.add("refused", "api.test", chance=0.3, error="fatal_error")
            found = []
            for _ in range(40):
                try:
                    await client.api_test()
                    found.append(False)
                except SlackApiError:
                    found.append(True)
            return found

    first, again, other = await struck(7), await struck(7), await struck(8)
    assert first == again
    assert first != other
    assert 3 < sum(first) < 25


async def test_every_kind_of_fault_is_known_by_name(slack: LocalSlack) -> None:
    with pytest.raises(ValueError, match="hang_after"):
        slack.faults.add("explode")  # type: ignore[arg-type]
    for kind in KINDS:
        slack.faults.add(kind)


async def test_a_slack_that_went_away_refuses_and_keeps_what_it_had(slack: LocalSlack, once: AsyncWebClient) -> None:
    await once.chat_postMessage(channel=NEWS, text="before")
    await slack.go_away()
    with pytest.raises(aiohttp.ClientConnectorError):
        await once.chat_postMessage(channel=NEWS, text="meanwhile")
    await slack.listen()
    await once.chat_postMessage(channel=NEWS, text="after")
    assert [m["text"] for m in slack.workspace.channel(NEWS).messages.values()] == ["before", "after"]


async def test_more_than_one_message_a_second_and_channel_is_limited() -> None:
    async with LocalSlack(rate_limits=True) as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        outcomes: Counter[str] = Counter()
        for _ in range(6):
            try:
                await client.chat_postMessage(channel=NEWS, text="x")
                outcomes["posted"] += 1
            except SlackApiError as error:
                assert error.response.status_code == 429
                assert int(error.response.headers["Retry-After"]) == 1
                outcomes[error.response["error"]] += 1
        assert outcomes == {"posted": 3, "ratelimited": 3}
        await client.chat_postMessage(channel="G0LEADS001", text="another channel")
        slack.clock.advance(1.01)
        await client.chat_postMessage(channel=NEWS, text="x")


async def test_a_tier_is_a_number_of_calls_a_minute() -> None:
    async with LocalSlack(rate_limits=True, app=SlackApp(scopes=frozenset({"users:read"}))) as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        for _ in range(20):
            await client.users_list()
        with pytest.raises(SlackApiError, match="ratelimited"):
            await client.users_list()
        slack.clock.advance(3.1)
        await client.users_list()


async def connected(slack: LocalSlack, app: AsyncApp) -> AsyncSocketModeHandler:
    handler = AsyncSocketModeHandler(app, slack.app_token, web_client=app.client, ping_interval=0.1)
    before = slack.sockets.connections
    await handler.connect_async()
    while slack.sockets.connections == before:
        await asyncio.sleep(0.01)
    return handler


async def test_a_client_that_is_asked_to_reconnect_does_and_goes_on(slack: LocalSlack, app: AsyncApp) -> None:
    heard: list[str] = []

    @app.command("/ainews")
    async def ainews(ack: Any, command: dict[str, Any]) -> None:
        await ack()
        heard.append(command["text"])

    handler = await connected(slack, app)
    old = slack.sockets.tickets_used
    await slack.sockets.ask_to_reconnect()
    while slack.sockets.tickets_used == old:
        await asyncio.sleep(0.01)
    await slack.people.command("ada", "ai-news", "/ainews again")
    assert heard == ["again"]
    await handler.close_async()


async def test_a_client_whose_connection_breaks_comes_back(slack: LocalSlack, app: AsyncApp) -> None:
    @app.command("/ainews")
    async def ainews(ack: Any) -> None:
        await ack()

    handler = await connected(slack, app)
    await slack.sockets.drop()
    assert (await slack.people.command("ada", "ai-news", "/ainews")).error == "dispatch_failed"
    while not slack.sockets.open:
        await asyncio.sleep(0.02)
    assert (await slack.people.command("ada", "ai-news", "/ainews")).error is None
    await handler.close_async()


async def test_an_event_that_one_connection_leaves_unacked_goes_to_the_other(slack: LocalSlack, app: AsyncApp) -> None:
    slack.sockets.ack_within_s = 0.5
    heard: list[str | None] = []

    @app.event("app_home_opened")
    async def opened(req: Any) -> None:
        heard.append(req.headers.get("x-slack-retry-num", [None])[0])

    async with aiohttp.ClientSession() as session:
        url = (await AsyncWebClient(base_url=slack.api_url).apps_connections_open(app_token=slack.app_token))["url"]
        async with session.ws_connect(url) as deaf:
            assert json.loads((await deaf.receive()).data)["type"] == "hello"
            handler = await connected(slack, app)
            await slack.people.open_home("ada")
            await slack.delivery.settle()
            envelope = json.loads((await deaf.receive()).data)
        assert (envelope["type"], envelope["retry_attempt"], envelope["accepts_response_payload"]) == ("events_api", 0, False)
        assert heard == ["1"]
        assert slack.delivery.log[0].ack.error == "operation_timeout"
        async with session.get(url.replace("ws://", "http://")) as again:
            assert again.status == 401  # a ticket is good once
        await handler.close_async()


async def test_the_same_event_can_come_twice(slack: LocalSlack, app: AsyncApp) -> None:
    heard: list[str] = []

    @app.event("tokens_revoked")
    async def revoked(body: dict[str, Any]) -> None:
        heard.append(body["event_id"])

    handler = await connected(slack, app)
    event = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": []}}
    await slack.people.deliver(event, "Ev0000001")
    await slack.people.deliver(event, "Ev0000001")
    assert heard == ["Ev0000001"] * 2
    await handler.close_async()


async def test_a_late_effect_comes_although_the_client_went_away(slack: LocalSlack) -> None:
    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[], timeout=2)
    slack.faults.add("late", "chat.postMessage", next=1, seconds=2.3)
    with pytest.raises(TimeoutError):
        await client.chat_postMessage(channel=NEWS, text="digest")
    assert held(slack) == 0
    await slack.until(lambda w: bool(w.channel(NEWS).messages))


async def test_a_lagging_history_shows_a_message_later_than_it_was_posted(slack: LocalSlack, once: AsyncWebClient) -> None:
    slack.workspace.history_lag_s = 30.0
    await once.chat_postMessage(channel=NEWS, text="digest")
    assert (await once.conversations_history(channel=NEWS))["messages"] == []
    slack.clock.advance(31)
    assert len((await once.conversations_history(channel=NEWS))["messages"]) == 1


async def test_a_distributed_app_reads_one_short_page_a_minute() -> None:
    app = SlackApp(distributed=True)
    async with LocalSlack(app=app, rate_limits=True) as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        for n in range(16):
            slack.clock.advance(2)
            await client.chat_postMessage(channel=NEWS, text=str(n))
        page = await client.conversations_history(channel=NEWS, limit=200)
        assert (len(page["messages"]), page["has_more"]) == (15, True)
        with pytest.raises(SlackApiError, match="ratelimited"):
            await client.conversations_history(channel=NEWS, limit=200)


async def test_an_answer_by_its_address_meets_faults_too(slack: LocalSlack, app: AsyncApp) -> None:
    failed: list[str] = []

    @app.command("/ainews")
    async def ainews(ack: Any, respond: Any) -> None:
        await ack()
        response = await respond("one")
        failed.append(str(response.status_code))
        await respond("two")

    slack.faults.add("error_500", "response_url", next=1)
    handler = await connected(slack, app)
    answer = await slack.people.command("ada", "ai-news", "/ainews")
    await slack.answered(answer)
    assert failed == ["500"]
    assert answer.text == "two"
    await handler.close_async()
