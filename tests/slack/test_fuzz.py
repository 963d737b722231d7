"""Whatever is sent to the door over HTTP, the answer is 200, 400, 401 or 413, and the bot goes on answering.

Raw requests over real sockets: headers that are no text, bodies that are cut, signed bodies that say anything at all.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
import pytest

from tests.slack.conftest import ADA, NEWS, Bot, Starts
from tests.slack.test_doors import signed

pytestmark = pytest.mark.parametrize("start", ["http"], indirect=True)
ANSWERS = {200, 400, 401, 413}
#: What stands in the place of a value that Slack would send.
#: 300 kB of zeros, which 64 KiB are not allowed to become.
BOMB = gzip.compress(bytes(300_000))
JUNK: tuple[Any, ...] = (
    None, "", "x", 0, -1, 1e308, True, [], {}, [None], {"id": None}, "\ud83d", "\x00", "é" * 100, {"a": {"b": {}}}, "<!channel>", [[[[]]]],
)  # fmt: skip


@pytest.fixture
async def http(start: Starts) -> Bot:
    """A bot over HTTP."""
    return await start()


def shapes(bot: Bot) -> dict[str, dict[str, Any]]:
    """A sound body of each kind that Slack sends."""
    team, channel = {"id": bot.slack.workspace.team_id}, bot.slack.workspace.channel(NEWS).id
    user, hook = {"id": "U0ADA00001"}, "http://127.0.0.1:1/nowhere"
    said = {"type": "message", "ts": "1.0", "text": "<https://a.example>", "blocks": []}
    press = {"type": "block_actions", "team": team, "user": user, "channel": {"id": channel}, "response_url": hook, "trigger_id": "1.2.3",
             "container": {"type": "message", "message_ts": "1.0"}, "message": said}  # fmt: skip
    view = {"id": "V1", "callback_id": "settings", "type": "modal", "private_metadata": json.dumps({"channel": channel}),
            "state": {"values": {}}}  # fmt: skip
    event = {"type": "event_callback", "team_id": team["id"], "api_app_id": "A1", "event_id": "Ev1", "event_time": 1}
    return {
        "command": {"command": "/ainews", "text": "help", "team_id": team["id"], "channel_id": channel, "user_id": "U0ADA00001",
                    "response_url": hook, "trigger_id": "1.2.3"},
        "button": {**press, "actions": [{"type": "button", "action_id": "story_show", "block_id": "b", "value": "0123456789ab"}]},
        "run": {**press, "actions": [{"type": "button", "action_id": "run_command", "block_id": "b", "value": '["help", 0]'}]},
        "menu": {**press, "actions": [{"type": "overflow", "action_id": "story_menu", "block_id": "b",
                                       "selected_option": {"value": "story_more|0123456789ab"}}]},
        "settings": {"type": "view_submission", "team": team, "user": user, "view": view},
        "preview": {"type": "block_actions", "team": team, "user": user, "view": view, "trigger_id": "1.2.3",
                    "container": {"type": "view"}, "actions": [{"type": "button", "action_id": "preview_settings", "block_id": "b"}]},
        "ask": {"type": "view_submission", "team": team, "user": user, "view": {**view, "callback_id": "ask", "private_metadata": "{}"}},
        "zone": {"type": "block_suggestion", "team": team, "user": user, "action_id": "zone", "block_id": "zone", "value": "ber"},
        "shortcut": {"type": "message_action", "callback_id": "add_link", "team": team, "user": user, "channel": {"id": channel},
                     "message": said, "response_url": hook, "trigger_id": "1.2.3"},
        "message": {**event, "event": {"type": "message", "channel": channel, "channel_type": "im", "user": "U1", "text": "hi", "ts": "1.0"}},
        "mention": {**event, "event": {"type": "app_mention", "channel": channel, "user": "U1", "text": "<@U2> hi", "ts": "1.0"}},
        "home": {**event, "event": {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"}},
        "link": {**event, "event": {"type": "link_shared", "channel": channel, "message_ts": "1.0", "links": [{"url": "https://a.example"}]}},
        "revoked": {**event, "event": {"type": "tokens_revoked", "tokens": {"bot": []}}},
        "other": {**event, "event": {"type": "reaction_added", "user": "U1"}},
    }  # fmt: skip


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value in ``node``."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield (*path, key)
        yield from places(value, (*path, key))


def spoiled(body: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """The same with a few values missing, or another in their place."""
    made: dict[str, Any] = json.loads(json.dumps(body))
    for _ in range(dice.randint(1, 3)):
        ways = list(places(made))
        if not ways:
            break
        *path, last = dice.choice(ways)
        node: Any = made
        for step in path:
            node = node[step]
        if dice.random() < 0.4:
            del node[last]
        else:
            node[last] = dice.choice(JUNK)
    return made


def encoded(name: str, body: dict[str, Any]) -> tuple[bytes, str]:
    if name == "command":
        flat = {k: v if isinstance(v, str) else json.dumps(v) for k, v in body.items()}
        return urlencode(
            {k: v.encode("utf-8", "replace") for k, v in flat.items()}
        ).encode(), "application/x-www-form-urlencoded"
    said = json.dumps(body)
    if "event" in body or body.get("type") in ("event_callback", "url_verification"):
        return said.encode(), "application/json"
    return f"payload={quote(said)}".encode(), "application/x-www-form-urlencoded"


async def test_a_signed_body_may_say_anything_and_the_answer_is_no_500(http: Bot) -> None:
    url, secret, dice = http.slack.request_url, http.slack.signing_secret, random.Random("bodies")
    assert url
    told: dict[int, int] = {}
    async with aiohttp.ClientSession() as session:

        async def sent(name: str, body: dict[str, Any]) -> None:
            raw, kind = encoded(name, body)
            async with session.post(url, data=raw, headers={**signed(secret, raw), "Content-Type": kind}) as answer:
                await answer.read()
                told[answer.status] = told.get(answer.status, 0) + 1
                assert answer.status in ANSWERS, (answer.status, name, body)

        for name, sound in shapes(http).items():
            for _ in range(25):
                await sent(name, spoiled(sound, dice))
    assert told[200] > 100
    assert "Latest stories" in "".join(json.dumps(await http.command("latest 1")))


async def test_headers_and_bytes_that_are_no_request_of_slacks_get_no_500(http: Bot) -> None:
    url, secret, dice = http.slack.request_url, http.slack.signing_secret, random.Random("headers")
    assert url
    where = urlsplit(url)
    stamps = ["", "junk", "-1", "1e9", "9" * 400, str(int(time.time())), "\u0663", "0x1F", " "]
    for n in range(150):
        body = dice.randbytes(dice.randint(0, 300))
        given = signed(secret, body)
        kind = dice.choice(
            ["application/json", "application/x-www-form-urlencoded", "text/\xff", "", "multipart/form-data; boundary=x"]
        )
        lines = [
            f"POST {where.path} HTTP/1.1".encode(), f"Host: {where.netloc}".encode(), b"Connection: close",
            b"Content-Length: " + str(len(body)).encode(), b"Content-Type: " + kind.encode("latin-1"),
            b"X-Slack-Request-Timestamp: " + (given["X-Slack-Request-Timestamp"] if n % 3 else dice.choice(stamps)).encode(),
            b"X-Slack-Signature: " + (given["X-Slack-Signature"].encode() if n % 2 else dice.randbytes(20).translate(None, b"\r\n\x00")),
        ]  # fmt: skip
        assert await answered(where.hostname or "", where.port or 0, b"\r\n".join(lines) + b"\r\n\r\n" + body) in ANSWERS
    assert "Latest stories" in "".join(json.dumps(await http.command("latest 1")))


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("Transfer-Encoding: chunked", b"zz\r\nabc\r\n0\r\n\r\n"), ("Transfer-Encoding: chunked", b"5\r\nabc"),
        ("Content-Encoding: gzip\r\nContent-Length: 5", b"no gz"), ("Content-Encoding: deflate\r\nContent-Length: 5", b"no zl"),
        (f"Content-Encoding: gzip\r\nContent-Length: {len(BOMB)}", BOMB), ("Content-Length: 100", b"less"),
        ("Content-Length: -1", b"x"), ("Content-Length: 10\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
    ],
)  # fmt: skip
async def test_a_body_that_is_not_what_its_headers_say_is_refused(http: Bot, head: str, body: bytes) -> None:
    assert http.slack.request_url
    where = urlsplit(http.slack.request_url)
    raw = f"POST {where.path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n\r\n".encode() + body
    assert await answered(where.hostname or "", where.port or 0, raw) in ANSWERS


async def test_a_body_that_grows_past_its_bound_or_never_comes_holds_nobody_up(http: Bot) -> None:
    assert http.slack.request_url
    where = urlsplit(http.slack.request_url)
    begin = f"POST {where.path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    grown = begin + b"".join(b"8000\r\n" + b"a" * 0x8000 + b"\r\n" for _ in range(4))
    assert await answered(where.hostname or "", where.port or 0, grown) == 413
    waiting = [await asyncio.open_connection(where.hostname, where.port) for _ in range(50)]
    for _, writer in waiting:
        writer.write(begin + b"8000\r\nsome")
        await writer.drain()
    answer = await http.slack.people.command(ADA, NEWS, "/ainews help")
    assert answer.error is None
    await http.slack.answered(answer)
    for _, writer in waiting:
        writer.close()


async def answered(host: str, port: int, raw: bytes) -> int:
    """The status that the door answers ``raw`` with."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(raw)
        await writer.drain()
        async with asyncio.timeout(30):
            return int((await reader.readline()).split()[1])
    finally:
        writer.close()
