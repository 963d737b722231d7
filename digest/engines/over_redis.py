"""Tasks done by any number of processes over one Redis: pydocket behind the port. The only module that knows it.

Every kind has a docket of its own. A task is in a stream of Redis until it was done; that of a process which says nothing any more is
given to another after ``REDELIVERED_S``. A task that fails is put in its own place again, to be tried later, and so is one whose process is
told to stop.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import structlog
from docket import ConcurrencyLimit, Disposition, Docket, Worker

from digest.engines.performing import performed
from digest.errors import StoreError
from digest.stores.address import each_node
from digest.stores.connection import store_errors
from digest.tasks import END_WITHIN_S, Task, Waiting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence

    from digest.stores.keys import Keys
    from digest.tasks import Kind, Work

#: A process that holds a task says so four times in that time; one that was killed loses it after at most five quarters of it.
REDELIVERED_S: Final = 12.0
#: How long a free place waits for news, and how often tasks for later are looked for. The engine's own 0.25 s would let ten places do
#: forty tasks a second, however short they are.
_LOOK_S: Final = 0.02
_LATER_S: Final = 0.25
_BACK_WITHIN_S: Final = 1.0
#: A worker whose server went away asks again so often.
_RECONNECT_S: Final = 1.0

_log = structlog.get_logger(__name__)
# It logs each task, and with a traceback each time its server does not answer: ours say what matters.
logging.getLogger("docket").setLevel(logging.CRITICAL)


class DocketEngine:
    """To be opened as a context. ``url``: as ``stores.connection.connect`` takes it. ``name`` tells this process from others."""

    def __init__(
        self, url: str, keys: Keys, kinds: Sequence[Kind], *, name: str = "", redelivered_s: float = REDELIVERED_S,
        end_within_s: float = END_WITHIN_S,
    ) -> None:  # fmt: skip
        self._name = name or f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:6]}"
        self._redelivered = timedelta(seconds=redelivered_s)
        self._end_within_s = end_within_s
        self._end_until: float | None = None
        self._stack = AsyncExitStack()
        self._urls = each_node(url)
        self._keys = keys
        self._kinds = tuple(kinds)
        self._dockets: dict[str, Docket] = {}

    async def __aenter__(self) -> DocketEngine:
        for number, url in enumerate(self._urls, start=1):
            try:
                with store_errors():
                    await self._connect(url)
            except StoreError:
                await self._stack.aclose()
                if number == len(self._urls):
                    raise
            else:
                break
        return self

    async def _connect(self, url: str) -> None:
        for kind in self._kinds:
            docket = Docket(
                self._keys.tasks(kind.name), url, execution_ttl=timedelta(0), heartbeat_interval=timedelta(seconds=2)
            )
            docket.register(self._function(kind, None))
            self._dockets[kind.name] = await self._stack.enter_async_context(docket)

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def add(self, tasks: Sequence[Task], *, at: datetime | None = None) -> int:
        """See ``tasks.Tasks``."""
        taken = 0
        for kind in {task.kind for task in tasks}:
            docket = self._dockets[kind]
            calls = [docket.call(kind, when=at, key=t.key)(t.workspace, t.about) for t in tasks if t.kind == kind]
            with store_errors():
                for done in await docket.add_many(calls):
                    if done.schedule_exception is not None:
                        raise done.schedule_exception
                    taken += done.disposition is Disposition.SCHEDULED
        return taken

    @asynccontextmanager
    async def running(self, works: Mapping[Kind, Work]) -> AsyncIterator[None]:
        """See ``tasks.Engine``."""
        running: list[asyncio.Task[None]] = []
        for kind, work in works.items():
            self._dockets[kind.name].register(self._function(kind, work))
            running.append(asyncio.create_task(self._run(kind), name=f"tasks of {kind.name}"))
        try:
            yield
        finally:
            for task in running:
                task.cancel()  # it begins nothing more, and waits for what is under way
            now = time.monotonic()
            self._end_until = self._end_until or now + self._end_within_s  # kinds that stop one after the other share the time
            _, late = await asyncio.wait(running, timeout=max(0.1, self._end_until - now))
            for task in late:
                task.cancel()  # each task it holds puts itself back
            if late:
                await asyncio.wait(late, timeout=2 * _BACK_WITHIN_S)

    async def _run(self, kind: Kind) -> None:
        worker = Worker(
            self._dockets[kind.name], name=f"{self._name}-{kind.name}", concurrency=kind.at_once,
            redelivery_timeout=self._redelivered, reconnection_delay=timedelta(seconds=_RECONNECT_S),
            minimum_check_interval=timedelta(seconds=_LOOK_S), scheduling_resolution=timedelta(seconds=_LATER_S),
            schedule_automatic_tasks=False,
        )  # fmt: skip
        async with worker:
            await worker.run_forever()

    def _function(self, kind: Kind, work: Work | None) -> Callable[..., Coroutine[Any, Any, None]]:
        """What the docket calls. Without ``work`` it only gives the tasks their name."""

        async def perform(workspace: str, about: str, attempt: int = 1) -> None:
            if work is None:
                raise TypeError(f"nobody does {kind.name} here")
            task = Task(kind.name, workspace, about)
            try:
                done, again = await performed(kind, work, task, attempt)
            except asyncio.CancelledError:
                await self._handed_back(task, attempt)
                raise
            if done and again is not None:
                await self._put_again(task, again, 1)
            elif not done and attempt < kind.attempts:
                await self._put_again(task, _in(kind.wait_s * 2 ** (attempt - 1)), attempt + 1)

        async def limited(
            workspace: str, about: str, attempt: int = 1,
            limit: ConcurrencyLimit = ConcurrencyLimit("workspace", kind.each_workspace),  # noqa: B008 so it is declared
        ) -> None:  # fmt: skip
            await perform(workspace, about, attempt)

        function = limited if kind.each_workspace else perform
        function.__name__ = kind.name
        return function

    async def _put_again(self, task: Task, at: datetime, attempt: int) -> None:
        docket = self._dockets[task.kind]
        await docket.replace(task.kind, at, task.key)(task.workspace, task.about, attempt)

    async def _handed_back(self, task: Task, attempt: int) -> None:
        """To another process now, instead of once this one is missed."""
        try:
            async with asyncio.timeout(_BACK_WITHIN_S):
                await self._put_again(task, datetime.now(UTC), attempt)
            _log.info("task_handed_back", task=task.kind, about=task.about)
        except Exception as error:  # noqa: BLE001 another process misses this one then
            _log.warning("task_not_handed_back", task=task.kind, about=task.about, reason=str(error))

    async def waiting(self) -> Mapping[str, Waiting]:
        """See ``tasks.Engine``."""
        found = {}
        with store_errors():
            for name, docket in self._dockets.items():
                async with docket.redis() as client:
                    first = await client.xrange(docket.stream_key, count=1)
                    now, later = await client.xlen(docket.stream_key), await client.zcard(docket.queue_key)
                since = int(first[0][0].split(b"-")[0]) / 1000 if first else time.time()
                found[name] = Waiting(now + later, max(0.0, time.time() - since))
        return found


def _in(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)
