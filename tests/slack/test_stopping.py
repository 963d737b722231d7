"""The bot stops within ten seconds: what it took is acked and answered first, and nothing of it goes on afterwards.

What was taken and could not be finished, because the bot was told to stop or was killed, is carried out at the next start.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.local_slack.app import SlackApp
from bot.local_slack.server import LocalSlack
from bot.slack.assembling import ended
from bot.slack.manifest import manifest
from bot.slack.under_way import UnderWay
from digest.settings import Settings
from digest.stores.keys import Keys
from tests.slack.conftest import ADA, NEWS, Bot
from tests.slack_judges import texts

HERE = Path(__file__).parents[2]


async def test_what_was_taken_is_answered_before_it_stops(bot: Bot) -> None:
    bot.slack.faults.add("delay", "response_url", next=6, seconds=0.3)
    answers = [await bot.slack.people.command(ADA, NEWS, f"/ainews {text}") for text in ("latest", "topics", "status") * 2]
    await bot.stop()
    assert all(a.error is None and a.messages for a in answers)


async def test_nothing_of_it_goes_on_when_it_has_stopped(bot: Bot) -> None:
    for text in ("latest", "search agents", "digest"):
        await bot.slack.people.command(ADA, NEWS, f"/ainews {text}")
    await bot.slack.people.open_home(ADA)
    await bot.stop()
    left = [t for t in asyncio.all_tasks() if "bot/slack/" in str(t.get_coro()) or "slack_bolt" in str(t.get_coro())]
    assert left == []
    refused = await bot.slack.people.command(ADA, NEWS, "/ainews latest")
    assert refused.error is not None


async def test_an_answer_that_slack_does_not_take_holds_it_up_for_ten_seconds_at_most(bot: Bot) -> None:
    bot.slack.faults.add("hang", "chat.postMessage", next=1)
    await bot.slack.people.say(ADA, "dm", "latest 1")
    async with asyncio.timeout(5):
        while not bot.slack.faults.rules[0].struck:
            await asyncio.sleep(0.02)
    begun = time.monotonic()
    await bot.stop()
    assert time.monotonic() - begun < 10
    [(name, _)] = await bot.parts.deliveries.take_over(0)
    assert name.startswith("event:"), "it was cancelled, so it is not finished"


async def test_calls_that_nobody_waited_for_are_waited_for_at_the_end() -> None:
    under_way, ended = UnderWay(), asyncio.Event()

    async def call() -> None:
        await asyncio.sleep(0.1)
        ended.set()

    with pytest.raises(TimeoutError):
        await under_way.within(0.01, call())
    assert await under_way.end(5) == 0
    assert ended.is_set()


async def test_what_does_not_end_is_cancelled() -> None:
    under_way = UnderWay()
    with pytest.raises(TimeoutError):
        await under_way.within(0.01, asyncio.sleep(60))
    assert await under_way.end(0.05) == 1
    assert len(under_way) == 0


@asynccontextmanager
async def process(environment: dict[str, str]) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """``ainews serve`` as a process of its own, and where it listens; killed at the end if it still runs."""
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", env=environment, cwd=HERE, stderr=asyncio.subprocess.PIPE
    )
    assert made.stderr is not None
    said = b""
    async with asyncio.timeout(60):
        while b"Listening " not in said:
            line = await made.stderr.readline()
            assert line, said.decode()
            said += line
    reading = asyncio.create_task(made.stderr.read())
    try:
        yield made, said.decode().partition("Listening ")[2].split(". Ctrl")[0]
    finally:
        if made.returncode is None:
            made.kill()
        await made.wait()
        await reading


@pytest.fixture(params=["socket", "http"])
async def killed(
    request: pytest.FixtureRequest, valkey_url: str, keys: Keys, tmp_path: Path
) -> AsyncIterator[tuple[LocalSlack, dict[str, str], Any]]:
    """A local Slack, what a bot's process is told in its environment, and how Slack learns where it listens."""
    app = SlackApp.from_manifest(manifest(Settings.load(workspace=keys.workspace)))
    async with LocalSlack(app=app, retries_after_s=(0.05,)) as slack:
        way = (
            {"SLACK_APP_TOKEN": slack.app_token}
            if request.param == "socket"
            else {"SLACK_SIGNING_SECRET": slack.signing_secret}
        )
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("AINEWS_", "SLACK_", "ANTHROPIC_"))},
            "AINEWS_REDIS_URL": valkey_url, "AINEWS_WORKSPACE": keys.workspace, "AINEWS_DATA_DIR": str(tmp_path / "data"),
            "AINEWS_HTTP_PORT": "0", "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_API_URL": slack.api_url, **way,
        }  # fmt: skip

        async def reached(where: str) -> None:
            if request.param == "http":
                slack.request_url = where.removeprefix("at ")
            else:
                await slack.until(lambda _: bool(slack.sockets.open))

        yield slack, environment, reached


async def test_a_question_survives_that_the_process_is_killed(
    killed: tuple[LocalSlack, dict[str, str], Any], redis_client: Redis, keys: Keys
) -> None:
    slack, environment, reached = killed
    direct = slack.workspace.direct(slack.workspace.user(ADA).id)
    hanging = slack.faults.add("hang", "chat.postMessage")
    async with process(environment) as (running, where):
        await reached(where)
        await slack.people.say(ADA, "dm", "help")
        async with asyncio.timeout(10):
            while not hanging.struck:
                await asyncio.sleep(0.02)
        running.send_signal(signal.SIGKILL)
        await running.wait()
    slack.faults.clear()
    slack.request_url = None
    assert not any(m.get("bot_id") for m in direct.messages.values())
    for name in await redis_client.zrange(keys.deliveries_open, 0, -1):
        await redis_client.zincrby(keys.deliveries_open, -60, name)  # as if a minute had gone by
    async with process(environment):
        await slack.until(lambda _: any(m.get("bot_id") for m in direct.messages.values()), timeout_s=10)
        answer = next(m for m in direct.messages.values() if m.get("bot_id"))
        assert "/ainews latest" in "\n".join(texts(answer["blocks"]))
        async with asyncio.timeout(5):
            while await redis_client.zcard(keys.deliveries_open):
                await asyncio.sleep(0.05)
    assert sum(bool(m.get("bot_id")) for m in direct.messages.values()) == 1


async def test_ctrl_c_ends_the_process_soon_and_without_a_complaint(killed: tuple[LocalSlack, dict[str, str], Any]) -> None:
    slack, environment, reached = killed
    async with process(environment) as (running, where):
        await reached(where)
        answer = await slack.people.command(ADA, NEWS, "/ainews help")
        await slack.answered(answer)
        running.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await running.wait() == 0


async def test_what_runs_beside_and_lost_the_first_cancellation_is_asked_again() -> None:
    asked: list[int] = []

    async def deaf_once() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                asked.append(1)
                if len(asked) > 1:
                    raise

    task = asyncio.create_task(deaf_once())
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        await ended(task)
    assert task.cancelled()
    assert len(asked) == 2
