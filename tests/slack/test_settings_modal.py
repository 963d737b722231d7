"""The settings of a channel's digest, as a person fills them in."""

from __future__ import annotations

from typing import Any

from tests.slack.conftest import ADA, GRACE, NEWS, Bot, Starts
from tests.slack_judges import texts


async def opened(bot: Bot, user: str = ADA) -> dict[str, Any]:
    """The modal that ``/ainews settings`` opens."""
    answer = await bot.slack.people.command(user, NEWS, "/ainews settings")
    assert answer.error is None
    views = bot.slack.workspace.views.open
    who = bot.slack.workspace.user(user).id
    await bot.slack.until(lambda _: bool(views.get(who)))
    return views[who][-1]


async def test_saving_subscribes_the_channel_and_tells_what_was_set(bot: Bot) -> None:
    view = await opened(bot)
    assert view["submit"]["text"] == "Subscribe"
    offered = await bot.slack.people.suggest(ADA, view, "zone", "new y")
    assert [o["value"] for o in offered] == ["America/New_York"]
    await bot.slack.people.submit(
        ADA,
        {"at": "07:45", "zone": offered[0], "days": ["0", "2", "4"], "stories": "3", "threshold": "7.5", "topics": "agents, search",
         "exclude": "crypto", "layout": "compact", "quiet": "2026-12-24, 2026-12-25"},
    )  # fmt: skip
    channel = bot.slack.workspace.channel(NEWS).id
    await bot.slack.until(
        lambda _: "Saved" in "".join(texts(bot.slack.workspace.views.open[bot.slack.workspace.user(ADA).id][-1]))
    )
    held = await bot.parts.subscriptions.get(channel)
    assert held is not None
    assert (f"{held.at:%H:%M}", held.time_zone, held.days, held.stories) == ("07:45", "America/New_York", (0, 2, 4), 3)
    assert (held.threshold, held.topics, held.exclude, held.layout) == (7.5, ("agents", "search"), ("crypto",), "compact")
    assert [d.isoformat() for d in held.quiet] == ["2026-12-24", "2026-12-25"]


async def test_what_was_set_is_there_when_it_is_opened_again_with_who_changed_it(bot: Bot) -> None:
    await opened(bot)
    answer = await bot.slack.people.submit(ADA, {"stories": "7", "topics": "agents"})
    assert answer.errors == {}
    await bot.slack.until(
        lambda _: "Saved" in "".join(texts(bot.slack.workspace.views.open[bot.slack.workspace.user(ADA).id][-1]))
    )
    again = await opened(bot, GRACE)
    by_block = {b["block_id"]: b["element"] for b in again["blocks"] if b["type"] == "input"}
    assert by_block["stories"]["initial_value"] == "7"
    assert by_block["topics"]["initial_value"] == "agents"
    assert again["submit"]["text"] == "Save"
    assert bot.slack.workspace.user(ADA).id in "\n".join(texts(again["blocks"]))


async def test_what_is_wrong_is_said_under_its_field_and_nothing_is_saved(bot: Bot) -> None:
    await opened(bot)
    answer = await bot.slack.people.submit(ADA, {"quiet": "the day after tomorrow or so", "topics": "x" * 100})
    assert set(answer.errors) == {"quiet", "topics"}
    assert await bot.parts.subscriptions.get(bot.slack.workspace.channel(NEWS).id) is None


async def test_preview_shows_the_digest_with_what_is_filled_in(bot: Bot) -> None:
    view = await opened(bot)
    await bot.slack.people.click(ADA, view, "preview_settings")
    who = bot.slack.workspace.user(ADA).id
    await bot.slack.until(lambda _: len(bot.slack.workspace.views.open[who]) == 2)
    assert "This is what the digest would be now" in "\n".join(texts(bot.slack.workspace.views.open[who][-1]["blocks"]))


async def test_only_admins_change_settings_where_the_operator_says_so(start: Starts) -> None:
    bot = await start(settings_by="admins", admins="U0ADA00001")
    view = await opened(bot, GRACE)
    assert not view["submit"]
    assert "Only admins" in "\n".join(texts(view["blocks"]))
    answer = await bot.command("unsubscribe", user=GRACE)
    assert "Only admins" in answer["text"]
    assert (await opened(bot, ADA))["submit"]["text"] == "Subscribe"
