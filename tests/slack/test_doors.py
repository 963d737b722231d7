"""What comes in: once each, signed, bounded; and what is said while something behind it is away."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import signal
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import orjson
import pytest
from slack_bolt.request.async_request import AsyncBoltRequest
from structlog.testing import capture_logs

from bot.slack.app import slack_app
from bot.slack.identity import OneIdentity
from bot.slack.once import SIGNATURE, Once
from bot.slack.responding import Responder
from bot.slack.services import Services
from bot.slack.serving import carry_out_what_is_left
from digest.stores.connection import connect
from digest.stores.embedded import EmbeddedServer
from tests.slack.conftest import ADA, NEWS, Bot, Starts
from tests.slack_judges import texts


@pytest.fixture
async def http(start: Starts) -> Bot:
    """A bot over HTTP, whatever way the test's others go."""
    return await start("http")


def signed(secret: str, body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))
    signature = "v0=" + hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}


def command_body(bot: Bot, text: str = "help", hook: str = "http://127.0.0.1:1/nowhere") -> bytes:
    team, channel = bot.slack.workspace.team_id, bot.slack.workspace.channel(NEWS).id
    return urlencode(
        {"command": "/ainews", "text": text, "team_id": team, "channel_id": channel, "user_id": "U0ADA00001", "response_url": hook,
         "trigger_id": "1.2.3"}
    ).encode()  # fmt: skip


async def posted(url: str, body: bytes, headers: dict[str, str]) -> int:
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        await answer.read()
        return answer.status


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Request-Timestamp": "junk", "X-Slack-Signature": "v0=abc"},
        {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": "v0=abc"},
        {"X-Slack-Request-Timestamp": "99999999999999999999", "X-Slack-Signature": "v0=" + "0" * 64},
    ],
)
async def test_what_slack_did_not_sign_is_refused(http: Bot, headers: dict[str, str]) -> None:
    url = http.slack.request_url
    assert url
    assert await posted(url, command_body(http), headers) == 401
    now = {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=\u00e9\u00e8"}
    assert await posted(url, command_body(http), now) == 401


@pytest.mark.parametrize("body", [b"", b"{", b'{"hello": 1}', b"a=1", b"\xff\xfe", b"payload=%7Bno+json", b'"text"', b"[]"])
async def test_a_signed_body_that_says_nothing_is_400_and_never_500(http: Bot, body: bytes) -> None:
    url, secret = http.slack.request_url, http.slack.signing_secret
    assert url
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        assert await posted(url, body, {**signed(secret, body), "Content-Type": kind}) in (400, 200)


async def test_a_body_over_64_kib_is_refused(http: Bot) -> None:
    url, secret = http.slack.request_url, http.slack.signing_secret
    assert url
    body = command_body(http, "search " + "a" * 70_000)
    assert await posted(url, body, signed(secret, body)) == 413


async def test_the_same_signed_request_again_has_one_effect(http: Bot) -> None:
    url, secret = http.slack.request_url, http.slack.signing_secret
    assert url
    body = command_body(http, "subscribe 08:00")
    headers = {**signed(secret, body), "Content-Type": "application/x-www-form-urlencoded"}
    assert [await posted(url, body, headers) for _ in range(3)] == [200, 200, 200]
    channel = http.slack.workspace.channel(NEWS).id
    async with asyncio.timeout(5):
        while not await http.parts.subscriptions.changes(channel):
            await asyncio.sleep(0.02)
    await http.parts.subscriptions.remove(channel, "operator", (await http.parts.subscriptions.changes(channel))[0].at)
    assert await posted(url, body, headers) == 200
    await asyncio.sleep(0.3)
    assert await http.parts.subscriptions.get(channel) is None


async def test_a_request_that_went_to_another_process_is_known_as_well(bot: Bot) -> None:
    here, there = Once(bot.parts.deliveries), Once(bot.parts.deliveries)
    assert not await here.replayed({SIGNATURE: "v0=abc"})
    assert await there.replayed({SIGNATURE: "v0=abc"})
    assert not await there.replayed({}), "what comes over Socket Mode nobody can send again"


async def test_an_event_that_comes_again_is_carried_out_once(bot: Bot) -> None:
    direct = bot.slack.workspace.direct(bot.slack.workspace.user(ADA).id)
    event = {
        "type": "message", "channel": direct.id, "channel_type": "im", "user": "U0ADA00001", "text": "latest 1", "ts": "1763900000.000100",
    }  # fmt: skip
    for _ in range(3):
        await bot.slack.people.deliver(event, "Ev0AGAIN")
    await bot.slack.until(lambda _: len(direct.messages) >= 1)
    await asyncio.sleep(0.3)
    assert len(direct.messages) == 1


async def test_an_event_that_a_crash_left_is_carried_out_at_the_next_start(bot: Bot) -> None:
    direct = bot.slack.workspace.direct(bot.slack.workspace.user(ADA).id)
    body = {
        "type": "event_callback", "event_id": "Ev0LEFT", "team_id": bot.slack.workspace.team_id, "api_app_id": "A0LOCALAPP",
        "event": {"type": "message", "channel": direct.id, "channel_type": "im", "user": "U0ADA00001", "text": "latest 1",
                  "ts": "1763900000.000200"},
    }  # fmt: skip
    await bot.parts.deliveries.begin("event:Ev0JUNK", b"no JSON, from another version")
    await bot.parts.deliveries.begin("event:Ev0LEFT", orjson.dumps(body))
    services = Services(bot.parts, bot.settings, lambda: datetime.now(UTC))
    identity, responder = OneIdentity(bot.settings), Responder()
    await identity.learn()
    once = Once(bot.parts.deliveries)
    app = slack_app(services, identity, once, responder)
    carrying = asyncio.create_task(carry_out_what_is_left(app, once, after_s=0.2, every_s=0.05))
    await bot.slack.until(lambda _: len(direct.messages) >= 1)
    async with asyncio.timeout(5):
        while [name for name, _ in await bot.parts.deliveries.take_over(0) if name != "event:Ev0JUNK"]:
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.5)
    assert len(direct.messages) == 1, "what is finished is carried out once"
    carrying.cancel()
    await responder.close()


@pytest.mark.parametrize("start", ["socket"], indirect=True)
@pytest.mark.parametrize("acks", [True, False])
async def test_a_defect_in_a_listener_is_logged_once_whether_or_not_it_was_acked(start: Starts, acks: bool) -> None:
    bot = await start()
    identity, responder = OneIdentity(bot.settings), Responder()
    await identity.learn()
    services = Services(bot.parts, bot.settings, lambda: datetime.now(UTC))
    app = slack_app(services, identity, Once(bot.parts.deliveries), responder)

    @app.command("/broken")
    async def broken(ack: Any) -> None:
        if acks:
            await ack()
        raise RuntimeError("a defect")

    body = urlencode({"command": "/broken", "team_id": bot.slack.workspace.team_id, "user_id": "U0ADA00001", "text": ""})
    with capture_logs() as logged:
        answered = await app.async_dispatch(AsyncBoltRequest(body=body, mode="http"))
        while not [e for e in logged if e["event"] == "listener_failed"]:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)
    assert answered.status == 200
    assert [e["event"] for e in logged if e["log_level"] == "error"] == ["listener_failed"]
    await responder.close()


@pytest.fixture
async def stopped(short_dir: Path) -> AsyncIterator[tuple[str, int]]:
    """A Valkey of the test's own, to be stopped: its URL and its process."""
    server = EmbeddedServer(short_dir / "valkey")
    url = server.start()
    client = connect(url)
    pid = int((await client.info("server"))["process_id"])
    await client.aclose()
    yield url, pid
    os.kill(pid, signal.SIGCONT)
    server.stop()
    server.wait_until_ended()


async def test_while_redis_hangs_commands_are_acked_in_time_and_people_are_told(
    stopped: tuple[str, int], start: Starts
) -> None:
    url, pid = stopped
    bot = await start(redis_url=url, redis_timeout_s=1.0)
    os.kill(pid, signal.SIGSTOP)
    answer = await bot.slack.people.command(ADA, NEWS, "/ainews status")
    assert answer.error is None
    assert answer.after_s is not None
    assert answer.after_s < 3.0
    await bot.slack.answered(answer, timeout_s=20)
    assert "cannot be reached right now" in answer.text
    once_known = time.monotonic()
    await bot.slack.answered(await bot.slack.people.command(ADA, NEWS, "/ainews latest"))
    assert time.monotonic() - once_known < 1.0, "nobody else waits for it"
    view = await bot.slack.people.open_home(ADA)
    assert view.error is None
    os.kill(pid, signal.SIGCONT)
    async with asyncio.timeout(5):  # it is asked twice a second whether it is back
        while "held" not in (await bot.command("status"))["text"]:
            await asyncio.sleep(0.1)


async def test_settings_that_are_handed_in_while_redis_hangs_are_answered_in_time_with_a_sentence(
    stopped: tuple[str, int], start: Starts
) -> None:
    url, pid = stopped
    bot = await start(redis_url=url, redis_timeout_s=5.0)
    who, views = bot.slack.workspace.user(ADA).id, bot.slack.workspace.views.open
    await bot.slack.people.command(ADA, NEWS, "/ainews settings")
    await bot.slack.until(lambda _: bool(views.get(who)), timeout_s=30)
    os.kill(pid, signal.SIGSTOP)
    answer = await bot.slack.people.submit(ADA, {"stories": "3"})
    assert answer.error is None, "Slack waits for three seconds"
    said = "".join(texts(views[who][-1]))
    assert "cannot be reached right now" in said or "took too long" in said
    os.kill(pid, signal.SIGCONT)


async def test_while_redis_pauses_its_clients_what_waits_is_told_and_what_comes_after_is_answered(
    stopped: tuple[str, int], start: Starts
) -> None:
    url, _ = stopped
    bot = await start(redis_url=url, redis_timeout_s=10.0)
    pausing = connect(url)
    await pausing.execute_command("CLIENT", "PAUSE", "4000", "ALL")
    answers = [await bot.slack.people.command(ADA, NEWS, f"/ainews {text}") for text in ("latest", "status", "topics")]
    assert all(a.error is None for a in answers)
    for answer in answers:
        await bot.slack.answered(answer, timeout_s=30)
        assert "cannot be reached right now" in answer.text
    await pausing.ping()
    async with asyncio.timeout(30):
        while "Latest stories" not in (await bot.command("latest"))["text"]:
            await asyncio.sleep(0.2)
    await pausing.aclose()
