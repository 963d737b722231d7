"""How soon ``/ainews`` is acked and answered while much is asked at once, and while what stands behind it fails.

    python -m benchmarks.commands [--quick] [--rate 200] [--seconds 30]

A real ``ainews serve`` runs as a process of its own over HTTP, on a real Valkey with 2,000 made-up articles, before a local Slack.
Signed commands come at a steady rate, in a mix of what people ask, whether earlier ones are answered or not; in the usual condition
digests are posted to a channel meanwhile, one after the other, by another process. Before, the bot is asked for 20 seconds at a fifth of the rate, as one that has run for a while.
Conditions:

    usual          nothing fails
    redis paused   the server is stopped (SIGSTOP) from the first second to the last: people are told so
    claude hangs   a model is configured that never answers

The ack is the answer to Slack's request, the answer what then comes to the response URL. ``over_3s``: acks that Slack would not have
waited for. ``lost``: commands that were never answered; ``told_to_try_again``: those that got a sentence instead, because something
was away or too many waited before them. The floor is the same requests to a server that does nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import json
import os
import random
import signal
import sys
import tempfile
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from benchmarks.synthetic import articles
from bot.local_slack.server import LocalSlack
from digest.model import Incoming, Origin
from digest.stores.connection import connect
from digest.stores.embedded import EmbeddedServer
from digest.stores.keys import Keys
from digest.stores.redis_articles import RedisArticles

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_ARTICLES: Final = 2_000
_WORKSPACE: Final = "commands"
#: How often each is asked, of a hundred.
_MIX: Final = (
    ("latest", 17), ("latest 3", 10), ("top", 15), ("top 5 month", 5), ("search marketing agents", 15), ("search budget score:>7", 5),
    ("topics", 5), ("sources", 5), ("show {id}", 10), ("why {id}", 5), ("help", 3), ("status", 2), ("ask what does an agent cost?", 3),
)  # fmt: skip
#: As long as the bot itself waits for a model: what comes late is no less an answer.
_ANSWER_WAIT_S: Final = 120.0


@dataclass
class Measured:
    """Seconds of acks and answers, and what failed."""

    acks: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    refused: int = 0
    sent: int = 0
    busy: int = 0

    def figures(self) -> dict[str, Any]:
        ack, answer = _quantiles(self.acks), _quantiles(self.answers)
        return {
            "sent": self.sent, "ack_p50_ms": ack[0], "ack_p95_ms": ack[1], "ack_p99_ms": ack[2], "ack_max_ms": ack[3],
            "answer_p50_ms": answer[0], "answer_p95_ms": answer[1], "answer_p99_ms": answer[2],
            "over_3s": sum(1 for a in self.acks if a > 3.0) + self.refused, "failed": self.refused,
            "lost": self.sent - len(self.answers), "told_to_try_again": self.busy,
        }  # fmt: skip


def _quantiles(taken: list[float]) -> tuple[float, float, float, float]:
    if len(taken) < 2:
        return (0.0, 0.0, 0.0, 0.0)
    cut = quantiles(taken, n=100)
    return tuple(round(1000 * s, 1) for s in (cut[49], cut[94], cut[98], max(taken)))  # type: ignore[return-value]


class Asking:
    """Sends signed commands and takes in the answers."""

    def __init__(self, secret: str, team: str, ids: list[str]) -> None:
        self._secret = secret
        self._team = team
        self._ids = ids
        self._random = random.Random("commands")
        self._asked: dict[str, float] = {}
        self._hooks = ""
        self.measured = Measured()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Take in answers by response URLs."""
        application = web.Application()
        application.router.add_post("/answer/{name}", self._answered)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self._hooks = f"http://127.0.0.1:{runner.addresses[0][1]}/answer/"
        yield
        await runner.cleanup()

    async def _answered(self, request: web.Request) -> web.Response:
        self.measured.busy += b"try again in a minute" in await request.read()
        begun = self._asked.pop(request.match_info["name"], None)
        if begun is not None:
            self.measured.answers.append(time.perf_counter() - begun)
        return web.Response(text="ok")

    async def ask(self, url: str, rate: float, seconds: float) -> dict[str, Any]:
        """At ``rate`` a second, however slow the answers; what came of it."""
        self.measured, self._asked = Measured(), {}
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=30)) as session:
            begun, tasks = time.perf_counter(), []
            for n in range(int(rate * seconds)):
                await asyncio.sleep(max(0.0, begun + n / rate - time.perf_counter()))
                tasks.append(asyncio.create_task(self._one(session, url, n)))
            await asyncio.gather(*tasks)
            until = time.perf_counter() + _ANSWER_WAIT_S
            while self._asked and time.perf_counter() < until:  # noqa: ASYNC110 answers come by another server
                await asyncio.sleep(0.05)
        return self.measured.figures()

    async def _one(self, session: aiohttp.ClientSession, url: str, number: int) -> None:
        body, headers, name = self._request(number)
        self.measured.sent += 1
        begun = self._asked[name] = time.perf_counter()
        try:
            async with session.post(url, data=body, headers=headers) as answer:
                await answer.read()
                if answer.status == 200:
                    self.measured.acks.append(time.perf_counter() - begun)
                else:
                    self.measured.refused += 1
        except (aiohttp.ClientError, TimeoutError):
            self.measured.refused += 1

    def _request(self, number: int) -> tuple[bytes, dict[str, str], str]:
        text = self._random.choices([m[0] for m in _MIX], [m[1] for m in _MIX])[0].format(id=self._random.choice(self._ids))
        name = f"{number}-{self._random.getrandbits(64):x}"
        body = urlencode(
            {
                "command": "/ainews", "text": text, "team_id": self._team, "team_domain": "local", "channel_id": "C0AINEWS01",
                "channel_name": "ai-news", "user_id": f"U{number % 50:08d}", "user_name": "ada", "api_app_id": "A0LOCALAPP",
                "is_enterprise_install": "false", "response_url": self._hooks + name, "trigger_id": f"{number}.1.{name}",
            }
        ).encode()  # fmt: skip
        stamp = str(int(time.time()))
        signature = "v0=" + hmac.new(self._secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        headers = {
            "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature, "Content-Type": "application/x-www-form-urlencoded",
        }  # fmt: skip
        return body, headers, name


async def fill(url: str) -> list[str]:
    """The store with its articles; their ids."""
    client = connect(url)
    made = [
        Incoming(Origin("benchmark", f"{n}.md", "1"), told.article, told.assessment)
        for n, told in enumerate(articles(_ARTICLES))
    ]
    store = RedisArticles(client, Keys(_WORKSPACE))
    for start in range(0, len(made), 200):
        await store.put(made[start : start + 200])
    await client.aclose()
    return [m.article.id for m in made]


@asynccontextmanager
async def bot(folder: Path, redis: str, slack: LocalSlack, **more: str) -> AsyncIterator[str]:
    """``ainews serve`` over HTTP; its address."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("AINEWS_", "SLACK_", "ANTHROPIC_"))},
        "AINEWS_REDIS_URL": redis, "AINEWS_WORKSPACE": _WORKSPACE, "AINEWS_DATA_DIR": str(folder / "data"), "AINEWS_HTTP_PORT": "0",
        "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_SIGNING_SECRET": slack.signing_secret, "SLACK_API_URL": slack.api_url, **more,
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", env=environment, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    said = b""
    while b"Listening at " not in said:
        line = await process.stderr.readline()
        if not line:
            raise SystemExit(f"the bot did not start: {said.decode()}")
        said += line
    drained = asyncio.create_task(_drain(process.stderr))
    try:
        yield said.decode().partition("Listening at ")[2].split()[0].rstrip(".")
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()
        drained.cancel()


async def _drain(stream: asyncio.StreamReader) -> None:
    while await stream.read(65_536):
        pass


@asynccontextmanager
async def nothing() -> AsyncIterator[str]:
    """A server that reads a request and does nothing: the floor of an ack."""
    application = web.Application()

    async def taken(request: web.Request) -> web.Response:
        await request.read()
        return web.Response()

    application.router.add_post("/", taken)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


@asynccontextmanager
async def hanging() -> AsyncIterator[str]:
    """A server that takes connections and never answers."""

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until whoever asked has given up
        writer.close()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


@asynccontextmanager
async def publishing(url: str, folder: Path, slack: LocalSlack) -> AsyncIterator[None]:
    """Digests are posted while it is open, in a process of its own."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("AINEWS_", "SLACK_", "ANTHROPIC_"))},
        "AINEWS_REDIS_URL": url, "AINEWS_WORKSPACE": _WORKSPACE, "AINEWS_DATA_DIR": str(folder / "publishing"),
        "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_API_URL": slack.api_url,
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.publishing_on", env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    await process.stdout.readline()  # the first one stands
    yield
    process.kill()
    await process.wait()


async def measure(rate: float, seconds: float) -> dict[str, Any]:
    """The figures by condition."""
    found: dict[str, Any] = {}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="an-", dir="/tmp")))
        server = EmbeddedServer(folder / "valkey")
        url = server.start()
        stack.callback(server.stop)
        ids = await fill(url)
        slack = await stack.enter_async_context(LocalSlack())
        asking = Asking(slack.signing_secret, slack.workspace.team_id, ids)
        await stack.enter_async_context(asking.listening())
        async with nothing() as floor:
            found["floor"] = await asking.ask(floor, rate, min(seconds, 5))
            found["floor"] = {k: v for k, v in found["floor"].items() if k.startswith(("ack", "sent"))}
        async with bot(folder, url, slack) as address:
            await asking.ask(address, rate / 5, min(seconds, 20))
            before = len(slack.workspace.channel("ai-news").messages)
            async with publishing(url, folder, slack):
                found["usual"] = await asking.ask(address, rate, seconds)
            found["usual"]["messages_published"] = len(slack.workspace.channel("ai-news").messages) - before
            _show("usual", found["usual"])
            found["redis_paused"] = await _paused(asking, address, url, rate, seconds)
            _show("redis paused", found["redis_paused"])
        async with hanging() as model, bot(folder, url, slack, ANTHROPIC_API_KEY="k", ANTHROPIC_BASE_URL=model) as address:
            await asking.ask(address, rate / 5, min(seconds, 20))
            found["claude_hangs"] = await asking.ask(address, rate, seconds)
            _show("claude hangs", found["claude_hangs"])
    return found


async def _paused(asking: Asking, address: str, url: str, rate: float, seconds: float) -> dict[str, Any]:
    client = connect(url)
    pid = int((await client.info("server"))["process_id"])
    await client.aclose()
    os.kill(pid, signal.SIGSTOP)
    try:
        return await asking.ask(address, rate, seconds)
    finally:
        os.kill(pid, signal.SIGCONT)
        await asyncio.sleep(2)


def _show(name: str, figures: dict[str, Any]) -> None:
    print(
        f"{name:<14}{figures['sent']:>7}{figures['ack_p50_ms']:>9}{figures['ack_p95_ms']:>9}{figures['ack_p99_ms']:>9}"
        f"{figures['answer_p50_ms']:>11}{figures['answer_p95_ms']:>9}{figures['over_3s']:>9}{figures['lost']:>6}"
        f"{figures['told_to_try_again']:>11}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.commands", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="50 a second for 4 seconds")
    parser.add_argument("--rate", type=float, default=200.0, help="commands a second")
    parser.add_argument("--seconds", type=float, default=30.0, help="for each condition")
    given = parser.parse_args()
    rate, seconds = (50.0, 4.0) if given.quick else (given.rate, given.seconds)
    print(
        f"{'ms':<14}{'sent':>7}{'ack p50':>9}{'p95':>9}{'p99':>9}{'answer p50':>11}{'p95':>9}{'over 3 s':>9}{'lost':>6}{'try again':>11}"
    )
    found = asyncio.run(measure(rate, seconds))
    print(f"floor: an ack that does nothing takes {found['floor']['ack_p50_ms']} ms, p99 {found['floor']['ack_p99_ms']}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
