"""The local Slack as a process of its own, and its control API."""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.local_slack.control import ControlServer
from bot.local_slack.people import People
from bot.local_slack.remote import RemoteSlack
from bot.local_slack.remote_people import RemotePeople
from bot.local_slack.server import LocalSlack

NEWS = "C0AINEWS01"


async def test_another_process_is_driven_as_this_one_is() -> None:
    async with RemoteSlack.started(seed=3) as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        app = AsyncApp(client=client, signing_secret=slack.signing_secret)

        @app.command("/ainews")
        async def ainews(ack: Any, respond: Any) -> None:
            await ack()
            await respond("three stories")

        handler = AsyncSocketModeHandler(app, slack.app_token, web_client=client)
        await handler.connect_async()
        while not await slack.call("connections"):
            await asyncio.sleep(0.01)
        answer = await slack.people.command("ada", "ai-news", "/ainews latest 3")
        answer = await slack.answered(answer)
        assert answer.text == "three stories"
        with pytest.raises(RuntimeError, match="TimeoutError"):
            await slack.answered(answer, 2, timeout_s=0.05)
        await slack.add_fault("drop_after", "chat.postMessage", next=1)
        once = AsyncWebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        with pytest.raises(aiohttp.ClientError):
            await once.chat_postMessage(
                channel=NEWS, text="digest", metadata={"event_type": "k", "event_payload": {"key": "1"}}
            )
        messages = await slack.messages("ai-news")
        assert [m["metadata"]["event_payload"]["key"] for m in messages] == ["1"]
        assert [(f["kind"], f["struck"]) for f in await slack.faults()] == [("drop_after", 1)]
        assert (await slack.calls())["chat.postMessage"] == 1
        await slack.go_away()
        with pytest.raises(aiohttp.ClientConnectorError):
            await once.auth_test()
        await slack.come_back()
        assert (await once.auth_test())["ok"]
        await handler.close_async()


async def test_a_workspace_goes_on_from_its_file(tmp_path: Path) -> None:
    state = tmp_path / "slack.json"
    async with RemoteSlack.started(state=state) as slack:
        said = await slack.people.say("ada", "ai-news", "hello")
    async with RemoteSlack.started(state=state) as slack:
        await slack.people.say("grace", "ai-news", "good morning", thread_ts=said["ts"])
        assert [m["text"] for m in await slack.messages("ai-news")] == ["hello", "good morning"]


async def test_a_process_ends_with_whoever_started_it(tmp_path: Path) -> None:
    starter = (
        "import asyncio\nfrom bot.local_slack.remote import RemoteSlack\n"
        "async def main():\n    async with RemoteSlack.started() as slack:\n"
        "        print(slack.pid, flush=True)\n        await asyncio.sleep(60)\nasyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", starter, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    pid = int(await process.stdout.readline())
    process.kill()
    await process.wait()
    async with asyncio.timeout(10):
        while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1][:3]:
            await asyncio.sleep(0.05)


async def test_the_clock_of_another_process_can_be_set() -> None:
    async with RemoteSlack.started() as slack:
        await slack.set_clock(1763452800.0, scale=0)
        await slack.advance(100)
        assert (await slack.people.say("ada", "ai-news", "hello"))["ts"].startswith("1763452900.")


async def test_the_control_api_asks_for_its_token_and_offers_no_more_than_it_says(slack: LocalSlack) -> None:
    async with ControlServer(slack) as control, aiohttp.ClientSession() as session:
        for headers in ({}, {"Authorization": "Bearer no"}, {"Authorization": "Bearer é"}):
            async with session.post(f"{control.url}/call", json={"call": "state"}, headers=headers) as answer:
                assert answer.status == 401
            async with session.get(f"{control.url}/changes", headers=headers) as answer:
                assert answer.status == 401
        async with RemoteSlack.at(control.url, control.token) as remote:
            for call in ("people._send", "people.__init__", "slack.close", "nothing", "people"):
                with pytest.raises(RuntimeError, match="no such call"):
                    await remote.call(call)
            with pytest.raises(RuntimeError, match="no such call"):
                await remote.call("advance", hours=1)
            with pytest.raises(RuntimeError, match="channel_not_found"):
                await remote.people.say("ada", "nowhere", "x")


async def test_changes_are_followed_from_outside(slack: LocalSlack) -> None:
    async with ControlServer(slack) as control, RemoteSlack.at(control.url, control.token) as remote:

        async def first() -> dict[str, Any]:
            return await anext(aiter(remote.changes()))

        following = asyncio.create_task(first())
        while not following.done():
            await slack.people.say("ada", "ai-news", "hello")
            await asyncio.sleep(0.05)
        assert (following.result()["kind"], following.result()["details"]["message"]["text"]) == ("message_posted", "hello")
        json.dumps(await remote.state())


def test_people_elsewhere_do_what_people_here_do() -> None:
    def methods(kind: type) -> dict[str, str]:
        found = inspect.getmembers(kind, inspect.iscoroutinefunction)
        return {name: str(inspect.signature(method)) for name, method in found if not name.startswith("_")}

    assert methods(RemotePeople) == methods(People)
