"""The monitor piece by piece: each feed a task, each entry a task. What is due is in the store; tasks only name it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from digest import measures
from digest.errors import ConfigurationError
from digest.feeds.schedule import is_due
from digest.monitored import Monitored
from digest.task_kinds import ASSESS, COLLECT, FEED, FEEDS
from digest.tasks import Task

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from digest.feeds.feed import Feed
    from digest.feeds.ports import Candidates, FeedStates
    from digest.monitor import Monitor
    from digest.tasks import Kind, Tasks, Work

#: Entries named at a time; the rest are found by the next look.
_MOST: Final = 5_000

#: A lease outlasts its task.
ASSESS_LEASE_S: Final = ASSESS.deadline_s + 10.0

_log = structlog.get_logger(__name__)


class Watched(Protocol):
    """What is told of a look: see ``watching.runs.Run``."""

    counts: Mapping[str, int]


@dataclass(slots=True)
class Looked:
    """One that nobody watches."""

    counts: Mapping[str, int] = field(default_factory=dict)


class MonitorTasks:
    """``listed`` gives the feeds as they are listed now, and raises ConfigurationError where the list cannot be read; ``collect`` takes the
    knowledge base in. ``clock`` gives the present, aware UTC; each look is one run of ``watched``."""

    def __init__(
        self,
        tasks: Tasks,
        monitor: Monitor,
        states: FeedStates,
        candidates: Candidates,
        *,
        listed: Callable[[], Sequence[Feed]],
        collect: Callable[[], Awaitable[None]],
        clock: Callable[[], datetime],
        lease_s: float = ASSESS_LEASE_S,
        watched: Callable[[], AbstractAsyncContextManager[Watched]] = lambda: nullcontext(Looked()),
    ) -> None:
        self._tasks = tasks
        self._monitor = monitor
        self._states = states
        self._candidates = candidates
        self._listed = listed
        self._collect = collect
        self._clock = clock
        self._lease_s = lease_s
        self._watched = watched
        self._feeds: dict[str, Feed] = {}

    def works(self) -> Mapping[Kind, Work]:
        """What is done with each kind."""
        return {FEEDS: self.look, FEED: self.feed, ASSESS: self.assess, COLLECT: self.collect}

    async def look(self, task: Task) -> None:
        """Which feeds are due, by the list as it is now, and which entries wait. Raises StoreError."""
        async with self._watched() as run:
            run.counts = await self._look()

    async def _look(self) -> dict[str, int]:
        now = self._clock()
        feeds = list(self._by_url().values())
        states = await self._states.states([f.url for f in feeds])
        due = [Task(FEED.name, "", f.url) for f, s in zip(feeds, states, strict=True) if is_due(s, now)]
        waiting = [Task(ASSESS.name, "", i) for i in await self._candidates.due(_MOST, now)]
        taken = await self._tasks.add(due) + await self._tasks.add(waiting)
        if taken:
            _log.info("monitoring", feeds_due=len(due), waiting=len(waiting), taken=taken)
        return {"feeds": len(feeds), "asked": len(due), "waiting": len(waiting)}

    async def feed(self, task: Task) -> None:
        """Ask one feed, unless it was asked meanwhile, and have each new entry assessed. Raises StoreError."""
        feed = self._feeds.get(task.about) or self._by_url().get(task.about)
        if feed is None:  # it was taken from the list
            return
        run = Monitored(feeds=1)
        await self._monitor.refresh([feed], run)
        measures.monitored(run)
        if run.new:
            await self._tasks.add([Task(ASSESS.name, "", i) for i in await self._candidates.due(_MOST, self._clock())])
        _log.info("feed_asked", feed=task.about, **{n: c for n, c in run.counts().items() if c})

    async def assess(self, task: Task) -> datetime | None:
        """Assess one entry and have what was filed taken in. Of one that another process has, or had when it was killed: when it may be
        taken. Raises StoreError."""
        run = Monitored()
        await self._monitor.assess_one(task.about, run, self._lease_s)
        measures.monitored(run)
        if run.documents:
            await self._tasks.add([Task(COLLECT.name, "", "knowledge-base")])
        return await self._candidates.due_at(task.about)

    async def collect(self, task: Task) -> None:
        """Take in what was filed. Raises StoreError."""
        await self._collect()

    def _by_url(self) -> dict[str, Feed]:
        """The list as it is now; where it cannot be read, as it was last."""
        try:
            self._feeds = {f.url: f for f in self._listed()}
        except ConfigurationError as error:
            _log.warning("feeds_not_read", reason=str(error), remedy=error.remedy)
        return self._feeds
