"""Tasks done by this process: the engine of a bot that is one process. What waits is lost with it, and found again as due by the next."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from digest.engines.performing import performed
from digest.tasks import END_WITHIN_S, Waiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from digest.tasks import Kind, Task, Work

_log = structlog.get_logger(__name__)


class InProcessEngine:
    """An engine of one event loop. ``clock`` gives the present, aware UTC. Tasks added while nothing runs wait until something does."""

    def __init__(
        self, clock: Callable[[], datetime] = lambda: datetime.now(UTC), *, end_within_s: float = END_WITHIN_S
    ) -> None:
        self._clock = clock
        self._end_within_s = end_within_s
        self._works: dict[str, tuple[Kind, Work, asyncio.Semaphore]] = {}
        self._each: dict[tuple[str, str], asyncio.Semaphore] = {}
        self._early: list[Task] = []
        self._known: dict[tuple[str, str], tuple[float, asyncio.Task[None] | None]] = {}
        self._performing: set[tuple[str, str]] = set()

    async def add(self, tasks: Sequence[Task], *, at: datetime | None = None) -> int:
        """See ``tasks.Tasks``."""
        return sum(self._add(task, at) for task in tasks)

    def _add(self, task: Task, at: datetime | None) -> bool:
        name = task.kind, task.key
        if name in self._known:
            return False
        due = time.monotonic() + (max(0.0, (at - self._clock()).total_seconds()) if at else 0.0)
        self._known[name] = due, None
        if task.kind in self._works:
            self._begin(task, due)
        else:
            self._early.append(task)
        return True

    def _begin(self, task: Task, due: float) -> None:
        self._known[task.kind, task.key] = due, asyncio.create_task(self._run(task, due))

    async def _run(self, task: Task, due: float) -> None:
        kind, work, gate = self._works[task.kind]
        name = task.kind, task.key
        again: datetime | None = None
        try:
            for attempt in range(1, kind.attempts + 1):
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                async with self._turn(kind, task), gate:
                    self._performing.add(name)
                    done, again = await performed(kind, work, task, attempt)
                    self._performing.discard(name)
                if done:
                    break
                due = time.monotonic() + kind.wait_s * 2 ** (attempt - 1)
        finally:
            self._performing.discard(name)
            self._known.pop(name, None)
        if again is not None and task.kind in self._works:
            self._add(task, again)

    def _turn(self, kind: Kind, task: Task) -> AbstractAsyncContextManager[None]:
        name = kind.name, task.workspace
        if not kind.each_workspace:
            return nullcontext()
        if name not in self._each:
            self._each[name] = asyncio.Semaphore(kind.each_workspace)
        return self._each[name]

    @asynccontextmanager
    async def running(self, works: Mapping[Kind, Work]) -> AsyncIterator[None]:
        """See ``tasks.Engine``."""
        self._works |= {kind.name: (kind, work, asyncio.Semaphore(kind.at_once)) for kind, work in works.items()}
        early, self._early = self._early, []
        for task in early:
            self._begin(task, self._known[task.kind, task.key][0])
        try:
            yield
        finally:
            await self._end({kind.name for kind in works})

    async def _end(self, names: set[str]) -> None:
        for name in names:
            del self._works[name]
        ours = {name: task for name, (_, task) in self._known.items() if name[0] in names and task}
        begun = {task for name, task in ours.items() if name in self._performing}
        left = set(ours.values()) - begun
        for task in left:
            task.cancel()
        if begun:
            _, late = await asyncio.wait(begun, timeout=self._end_within_s)
            for task in late:
                task.cancel()
            left |= late
        if left:
            await asyncio.wait(left)
            _log.info("tasks_left", count=len(left))

    async def waiting(self) -> Mapping[str, Waiting]:
        """See ``tasks.Engine``."""
        now, found = time.monotonic(), dict[str, Waiting]()
        for (kind, _), (due, _) in self._known.items():
            before = found.get(kind, Waiting())
            found[kind] = Waiting(before.count + 1, max(before.oldest_s, now - due))
        return found
