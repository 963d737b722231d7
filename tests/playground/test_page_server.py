"""Who is let in, what the pages may load, and what can be asked for."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.playground.page_server import PAGE, PageServer
from bot.playground.running import CHANNEL, Playground
from digest.errors import ConfigurationError


@pytest.fixture
async def visitor(page_server: PageServer) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser that has opened the link."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with session.get(page_server.url) as answer:
            assert answer.status == 200
        yield session


async def do(visitor: aiohttp.ClientSession, server: PageServer, name: str, **arguments: Any) -> tuple[int, Any]:
    async with visitor.post(f"{server.origin}/do", json={"do": name, "with": arguments}) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize("path", ["/", "/live", "/page/app.mjs", "/page/style.css", "/files/F1"])
async def test_nothing_is_served_without_the_token_of_the_link(page_server: PageServer, path: str) -> None:
    async with aiohttp.ClientSession() as session:
        for address in (path, f"{path}?token=wrong"):
            async with session.get(page_server.origin + address) as answer:
                assert answer.status == 403
                assert "ainews playground" in await answer.text()


async def test_the_token_leaves_the_address_and_stays_in_a_cookie_that_no_script_reads(page_server: PageServer) -> None:
    async with aiohttp.ClientSession() as session, session.get(page_server.url, allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == "/"
        assert "httponly" in answer.headers["Set-Cookie"].lower()
        assert "samesite=strict" in answer.headers["Set-Cookie"].lower()


async def test_a_page_of_another_origin_is_refused_even_with_the_cookie(
    visitor: aiohttp.ClientSession, page_server: PageServer
) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Host": "rebound.example"}):
        async with visitor.post(
            f"{page_server.origin}/do", json={"do": "open_home", "with": {"user": "ada"}}, headers=headers
        ) as no:
            assert no.status == 403
        async with visitor.get(f"{page_server.origin}/live", headers=headers) as no:
            assert no.status == 403


async def test_it_listens_on_this_machine_only(page_server: PageServer) -> None:
    assert [address[0] for address in page_server._runner.addresses] == ["127.0.0.1"]


async def test_a_port_that_is_taken_is_told(page_server: PageServer, playground: Playground) -> None:
    with pytest.raises(ConfigurationError, match="cannot be listened on"):
        async with PageServer(playground, int(page_server.origin.rpartition(":")[2])):
            pass


async def test_every_answer_carries_a_policy_that_lets_no_other_script_or_origin_in(
    visitor: aiohttp.ClientSession, page_server: PageServer
) -> None:
    for path in ("/", "/page/app.mjs", "/page/icon.svg"):
        async with visitor.get(page_server.origin + path) as answer:
            policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
            assert policy["default-src"] == "'none'"
            assert "unsafe" not in answer.headers["Content-Security-Policy"]
            assert re.fullmatch(r"'self' 'sha256-[\w+/=]+'", policy["script-src"])
            assert policy["require-trusted-types-for"] == "'script'"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_names_nothing_that_lies_elsewhere() -> None:
    for path in PAGE.rglob("*"):
        if path.suffix in (".html", ".css", ".mjs") and "vendor" not in path.parts:
            found = re.findall(r"(?:src|href)=\"https?:|url\(|@import|from \"https?:|fetch\(\"https?:", path.read_text())
            assert not found, f"{path.name}: {found}"


async def test_only_what_people_do_can_be_asked_for(visitor: aiohttp.ClientSession, page_server: PageServer) -> None:
    for name in ("deliver", "__init__", "_send", "uninstall", "modal", "no such thing"):
        status, said = await do(visitor, page_server, name)
        assert status == 422
        assert "nobody can" in said["error"]


async def test_a_wrong_request_is_told_in_words(visitor: aiohttp.ClientSession, page_server: PageServer) -> None:
    assert (await do(visitor, page_server, "say", user="ada"))[0] == 422
    assert (await do(visitor, page_server, "say", user="ada", channel="nowhere", text="hi"))[1]["error"] == "channel_not_found"
    assert "Choose a day after" in (await do(visitor, page_server, "set_date", day="2001-01-01"))[1]["error"]
    async with visitor.post(f"{page_server.origin}/do", data=b"\xff{") as answer:
        assert answer.status == 422


async def test_the_inspector_tells_sizes_and_what_slack_says(
    visitor: aiohttp.ClientSession, page_server: PageServer, playground: Playground
) -> None:
    assert playground.delivered is not None
    _, said = await do(visitor, page_server, "inspect_message", channel=CHANNEL, ts=playground.delivered.stamps[0])
    found = said["result"]
    assert found["slack"] == found["digest"] == []
    sizes = {size["name"]: (size["used"], size["most"]) for size in found["sizes"]}
    assert sizes["Blocks"] == (len(found["json"]["blocks"]), 50)
    assert 0 < sizes["Longest text of a header"][0] <= 150


async def test_live_tells_everything_and_then_each_change(visitor: aiohttp.ClientSession, page_server: PageServer) -> None:
    async with visitor.ws_connect(f"{page_server.origin}/live") as live:
        first = await live.receive_json()
        assert first["kind"] == "everything"
        assert {c["name"] for c in first["channels"]} >= {"ai-news", "general"}
        assert {c["name"] for c in first["commands"]} >= {"latest", "settings"}
        await do(visitor, page_server, "say", user="ada", channel="general", text="hello")
        while (told := await live.receive_json())["kind"] != "message":
            pass
        assert told["message"]["text"] == "hello"
