"""The bot as it runs, over the sample's articles, before the local Slack: by Socket Mode and by signed requests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.local_slack.app import SlackApp
from bot.local_slack.server import LocalSlack
from bot.slack.manifest import manifest
from bot.slack.services import Services
from bot.slack.serving import serving
from digest import pipeline
from digest.factory import Parts, open_parts, sources
from digest.publishing.timing import Timing
from digest.sample.write import write_sample
from digest.settings import Settings
from digest.stores.keys import Keys

#: Channel and people of the local Slack.
NEWS, ADA, GRACE = "ai-news", "ada", "grace"


@dataclass
class Bot:
    """A running bot, the Slack it is in, and what it is made of."""

    slack: LocalSlack
    parts: Parts
    settings: Settings
    #: Stops it, as Ctrl-C does.
    stop: Callable[[], Awaitable[None]]

    async def command(self, text: str, *, user: str = ADA, channel: str = NEWS) -> dict[str, Any]:
        """Type ``/ainews TEXT`` and wait for the answer: the message that comes by the response URL."""
        answer = await self.slack.people.command(user, channel, f"/ainews {text}".strip())
        await self.slack.until(lambda _: bool(answer.messages), timeout_s=30)
        return answer.messages[-1]


Starts = Callable[..., Awaitable[Bot]]


@pytest.fixture(params=["socket", "http"])
async def start(request: pytest.FixtureRequest, valkey_url: str, keys: Keys, tmp_path: Path) -> AsyncIterator[Starts]:
    """Start a bot, with settings of its own."""
    async with AsyncExitStack() as stack:

        async def started(way: str = request.param, timing: Timing | None = None, **given: Any) -> Bot:
            given = {"redis_url": valkey_url, "workspace": keys.workspace, "data_dir": tmp_path / "data", **given}
            slack = LocalSlack(app=SlackApp.from_manifest(manifest(Settings.load(**given))), retries_after_s=(0.0, 0.05, 0.1))
            await stack.enter_async_context(slack)
            door = {"slack_app_token": slack.app_token} if way == "socket" else {"slack_signing_secret": slack.signing_secret}
            loaded = Settings.load(slack_bot_token=slack.bot_token, slack_api_url=slack.api_url, http_port=0, **door, **given)
            parts = await stack.enter_async_context(open_parts(loaded))
            sample = write_sample(tmp_path / "sample", now=datetime.now(UTC))
            await pipeline.collect(
                sources(loaded, knowledge_bases=[sample.knowledge_base, sample.inbox], feeds=[str(sample.feed)]),
                parts.articles,
                parts.assessor,
            )
            running = await stack.enter_async_context(AsyncExitStack())
            where = await running.enter_async_context(serving(Services(parts, loaded, lambda: datetime.now(UTC)), timing))
            if way == "http":
                slack.request_url = where.removeprefix("at ")
            else:
                await slack.until(lambda _: bool(slack.sockets.open))
            return Bot(slack, parts, loaded, running.aclose)

        yield started


@pytest.fixture
async def bot(start: Starts) -> Bot:
    """A bot with the settings that ship."""
    return await start()
