"""A publisher of the harness in ``benchmarks.publishing``: a process that is killed and stopped while it works.

``python -m benchmarks.publishing_worker CONFIG``: ``CONFIG`` is JSON, see ``Config``. With ``naive`` it is the publisher that one would write
first: it looks, posts, and remembers.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client import SLACK_ERRORS, slack_client
from bot.slack.publishing.channels import SlackChannels
from digest.errors import StoreError
from digest.model import Message
from digest.publishing.desk import Desk
from digest.publishing.office import Office
from digest.publishing.publication import EVENT_TYPE, Name, Publication, prepared
from digest.publishing.timing import Timing
from digest.settings import Settings
from digest.stores.connection import connect, store_errors
from digest.stores.keys import Keys
from digest.stores.redis_ledger import RedisLedger

if TYPE_CHECKING:
    from digest.publishing.ports import Alert

#: Messages of a digest: one for the channel, two for its thread.
PIECES = 3


@dataclass(frozen=True)
class Config:
    """``due``: what is to be posted, each ``CHANNEL:DATE`` with when, in seconds since 1970. ``die_at``: a step, and at the how manieth time."""

    redis_url: str
    workspace: str
    slack_url: str
    bot_token: str
    bot_id: str
    scale: float
    sweeps_s: tuple[float, ...]
    due: dict[str, float]
    lasts_s: float
    die_at: tuple[str, int] | None = None
    naive: bool = False


def message(name: Name) -> Message:
    """What is posted of it."""

    def one(said: str, replies: tuple[Message, ...] = ()) -> Message:
        return Message(said, ({"type": "section", "text": {"type": "plain_text", "text": said}},), replies)

    return one(f"Digest {name}", tuple(one(f"Part {n} of {name}") for n in range(1, PIECES)))


class Silent:
    """Nobody is told: the harness looks at the channel itself."""

    async def tell(self, alert: Alert) -> None:
        return None


def timing_of(config: Config) -> Timing:
    """The real times, each a ``scale``-th; how long it may take to be posted is the harness's."""
    return replace(Timing().faster(config.scale), sweeps_s=config.sweeps_s, look_back_s=600.0, recent_s=600.0, tick_s=0.2)


async def publish(config: Config) -> None:
    """As the bot does it, until it is killed."""
    timing, steps = timing_of(config), 0
    settings = Settings(slack_bot_token=config.bot_token, slack_api_url=config.slack_url, _env_file=None)  # type: ignore[call-arg,arg-type]
    ledger = RedisLedger(connect(config.redis_url, timeout_s=1.0), Keys(config.workspace))
    client = slack_client(settings, again=False, timeout_s=timing.call_s)
    channels = SlackChannels(client, bot_id=config.bot_id, workspace=config.workspace, proof_s=timing.proof_s)

    async def watch(step: str, name: Name) -> None:
        nonlocal steps
        if config.die_at and step == config.die_at[0]:
            steps += 1
            if steps == config.die_at[1]:
                os.kill(os.getpid(), signal.SIGKILL)

    async def issued(publication: Publication) -> None:
        return None

    desk = Desk(Office(ledger, channels, Silent(), config.bot_id, timing, now, issued, watch))
    with suppress(StoreError):
        await desk.look_back()
    while True:
        with suppress(StoreError, ExceptionGroup):
            for name, due in config.due.items():
                made = Name.of(name)
                if due <= now().timestamp() and await ledger.get(made) is None:
                    await desk.take_up(frozen(made, due, config))
            await work(desk)
        await asyncio.sleep(0.05)


async def work(desk: Desk) -> None:
    """Bring everything that is open one step further, as workers do it task by task. Raises StoreError where the ledger cannot be asked."""
    await desk.settled()
    async with asyncio.TaskGroup() as group:
        for name in await desk.office.ledger.open():
            group.create_task(desk.worked(name))


def frozen(name: Name, due: float, config: Config) -> Publication:
    """Prepared."""
    at = datetime.fromtimestamp(due, UTC)
    return prepared(name, at, datetime.fromtimestamp(due + config.lasts_s, UTC), now(), message(name))


async def publish_naively(config: Config) -> None:
    """Look whether it was posted, post it, remember that: with the client as it comes."""
    client = AsyncWebClient(config.bot_token, base_url=config.slack_url, timeout=max(1, round(10 / config.scale)))
    redis = connect(config.redis_url, timeout_s=1.0)
    while True:
        for name, due in config.due.items():
            with suppress(StoreError, *SLACK_ERRORS):
                if due <= now().timestamp() and not await _done(redis, name):
                    await _post(client, Name.of(name), config.workspace)
                    with store_errors():
                        await redis.set(f"naive:{name}", "1")
        await asyncio.sleep(0.05)


async def _done(redis: Any, name: str) -> bool:
    with store_errors():
        return bool(await redis.exists(f"naive:{name}"))


async def _post(client: AsyncWebClient, name: Name, workspace: str) -> None:
    root, said = "", message(name)
    for number, piece in enumerate((said, *said.replies)):
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": name.key(workspace, number)}}
        answer = await client.chat_postMessage(
            channel=name.channel, text=piece.text, blocks=list(piece.blocks), metadata=metadata, thread_ts=root or None
        )
        root = root or str(answer["ts"])


def now() -> datetime:
    return datetime.now(UTC)


def days(count: int) -> list[date]:
    """So many dates."""
    return [date.fromordinal(date(2026, 1, 1).toordinal() + n) for n in range(count)]


def main() -> None:
    """Until it is killed."""
    raw = json.loads(sys.argv[1])
    raw["sweeps_s"] = tuple(raw["sweeps_s"])
    raw["die_at"] = tuple(raw["die_at"]) if raw["die_at"] else None
    config = Config(**raw)
    asyncio.run(publish_naively(config) if config.naive else publish(config))


if __name__ == "__main__":
    main()
