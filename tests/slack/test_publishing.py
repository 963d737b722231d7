"""The daily digest as the bot posts it: by the clock, and by hand; before the local Slack, over the sample's articles."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.local_slack.app import SlackApp
from bot.local_slack.server import LocalSlack
from bot.slack.answering import answer
from bot.slack.checking import check_slack
from bot.slack.command_line import read
from bot.slack.identity import OneIdentity
from bot.slack.manifest import manifest
from bot.slack.publishing.clockwork import Clockwork
from bot.slack.services import Services, Team
from digest import pipeline
from digest.engines.in_process import InProcessEngine
from digest.factory import Parts, open_parts, sources
from digest.model import Edition
from digest.publishing.publication import Name, Publication
from digest.sample.write import write_next_day, write_sample
from digest.settings import Settings
from digest.stores.keys import Keys
from digest.task_kinds import PREPARE, PUBLISH
from digest.tasks import Task
from tests.publishing.stand import QUICK

CHANNEL = "C0AINEWS01"
MORNING = datetime(2026, 11, 23, 8, 59, 58, tzinfo=UTC)


class Hands:
    """A clock that runs, and can be put forward."""

    def __init__(self, start: datetime) -> None:
        self._start, self._from = start, time.monotonic()

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._from)

    def forward(self, to: datetime) -> None:
        self._start += to - self()


@dataclass
class Newsroom:
    slack: LocalSlack
    parts: Parts
    settings: Settings
    hands: Hands
    clockwork: Clockwork
    engine: InProcessEngine
    team: Team

    async def rounds(self, done: Callable[[], Any], within_s: float = 20) -> None:
        async with asyncio.timeout(within_s):
            while not await done():
                await self.round()
                await asyncio.sleep(0.05)

    async def round(self) -> None:
        """One look, and all that comes of it now."""
        await self.clockwork.tick()
        while any(w.count for w in (await self.engine.waiting()).values()):
            await asyncio.sleep(0.01)

    async def edition(self, day: int = 23, kind: str = "daily") -> Edition | None:
        return next((e for e in await self.parts.editions.issued(CHANNEL, 9) if (e.day.day, e.kind) == (day, kind)), None)

    def posted(self) -> list[dict[str, Any]]:
        messages = self.slack.workspace.channel("ai-news").messages.values()
        return [m for m in messages if (m.get("metadata") or {}).get("event_payload", {}).get("key", "").endswith(":0")]


@pytest.fixture
async def newsroom(valkey_url: str, keys: Keys, tmp_path: Path) -> AsyncIterator[Newsroom]:
    given: dict[str, Any] = {"redis_url": valkey_url, "workspace": keys.workspace, "data_dir": tmp_path / "data"}
    async with LocalSlack(app=SlackApp.from_manifest(manifest(Settings.load(**given)))) as slack:
        slack.clock.set(MORNING.timestamp(), 1.0)
        loaded = Settings.load(slack_bot_token=slack.bot_token, slack_api_url=slack.api_url, **given)
        async with open_parts(loaded) as parts:
            sample = write_sample(tmp_path / "sample", now=MORNING)
            incoming = sources(loaded, knowledge_bases=[sample.knowledge_base, sample.inbox], feeds=[str(sample.feed)])
            await pipeline.collect(incoming, parts.articles, parts.assessor)
            hands, identity = Hands(MORNING), OneIdentity(loaded)
            await identity.learn()
            services = Services(parts, loaded, hands)
            engine = InProcessEngine(hands)
            clockwork = Clockwork(services, identity, engine, QUICK)
            wanted = loaded.subscription(CHANNEL)
            await parts.subscriptions.put(wanted, "U0ADA00001", MORNING - timedelta(hours=3))
            async with engine.running(clockwork.works()):
                yield Newsroom(slack, parts, loaded, hands, clockwork, engine, services.team("T0LOCAL001"))


async def test_at_nine_the_digest_stands_in_the_channel_once_and_leads_to_its_articles(newsroom: Newsroom) -> None:
    await newsroom.round()
    assert newsroom.posted() == []
    await newsroom.rounds(newsroom.edition)
    for _ in range(10):
        await newsroom.round()
    (root,) = newsroom.posted()
    assert "AI news for Monday, 23 November 2026" in root["text"]
    edition = await newsroom.edition()
    assert edition is not None
    assert edition.ts == root["ts"]
    assert edition.where.startswith("https://")
    assert edition.stories
    assert all(s.ts for s in edition.stories)


async def test_a_digest_that_is_prepared_and_posted_by_two_at_a_time_stands_once(newsroom: Newsroom) -> None:
    """As workers do, of whom one was believed to be dead: each with a desk and a queue of its own, which nobody works on but they."""
    identity = OneIdentity(newsroom.settings)
    await identity.learn()
    services = Services(newsroom.parts, newsroom.settings, newsroom.hands)
    made = [Clockwork(services, identity, InProcessEngine(newsroom.hands), QUICK).works() for _ in range(2)]
    about = f"{CHANNEL}:{MORNING.date()}"
    async with asyncio.timeout(30):
        while not await newsroom.edition():
            await asyncio.gather(*(works[PREPARE](Task(PREPARE.name, newsroom.team.id, about)) for works in made))
            await asyncio.gather(*(works[PUBLISH](Task(PUBLISH.name, newsroom.team.id, about)) for works in made))
            await asyncio.sleep(0.05)
    for _ in range(3):
        await asyncio.gather(*(works[PUBLISH](Task(PUBLISH.name, newsroom.team.id, about)) for works in made))
    assert len(newsroom.posted()) == 1


async def test_one_that_gets_no_further_is_never_looked_at_again_at_once(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor later than the next round, which finds it anyway."""
    await newsroom.rounds(newsroom.edition)
    [made] = newsroom.clockwork._made.values()
    publication = await newsroom.parts.ledger.get(Name(CHANNEL, MORNING.date()))
    assert publication is not None

    async def no_further(name: Name) -> Publication:
        return publication

    async def again(in_s: float) -> float | None:
        now = newsroom.hands()
        monkeypatch.setattr(made.desk, "next_look", lambda _: now + timedelta(seconds=in_s))
        task = Task(PUBLISH.name, newsroom.team.id, f"{CHANNEL}:{MORNING.date()}")
        when = await newsroom.clockwork.works()[PUBLISH](task)
        return None if when is None else (when - now).total_seconds()

    monkeypatch.setattr(made.desk, "worked", no_further)
    least = QUICK.tick_s / 60
    for past in (-60.0, 0.0):
        found = await again(past)
        assert found is not None
        assert found >= least
    soon = await again(QUICK.tick_s / 2)
    assert soon is not None
    assert least <= soon <= QUICK.tick_s
    assert await again(QUICK.tick_s + 60) is None


async def test_a_day_is_shown_with_its_permalink(newsroom: Newsroom) -> None:
    await newsroom.rounds(newsroom.edition)
    reply = await answer(read("digest 2026-11-23"), newsroom.team, channel=CHANNEL, person="U0ADA00001")
    edition = await newsroom.edition()
    assert edition is not None
    assert edition.where in json.dumps(reply.blocks)


async def test_what_was_shown_stays_out_the_next_day_and_an_update_leads_back(newsroom: Newsroom) -> None:
    await newsroom.rounds(newsroom.edition)
    first = await newsroom.edition()
    assert first is not None
    later = MORNING + timedelta(days=1)
    sample = newsroom.settings.data_dir.parent / "sample"
    write_next_day(sample, now=later)
    again = sources(
        newsroom.settings, knowledge_bases=[sample / "knowledge-base", sample / "inbox"], feeds=[str(sample / "feed.xml")]
    )
    await pipeline.collect(again, newsroom.parts.articles, newsroom.parts.assessor)
    newsroom.hands.forward(later)
    newsroom.slack.clock.set(later.timestamp(), 1.0)
    await newsroom.rounds(lambda: newsroom.edition(24))
    second = await newsroom.edition(24)
    assert second is not None
    updates = {s.id for s in second.stories} & {s.id for s in first.stories}
    assert len(updates) == 1
    root = newsroom.posted()[-1]
    assert len(newsroom.posted()) == 2
    assert first.where in json.dumps(root["blocks"])


async def test_the_weekly_edition_tells_again_what_was_shown(newsroom: Newsroom) -> None:
    weekly = replace(newsroom.settings.subscription(CHANNEL), weekly=0)
    await newsroom.parts.subscriptions.put(weekly, "U0ADA00001", MORNING)
    await newsroom.rounds(newsroom.edition)
    afternoon = MORNING.replace(hour=16)
    newsroom.hands.forward(afternoon)
    newsroom.slack.clock.set(afternoon.timestamp(), 1.0)
    await newsroom.rounds(lambda: newsroom.edition(23, "weekly"))
    daily, week = await newsroom.edition(), await newsroom.edition(23, "weekly")
    assert daily is not None
    assert week is not None
    assert {s.id for s in daily.stories} <= {s.id for s in week.stories}
    assert "AI news of the week to Monday, 23 November 2026" in newsroom.posted()[-1]["text"]


async def test_doctor_proves_that_metadata_comes_back_and_leaves_nothing(newsroom: Newsroom) -> None:
    checks = {c.name: c for c in await check_slack(newsroom.settings, newsroom.parts)}
    assert checks["posting once"].status == "ok"
    assert newsroom.slack.workspace.channel("ai-news").messages == {}
    newsroom.slack.faults.add("refused", "conversations.history", error="missing_scope")
    await newsroom.parts.client.delete(newsroom.parts.keys.proved(newsroom.slack.app.bot_id))
    checks = {c.name: c for c in await check_slack(newsroom.settings, newsroom.parts)}
    assert checks["posting once"].status == "failed"
    assert "history cannot be read" in checks["posting once"].detail


async def test_an_operator_is_told_in_the_channel_that_is_set(newsroom: Newsroom) -> None:
    leads = newsroom.slack.workspace.channel("leads")
    settings = newsroom.settings.model_copy(update={"alert_channel": leads.id})
    identity = OneIdentity(settings)
    await identity.learn()
    engine = InProcessEngine(newsroom.hands)
    clockwork = Clockwork(Services(newsroom.parts, settings, newsroom.hands), identity, engine, QUICK)
    newsroom.slack.faults.add("refused", "conversations.history", error="not_in_channel")
    newsroom.slack.faults.add("refused", "chat.postMessage", error="internal_error", next=1)
    await newsroom.parts.ledger.remember_proof(newsroom.slack.app.bot_id)

    async def told() -> bool:
        return bool(leads.messages)

    async with asyncio.timeout(20), engine.running(clockwork.works()):
        while not await told():
            await clockwork.tick()
            await asyncio.sleep(0.05)
    (said,) = leads.messages.values()
    assert "cannot be posted" in said["text"]
    assert "ainews doctor --slack" in said["text"]


async def run(*arguments: str, **environment: str) -> tuple[int, str]:
    made = await asyncio.to_thread(CliRunner().invoke, app, arguments, env=environment)
    return made.exit_code, made.stdout


@pytest.fixture
def environment(newsroom: Newsroom, valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What makes the command line use the newsroom; its settle time is that of the tests."""
    monkeypatch.setattr("bot.slack.publishing.desks.Timing", lambda: QUICK)
    return {
        "AINEWS_REDIS_URL": valkey_url, "AINEWS_WORKSPACE": newsroom.settings.workspace, "AINEWS_DATA_DIR": str(newsroom.settings.data_dir),
        "SLACK_BOT_TOKEN": newsroom.slack.bot_token, "SLACK_API_URL": newsroom.slack.api_url,
    }  # fmt: skip


async def test_a_dry_run_says_what_would_be_posted_and_posts_nothing(newsroom: Newsroom, environment: dict[str, str]) -> None:
    code, said = await run("publish", "--dry-run", "--json", **environment)
    assert code == 0
    (one,) = json.loads(said)["publications"]
    assert (one["channel"], one["state"], one["parts_posted"]) == (CHANNEL, "prepared", 0)
    assert newsroom.posted() == []
    assert await newsroom.parts.ledger.open() == []


async def test_by_hand_what_stands_is_not_posted_again_and_editions_lists_it(
    newsroom: Newsroom, environment: dict[str, str]
) -> None:
    await newsroom.rounds(newsroom.edition)
    code, said = await run("publish", "--date", "2026-11-23", "--json", **environment)
    assert code == 0
    (one,) = json.loads(said)["publications"]
    assert one["state"] in ("sent", "verified")
    assert one["ts"] == newsroom.posted()[0]["ts"]
    assert len(newsroom.posted()) == 1
    code, said = await run("editions", "--json", **environment)
    assert json.loads(said)["editions"][0]["permalink"] == one["permalink"]
    code, said = await run("editions", **environment)
    assert "posted 2026-11-23" in said


async def test_a_correction_by_hand_changes_what_stands(newsroom: Newsroom, environment: dict[str, str]) -> None:
    await newsroom.rounds(newsroom.edition)
    before = newsroom.posted()[0]
    folder = newsroom.settings.data_dir / "templates" / "slack"
    folder.mkdir(parents=True)
    (folder / "text.j2").write_text("Corrected: {{ digest.title|mrkdwn }}")
    given = {**environment, "AINEWS_TEMPLATES": str(folder.parent)}
    code, said = await run("publish", "--date", "2026-11-23", "--correct", "--json", **given)
    assert code == 0, said
    (after,) = newsroom.posted()
    assert after["ts"] == before["ts"]
    assert after["text"] == "Corrected: AI news for Monday, 23 November 2026"


async def test_without_a_token_publishing_says_what_to_do(valkey_url: str, tmp_path: Path) -> None:
    made = await asyncio.to_thread(
        CliRunner().invoke, app, ["publish"], env={"AINEWS_REDIS_URL": valkey_url, "AINEWS_DATA_DIR": str(tmp_path)}
    )
    assert made.exit_code != 0
    assert "SLACK_BOT_TOKEN" in str(getattr(made.exception, "remedy", made.output))
