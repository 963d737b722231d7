"""A playground's day: the digest comes, the next one too, and templates that are saved are seen."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.playground.running import CHANNEL, Playground, playing, watch_templates
from digest.errors import ConfigurationError
from digest.rendering.templates import shipped
from digest.sample.write import write_sample
from digest.settings import Settings


def digests(playground: Playground) -> list[dict[str, Any]]:
    """The bot's messages that stand in the channel itself."""
    workspace = playground.slack.workspace
    said = workspace.channel(CHANNEL).messages.values()
    return [m for m in said if m.get("user") == workspace.app.bot_user_id and m.get("thread_ts") in (None, m["ts"])]


async def test_todays_digest_came_by_the_bots_client_and_is_remembered(playground: Playground) -> None:
    (message,) = digests(playground)
    assert message["text"].startswith("AI news for")
    assert message["bot_id"] == playground.slack.app.bot_id
    assert playground.slack.api.calls["chat.postMessage"] >= 1
    channel = playground.slack.workspace.channel(CHANNEL)
    (edition,) = await playground.parts.editions.issued(channel.id, 5)
    assert edition.day == playground.today()
    assert edition.where == playground.slack.workspace.permalink(channel, message)


async def test_the_channel_is_subscribed_by_the_command_that_people_type(playground: Playground) -> None:
    channel = playground.slack.workspace.channel(CHANNEL)
    assert await playground.parts.subscriptions.get(channel.id) is not None
    assert "This channel gets" in channel.ephemerals[0][1]["text"]


async def test_the_next_day_brings_an_update_of_a_story_shown(playground: Playground) -> None:
    today = playground.today()
    await playground.set_date(today + timedelta(days=1))
    first, second = digests(playground)
    assert first["ts"] < second["ts"]
    assert playground.today() == today + timedelta(days=1)
    assert playground.delivered is not None
    updates = [chosen.update for chosen in playground.delivered.digest.chosen if chosen.update]
    assert [update.day for update in updates] == [today]


async def test_a_day_that_has_passed_is_refused_and_nothing_changes(playground: Playground) -> None:
    now = playground.today()
    for day in (now, now - timedelta(days=1), now + timedelta(days=900)):
        with pytest.raises(ValueError, match="Choose a day after"):
            await playground.set_date(day)
    assert playground.today() == now
    assert len(digests(playground)) == 1


async def test_documents_of_ones_own_take_the_samples_place(short_dir: Path, tmp_path: Path) -> None:
    settings = Settings.load(data_dir=short_dir, assessor="offline")
    sample = write_sample(tmp_path / "made", now=datetime.now(UTC))
    async with playing(settings, [sample.knowledge_base]) as played:
        await played.begin()
        assert not played.of_sample
        assert played.delivered is not None
        assert played.delivered.digest.articles


async def test_with_older_documents_it_is_the_day_of_the_newest_and_a_day_that_is_named_is_taken(
    short_dir: Path, tmp_path: Path
) -> None:
    sample = write_sample(tmp_path / "made", now=datetime(2026, 3, 31, 9, 0, tzinfo=UTC))
    settings = Settings.load(data_dir=short_dir / "one", assessor="offline")
    async with playing(settings, [sample.knowledge_base]) as played:
        await played.begin()
        assert played.today() == date(2026, 3, 31)
        assert played.delivered is not None
        assert played.delivered.digest.chosen
        (message,) = digests(played)
        assert datetime.fromtimestamp(float(message["ts"]), UTC).date() == date(2026, 3, 31)
    other = Settings.load(data_dir=short_dir / "two", assessor="offline", time_zone="Asia/Tokyo")
    async with playing(other, [sample.knowledge_base], date(2026, 3, 30)) as played:
        assert played.today() == date(2026, 3, 30)


async def test_a_folder_without_documents_is_told(short_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigurationError, match="no article"):
        async with playing(Settings.load(data_dir=short_dir, assessor="offline"), [tmp_path / "empty"]):
            pass


async def test_a_template_that_is_saved_is_drawn_at_once_and_a_broken_one_is_told(short_dir: Path, tmp_path: Path) -> None:
    own = tmp_path / "templates"
    shutil.copytree(shipped() / "slack", own / "slack")
    opening = own / "slack" / "opening.json.j2"
    told: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    async with playing(Settings.load(data_dir=short_dir, assessor="offline", templates=own)) as played:
        await played.begin()
        (before,) = digests(played)
        watching = asyncio.create_task(
            watch_templates(played, [own], lambda *words: told.put_nowait((words[0], words[1])), every_s=0.02)
        )
        await asyncio.sleep(0.1)
        whole = opening.read_text()
        opening.write_text(whole.replace("digest.title", "'Seen at once'"))
        level, words = await asyncio.wait_for(told.get(), 10)
        assert (level, words) == ("info", "Drawn again with opening.json.j2.")
        (after,) = digests(played)
        assert after["ts"] == before["ts"]
        assert after["blocks"][0]["text"]["text"] == "Seen at once"
        opening.write_text("[ {{ broken ")
        level, words = await asyncio.wait_for(told.get(), 10)
        assert level == "error"
        assert "opening.json.j2" in words
        assert digests(played) == [after]
        watching.cancel()
