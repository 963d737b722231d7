"""How an installation is: one value, from the store, for ``ainews status``, ``/ainews status`` and the gauges at ``/metrics``.

So whoever asks, and whichever process answers, is told the same. Nothing is asked of anybody but the store, and its cost does not grow with
what is held.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

from digest.errors import ConfigurationError
from digest.feeds.health import health
from digest.feeds.listing import feeds_in_use
from digest.watching.ports import Waiting
from digest.watching.publishing import publishing_status
from digest.watching.spending import spending_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from digest.factory import Parts
    from digest.tasks import Engine
    from digest.watching.ports import Ran
    from digest.watching.publishing import PublishingStatus
    from digest.watching.spending import Spent


@dataclass(frozen=True, slots=True)
class Feeds:
    """``by_health``: how many of the listed feeds are ``ok``, ``failing``, ``moved`` or ``new``. ``succeeded``: when one last answered
    usefully. ``problem``: why the list cannot be read."""

    by_health: Mapping[str, int]
    succeeded: datetime | None = None
    problem: str = ""

    @property
    def asked(self) -> int:
        """How many were asked at all."""
        return sum(count for word, count in self.by_health.items() if word != "new")


@dataclass(frozen=True, slots=True)
class Status:
    """As of ``at`` (aware UTC). ``store``: which server, for people. ``newest``: date of the newest article. ``answers``: questions of
    today (UTC) by who answered, and ``abstained``. ``publishing``: one for each workspace of Slack."""

    at: datetime
    version: str
    workspace: str
    store: str
    articles: int
    newest: datetime | None
    feeds: Feeds
    waiting: tuple[Waiting, ...]
    runs: tuple[Ran, ...]
    publishing: tuple[PublishingStatus, ...]
    answers: Mapping[str, int]
    spent: Spent


async def status_of(parts: Parts, now: datetime, *, newest: int = 0, engine: Engine | None = None) -> Status:
    """As of ``now`` (aware), with so many of the ``newest`` publications of each workspace, and with what waits in ``engine``, where there is
    one. Raises StoreError."""
    settings = parts.settings
    teams = [parts.of_team(t) for t in await parts.installations.teams()] if settings.slack_client_id else [parts]
    return Status(
        at=now,
        version=version("ainews"),
        workspace=settings.workspace,
        store=parts.where,
        articles=await parts.articles.total(),
        newest=await parts.articles.newest(),
        feeds=await _feeds(parts),
        waiting=(*await parts.backlogs.waiting(now), *(await _tasks(engine, now) if engine else ())),
        runs=tuple(await parts.activity.last()),
        publishing=tuple([await publishing_status(t, now, newest) for t in teams]),
        answers=await parts.activity.answers(now.astimezone(UTC).date()),
        spent=await spending_of(parts.spending, settings.daily_cap_usd, now),
    )


async def _tasks(engine: Engine, now: datetime) -> list[Waiting]:
    found = await engine.waiting()
    return [
        Waiting(kind, w.count, now - timedelta(seconds=w.oldest_s) if w.count else None) for kind, w in sorted(found.items())
    ]


async def _feeds(parts: Parts) -> Feeds:
    try:
        feeds = await asyncio.to_thread(feeds_in_use, parts.settings)
    except ConfigurationError as error:
        return Feeds({}, problem=str(error))
    states = await parts.feed_states.states([f.url for f in feeds])
    return Feeds(Counter(map(health, states)), max((s.succeeded for s in states if s.succeeded), default=None))
