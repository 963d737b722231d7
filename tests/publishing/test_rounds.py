"""What is taken up in a round: what is due, since the channel subscribed, once; and nothing for a channel that left."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from benchmarks.publishing_worker import work
from digest.errors import RenderError
from digest.model import Message, Subscription
from digest.publishing.desk import Desk
from digest.publishing.office import Office
from digest.publishing.ports import Read, Sent
from digest.publishing.preparing import freeze, of_the_week
from digest.publishing.publication import Name, Publication, prepared
from digest.publishing.rounds import Rounds, by_hand, owing
from digest.publishing.schedule import Owed, Schedule, of
from digest.publishing.timing import Timing
from digest.rendering.templates import Templates
from digest.stores.memory_ledger import MemoryLedger
from digest.stores.memory_subscribing import MemorySubscriptions
from tests.builders import chosen, digest, story
from tests.publishing.stand import Heard

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday
DAILY = Subscription("C1")


def due(subscription: Subscription, at: datetime) -> list[str]:
    return [str(name) for name, _ in owing(subscription, at)]


def test_a_digest_is_owed_from_its_time_on() -> None:
    assert due(DAILY, NINE - timedelta(seconds=1)) == ["C1:2026-11-22"]
    assert due(DAILY, NINE) == ["C1:2026-11-22", "C1:2026-11-23"]


def test_what_was_due_before_the_channel_subscribed_is_not_owed() -> None:
    since = NINE + timedelta(hours=2)
    assert due(replace(DAILY, since=since), since) == []
    assert due(replace(DAILY, since=since), since + timedelta(days=1)) == ["C1:2026-11-24"]


def test_a_weekly_edition_is_owed_on_its_day_beside_the_daily_one() -> None:
    both = replace(DAILY, weekly=0, weekly_at=time(16))
    assert due(both, NINE + timedelta(hours=7)) == ["C1:2026-11-22", "C1:2026-11-23", "C1:2026-11-23w"]


def test_quiet_days_have_none_of_either() -> None:
    quiet = replace(DAILY, weekly=0, quiet=(date(2026, 11, 23), date(2026, 11, 22)))
    assert due(quiet, NINE + timedelta(hours=10)) == []


def test_by_hand_a_digest_is_due_now_and_one_of_the_past_was_then() -> None:
    early = NINE - timedelta(hours=3)
    assert by_hand(DAILY, NINE.date(), "daily", early).due == early
    late = by_hand(DAILY, date(2026, 11, 20), "daily", NINE)
    assert late.due == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert late.until > NINE


class Channel:
    """A channel that takes everything and shows it at once."""

    def __init__(self) -> None:
        self.posted: list[str] = []

    async def read(self, name: Name, since: datetime, roots: Any = ()) -> Read:
        return Read(())

    async def post(self, name: Name, number: int, piece: Any, root: str = "") -> Sent:
        self.posted.append(f"{name}:{number}")
        return Sent(f"{len(self.posted)}.0")

    async def change(self, name: Name, number: int, piece: Any) -> bool:
        return True

    async def remove(self, channel: str, ts: str) -> bool:
        return True

    async def permalink(self, channel: str, ts: str) -> str:
        return ""

    async def prove(self, channel: str) -> str:
        return ""


class Morning:
    """A workspace whose clock is set by hand."""

    def __init__(self) -> None:
        self.now = NINE - timedelta(minutes=5)
        self.channel = Channel()
        self.subscriptions = MemorySubscriptions()
        self.ledger = MemoryLedger(lambda: self.now.timestamp())  # noqa: PLW0108 - the clock is set
        self.made: list[Name] = []
        self.problem: Exception | None = None
        self.heard = Heard()
        office = Office(self.ledger, self.channel, self.heard, "B1", Timing(), lambda: self.now, self._issued)
        self.desk = Desk(office)
        self.rounds = Rounds(self.desk, self.subscriptions, self._prepare, lambda: self.now)

    async def _issued(self, publication: Publication) -> None:
        return None

    async def _prepare(self, subscription: Subscription, name: Name, owed: Owed) -> Publication:
        self.made.append(name)
        if self.problem:
            raise self.problem
        return prepared(name, owed.due, owed.until, self.now, Message("Hello", ()))

    async def all(self) -> None:
        """What the tasks of one round do."""
        wanted, _ = await self.rounds.look()
        for name in wanted:
            await self.rounds.take_up(name)
        await work(self.desk)

    async def round(self, after_s: float = 30) -> None:
        self.now += timedelta(seconds=after_s)
        await self.all()


@pytest.fixture
async def morning() -> Morning:
    made = Morning()
    await made.subscriptions.put(DAILY, "U1", NINE - timedelta(days=3))
    for _ in range(4):
        await made.round()
    made.made.clear()
    made.channel.posted.clear()
    made.heard.alerts.clear()
    made.now = NINE - timedelta(seconds=1)
    return made


async def test_a_day_is_prepared_and_posted_once_however_many_rounds_there_are(morning: Morning) -> None:
    for _ in range(10):
        await morning.round()
    assert morning.made == [Name("C1", NINE.date())]
    assert morning.channel.posted == ["C1:2026-11-23:0"]


async def test_another_time_or_zone_never_reopens_a_day_that_was_posted(morning: Morning) -> None:
    await morning.round()
    for changed in ({"at": time(12)}, {"at": time(9, 1)}, {"time_zone": "America/New_York"}, {"time_zone": "Asia/Tokyo"}):
        await morning.subscriptions.put(replace(DAILY, **changed), "U1", morning.now)
        for _ in range(5):
            await morning.round(600)
    assert [p for p in morning.channel.posted if "11-23" in p] == ["C1:2026-11-23:0"]


async def test_what_cannot_be_prepared_is_tried_again_in_the_next_round(morning: Morning) -> None:
    morning.problem = RenderError("the template is broken")
    await morning.round()
    await morning.round()
    assert morning.channel.posted == []
    assert [(a.kind, "template is broken" in a.words) for a in morning.heard.alerts] == [("blocked", True)]
    morning.problem = None
    await morning.round()
    assert morning.channel.posted == ["C1:2026-11-23:0"]


async def test_what_is_prepared_ahead_is_posted_when_it_is_due_and_no_sooner(morning: Morning) -> None:
    name = Name("C1", NINE.date())
    morning.rounds._ahead_s = 120
    morning.now = NINE - timedelta(seconds=100)
    await morning.all()
    assert morning.made == [name]
    found = await morning.ledger.get(name)
    assert found is not None
    assert (found.due, found.not_before) == (NINE, NINE)
    for _ in range(3):
        await morning.round()
    assert (morning.now, morning.channel.posted) == (NINE - timedelta(seconds=10), [])
    await morning.round(10)
    assert morning.channel.posted == ["C1:2026-11-23:0"]
    assert morning.made == [name]


async def test_a_channel_that_unsubscribed_gets_nothing_more(morning: Morning) -> None:
    name = Name("C1", NINE.date())
    await morning.ledger.add(prepared(name, NINE, NINE + timedelta(hours=12), morning.now, Message("Hello", ())))
    await morning.subscriptions.remove("C1", "U1", morning.now + timedelta(seconds=1))
    await morning.round()
    found = await morning.ledger.get(name)
    assert found is not None
    assert (found.state, found.reason) == ("skipped", "the channel unsubscribed")
    assert morning.channel.posted == []


def test_a_day_with_too_little_is_a_line_or_nothing_by_setting_and_shows_no_story() -> None:
    made = digest([chosen(1, story("One"))])
    name, owed = Name("C1", made.day), of(Schedule(), made.day)
    line = freeze(made, name, owed, NINE, Templates(), least=2, slow_day="line")
    assert (line.state, line.stories, len(line.pieces)) == ("prepared", (), 1)
    assert "No digest" in line.pieces[0].text
    nothing = freeze(made, name, owed, NINE, Templates(), least=2, slow_day="nothing")
    assert (nothing.state, nothing.reason) == ("skipped", "there was too little to say")
    whole = freeze(made, name, owed, NINE, Templates(), least=1)
    assert [s.title for s in whole.stories] == ["One"]
    assert whole.pieces[0].ranks == (1,)


def test_a_weekly_edition_looks_back_on_seven_days() -> None:
    assert (of_the_week(DAILY).max_age_h, of_the_week(DAILY).stories) == (168, 10)
