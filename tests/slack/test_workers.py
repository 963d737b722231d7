"""The work left to workers: what people see is the same, whoever does it, and whoever dies at it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client import REGISTRY
from typer.testing import CliRunner

from bot.cli import app
from bot.local_slack.app import SlackApp
from bot.local_slack.server import LocalSlack
from bot.slack.assembling import assembled, engine_over
from bot.slack.event_tasks import EventTasks
from bot.slack.manifest import manifest
from bot.slack.services import Services
from bot.slack.working import working
from digest import pipeline
from digest.factory import open_parts, sources
from digest.sample.write import write_sample
from digest.settings import Settings
from digest.stores.keys import Keys
from digest.task_kinds import ALL, EVENT
from digest.tasks import Task
from digest.watching.status import status_of
from tests.publishing.stand import QUICK
from tests.slack.conftest import ADA, NEWS, Bot, Starts
from tests.slack_judges import texts
from tests.stores.servers import free_port

HERE = Path(__file__).parents[2]


@asynccontextmanager
async def workers(bot: Bot, count: int = 2, **given: Any) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for number in range(count):
            data = bot.settings.data_dir.parent / f"worker-{number}"
            parts = await stack.enter_async_context(open_parts(bot.settings.model_copy(update={"data_dir": data})))
            services = Services(parts, parts.settings, lambda: datetime.now(UTC))
            await stack.enter_async_context(working(services, timing=QUICK, **given))
        yield


async def eventually(true: Callable[[], Any], within_s: float = 30) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.05)


async def test_a_question_waits_for_a_worker_and_is_answered_once(start: Starts) -> None:
    bot = await start(workers=True)
    await bot.slack.people.say(ADA, "dm", "What did the newest story say?")
    direct = bot.slack.workspace.direct(bot.slack.workspace.user(ADA).id)
    async with engine_over(bot.parts, ALL) as engine:
        async with asyncio.timeout(20):
            while (await engine.waiting())["event"].count != 1:
                await asyncio.sleep(0.02)
        assert len(direct.messages) == 1  # nobody has answered
        async with workers(bot, does=["events"]):
            await eventually(lambda: len(direct.messages) >= 2)
            await asyncio.sleep(1)
            assert (await engine.waiting())["event"].count == 0
    assert sum(1 for m in direct.messages.values() if m.get("bot_id")) == 1
    assert await bot.parts.deliveries.take_over(0) == []


async def test_an_event_that_two_workers_are_given_is_carried_out_by_one(start: Starts) -> None:
    bot = await start(workers=True)
    await bot.slack.people.say(ADA, "dm", "What did the newest story say?")
    direct = bot.slack.workspace.direct(bot.slack.workspace.user(ADA).id)
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(engine_over(bot.parts, ALL))
        async with asyncio.timeout(20):
            while not await bot.parts.client.zcard(bot.parts.keys.deliveries_open):
                await asyncio.sleep(0.02)
        [name] = await bot.parts.client.zrange(bot.parts.keys.deliveries_open, 0, -1)
        task = Task(EVENT.name, "T0LOCAL001", name.decode().removeprefix("event:"))
        services = Services(bot.parts, bot.settings, lambda: datetime.now(UTC))
        made = [await assembled(services, stack) for _ in range(2)]
        works = [EventTasks(each.app, each.once, each.under_way, engine).works()[EVENT] for each in made]
        first, second = await asyncio.gather(*(work(task) for work in works))
        assert (first is None) != (second is None)  # one of both is to look again
        assert [await work(task) for work in works if work] == [None, None]
    assert sum(1 for m in direct.messages.values() if m.get("bot_id")) == 1


async def test_commands_are_answered_without_any_worker(start: Starts) -> None:
    bot = await start(workers=True)
    assert texts(await bot.command("latest 1"))


async def test_a_digest_is_posted_once_by_whichever_worker(start: Starts) -> None:
    bot = await start("socket", workers=True)
    channel = bot.slack.workspace.channel(NEWS)
    now = datetime.now(UTC)
    wanted = bot.settings.subscription(channel.id)
    due = now - timedelta(minutes=1)
    if due.date() != now.date():
        pytest.skip("the minute before is yesterday's")
    wanted = replace(wanted, at=due.time().replace(second=0, microsecond=0))
    await bot.parts.subscriptions.put(wanted, "U0ADA00001", now - timedelta(hours=30))

    def roots() -> list[Any]:
        keys = [(m.get("metadata") or {}).get("event_payload", {}).get("key", "") for m in channel.messages.values()]
        return [k for k in keys if k.endswith(":0") and str(now.date()) in k]

    async with workers(bot, 3, does=["digests"]):
        await eventually(roots)
        await asyncio.sleep(3)
    assert len(roots()) == 1


class Processes:
    """Of ``ainews``, with what they say on standard error."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.made: list[asyncio.subprocess.Process] = []

    async def start(self, *command: str, until: bytes) -> asyncio.subprocess.Process:
        made = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *command, env=self.environment, cwd=HERE, stderr=asyncio.subprocess.PIPE
        )
        self.made.append(made)
        assert made.stderr is not None
        said = b""
        async with asyncio.timeout(60):
            while until not in said:
                line = await made.stderr.readline()
                assert line, said.decode()
                said += line
        return made

    async def end(self) -> None:
        for made in self.made:
            if made.returncode is None:
                made.kill()
            await made.wait()


@pytest.fixture
async def house(valkey_url: str, keys: Keys, tmp_path: Path) -> AsyncIterator[tuple[LocalSlack, Processes]]:
    """A local Slack, and processes of a bot whose work is left to workers; ``ainews serve`` runs."""
    given: dict[str, Any] = {"redis_url": valkey_url, "workspace": keys.workspace, "data_dir": tmp_path / "data"}
    async with LocalSlack(app=SlackApp.from_manifest(manifest(Settings.load(**given)))) as slack:
        loaded = Settings.load(slack_bot_token=slack.bot_token, slack_api_url=slack.api_url, **given)
        async with open_parts(loaded) as parts:
            sample = write_sample(tmp_path / "sample", now=datetime.now(UTC))
            incoming = sources(loaded, knowledge_bases=[sample.knowledge_base])
            await pipeline.collect(incoming, parts.articles, parts.assessor)
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("AINEWS_", "SLACK_", "ANTHROPIC_"))},
            "AINEWS_REDIS_URL": valkey_url, "AINEWS_WORKSPACE": keys.workspace, "AINEWS_DATA_DIR": str(tmp_path / "data"),
            "AINEWS_WORKERS": "true", "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_API_URL": slack.api_url,
            "SLACK_APP_TOKEN": slack.app_token,
        }  # fmt: skip
        processes = Processes(environment)
        try:
            await processes.start("serve", until=b"Listening ")
            await slack.until(lambda _: bool(slack.sockets.open))
            yield slack, processes
        finally:
            await processes.end()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
async def test_a_question_whose_worker_ends_at_it_is_answered_by_another(
    house: tuple[LocalSlack, Processes], number: signal.Signals
) -> None:
    slack, processes = house
    direct = slack.workspace.direct(slack.workspace.user(ADA).id)
    first = await processes.start("worker", "--only", "events", until=b"Working on ")
    slack.faults.add("hang", "chat.postMessage", next=1)
    slack.faults.add("hang", "chat.startStream", next=1)
    await slack.people.say(ADA, "dm", "What did the newest story say?")
    await eventually(lambda: any(rule.struck for rule in slack.faults.rules))
    begun = time.monotonic()
    first.send_signal(number)
    code = await asyncio.wait_for(first.wait(), 30)
    if number == signal.SIGTERM:
        assert code == 0
        assert time.monotonic() - begun < 12
    slack.faults.clear()
    await processes.start("worker", "--only", "events", until=b"Working on ")
    await eventually(lambda: sum(1 for m in direct.messages.values() if m.get("bot_id")) >= 1, within_s=60)
    await asyncio.sleep(2)
    assert sum(1 for m in direct.messages.values() if m.get("bot_id")) == 1


def test_a_worker_that_nobody_leaves_work_to_says_what_to_set(tmp_path: Path) -> None:
    made = CliRunner().invoke(app, ["worker"], env={"AINEWS_DATA_DIR": str(tmp_path)})
    assert made.exit_code != 0
    assert "AINEWS_WORKERS=true" in getattr(made.exception, "remedy", "") + made.output


def test_a_worker_without_a_token_says_so_and_leaves_nothing_begun(tmp_path: Path, valkey_url: str, keys: Keys) -> None:
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("AINEWS_", "SLACK_", "ANTHROPIC_"))},
        "AINEWS_WORKERS": "true", "AINEWS_REDIS_URL": valkey_url, "AINEWS_WORKSPACE": keys.workspace, "AINEWS_DATA_DIR": str(tmp_path),
    }  # fmt: skip
    made = subprocess.run(
        [sys.executable, "-m", "bot", "worker"],
        env=environment,
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert made.returncode == 2
    assert made.stderr.splitlines() == [
        "Error: There is no token for Slack. Set SLACK_BOT_TOKEN; the README says how to get one."
    ]


def test_a_worker_does_only_what_it_may(tmp_path: Path) -> None:
    made = CliRunner().invoke(app, ["worker", "--only", "cooking"], env={"AINEWS_DATA_DIR": str(tmp_path)})
    assert made.exit_code == 2
    assert "digests, events, monitor" in made.output


def test_each_kind_has_room_for_others() -> None:
    assert len({kind.name for kind in ALL}) == len(ALL)
    assert EVENT.each_workspace < EVENT.at_once


async def test_a_worker_says_how_it_is_what_waits_and_what_it_did(start: Starts) -> None:
    port = free_port()
    bot = await start("http", workers=True)
    name = bot.settings.workspace
    await bot.slack.people.say(ADA, "dm", "What did the newest story say?")
    direct = bot.slack.workspace.direct(bot.slack.workspace.user(ADA).id)
    async with engine_over(bot.parts, ALL) as engine:
        async with asyncio.timeout(20):
            while (await engine.waiting())["event"].count != 1:
                await asyncio.sleep(0.02)
        now = datetime.now(UTC)
        [waiting] = [w for w in (await status_of(bot.parts, now, engine=engine)).waiting if w.kind == "event"]
        assert (waiting.count, bool(waiting.due)) == (1, True)
    settings = bot.settings.model_copy(update={"metrics_port": port, "data_dir": bot.settings.data_dir.parent / "worker"})
    async with AsyncExitStack() as stack:
        parts = await stack.enter_async_context(open_parts(settings))
        await stack.enter_async_context(working(Services(parts, settings, lambda: datetime.now(UTC)), ["events"], QUICK))
        await eventually(lambda: len(direct.messages) >= 2)
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                assert (answer.status, (await answer.json())["reasons"]) == (200, {})
            async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
                told = await answer.text()
        done = {"task": "event", "outcome": "done", "workspace": name}
        await eventually(lambda: REGISTRY.get_sample_value("ainews_tasks_total", done) == 1)
    assert f'ainews_waiting{{kind="publish",workspace="{name}"}} 0.0' in told
