"""A worker: no request of Slack comes to it; it does what others left to be done, and looks what is due, until it is told to stop.

Stopping takes ten seconds at most: nothing more is begun, what is under way ends or is handed to another worker, and only then what it uses
is closed.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

import structlog

from bot.measured import measured
from bot.slack.assembling import assembled, ended, engine_over
from bot.slack.event_tasks import EventTasks
from bot.slack.publishing.clockwork import Clockwork
from digest.errors import StoreError
from digest.publishing.timing import Timing
from digest.reaching import open_monitor_tasks
from digest.task_kinds import ALL, FEEDS, PUBLISH
from digest.tasks import Task

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping

    from bot.slack.services import Services
    from digest.tasks import Engine, Kind, Work

#: What a worker may do. The knowledge base is a folder, so whoever monitors has to have it.
Does = Literal["digests", "events", "monitor"]
EVERYTHING: Final[tuple[Does, ...]] = ("digests", "events", "monitor")
#: A digest takes 40 ms to choose and draw from some hundred articles: three hundred that are due at one minute, 12 s of a core.
_AHEAD_S: Final = 120.0
#: How often is looked which feeds are due.
_FEEDS_EVERY_S: Final = 60.0

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def working(services: Services, does: Collection[Does] = EVERYTHING, timing: Timing | None = None) -> AsyncIterator[None]:
    """Tasks are done while the context is open. Raises ConfigurationError, PublishError, StoreError."""
    # Turns are given for all workers together: nobody has to wait between two messages besides.
    timing = timing or replace(Timing(), between_s=0.0)
    async with AsyncExitStack() as stack:
        health = await stack.enter_async_context(measured(services.parts, services.settings, "ainews-worker"))
        engine = await stack.enter_async_context(engine_over(services.parts, ALL))
        health.engine = engine
        beside: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {}
        works: dict[Kind, Work] = {}
        if "monitor" in does:
            monitor = await stack.enter_async_context(open_monitor_tasks(services.parts, engine))
            works |= monitor.works()
            beside["feeds"] = partial(_look_at_feeds, engine)
        if {"digests", "events"} & set(does):
            bot = await assembled(services, stack)
            stack.push_async_callback(bot.under_way.end, 0.0)
            beside["store watch"] = bot.watch.watch
            if "events" in does:
                events = EventTasks(bot.app, bot.once, bot.under_way, engine)
                works |= events.works()
                beside["events"] = events.name_what_is_left
            if "digests" in does:
                clockwork = Clockwork(bot.services, bot.identities, engine, timing, ahead_s=_AHEAD_S)
                posting = dict(clockwork.works())
                later = {PUBLISH: posting.pop(PUBLISH)}
                works |= posting
                beside["digests"] = clockwork.run
                beside["publishing"] = partial(_once_settled, engine, later, clockwork.settle_s)
        await stack.enter_async_context(engine.running(works))
        for name, each in beside.items():
            task = asyncio.create_task(each())
            stack.push_async_callback(ended, task)
            health.goes_on(name, task)
        stack.callback(health.stop)
        _log.info("working", does=sorted(does))
        yield


async def _look_at_feeds(engine: Engine) -> None:
    """For ever. Every worker names the same task, so one of them looks."""
    while True:
        try:
            await engine.add([Task(FEEDS.name, "", "feeds")])
        except StoreError as error:
            _log.warning("monitoring_waits_for_store", reason=str(error))
        await asyncio.sleep(_FEEDS_EVERY_S)


async def _once_settled(engine: Engine, works: Mapping[Kind, Work], settle_s: float) -> None:
    """Post nothing before a channel's history may be believed, which takes a process the settle time: a digest that it took up before would
    wait for that, while another worker could post it."""
    await asyncio.sleep(settle_s)
    async with engine.running(works):
        await asyncio.Event().wait()
