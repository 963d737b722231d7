"""``ainews doctor --slack``: what Slack has to allow is tried for real, and what is wrong is told with what to do."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from bot.checks import Check
from bot.slack.checking import check_slack
from bot.slack.examples import examples
from digest.model import Subscription
from digest.rendering.templates import Templates
from digest.settings import Settings
from tests.slack.conftest import NEWS, Bot, Starts
from tests.slack_judges import assert_slack_takes_blocks, assert_slack_takes_view


async def checked(bot: Bot, **changed: object) -> dict[str, Check]:
    return {c.name: c for c in await check_slack(bot.settings.model_copy(update=changed), bot.parts)}


async def test_a_bot_that_is_well_set_up_is_told_so(bot: Bot) -> None:
    channel = bot.slack.workspace.channel(NEWS).id
    await bot.command("subscribe")
    found = await checked(bot)
    assert {name: c.status for name, c in found.items() if c.status not in ("ok", "off")} == {}
    assert found[f"channel {channel}"].detail == "the bot is a member"
    assert found["blocks"].status == "ok"


async def test_a_channel_that_the_bot_is_not_in_is_told_with_what_to_do(bot: Bot) -> None:
    general = bot.slack.workspace.channel("general").id
    for channel in (general, "C0DELETED01"):
        await bot.parts.subscriptions.put(Subscription(channel), "operator", bot.slack.clock.now())
        told = (await checked(bot))[f"channel {channel}"]
        assert (told.status, told.remedy) == ("failed", "Invite the bot: /invite @ainews in that channel.")


async def test_a_token_that_is_refused_or_may_too_little_is_told(start: Starts) -> None:
    bot = await start()
    refused = await check_slack(Settings.load(slack_bot_token="xoxb-wrong", slack_api_url=bot.slack.api_url), bot.parts)
    assert [c.detail for c in refused] == ["Slack refused the token: invalid_auth"]
    token = bot.slack.tokens[bot.slack.bot_token]
    bot.slack.tokens[token.value] = dataclasses.replace(token, scopes=token.scopes - {"commands"})
    assert (await checked(bot))["scopes"].detail == "the token lacks commands"
    away = await check_slack(Settings.load(slack_bot_token="xoxb-x", slack_api_url="http://127.0.0.1:9/api/"), bot.parts)
    assert "cannot be reached" in away[0].detail
    assert (await check_slack(Settings.load(), bot.parts))[0].remedy.startswith("Set SLACK_BOT_TOKEN")


async def test_a_template_of_the_operators_that_slack_would_refuse_is_named(bot: Bot, tmp_path: Path) -> None:
    (tmp_path / "slack").mkdir()
    wrong = '[{"type": "header", "text": {"type": "mrkdwn", "text": "*News*"}}]'
    (tmp_path / "slack" / "opening.json.j2").write_text(wrong)
    bot.parts.__dict__["templates"] = Templates(tmp_path)
    told = (await checked(bot))["blocks"]
    assert told.status == "failed"
    assert told.detail == "The templates in slack/ made what Slack refuses: block 0: text must be an object of type plain_text"


def test_everything_that_is_drawn_is_among_what_slack_is_asked_about() -> None:
    drawn = dict(examples(Templates()))
    assert len(drawn) >= 22
    for name, payload in drawn.items():
        if "view" in payload:
            assert_slack_takes_view(payload["view"])
        else:
            assert_slack_takes_blocks(payload["blocks"])
        assert payload.get("view") or payload["blocks"], name
