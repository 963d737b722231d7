"""What listeners are given: everything of one installation, and of it what belongs to one workspace of Slack."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from digest.errors import AinewsError, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from datetime import date, datetime

    from bot.slack.store_watch import StoreWatch
    from digest.adding import Added, LinkAdder
    from digest.factory import Parts
    from digest.model import Subscription
    from digest.pacing import Rates
    from digest.settings import Settings
    from digest.team_parts import TeamParts


class Lanes:
    """How many answers are made at once, of those that compute and of those that wait for a model: so that an ack, which the same thread
    makes, stands behind few of them, and questions that take long do not hold up look-ups. Who would wait behind ``MOST_WAITING`` others is
    told so at once: an answer that comes in half a minute is asked for again, and makes it worse."""

    MOST_WAITING: Final = 200

    def __init__(self) -> None:
        self.quick = asyncio.Semaphore(4)
        self.slow = asyncio.Semaphore(32)
        self._waiting: Counter[asyncio.Semaphore] = Counter()

    @asynccontextmanager
    async def turn(self, lane: asyncio.Semaphore) -> AsyncIterator[None]:
        """Wait for a place in ``lane``, and hold it. Raises AinewsError where too many wait already."""
        if self._waiting[lane] >= self.MOST_WAITING:
            raise AinewsError("too much is being asked right now", remedy="Please try again in a minute.")
        self._waiting[lane] += 1
        try:
            await lane.acquire()
        finally:
            self._waiting[lane] -= 1
        try:
            yield
        finally:
            lane.release()


@dataclass(frozen=True, slots=True)
class Team:
    """One workspace of Slack. ``own`` is what its channels and people have; of ``parts`` all share articles and what is made of them."""

    id: str
    parts: Parts
    own: TeamParts
    settings: Settings
    now: Callable[[], datetime]
    lanes: Lanes
    links: LinkAdder | None = None
    watch: StoreWatch | None = None
    rates: Rates | None = None

    async def add_link(self, text: str) -> Added:
        """Add the link in ``text`` to the knowledge base. Raises AinewsError; ConfigurationError where nobody here adds links."""
        if self.links is None:
            raise ConfigurationError("links are not added here", remedy="Set AINEWS_ADD_LINKS=true and start the bot again.")
        return await self.links.add(text)

    async def subscription(self, channel: str) -> Subscription | None:
        """What ``channel`` asked for. Raises StoreError."""
        return await self.own.subscriptions.get(channel)

    async def subscription_or_default(self, channel: str) -> Subscription:
        """What ``channel`` asked for, or would get if it asked for nothing in particular. Raises StoreError."""
        return await self.subscription(channel) or self.settings.subscription(channel)

    def zone(self, subscription: Subscription | None) -> ZoneInfo:
        """The time zone of a channel."""
        return ZoneInfo(subscription.time_zone if subscription else self.settings.time_zone)

    def today(self) -> date:
        """The date where the installation is."""
        return self.now().astimezone(self.zone(None)).date()

    @property
    def has_model(self) -> bool:
        """Whether a model is configured."""
        return self.parts.wordings is not None

    def may_change(self, person: str) -> bool:
        """Whether ``person``, who asks from within a channel, may change its subscription."""
        return self.settings.settings_by == "members" or person in self.settings.admins


def team_of(body: Mapping[str, Any]) -> str:
    """Slack's id of the workspace that a press, a modal or a shortcut comes from; that of the person where the app is an organisation's,
    for then no workspace is named."""
    return str((body.get("team") or {}).get("id") or (body.get("user") or {}).get("team_id") or "")


@dataclass(frozen=True, slots=True)
class Services:
    """The installation: ``team`` gives what belongs to one workspace of Slack. ``links`` adds links, where somebody may; ``watch`` knows
    whether the store is away, while the bot runs; ``rates`` gives turns for calls to Slack, where several processes call it."""

    parts: Parts
    settings: Settings
    now: Callable[[], datetime]
    lanes: Lanes = field(default_factory=Lanes)
    links: LinkAdder | None = None
    watch: StoreWatch | None = None
    rates: Rates | None = None

    def team(self, team_id: str) -> Team:
        """By Slack's id of it. With one token there is one workspace, whatever its id."""
        own = self.parts.of_team(team_id) if self.settings.slack_client_id else self.parts
        return Team(team_id, self.parts, own, self.settings, self.now, self.lanes, self.links, self.watch, self.rates)
