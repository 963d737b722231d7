"""The rounds of a workspace, every half minute: which digests are owed, which are on their way, which nobody wants any more.

Nothing is remembered from one round to the next that would be missed: each looks at yesterday and today of every channel. What is done
with each digest that a round names is a task of its own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from digest.errors import AinewsError, StoreError
from digest.publishing.ports import Alert
from digest.publishing.publication import Name
from digest.publishing.schedule import BEFORE_NEXT, Owed, daily, of, owed, weekly

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from datetime import date, datetime

    from digest.model import EditionKind, Subscription
    from digest.publishing.desk import Desk
    from digest.publishing.publication import Publication
    from digest.publishing.schedule import Schedule
    from digest.subscribing.ports import Subscriptions

_log = structlog.get_logger(__name__)


def schedules(subscription: Subscription) -> Iterator[tuple[EditionKind, Schedule]]:
    """When the digests of a channel are due: the daily ones, and the weekly where it wants one."""
    yield "daily", daily(subscription)
    if subscription.weekly is not None:
        yield "weekly", weekly(subscription, subscription.weekly)


def owing(subscription: Subscription, now: datetime, ahead_s: float = 0.0) -> Iterator[tuple[Name, Owed]]:
    """What may be owed to its channel at ``now`` (aware), or ``ahead_s`` seconds later: due by then, and since it subscribed."""
    soon = now + timedelta(seconds=ahead_s)
    for kind, schedule in schedules(subscription):
        for each in dict.fromkeys((*owed(schedule, now), *owed(schedule, soon))):
            if each.due <= soon and (subscription.since is None or each.due >= subscription.since):
                yield Name(subscription.channel, each.day, kind), each


def by_hand(subscription: Subscription, day: date, kind: EditionKind, now: datetime) -> Owed:
    """The digest of ``day`` as somebody asks for it at ``now`` (aware): due by then, and in time for as long as a missed one is."""
    each = of(dict(schedules(subscription)).get(kind, daily(subscription)), day)
    due = min(each.due, now)
    return Owed(day, due, max(each.until, now + BEFORE_NEXT))


class Rounds:
    """Of one workspace. ``prepare`` makes what is posted; what it raises is logged, and tried again in the next round.
    ``prove_in``: the channel in which it is proved that posting once works; empty: the first that subscribed. ``ahead_s``: so many seconds
    before it is due a digest is prepared, so that many that are due at one minute are ready at that minute."""

    def __init__(
        self,
        desk: Desk,
        subscriptions: Subscriptions,
        prepare: Callable[[Subscription, Name, Owed], Awaitable[Publication]],
        clock: Callable[[], datetime],
        prove_in: str = "",
        ahead_s: float = 0.0,
    ) -> None:
        self._desk = desk
        self._subscriptions = subscriptions
        self._prepare = prepare
        self._clock = clock
        self._prove_in = prove_in
        self._ahead_s = ahead_s
        self._told: set[Name] = set()

    async def look(self) -> tuple[list[Name], list[Name]]:
        """Those that are owed and not taken up, and those that are on their way. What nobody wants any more is dropped. Raises
        StoreError."""
        subscriptions = await self._subscriptions.every()
        if place := self._prove_in or next((s.channel for s in subscriptions), ""):
            await self._desk.prove(place)
        now = self._clock()
        owed_now = [name for s in subscriptions for name, _ in owing(s, now, self._ahead_s)]
        known = [await self._desk.office.ledger.get(name) for name in owed_now]
        await self._drop_unwanted(subscriptions)
        return [n for n, k in zip(owed_now, known, strict=True) if k is None], await self._desk.office.ledger.open()

    async def take_up(self, name: Name) -> bool:
        """Prepare ``name`` and begin to post it, if it is owed still and nobody did; whether it is on its way now. What fails is told."""
        try:
            subscription = await self._subscriptions.get(name.channel)
            now = self._clock()
            each = dict(owing(subscription, now, self._ahead_s)).get(name) if subscription else None
            if each is None or subscription is None:
                return False
            if await self._desk.office.ledger.get(name) is None:
                prepared = await self._prepare(subscription, name, each)
                await self._desk.take_up(replace(prepared, not_before=each.due) if each.due > now else prepared)
        except StoreError as error:
            _log.warning("publishing_waits_for_store", publication=str(name), reason=str(error))
        except AinewsError as error:
            await self._tell(name, error)
        else:
            return True
        return False

    async def _tell(self, name: Name, error: AinewsError) -> None:
        _log.error("digest_not_prepared", publication=str(name), reason=str(error), remedy=error.remedy)
        if name not in self._told:
            self._told.add(name)
            alert = Alert("blocked", str(name), f"The digest {name} cannot be prepared: {error}.", error.remedy)
            await self._desk.office.alerts.tell(alert)

    async def _drop_unwanted(self, wanted: Sequence[Subscription]) -> None:
        """A channel that unsubscribed gets no digest that was prepared before."""
        channels = {s.channel for s in wanted}
        for name in await self._desk.office.ledger.open():
            if name.channel in channels:
                continue
            publication = await self._desk.office.ledger.get(name)
            changes = await self._subscriptions.changes(name.channel, 1)
            if publication and changes and changes[0].what == ("unsubscribed",) and changes[0].at >= publication.prepared:
                await self._desk.drop(name, "the channel unsubscribed")
