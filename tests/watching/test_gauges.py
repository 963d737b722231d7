"""The gauges: what is in the store is told as it is, within bounds of time, and nothing is told of a store that is away."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.errors import StoreError
from digest.factory import Parts, open_parts
from digest.feeds.ports import FeedState
from digest.model import Message, Subscription
from digest.ports import Usage
from digest.publishing.publication import Name, blocked, prepared
from digest.publishing.rounds import owing
from digest.publishing.timing import Timing
from digest.settings import Settings
from digest.stores.keys import Keys
from digest.watching.gauges import GAUGES, Gauges
from digest.watching.ports import Ran
from digest.watching.status import status_of
from tests.stores.servers import Server

NOW = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)


@pytest.fixture
async def parts(valkey_url: str, keys: Keys, tmp_path: Path) -> AsyncIterator[Parts]:
    feeds = tmp_path / "feeds.yaml"
    feeds.write_text(
        "feeds:\n" + "".join(f"  - {{name: F{n}, url: 'https://f{n}.example/feed'}}\n" for n in range(4)), encoding="utf-8"
    )
    async with open_parts(
        Settings.load(redis_url=valkey_url, workspace=keys.workspace, data_dir=tmp_path, feeds_file=feeds, daily_cap_usd=2.0)
    ) as opened:
        yield opened


async def told(parts: Parts, **how: float) -> dict[tuple[str, ...], float]:
    families = await Gauges(parts, lambda: NOW, **how).current()
    return {
        (s.name.removeprefix("ainews_"), *(v for k, v in s.labels.items() if k != "workspace")): s.value
        for family in families
        for s in family.samples
    }


async def test_an_empty_store_is_told_as_one(parts: Parts) -> None:
    found = await told(parts)
    assert found["store_up",] == 1
    assert found["articles",] == 0
    assert found["feeds", "new"] == 4
    assert found["waiting", "entry"] == 0
    assert found["digests_late",] == 0
    assert found["spending_cap_dollars",] == 2.0


async def test_feeds_are_told_by_health_and_by_no_name(parts: Parts) -> None:
    await parts.feed_states.remember(
        [
            FeedState("https://f0.example/feed", checked=NOW, succeeded=NOW),
            FeedState("https://f1.example/feed", checked=NOW, failures=3, error="it answered 500"),
            FeedState("https://f2.example/feed", "https://g.example/", checked=NOW, succeeded=NOW - timedelta(hours=1)),
            FeedState("https://gone.example/feed", checked=NOW, failures=9),
        ]
    )
    found = await told(parts)
    assert [found["feeds", word] for word in ("ok", "failing", "moved", "new")] == [1, 1, 1, 1]
    assert found["feeds_succeeded_timestamp_seconds",] == NOW.timestamp()
    assert not any("example" in label for labels in found for label in labels)


async def test_a_digest_that_is_due_and_not_prepared_is_missing_and_one_that_is_blocked_is_late(parts: Parts) -> None:
    for channel, at in (("C01", "09:00"), ("C02", "09:05"), ("C03", "10:00")):
        subscription = Subscription(channel, at=datetime.strptime(at, "%H:%M").time(), since=NOW - timedelta(days=3))  # noqa: DTZ007
        await parts.subscriptions.put(subscription, "U1", NOW - timedelta(days=3))
    [second] = [s for s in await parts.subscriptions.every() if s.channel == "C02"]
    [(name, owed), *_] = [(n, o) for n, o in owing(second, NOW) if n.day == NOW.date()]
    made = prepared(name, owed.due, owed.until, NOW, Message("hello", ()))
    await parts.ledger.add(made)
    token = await parts.ledger.lease(name, 30)
    assert token
    await parts.ledger.save(blocked(made, NOW, Timing(), "not_in_channel"), token, 30)
    found = await told(parts)
    assert found["digests_late",] == 2
    assert found["digests_missing",] == 1
    assert found["digest_late_seconds",] == 600
    assert found["publications_open", "blocked"] == 1
    assert found["next_digest_timestamp_seconds",] == NOW.replace(hour=10, minute=0).timestamp()
    [status] = (await status_of(parts, NOW, newest=5)).publishing
    assert [(late.name.channel, late.state, late.reason) for late in status.late] == [
        ("C01", "missing", ""),
        ("C02", "blocked", "not_in_channel"),
    ]
    assert [p.name for p in status.newest] == [Name("C02", NOW.date())]


async def test_spending_runs_and_questions_are_told(parts: Parts) -> None:
    today = NOW.date()
    await parts.spending.reserve(today, 0.5, None)
    await parts.spending.settle(today, 0.5, Usage(calls=3, input_tokens=10, dollars=0.4), purpose="assess", model="claude-x")
    await parts.activity.ran(Ran("monitor", "a", NOW, 1.0, {"new": 1}, "it failed"))
    await parts.activity.answered(today, "offline", abstained=True)
    found = await told(parts)
    assert found["spent_today_dollars", "assess", "claude-x"] == pytest.approx(0.4)
    assert found["spent_month_dollars",] == pytest.approx(0.4)
    assert found["spending_forecast_dollars", "day"] > 0.4
    assert found["last_run_failed", "monitor"] == 1
    assert found["questions_today", "offline"] == 1
    assert found["abstentions_today",] == 1


async def test_what_waits_is_told_with_how_long_the_first_has_been_due(parts: Parts) -> None:
    k, ms = parts.keys, 1_000
    await parts.client.zadd(k.candidates_due, {"a": (NOW.timestamp() - 90) * ms, "b": (NOW.timestamp() + 60) * ms})
    await parts.client.zadd(k.unassessed, {"c": (NOW.timestamp() + 5) * ms})
    await parts.client.zadd(k.deliveries_open, {"event:1": NOW.timestamp() - 7})
    found = await told(parts)
    assert [found["waiting", kind] for kind in ("entry", "article", "delivery")] == [2, 1, 1]
    assert [found["oldest_waiting_seconds", kind] for kind in ("entry", "article", "delivery")] == [90, 0, 7]


async def test_a_list_of_feeds_that_cannot_be_read_hides_nothing_else(parts: Parts) -> None:
    assert parts.settings.feeds_file
    parts.settings.feeds_file.write_text("feeds: [", encoding="utf-8")
    assert (await status_of(parts, NOW)).feeds.problem
    assert (await told(parts))["store_up",] == 1


async def test_every_gauge_that_is_told_is_listed_once() -> None:
    names = [name for name, _, _ in GAUGES]
    assert len(names) == len(set(names))


async def test_a_store_that_hangs_is_told_as_away_within_the_time_and_one_asks_for_all(short_dir: Path) -> None:
    server = Server(short_dir)
    try:
        async with open_parts(Settings.load(redis_url=server.start(), data_dir=short_dir)) as parts:
            gauges = Gauges(parts, lambda: NOW, within_s=0.3, kept_s=5.0)
            server.processes[-1].send_signal(signal.SIGSTOP)
            began = time.monotonic()
            several = await asyncio.gather(*(gauges.current() for _ in range(20)))
            assert time.monotonic() - began < 1.5
            for families in several:
                assert [(f.name, [s.value for s in f.samples]) for f in families] == [("ainews_store_up", [0.0])]
            server.kill()
            with pytest.raises(StoreError):
                await status_of(parts, NOW)
    finally:
        server.stop()
