"""The bot in several workspaces: installed by people with a browser, each with what is its own, gone when it is removed."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from bot.local_slack.server import LocalSlack
from bot.local_slack.team import Team
from bot.slack.oauth.tokens import new_key
from tests.slack.conftest import ADA, NEWS, Bot, Starts
from tests.slack_judges import texts

#: slack_sdk sends the app's secrets by a class of aiohttp that is going away.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*BasicAuth.*:DeprecationWarning"), pytest.mark.parametrize("start", ["http"], indirect=True),
]  # fmt: skip


@pytest.fixture
async def distributed(start: Starts) -> Bot:
    """A bot that workspaces install, which is over HTTP."""
    return await start(
        "http", slack_client_id="1234567890.1234567890", slack_client_secret="local-client-secret", token_key=new_key()
    )


def address(bot: Bot, path: str) -> str:
    assert bot.slack.request_url
    parts = urlsplit(bot.slack.request_url)
    return f"{parts.scheme}://{parts.netloc}{path}"


async def installed(bot: Bot, team: Team) -> None:
    """Somebody installs the bot into ``team``, as a browser does it."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        async with browser.get(address(bot, "/slack/install")) as page:
            shown = await page.text()
            assert page.status == 200
            link = re.search(r'href="([^"]+oauth/v2/authorize[^"]+)"', shown)
            state = parse_qs(urlsplit((link[1] if link else "").replace("&amp;", "&")).query)["state"][0]
            cookie = page.headers["Set-Cookie"].partition(";")[0]
        given = {"code": bot.slack.consent(team.workspace.team_id), "state": state}
        async with browser.get(address(bot, "/slack/oauth_redirect"), params=given, headers={"Cookie": cookie}) as page:
            assert page.status == 200, await page.text()


async def answered(team: Team, text: str) -> str:
    """What Ada of ``team`` reads after typing ``/ainews TEXT``."""
    answer = await team.people.command(ADA, NEWS, f"/ainews {text}")
    assert answer.error is None
    await team.workspace.changes.until(lambda: bool(answer.messages))
    return "\n".join([answer.messages[-1]["text"], *texts(answer.messages[-1].get("blocks", []))])


def teams(slack: LocalSlack) -> tuple[Team, Team]:
    return slack.team, slack.add_team()


async def test_each_workspace_has_what_is_its_own_and_all_share_the_articles(distributed: Bot) -> None:
    bot = distributed
    first, second = teams(bot.slack)
    await installed(bot, first)
    await installed(bot, second)
    assert "daily at 08:30" in await answered(first, "subscribe 8:30")
    assert "No daily digest here" in await answered(second, "status")
    assert "daily at 08:30" not in await answered(second, "status")
    for team in (first, second):
        assert "Latest stories" in await answered(team, "latest 1")
    for team in (first, second):
        who = team.workspace.user(ADA).id
        await team.people.open_home(ADA)
        await team.workspace.changes.until(lambda team=team, who=who: who in team.workspace.views.homes)
    listed = ["\n".join(texts(t.workspace.views.homes[t.workspace.user(ADA).id]["blocks"])) for t in (first, second)]
    assert "08:30" in listed[0]
    assert "08:30" not in listed[1]


async def test_a_workspace_that_did_not_install_it_is_told_so(distributed: Bot) -> None:
    first, _ = teams(distributed.slack)
    answer = await first.people.command(ADA, NEWS, "/ainews latest")
    assert answer.error is None
    assert "has not installed the bot" in answer.text


@pytest.mark.parametrize("how", ["uninstall", "revoke"])
async def test_where_it_is_removed_its_token_is_forgotten_and_others_stay(distributed: Bot, how: str) -> None:
    bot = distributed
    first, second = teams(bot.slack)
    await installed(bot, first)
    await installed(bot, second)
    await answered(first, "status")
    there = bot.parts.installations
    assert sorted(await there.teams()) == sorted([first.workspace.team_id, second.workspace.team_id])
    await getattr(first, how)()
    await first.delivery.settle()
    assert await there.teams() == [second.workspace.team_id]
    assert "Latest stories" in await answered(second, "latest 1")


async def test_a_redirect_with_a_state_of_somebody_else_installs_nothing(distributed: Bot) -> None:
    bot = distributed
    first, _ = teams(bot.slack)
    async with (
        aiohttp.ClientSession() as browser,
        browser.get(
            address(bot, "/slack/oauth_redirect"),
            params={"code": bot.slack.consent(first.workspace.team_id), "state": "guessed"},
            headers={"Cookie": "slack-app-oauth-state=guessed"},
        ) as page,
    ):
        assert page.status == 401
    assert await bot.parts.installations.teams() == []
