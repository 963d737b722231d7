"""What the bot counts as it runs, and what it says of itself, by both doors."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import structlog
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from bot.slack.dispatching import kind_of
from tests.slack.conftest import Bot, Starts
from tests.stores.servers import free_port


def sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"ainews_{name}", labels) or 0.0


async def ready(port: int) -> tuple[int, dict[str, str]]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/readyz") as answer:
        return answer.status, (await answer.json())["reasons"]


async def test_acks_replies_and_questions_are_counted(bot: Bot) -> None:
    name = bot.settings.workspace
    acks = sample("ack_seconds_count", kind="command")
    assert await bot.command("latest 1")
    assert await bot.command("show nothing-of-that-name")
    assert await bot.command("ask Who gives away a media mix model?")
    assert sample("ack_seconds_count", kind="command") == acks + 3
    assert sample("ack_seconds_bucket", kind="command", le="1.5") >= 3
    assert sample("replies_total", workspace=name, outcome="answered") == 2
    assert sample("replies_total", workspace=name, outcome="refused") == 1
    assert sample("answer_seconds_count", workspace=name, by="offline") == 1


async def test_the_lines_of_a_request_carry_its_run_workspace_and_task(bot: Bot) -> None:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        await bot.command("show nothing-of-that-name")
    [line] = [line for line in lines if line["event"] == "answered_with_error"]
    assert (line["workspace"], line["task"]) == (bot.settings.workspace, "command")
    assert len(line["run"]) == 8


async def test_it_is_ready_while_slack_can_reach_it_and_not_while_it_stops(start: Starts) -> None:
    port = free_port()
    bot = await start(metrics_port=port)
    assert await ready(port) == (200, {})
    if bot.slack.sockets.open:
        await bot.slack.sockets.drop()
        async with asyncio.timeout(10):
            while (answer := await ready(port))[0] == 200:
                await asyncio.sleep(0.005)
        assert answer[1] == {"slack": "Socket Mode is not connected; it is tried again"}
    await bot.stop()
    try:
        await ready(port)
    except aiohttp.ClientError:
        return
    raise AssertionError("the port is still listened on")


def test_every_kind_of_request_has_a_word() -> None:
    bodies: dict[str, dict[str, Any]] = {
        "command": {"command": "/ainews"}, "event": {"type": "event_callback"}, "action": {"type": "block_actions"},
        "view": {"type": "view_submission"}, "shortcut": {"type": "message_action"}, "other": {"type": ["odd"]},
    }  # fmt: skip
    assert {word: kind_of(body) for word, body in bodies.items()} == {word: word for word in bodies}
