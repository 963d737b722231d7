"""The local Slack, the real client of it, and the real Bolt app, reached by Socket Mode and by signed requests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.local_slack.app import EVENTS, SCOPES, SlackApp
from bot.local_slack.server import LocalSlack

#: All that the methods ask for, so that a test which is not about scopes need not think of them.
EVERY_SCOPE = SCOPES | {
    "channels:read", "groups:read", "im:read", "im:write", "mpim:read", "channels:join", "users:read", "reactions:write",
    "files:write",
}  # fmt: skip

Start = Callable[[AsyncApp], Awaitable[None]]


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    """A Slack in which nothing waits: retries come at once."""
    app = SlackApp(scopes=EVERY_SCOPE, events=EVENTS, unfurl_domains=("news.example",))
    async with LocalSlack(app=app, retries_after_s=(0.0, 0.05, 0.1)) as slack:
        yield slack


@pytest.fixture
def client(slack: LocalSlack) -> AsyncWebClient:
    """The real client, with the bot's token."""
    return AsyncWebClient(slack.bot_token, base_url=slack.api_url)


@pytest.fixture
def app(slack: LocalSlack, client: AsyncWebClient) -> AsyncApp:
    """The real app, without listeners."""
    return AsyncApp(client=client, signing_secret=slack.signing_secret)


@pytest.fixture(params=["socket mode", "http"])
async def start(slack: LocalSlack, request: pytest.FixtureRequest) -> AsyncIterator[Start]:
    """Connect an app to the local Slack, in each of the two ways."""
    async with AsyncExitStack() as stack:

        async def by_socket(app: AsyncApp) -> None:
            handler = AsyncSocketModeHandler(app, slack.app_token, web_client=app.client, ping_interval=0.2)
            stack.push_async_callback(handler.close_async)
            await handler.connect_async()
            while not slack.sockets.open:
                await asyncio_tick()

        async def by_http(app: AsyncApp) -> None:
            runner = web.AppRunner(app.web_app(path="/slack/events"), shutdown_timeout=0.1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            slack.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"

        yield by_socket if request.param == "socket mode" else by_http


async def asyncio_tick() -> None:
    """Let others run."""
    import asyncio

    await asyncio.sleep(0.01)
