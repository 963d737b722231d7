"""Redis, Slack or Claude away, in four ways each: the digest stands once, within a quarter of an hour of their return (by the tests' time,
in which the settle time of a minute is 0.8 s).
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from benchmarks.publishing_worker import work
from digest import pipeline
from digest.errors import StoreError
from digest.factory import digest_of, open_parts, sources
from digest.publishing.preparing import freeze
from digest.publishing.rounds import by_hand
from digest.rendering.templates import Templates
from digest.sample.write import write_sample
from digest.settings import Settings
from digest.stores.connection import connect
from digest.stores.redis_ledger import RedisLedger
from tests.assessment.claude_api import Answer, ClaudeApi, serve_claude
from tests.publishing.stand import NAME, QUICK, WHOLE, Stand, now, publication, sent, settle, until, verified

QUARTER_S = QUICK.settle_s * 15


class Between:
    """Stands between a client and Redis, and breaks what passes: ``way`` is empty while it does not."""

    def __init__(self, unix_socket: str) -> None:
        self._behind = unix_socket
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.way = ""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in list(self._open):
                writer.close()
            await self._server.wait_closed()
            self._server = None

    async def breaks(self, way: str) -> None:
        self.way = way
        if way == "refused":
            await self.close()
        for writer in list(self._open):
            writer.close()

    async def mends(self) -> None:
        self.way = ""
        if self._server is None:
            await self.listen()
        for writer in list(self._open):
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with suppress(OSError, asyncio.CancelledError):
            behind, to = await asyncio.open_unix_connection(self._behind)
            await asyncio.gather(self._pass(reader, to), self._pass(behind, writer, answers=True))
            to.close()
        writer.close()
        self._open.discard(writer)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool = False) -> None:
        while data := await reader.read(65_536):
            match self.way if answers else "":
                case "hangs":
                    continue
                case "500":
                    data = b"-LOADING Redis is loading the dataset in memory\r\n"
                case "garbage":
                    data = os.urandom(40)
            writer.write(data)
            await writer.drain()
        writer.close()


@pytest.fixture
async def between(valkey_url: str) -> AsyncIterator[Between]:
    made = Between(unquote(valkey_url.removeprefix("unix://")))
    await made.listen()
    yield made
    await made.close()


@pytest.mark.parametrize("way", ["refused", "hangs", "500", "garbage"])
async def test_redis_away(here: Stand, between: Between, way: str) -> None:
    client = connect(f"redis://127.0.0.1:{between.port}/0", timeout_s=0.3)
    desk = here.desk(ledger=RedisLedger(client, here.keys))
    await settle(desk)
    await desk.take_up(publication())
    await between.breaks(way)
    for _ in range(5):
        with pytest.raises((StoreError, ExceptionGroup)):
            await work(desk)
    assert here.texts() == []
    await between.mends()
    await until(desk, sent, within_s=QUARTER_S)
    await until(desk, verified)
    assert here.texts() == WHOLE
    await client.aclose()


@pytest.mark.parametrize("way", ["refused", "hangs", "500", "garbage"])
async def test_slack_away(here: Stand, way: str) -> None:
    desk = here.desk()
    await settle(desk)
    await desk.take_up(publication())
    if way == "refused":
        await here.slack.go_away()
    else:
        here.slack.faults.add({"hangs": "hang", "500": "error_500", "garbage": "garbage"}[way], "*")  # type: ignore[arg-type]
    found = await until(desk, lambda p: p.tries > 3)
    assert found.root == ""
    here.slack.faults.clear()
    if way == "refused":
        await here.slack.listen()
    await until(desk, sent, within_s=QUARTER_S)
    await until(desk, verified)
    assert here.texts() == WHOLE


@pytest.fixture(scope="module")
def claude_server() -> Any:
    yield from serve_claude()


@pytest.mark.parametrize("way", ["refused", "hangs", "500", "garbage"])
async def test_claude_away(here: Stand, claude_server: ClaudeApi, way: str, valkey_url: str, tmp_path: Path) -> None:
    api = claude_server.reset()
    answers = {
        "refused": Answer(), "hangs": Answer(delay_s=0.6), "500": Answer(status=500), "garbage": Answer(raw="\x00 no JSON"),
    }  # fmt: skip
    api.answers = [answers[way]]
    loaded = Settings.load(
        redis_url=valkey_url, workspace=here.keys.workspace, data_dir=tmp_path, anthropic_api_key="sk-test", assess_retries=0,
        assess_timeout_s=0.3, anthropic_base_url="http://127.0.0.1:1" if way == "refused" else api.url,
    )  # fmt: skip
    async with open_parts(loaded) as parts:
        sample = write_sample(tmp_path / "sample", now=datetime.now(UTC))
        run = await pipeline.collect(sources(loaded, knowledge_bases=[sample.inbox]), parts.articles, parts.assessor)
        assert run.new
        subscription = loaded.subscription(NAME.channel)
        made = await digest_of(parts, subscription, day=NAME.day, until=now())
        frozen = freeze(made, NAME, by_hand(subscription, now().date(), "daily", now()), now(), Templates())
    desk = here.desk()
    await settle(desk)
    await desk.take_up(frozen)
    await until(desk, verified, within_s=QUARTER_S)
    assert len([m for m in here.standing() if "thread_ts" not in m or m["thread_ts"] == m["ts"]]) == 1
