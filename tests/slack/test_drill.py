"""The drill of docs/operation.md: Redis is lost, and made again from a backup or without one, from the knowledge base and from Slack."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.slack.identity import OneIdentity
from bot.slack.publishing.clockwork import Clockwork
from bot.slack.services import Services
from digest.engines.in_process import InProcessEngine
from digest.model import Edition
from digest.sample.write import write_next_day
from digest.stores.keys import Keys
from tests.publishing.stand import QUICK
from tests.slack.test_publishing import CHANNEL, MORNING, Newsroom, environment, newsroom, run

__all__ = ["environment", "newsroom"]

NEXT = MORNING + timedelta(days=1)


@dataclass
class Drill:
    """A newsroom with two digests in its channel, and a backup from between them."""

    room: Newsroom
    environment: dict[str, str]
    backup: Path
    before: list[Edition]
    running: AsyncExitStack

    async def __call__(self, *arguments: str, code: int = 0) -> Any:
        exit_code, said = await run(*arguments, "--json", **self.environment)
        assert exit_code == code, said
        return json.loads(said.strip().splitlines()[-1])

    async def lose_redis(self) -> None:
        client, keys = self.room.parts.client, self.room.parts.keys
        async for key in client.scan_iter(match=f"{keys.prefix}*"):
            await client.delete(key)
        await self.room.parts.ledger.remember_proof(self.room.slack.app.bot_id)

    async def collect(self) -> None:
        sample = self.room.settings.data_dir.parent / "sample"
        await self("reindex", "--yes", "--no-page", "-k", str(sample / "knowledge-base"))
        await self("collect", "-k", str(sample / "inbox"), "--feed", str(sample / "feed.xml"))

    async def started_again(self) -> Clockwork:
        """As `ainews serve` after a restart; the one from before runs on beside it."""
        identity = OneIdentity(self.room.settings)
        await identity.learn()
        services = Services(self.room.parts, self.room.settings, self.room.hands)
        self.room.engine = InProcessEngine(self.room.hands)
        self.room.clockwork = Clockwork(services, identity, self.room.engine, QUICK)
        await self.running.enter_async_context(self.room.engine.running(self.room.clockwork.works()))
        return self.room.clockwork

    async def half_a_day(self) -> None:
        """Rounds until everything that could be posted would have been."""
        clockwork = await self.started_again()

        async def settled() -> bool:
            (desk,) = [p.desk for p in clockwork._made.values()] or [None]
            return desk is not None and await desk.settled() and await self.room.parts.ledger.open() == []

        await self.room.rounds(settled)
        for _ in range(5):
            await self.room.round()

    async def editions(self) -> list[Edition]:
        return await self.room.parts.editions.issued(CHANNEL, 9)

    def texts(self) -> list[str]:
        messages = self.room.slack.workspace.channel("ai-news").messages.values()
        return sorted(m["text"] for m in messages if (m.get("metadata") or {}).get("event_type") == "ainews_digest")


@pytest.fixture
async def drill(
    newsroom: Newsroom, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Drill]:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return newsroom.hands().astimezone(tz or UTC)

    monkeypatch.setattr("bot.cli.publish.datetime", Clock)
    async with AsyncExitStack() as running:
        made = Drill(newsroom, environment, tmp_path / "backup.jsonl.gz", [], running)
        await newsroom.rounds(newsroom.edition)
        await made("export", str(made.backup))
        write_next_day(newsroom.settings.data_dir.parent / "sample", now=NEXT)
        await made.collect()
        newsroom.hands.forward(NEXT)
        newsroom.slack.clock.set(NEXT.timestamp(), 1.0)
        await newsroom.rounds(lambda: newsroom.edition(24))
        made.before = await made.editions()
        assert len(newsroom.posted()) == 2
        yield made


def same(edition: Edition, before: Edition) -> None:
    assert (edition.day, edition.kind, edition.ts, edition.where) == (before.day, before.kind, before.ts, before.where)
    assert [s.title for s in edition.stories] == [s.title for s in before.stories]
    assert [s.ts for s in edition.stories] == [s.ts for s in before.stories]
    for now, then in zip(edition.stories, before.stories, strict=True):
        assert set(now.articles) & set(then.articles)


@pytest.mark.parametrize("rebuilt", [True, False])
async def test_with_a_backup_of_yesterday_no_digest_is_doubled(drill: Drill, rebuilt: bool) -> None:
    texts = drill.texts()
    await drill.lose_redis()
    assert (await drill("import", str(drill.backup)))["keys"] > 50
    await drill.collect()
    if rebuilt:
        found = (await drill("editions", "--rebuild"))["editions"]
        assert [(e["day"], e["new"]) for e in found] == [("2026-11-23", False), ("2026-11-24", True)]
    await drill.half_a_day()
    assert drill.texts() == texts
    assert len(drill.room.posted()) == 2
    if rebuilt:
        for edition, before in zip(await drill.editions(), drill.before, strict=True):
            same(edition, before)


async def test_without_a_backup_it_is_made_again_from_the_knowledge_base_and_from_slack(drill: Drill) -> None:
    texts = drill.texts()
    await drill.lose_redis()
    await drill.collect()
    found = (await drill("editions", "--rebuild", "--channel", CHANNEL))["editions"]
    assert [(e["day"], e["new"], e["unknown_stories"]) for e in found] == [("2026-11-23", True, 0), ("2026-11-24", True, 0)]
    for edition, before in zip(await drill.editions(), drill.before, strict=True):
        same(edition, before)
    wanted = drill.room.settings.subscription(CHANNEL)
    await drill.room.parts.subscriptions.put(wanted, "U0ADA00001", MORNING - timedelta(hours=3))
    await drill.half_a_day()
    assert drill.texts() == texts
    again = (await drill("editions", "--rebuild"))["editions"]
    assert [e["new"] for e in again] == [False, False]


async def test_what_was_shown_before_stays_out_of_the_next_digest(drill: Drill) -> None:
    await drill.lose_redis()
    await drill("import", str(drill.backup))
    await drill.collect()
    await drill("editions", "--rebuild")
    later = NEXT + timedelta(days=1)
    drill.room.hands.forward(later)
    drill.room.slack.clock.set(later.timestamp(), 1.0)
    await drill.started_again()
    await drill.room.rounds(lambda: drill.room.edition(25))
    third = await drill.room.edition(25)
    assert third is not None
    shown = {a for e in drill.before for s in e.stories for a in s.articles}
    assert not [s.title for s in third.stories if set(s.articles) & shown]


async def test_rebuilding_without_channels_says_what_to_do(drill: Drill) -> None:
    await drill.lose_redis()
    code, _ = await run("editions", "--rebuild", **drill.environment)
    assert code == 1


async def test_a_channel_that_cannot_be_read_is_named(drill: Drill) -> None:
    drill.room.slack.faults.add("refused", "conversations.history", error="not_in_channel")
    told = await drill("editions", "--rebuild", code=1)
    assert told["failed"][0]["channel"] == CHANNEL
    assert "/invite" in told["failed"][0]["reason"]


async def test_messages_of_others_that_look_like_ours_count_for_nothing(drill: Drill, keys: Keys) -> None:
    forged = {"event_type": "ainews_digest", "event_payload": {"key": f"{keys.workspace}:{CHANNEL}:2026-11-22:0"}}
    ai_news = drill.room.slack.workspace.channel("ai-news")
    first = next(iter(ai_news.messages.values()))
    ts = f"{MORNING.timestamp():.6f}"
    ai_news.messages[ts] = {**first, "ts": ts, "bot_id": "B0OTHER", "metadata": forged}
    found = (await drill("editions", "--rebuild", "--days", "3"))["editions"]
    assert {e["day"] for e in found} == {"2026-11-23", "2026-11-24"}
