"""What the bot is doing at this moment, so that stopping lets it end: listeners, and calls that were not waited for to their end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from slack_bolt.listener.async_listener_start_handler import AsyncListenerStartHandler

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from slack_bolt.request.async_request import AsyncBoltRequest
    from slack_bolt.response import BoltResponse

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class UnderWay(AsyncListenerStartHandler):
    """Bolt tells it of each listener that starts; Bolt itself keeps no hold of them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._events: dict[str, asyncio.Task[Any]] = {}

    def __len__(self) -> int:
        return len(self._tasks)

    async def handle(self, request: AsyncBoltRequest, response: BoltResponse | None) -> None:
        """A listener starts, in the task that calls this."""
        task = asyncio.current_task()
        if task is not None:
            self.hold(task)
            if event_id := str(request.body.get("event_id") or ""):
                self._events[event_id] = task
                task.add_done_callback(lambda _: self._events.pop(event_id, None))

    async def cancel_event(self, event_id: str) -> None:
        """Cancel the listener of that event, if it runs, and wait for its end."""
        task = self._events.get(event_id)
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    async def within(self, budget_s: float, work: Coroutine[Any, Any, T]) -> T:
        """What ``work`` gives. Raises TimeoutError after ``budget_s`` seconds; the work goes on to its own end then, because a connection
        whose call is cancelled is lost."""
        task = asyncio.create_task(work)
        self.hold(task)
        done, _ = await asyncio.wait({task}, timeout=budget_s)
        if not done:
            raise TimeoutError
        return task.result()

    async def end(self, within_s: float) -> int:
        """Wait for all to end, those that begin meanwhile too; what has not after ``within_s`` seconds is cancelled. How many those are."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within_s
        await asyncio.sleep(0)  # a listener whose request was acked just now has yet to say that it starts
        while self._tasks and loop.time() < until:
            await asyncio.wait(self._tasks, timeout=until - loop.time())
        left = list(self._tasks)
        for task in left:
            task.cancel()
        if left:
            _log.warning("listeners_cancelled", count=len(left))
            await asyncio.wait(left)
        return len(left)

    def hold(self, task: asyncio.Task[Any]) -> None:
        """Wait for ``task`` too; whatever becomes of it."""
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # known to whoever waited; where nobody did any more, it is nobody's
