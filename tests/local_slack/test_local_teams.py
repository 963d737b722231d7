"""Several workspaces at one Slack: one app, a token for each, and nothing that crosses over."""

from __future__ import annotations

from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.local_slack.server import LocalSlack

pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth:DeprecationWarning")  # slack_sdk 3.47 with aiohttp 3.14
NEWS = "C0AINEWS01"


async def install(slack: LocalSlack, team_id: str) -> str:
    known: Any = {"client_id": slack.app.client_id, "client_secret": slack.app.client_secret}
    granted = await AsyncWebClient(base_url=slack.api_url).oauth_v2_access(**known, code=slack.consent(team_id))
    assert granted["team"]["id"] == team_id
    return str(granted["access_token"])


async def test_what_is_posted_in_one_workspace_is_in_no_other(slack: LocalSlack, client: AsyncWebClient) -> None:
    second = slack.add_team("T0SECOND01")
    other = AsyncWebClient(await install(slack, "T0SECOND01"), base_url=slack.api_url)
    await client.chat_postMessage(channel=NEWS, text="first")
    await other.chat_postMessage(channel=NEWS, text="second")
    assert [m["text"] for m in slack.workspace.channel(NEWS).messages.values()] == ["first"]
    assert [m["text"] for m in second.workspace.channel(NEWS).messages.values()] == ["second"]
    assert (await other.auth_test())["user_id"] != (await client.auth_test())["user_id"]


async def test_a_command_is_answered_in_its_own_workspace(slack: LocalSlack, start: Any) -> None:
    second = slack.add_team("T0SECOND01")
    tokens = {"T0LOCAL001": slack.bot_token, "T0SECOND01": await install(slack, "T0SECOND01")}

    async def authorize(enterprise_id: Any, team_id: str, user_id: Any) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=team_id, bot_token=tokens[team_id], bot_user_id="U", bot_id="B")

    app = AsyncApp(client=AsyncWebClient(base_url=slack.api_url), signing_secret=slack.signing_secret, authorize=authorize)

    @app.command("/ainews")
    async def ainews(ack: Any, say: Any, respond: Any, command: dict[str, Any]) -> None:
        await ack()
        await say(f"hello {command['team_domain']}")
        await respond("done")

    await start(app)
    answer = await second.people.command("ada", "ai-news", "/ainews")
    await second.workspace.changes.until(lambda: bool(answer.messages))
    assert [m["text"] for m in second.workspace.channel(NEWS).messages.values()] == ["hello second"]
    assert not slack.workspace.channel(NEWS).messages


async def test_one_workspace_takes_the_app_away_and_the_other_keeps_it(slack: LocalSlack, client: AsyncWebClient) -> None:
    second = slack.add_team("T0SECOND01")
    other = AsyncWebClient(await install(slack, "T0SECOND01"), base_url=slack.api_url)
    await second.uninstall()
    with pytest.raises(SlackApiError, match="account_inactive"):
        await other.auth_test()
    assert (await client.auth_test())["ok"]
