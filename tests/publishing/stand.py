"""A desk as it works, before the local Slack and a real Valkey, with minutes made parts of a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from redis.asyncio import Redis

from benchmarks.publishing_worker import work
from bot.local_slack.server import LocalSlack
from bot.slack.client import slack_client
from bot.slack.publishing.channels import SlackChannels
from digest.errors import StoreError
from digest.model import EditionStory, Message
from digest.publishing.desk import Desk
from digest.publishing.office import Office, nobody
from digest.publishing.ports import Alert
from digest.publishing.publication import Name, Publication, prepared
from digest.publishing.timing import Timing
from digest.settings import Settings
from digest.stores.keys import Keys
from digest.stores.redis_ledger import RedisLedger

QUICK = Timing(
    settle_s=0.8, call_s=0.4, lease_s=1.2, tick_s=0.1, between_s=0.01, back_off_s=(0.05, 0.1), sweeps_s=(0.2, 0.4, 0.6), blocked_s=0.2,
    overdue_s=0.3, recent_s=60.0, give_up_s=60.0,
    proof_s=(0.0, 0.05, 0.1),
)  # fmt: skip
#: What its messages say.
WHOLE = ["The root", "The first reply", "The second reply"]
CHANNEL = "C0AINEWS01"
NAME = Name(CHANNEL, date(2026, 11, 23))
MESSAGE = Message(
    "The root", ({"type": "section", "text": {"type": "plain_text", "text": "Root"}},),
    replies=(
        Message("The first reply", ({"type": "section", "text": {"type": "plain_text", "text": "One"}},), ranks=(1,)),
        Message("The second reply", ({"type": "section", "text": {"type": "plain_text", "text": "Two"}},), ranks=(2,)),
    ),
    ranks=(1,),
)  # fmt: skip


class Killed(BaseException):
    """What kills a desk at a step: nothing of it runs after it."""


@dataclass
class Heard:
    """Alerts, as they were told."""

    alerts: list[Alert] = field(default_factory=list)

    async def tell(self, alert: Alert) -> None:
        self.alerts.append(alert)


@dataclass
class Stand:
    """``desks`` of one workspace over one ledger; ``slack`` is where they post."""

    slack: LocalSlack
    ledger: RedisLedger
    client: Redis
    keys: Keys
    heard: Heard
    recorded: list[Publication]

    def desk(self, timing: Timing = QUICK, watch: Callable[[str, Name], Awaitable[None]] = nobody, ledger: Any = None) -> Desk:
        async def issued(publication: Publication) -> None:
            self.recorded.append(publication)

        settings = Settings.load(slack_bot_token=self.slack.bot_token, slack_api_url=self.slack.api_url)
        client = slack_client(settings, again=False, timeout_s=timing.call_s)
        bot = self.slack.app.bot_id
        channels = SlackChannels(client, bot_id=bot, workspace=self.keys.workspace, proof_s=timing.proof_s)
        return Desk(Office(ledger or self.ledger, channels, self.heard, bot, timing, now, issued, watch))

    async def proved(self) -> None:
        await self.ledger.remember_proof(self.slack.app.bot_id)

    def standing(self) -> list[dict[str, Any]]:
        """What stands of the digest in the channel, threads too: the texts that people see, oldest first."""
        messages = self.slack.workspace.channel("ai-news").messages.values()
        return [m for m in messages if (m.get("metadata") or {}).get("event_type") == "ainews_digest"]

    def texts(self) -> list[str]:
        return [m["text"] for m in self.standing()]


def now() -> datetime:
    return datetime.now(UTC)


def publication(message: Message = MESSAGE, *, name: Name = NAME, lasts_s: float = 3_600, due_s: float = 0) -> Publication:
    due = now() + timedelta(seconds=due_s)
    stories = (EditionStory("a", "A"), EditionStory("b", "B"))
    return prepared(name, due, due + timedelta(seconds=lasts_s), now(), message, stories)


async def settle(desk: Desk) -> None:
    """Let the settle time after the start go by."""
    while not await desk.settled():
        await asyncio.sleep(0.02)


async def until(desk: Desk, wanted: Callable[[Publication], bool], name: Name = NAME, within_s: float = 20.0) -> Publication:
    """Let ``desk`` make rounds until the publication is as ``wanted``. An outage of the store is waited out, as the clockwork does."""
    async with asyncio.timeout(within_s):
        while True:
            try:
                await work(desk)
                found = await desk.office.ledger.get(name)
                if found is not None and wanted(found):
                    return found
            except StoreError:
                pass
            await asyncio.sleep(0.02)


def killed_at(step: str, times: int = 1) -> Callable[[str, Name], Awaitable[None]]:
    """A watch that kills the desk when it comes to ``step`` for the ``times``-th time."""
    left = times

    async def watch(at: str, name: Name) -> None:
        nonlocal left
        if at == step:
            left -= 1
            if left == 0:
                raise Killed(step)

    return watch


class Dead(RedisLedger):
    """The ledger of a process that was killed: it gives up no lease."""

    async def release(self, name: Name, token: str) -> None:
        return None


@asynccontextmanager
async def stand(client: Redis, keys: Keys, **given: Any) -> AsyncIterator[Stand]:
    async with LocalSlack(**given) as slack:
        yield Stand(slack, RedisLedger(client, keys), client, keys, Heard(), [])


def sent(publication: Publication) -> bool:
    return publication.state in ("sent", "verified")


def verified(publication: Publication) -> bool:
    return publication.state == "verified"


SLOW = replace(QUICK, sweeps_s=(60.0,))
