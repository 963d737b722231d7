"""A local Slack in a process of its own, driven from here: people, clock and faults by the same names as within a process.

    async with RemoteSlack.started(seed=1) as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        await slack.people.say("ada", "ai-news", "hello")

Its state is in that process alone, so that everything else may be killed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

import aiohttp

from bot.local_slack.remote_people import RemotePeople

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.local_slack.faults import Kind
    from bot.local_slack.triggers import Answer
    from bot.local_slack.wire import Json

#: A cold machine needs a while to import aiohttp.
_START_WITHIN_S = 30.0
_END_WITHIN_S = 5.0


class RemoteSlack:
    """The local Slack whose control API is at ``control_url``; :meth:`started` starts one, :meth:`at` finds one."""

    def __init__(self, control_url: str, control_token: str, session: aiohttp.ClientSession) -> None:
        self.control_url = control_url
        self.control_token = control_token
        self._session = session
        self.people = RemotePeople(self.call)
        self.pid: int | None = None
        self.about: Json = {}

    @classmethod
    @asynccontextmanager
    async def at(cls, control_url: str, control_token: str) -> AsyncIterator[Self]:
        """One that runs already."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
            slack = cls(control_url, control_token, session)
            slack.about = await slack.call("about")
            yield slack

    @classmethod
    @asynccontextmanager
    async def started(
        cls, *, seed: int = 0, rate_limits: bool = False, scale: float = 1.0, state: Path | None = None
    ) -> AsyncIterator[Self]:
        """A new one, which ends with the block, or with this process if that is killed."""
        options = [f"--seed={seed}", f"--scale={scale}", *(["--rate-limits"] if rate_limits else [])]
        options += [f"--state={state}"] if state else []
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.local_slack", "--until-stdin-closes", *options, stdin=pipe, stdout=pipe
        )
        try:
            async with asyncio.timeout(_START_WITHIN_S):
                said = json.loads(await process.stdout.readline()) if process.stdout else {}
            async with cls.at(said["control_url"], said["control_token"]) as slack:
                slack.pid = process.pid
                yield slack
        finally:
            await _end(process)

    async def call(self, name: str, /, **arguments: Any) -> Any:
        """Any call of the control API. Raises ``RuntimeError`` with what it says."""
        headers = {"Authorization": f"Bearer {self.control_token}"}
        body = {"call": name, "with": arguments}
        async with self._session.post(f"{self.control_url}/call", json=body, headers=headers) as response:
            answer = await response.json()
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    async def changes(self) -> AsyncIterator[Json]:
        """Every change from now on: ``kind``, ``at``, ``details``."""
        headers = {"Authorization": f"Bearer {self.control_token}"}
        forever = aiohttp.ClientTimeout(total=None)
        async with self._session.get(f"{self.control_url}/changes", headers=headers, timeout=forever) as response:
            async for line in response.content:
                yield json.loads(line)

    @property
    def api_url(self) -> str:
        """The ``base_url`` of a Slack client."""
        return str(self.about["api_url"])

    @property
    def bot_token(self) -> str:
        """The bot's token."""
        return str(self.about["bot_token"])

    @property
    def app_token(self) -> str:
        """The token for Socket Mode."""
        return str(self.about["app_token"])

    @property
    def signing_secret(self) -> str:
        """With which requests to the app are signed."""
        return str(self.about["signing_secret"])

    async def state(self) -> Json:
        """The whole workspace."""
        return dict(await self.call("state"))

    async def messages(self, channel: str) -> list[Json]:
        """All messages of a channel, oldest first, with metadata, replies and all."""
        return list((await self.call("channel", name=channel))["messages"])

    async def calls(self) -> dict[str, int]:
        """How often each method was called."""
        return dict(await self.call("calls"))

    async def add_fault(self, kind: Kind, method: str = "*", **rule: Any) -> None:
        """A fault, as :class:`faults.Faults` takes it: ``next``, ``chance``, ``seconds``, ``error``."""
        await self.call("add_fault", kind=kind, method=method, **rule)

    async def faults(self) -> list[Json]:
        """The rules, with how often each struck."""
        return list(await self.call("faults"))

    async def clear_faults(self, seed: int | None = None) -> None:
        """No faults any more."""
        await self.call("clear_faults", seed=seed)

    async def set_clock(self, instant: float, scale: float | None = None) -> None:
        """Make it ``instant``, and let time run ``scale`` times as fast."""
        await self.call("set_clock", instant=instant, scale=scale)

    async def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        await self.call("advance", seconds=seconds)

    async def reach_at(self, request_url: str | None) -> None:
        """The app's address, for signed requests."""
        await self.call("reach_at", request_url=request_url)

    async def go_away(self) -> None:
        """Refuse connections, as if Slack were down."""
        await self.call("go_away")

    async def come_back(self) -> None:
        """Take connections again."""
        await self.call("come_back")

    async def answered(self, answer: Answer, messages: int = 1, timeout_s: float = 5.0) -> Answer:
        """A person's answer, as soon as it has so many ``messages``; with 0, as it is by now. Raises ``RuntimeError``."""
        return self.people.answer_of(await self.call("answer", id=answer.id, messages=messages, timeout_s=timeout_s))


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(_END_WITHIN_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
