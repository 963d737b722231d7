"""Each delivery has one effect: Slack sends events again that it thinks were lost, and anybody may send a signed request again.

Redis remembers, for every process; while it is away this process does. What a person does can be done again, so it is acked before Redis is
asked. An event cannot: it is in Redis before the ack, if that answers within ``EVENT_BUDGET_S``.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, TypeVar

import structlog

from digest.errors import StoreError
from digest.stores.memory_deliveries import MemoryDeliveries

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from digest.workspaces.ports import Deliveries

EVENT_BUDGET_S: Final = 0.2
REQUEST_BUDGET_S: Final = 1.0
#: Slack signs a request for five minutes; twice that covers clocks that differ.
SIGNED_FOR_S: Final = 600
#: Where a request's context has its signature.
SIGNATURE: Final = "ainews_signature"

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class Once:
    """Over the installation's ``Deliveries``, with a memory of this process beside it."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._there = deliveries
        self._here = MemoryDeliveries()

    def seen_here(self, signature: str) -> bool:
        """Whether a request signed like this came to this process before. Remembers this one."""
        return not self._here.first_now(f"signed:{signature}", SIGNED_FOR_S)

    async def replayed(self, context: Mapping[str, Any]) -> bool:
        """Whether the request of that context came to any process before; only what came over HTTP has a signature that anybody could
        send again."""
        signature = context.get(SIGNATURE)
        if not signature:
            return False
        first = await self._asked(lambda: self._there.first(f"signed:{signature}", SIGNED_FOR_S), REQUEST_BUDGET_S)
        if not first:
            _log.info("request_replayed")
        return not first

    async def event(self, event_id: str, body: bytes) -> bool:
        """Whether this event is seen for the first time; ``body`` is kept until ``finished``, over a crash too."""
        name = f"event:{event_id}"
        here = await self._here.begin(name, b"")
        return here and await self._asked(lambda: self._there.begin(name, body), EVENT_BUDGET_S)

    async def finished(self, event_id: str) -> None:
        """The event had its effect."""
        name = f"event:{event_id}"
        await self._here.finish(name)
        try:
            await self._there.finish(name)
        except StoreError as error:
            _log.warning("event_not_marked_as_finished", event_id=event_id, reason=str(error))

    async def unfinished(self, older_than_s: float) -> list[bytes]:
        """Bodies of events that a crash left. Raises StoreError."""
        return [body for name, body in await self._there.unfinished(older_than_s) if name.startswith("event:")]

    async def _asked(self, ask: Callable[[], Coroutine[Any, Any, bool]], budget_s: float) -> bool:
        try:
            return await within(budget_s, ask())
        except (StoreError, TimeoutError):
            _log.warning("deliveries_remembered_here_only")
            return True


async def within(budget_s: float, work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` gives. Raises TimeoutError after ``budget_s`` seconds; the work goes on to its own end then, because a connection whose
    call is cancelled is lost."""
    task = asyncio.create_task(work)
    done, _ = await asyncio.wait({task}, timeout=budget_s)
    if not done:
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        raise TimeoutError
    return task.result()
