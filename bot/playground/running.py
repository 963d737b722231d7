"""Everything that a playground is: the local Slack, the bot before it with its articles, and one clock for both.

What the page shows came from the Bolt app through the Slack client; nothing here writes into the workspace by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import structlog

from bot.local_slack.app import SlackApp
from bot.local_slack.server import LocalSlack
from bot.playground.delivering import Delivered, Deliverer
from bot.slack.manifest import manifest
from bot.slack.services import Services
from bot.slack.serving import serving
from digest import pipeline
from digest.errors import AinewsError, ConfigurationError
from digest.factory import open_parts, sources
from digest.sample.write import write_next_day, write_sample

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from digest.collected import Collected
    from digest.factory import Parts
    from digest.settings import Settings

#: The channel in which the bot is, and the person at the keyboard.
CHANNEL: Final = "ai-news"
PERSON: Final = "ada"
#: As far as the date may be set: who looks further ahead finds no article dated near it.
FURTHEST: Final = timedelta(days=366)

#: What was collected at an hour is there an hour later.
_AFTER_NEWEST: Final = timedelta(hours=1)
_NOON: Final = time(12)
_ANSWERED_WITHIN_S: Final = 15.0
#: Is told a level (``info``, ``error``) and a sentence.
Teller = Callable[[str, str], None]

_log = structlog.get_logger(__name__)


class Playground:
    """A running playground. ``folders`` are the knowledge bases read; none: the sample."""

    def __init__(self, slack: LocalSlack, parts: Parts, settings: Settings, folders: Sequence[Path]) -> None:
        self.slack = slack
        self.parts = parts
        self.settings = settings
        self.services = Services(parts, settings, self.now)
        self.delivered: Delivered | None = None
        self._deliverer = Deliverer(self.services)
        self._folders = tuple(folders)
        self._sample = settings.data_dir / "sample"
        self._next_day_told = False
        self._one_at_a_time = asyncio.Lock()

    def now(self) -> datetime:
        """The instant by the local Slack's clock, which is the bot's too. Aware UTC."""
        return datetime.fromtimestamp(self.slack.clock.now(), UTC)

    def today(self) -> date:
        """The date where the installation is."""
        return self.services.team(self.slack.workspace.team_id).today()

    @property
    def of_sample(self) -> bool:
        """Whether its articles are the sample's."""
        return not self._folders

    async def gather(self, day: date | None = None) -> None:
        """Read the articles, and make it ``day``, else the day of the newest of them where no digest of today would have one.

        Raises StoreError, and ConfigurationError where there is none.
        """
        if day is not None:
            self.slack.clock.set(datetime.combine(day, _NOON, ZoneInfo(self.settings.time_zone)).timestamp())
        if self.of_sample:
            write_sample(self._sample, now=self.now())
        if not (await self._collect()).counts()["new"]:
            raise ConfigurationError(
                "no article could be read there", remedy="Name a folder of documents, or none for the sample."
            )
        newest = await self.parts.articles.newest()
        if day is None and newest and newest < self.now() - timedelta(hours=self.settings.max_age_h):
            self.slack.clock.set((newest + _AFTER_NEWEST).timestamp())

    async def begin(self) -> None:
        """Subscribe the channel, and bring it today's digest. Raises AinewsError."""
        async with self._one_at_a_time:
            answer = await self.slack.people.command(PERSON, CHANNEL, "/ainews subscribe")
            with suppress(TimeoutError):  # so that the digest comes last; it comes without the answer too
                await self.slack.answered(answer, timeout_s=_ANSWERED_WITHIN_S)
            await self._deliver()

    async def set_date(self, day: date) -> None:
        """Make it ``day``, at the same time of day, and bring the channel that day's digest.

        With the sample, the first day after it began is one on which more is told. Raises ValueError where ``day`` has passed,
        AinewsError where the digest cannot be made.
        """
        async with self._one_at_a_time:
            ahead = day - self.today()
            if ahead <= timedelta() or ahead > FURTHEST:
                raise ValueError(
                    f"Choose a day after {self.today()}, and within a year: Slack's messages come one after another."
                )
            self.slack.clock.advance(ahead.total_seconds())
            if self.of_sample and not self._next_day_told:
                write_next_day(self._sample, now=self.now())
                self._next_day_told = True
            await self._collect()
            await self._deliver()

    async def templates_changed(self) -> None:
        """Draw today's digest again, with the templates as they now are. Raises AinewsError where one is broken."""
        async with self._one_at_a_time:
            if self.delivered is not None:
                self.delivered = await self._deliverer.again(self.delivered)

    async def _collect(self) -> Collected:
        places = [self._sample / "knowledge-base", self._sample / "inbox"] if self.of_sample else list(self._folders)
        feeds = [str(self._sample / "feed.xml")] if self.of_sample else []
        found = sources(self.settings, knowledge_bases=places, feeds=feeds, now=self.now)
        return await pipeline.collect(found, self.parts.articles, self.parts.assessor)

    async def _deliver(self) -> None:
        channel = self.slack.workspace.channel(CHANNEL)
        self.delivered = await self._deliverer.today(channel.id)


@asynccontextmanager
async def playing(settings: Settings, folders: Sequence[Path] = (), day: date | None = None) -> AsyncIterator[Playground]:
    """A playground whose data are in ``settings.data_dir``, an empty folder; its digest comes with ``begin``. ``day``: see ``gather``.

    Raises StoreError, and ConfigurationError where there is no article to be read.
    """
    app = SlackApp.from_manifest(manifest(settings))
    async with LocalSlack(app=app) as slack:
        loaded = settings.model_copy(update=before(slack))

        def now() -> datetime:
            return datetime.fromtimestamp(slack.clock.now(), UTC)

        async with open_parts(loaded, now=now) as parts:
            playground = Playground(slack, parts, loaded, folders)
            await playground.gather(day)  # before the bot begins, which takes in what is held when it starts
            async with serving(playground.services):
                await slack.until(lambda _: bool(slack.sockets.open))
                yield playground


def before(slack: LocalSlack) -> dict[str, object]:
    """The settings that put a bot before ``slack``, whatever is configured for the real thing."""
    from pydantic import SecretStr

    return {
        "redis_url": None, "workspace": "playground", "retention_days": 3650, "slack_bot_token": SecretStr(slack.bot_token), "slack_api_url": slack.api_url,
        "slack_app_token": SecretStr(slack.app_token), "slack_signing_secret": None, "slack_client_id": None,
    }  # fmt: skip


async def watch_templates(playground: Playground, folders: Sequence[Path], tell: Teller, *, every_s: float = 0.4) -> None:
    """Draw again whenever a file of ``folders`` is saved, and tell of it, or of what is wrong with it. Never returns."""
    before = await asyncio.to_thread(_saved, folders)
    while True:
        await asyncio.sleep(every_s)
        after = await asyncio.to_thread(_saved, folders)
        if after == before:
            continue
        changed = sorted({path for path, _ in after ^ before})
        before = after
        try:
            await playground.templates_changed()
        except AinewsError as error:
            _log.info("template_broken", reason=str(error))
            tell("error", str(error))
        else:
            tell("info", f"Drawn again with {', '.join(path.name for path in changed[:3])}.")


def _saved(folders: Sequence[Path]) -> set[tuple[Path, int]]:
    """Every file below ``folders``, with when it was last saved."""
    found = set()
    for folder in folders:
        for path in folder.rglob("*.j2"):
            try:
                found.add((path, path.stat().st_mtime_ns))
            except OSError:  # an editor saves by replacing: it is there the next time
                continue
    return found
