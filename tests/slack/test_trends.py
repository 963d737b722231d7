"""``/ainews trends``: pictures with an alternative text where Slack takes them, else the same as tables."""

from __future__ import annotations

from typing import Any

import pytest

from digest.rendering import pictures
from tests.slack.conftest import Bot, Starts


def kinds(message: dict[str, Any]) -> list[str]:
    return [block["type"] for block in message["blocks"]]


needs_pictures = pytest.mark.skipif(not pictures.installed(), reason="NO PICTURES: the extra charts is not installed")


@needs_pictures
async def test_charts_come_as_pictures_that_say_in_words_what_is_seen(bot: Bot) -> None:
    message = await bot.command("trends")
    images = [block for block in message["blocks"] if block["type"] == "image"]
    assert [image["alt_text"].partition(".")[0] for image in images] == ["Stories a day", "Topics by week"]
    for image in images:
        file = bot.slack.workspace.files[image["slack_file"]["id"]]
        assert file["data"].startswith(b"\x89PNG")
        assert file["alt_txt"] == image["alt_text"]
        assert file["name"].endswith(".png")
    assert "rich_text" not in kinds(message)


@needs_pictures
async def test_a_topic_has_its_own_chart(bot: Bot) -> None:
    message = await bot.command("trends retail media")
    (image,) = [block for block in message["blocks"] if block["type"] == "image"]
    assert image["alt_text"].startswith("Stories a day on retail media. ")


@needs_pictures
async def test_where_slack_takes_no_file_the_table_is_said(bot: Bot) -> None:
    bot.slack.faults.add("refused", "files.getUploadURLExternal", error="missing_scope")
    message = await bot.command("trends")
    assert kinds(message).count("rich_text") == 2
    assert "image" not in kinds(message)


@needs_pictures
async def test_in_a_direct_message_they_are_pictures_too(bot: Bot) -> None:
    await bot.slack.people.say("ada", "dm", "trends retail")
    channel = bot.slack.workspace.direct("U0ADA00001")
    await bot.slack.until(lambda _: len(channel.messages) == 2)
    assert "image" in kinds(list(channel.messages.values())[-1])


async def test_without_the_extra_or_with_charts_off_they_are_tables_of_text(
    start: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "installed", lambda: False)
    bot = await start(charts="off")
    message = await bot.command("trends")
    tables = [block for block in message["blocks"] if block["type"] == "rich_text"]
    assert len(tables) == 2
    text = tables[0]["elements"][0]["elements"][0]["text"]
    assert text.splitlines()[0].split() == ["Day", "Stories"]
    assert not bot.slack.workspace.files


async def test_a_topic_that_nothing_is_on_is_said(bot: Bot) -> None:
    assert "No story is on the topic" in (await bot.command("trends zyxwvut"))["text"]
