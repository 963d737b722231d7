"""Every command of ``/ainews``, from what a person types to what they then see, over Socket Mode and over HTTP."""

from __future__ import annotations

from typing import Any

from tests.slack.conftest import ADA, GRACE, NEWS, Bot
from tests.slack_judges import texts


def shown(message: dict[str, Any]) -> str:
    """All that a person reads in a message."""
    return "\n".join(texts(message.get("blocks", []))) or message["text"]


async def test_latest_has_the_newest_stories_for_whoever_asked_alone(bot: Bot) -> None:
    answer = await bot.command("latest 3")
    assert answer["is_ephemeral"]
    assert "Latest stories" in shown(answer)
    assert sum(b["type"] == "actions" for b in answer["blocks"]) == 4


async def test_with_share_the_channel_sees_the_answer(bot: Bot) -> None:
    answer = await bot.command("top 2 week --share")
    assert not answer.get("is_ephemeral")
    channel = bot.slack.workspace.channel(NEWS)
    assert answer["ts"] in channel.messages


async def test_more_are_shown_in_place(bot: Bot) -> None:
    first = await bot.command("latest 2")
    pressed = await bot.slack.people.click(ADA, first, "run_command")
    await bot.slack.until(lambda _: bool(pressed.messages))
    assert "3–4 of" in shown(pressed.messages[-1])


async def test_a_mistyped_command_offers_the_nearest_and_runs_it_at_a_press(bot: Bot) -> None:
    answer = await bot.command("lates 2")
    assert "Did you mean" in shown(answer)
    pressed = await bot.slack.people.click(ADA, answer, "run_command")
    await bot.slack.until(lambda _: bool(pressed.messages))
    assert "Latest stories" in shown(pressed.messages[-1])


async def test_an_empty_result_says_what_to_try(bot: Bot) -> None:
    answer = await bot.command("search zyxwvut")
    assert "Nothing is found" in shown(answer)
    assert "Try" in shown(answer)


async def test_help_lists_every_command(bot: Bot) -> None:
    answer = await bot.command("")
    assert "/ainews latest [N]" in shown(answer)
    assert "/ainews settings" in shown(answer)


async def test_topics_and_sources_lead_to_their_stories(bot: Bot) -> None:
    for command, heading in (("topics", "Topic:"), ("sources", "Publisher:")):
        answer = await bot.command(command)
        pressed = await bot.slack.people.click(ADA, answer, "run_command")
        await bot.slack.until(lambda _, pressed=pressed: bool(pressed.messages))
        assert heading in shown(pressed.messages[-1])


async def test_show_and_why_tell_all_of_an_article(bot: Bot) -> None:
    latest = await bot.command("latest 1")
    article = latest["blocks"][2]["elements"][0]["value"]
    told = shown(await bot.command(f"show {article}"))
    assert "Summary" in told
    assert f"ID {article}" in told
    why = shown(await bot.command(f"why {article}"))
    assert "points" in why
    assert "freshness" in why


async def test_what_is_not_held_is_said_in_a_sentence(bot: Bot) -> None:
    assert "no article" in shown(await bot.command("show ffffffffffff")).lower()


async def test_what_is_saved_is_there_for_its_owner_alone(bot: Bot) -> None:
    latest = await bot.command("latest 1")
    pressed = await bot.slack.people.click(ADA, latest, "story_save")
    await bot.slack.until(lambda _: bool(pressed.messages))
    assert "Saved" in pressed.text
    kept = await bot.command("saved --share")
    assert kept["is_ephemeral"], "what somebody saved is theirs"
    assert "Your saved articles" in shown(kept)
    assert "saved nothing" in shown(await bot.command("saved", user=GRACE))
    dropped = await bot.slack.people.click(ADA, kept, "story_drop")
    await bot.slack.until(lambda _: bool(dropped.messages))
    assert "saved nothing" in shown(await bot.command("saved"))


async def test_a_channel_subscribes_and_unsubscribes(bot: Bot) -> None:
    answer = shown(await bot.command("subscribe 8:30 Europe/Berlin"))
    assert "daily at 08:30 (Europe/Berlin)" in answer
    held = await bot.parts.subscriptions.get(bot.slack.workspace.channel(NEWS).id)
    assert held is not None
    assert (held.at.hour, held.time_zone) == (8, "Europe/Berlin")
    assert "no more daily digests" in shown(await bot.command("unsubscribe"))
    assert "no daily digest here" in shown(await bot.command("unsubscribe"))


async def test_a_time_or_zone_that_is_none_is_said(bot: Bot) -> None:
    assert "no time of day" in shown(await bot.command("subscribe 25:00"))
    assert "no time zone" in shown(await bot.command("subscribe 9 Atlantis"))


async def test_status_tells_articles_feeds_digest_and_spending(bot: Bot) -> None:
    told = shown(await bot.command("status"))
    assert "held, the newest" in told
    assert "No daily digest here" in told
    assert "Models today: $0.00" in told


async def test_digest_previews_the_next_and_knows_no_other_day(bot: Bot) -> None:
    told = shown(await bot.command("digest"))
    assert "This is what the digest would be now" in told
    assert "had no digest on" in shown(await bot.command("digest yesterday"))
    assert "is no date" in shown(await bot.command("digest someday maybe"))
