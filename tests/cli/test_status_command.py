"""``ainews status``: in words, as JSON, and live on a terminal of its own."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from bot.cli.app import app
from digest.factory import open_parts
from digest.feeds.ports import FeedState
from digest.model import Subscription
from digest.ports import Usage
from digest.settings import Settings
from digest.stores.keys import Keys
from tests.stores.servers import Server

ROOT = Path(__file__).parents[2]


@pytest.fixture
def installation(valkey_url: str, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    feeds = tmp_path / "feeds.yaml"
    feeds.write_text("feeds:\n  - {name: A, url: 'https://a.example/feed'}\n  - {name: B, url: 'https://b.example/feed'}\n")
    for name, value in {
        "REDIS_URL": valkey_url,
        "WORKSPACE": keys.workspace,
        "DATA_DIR": tmp_path,
        "FEEDS_FILE": feeds,
    }.items():
        monkeypatch.setenv(f"AINEWS_{name}", str(value))
    return Settings.load()


async def filled(loaded: Settings) -> None:
    now = datetime.now(UTC)
    async with open_parts(loaded) as parts:
        await parts.feed_states.remember(
            [
                FeedState("https://a.example/feed", checked=now, succeeded=now),
                FeedState("https://b.example/feed", checked=now, failures=2, error="it answered 500"),
            ]
        )
        at = (now - timedelta(minutes=10)).time().replace(microsecond=0)
        await parts.subscriptions.put(
            Subscription("C0NEWS", at=at, since=now - timedelta(days=2)), "U1", now - timedelta(days=2)
        )
        await parts.spending.settle(
            now.date(), 0, Usage(3, 9_000, 400, dollars=0.25), purpose="assess", model="claude-haiku-5-5"
        )
        await parts.activity.answered(now.date(), "offline", abstained=True)


def told(*arguments: str) -> str:
    ran = CliRunner().invoke(app, ["status", *arguments])
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def test_it_tells_of_an_installation_that_did_nothing_yet(installation: Settings) -> None:
    said = told()
    for words in (
        "none has been collected yet",
        "2 listed; the monitor has read none",
        "no channel has subscribed",
        "none today",
    ):
        assert words in said


def test_it_tells_what_is_wrong_what_waits_and_what_it_will_cost(installation: Settings) -> None:
    asyncio.run(filled(installation))
    said = told()
    for words in (
        "2 listed: 1 ok, 1 failing", "C0NEWS:", "missing, due 10 minutes ago: nobody has prepared it", "$0.25 today in 3 calls of at most $5.00",
        "forecast: $", "assess with claude-haiku-5-5", "1 today: 1 offline; the articles did not say in 1",
    ):  # fmt: skip
        assert words in said, said
    assert "example" not in said


def test_a_program_is_told_the_same_as_json(installation: Settings) -> None:
    asyncio.run(filled(installation))
    found = orjson.loads(told("--json"))
    assert found["feeds"]["failing"] == 1
    [team] = found["publishing"]
    assert [(late["channel"], late["state"]) for late in team["late"]] == [("C0NEWS", "missing")]
    assert found["spending"]["today_usd"] == 0.25
    assert found["spending"]["forecast_month_usd"] >= found["spending"]["forecast_day_usd"] >= 0.25
    assert found["questions_today"] == {"abstained": 1, "offline": 1}


def test_a_collect_is_the_last_run_with_its_counts(installation: Settings, tmp_path: Path) -> None:
    articles = tmp_path / "articles.jsonl"
    articles.write_text('{"url": "https://x.example/1", "title": "One"}\n{"url": "no address"}\n')
    CliRunner().invoke(app, ["collect", "--jsonl", str(articles)])
    run = orjson.loads(told("--json"))["runs"]["collect"]
    assert (run["counts"]["seen"], run["counts"]["new"], run["counts"]["failed"], run["error"]) == (2, 1, 1, None)
    assert "collect, just now" in told()


@pytest.mark.parametrize("arguments", [["--watch"], ["--watch", "--json"]])
def test_watching_is_for_a_terminal(installation: Settings, arguments: list[str]) -> None:
    ran = CliRunner().invoke(app, ["status", *arguments])
    assert ran.exit_code == 2
    assert "--watch is for a terminal" in ran.stderr


def test_on_a_terminal_it_goes_on_through_an_outage_until_ctrl_c(short_dir: Path) -> None:
    server = Server(short_dir)
    url = server.start()
    ours, theirs = pty.openpty()
    environment = {**os.environ, "AINEWS_REDIS_URL": url, "AINEWS_DATA_DIR": str(short_dir), "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "120", "LINES": "40"}  # fmt: skip
    command = [sys.executable, "-c", "from bot.cli import main; main()", "status", "--watch"]
    process = subprocess.Popen(command, env=environment, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    try:
        seen = ""

        def until(words: str) -> None:
            nonlocal seen
            seen = ""
            while words not in seen:
                assert select.select([ours], [], [], 20)[0], f"{words} was not drawn: {seen[-500:]}"
                seen += os.read(ours, 65_536).decode(errors="replace")

        until("no channel has subscribed")
        until("no channel has subscribed")
        server.kill()
        until("nothing listens there")
        process.send_signal(signal.SIGINT)
        while process.poll() is None:
            try:
                os.read(ours, 65_536)
            except OSError:
                break
        assert process.wait(10) == 0
        assert process.stderr
        assert process.stderr.read() == b""
    finally:
        process.kill()
        process.communicate()
        os.close(ours)
        server.stop()
