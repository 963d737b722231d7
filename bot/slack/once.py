"""Each delivery has one effect: Slack sends events again that it thinks were lost, and anybody may send a signed request again.

Redis remembers, for every process; while it is away this process does. What a person does can be done again, so it is acked before Redis is
asked. An event cannot: it is in Redis before the ack, if that answers within ``EVENT_BUDGET_S``. As long as its listener runs, its process
says so every ``_KEPT_EVERY_S``; what nobody said of for ``LEFT_AFTER_S`` was left by a crash, and whoever notices first takes it over.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Literal

import structlog

from bot.slack.under_way import UnderWay
from digest.errors import StoreError
from digest.stores.memory_deliveries import MemoryDeliveries

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Mapping

    from digest.workspaces.ports import Deliveries

EVENT_BUDGET_S: Final = 0.2
REQUEST_BUDGET_S: Final = 1.0
#: Three times that an event's process could have spoken.
LEFT_AFTER_S: Final = 30.0
_KEPT_EVERY_S: Final = 10.0
#: For so long a worker is at an event alone without saying so again, which it does three times in that time.
HELD_S: Final = 15.0
#: Slack signs a request for five minutes; twice that covers clocks that differ.
SIGNED_FOR_S: Final = 600
#: Slack sends an event again within six minutes.
_AGAIN_S: Final = 3_600
#: Where a request's context has its signature.
SIGNATURE: Final = "ainews_signature"

_log = structlog.get_logger(__name__)


class Once:
    """Over the installation's ``Deliveries``, with a memory of this process beside it."""

    def __init__(
        self, deliveries: Deliveries, under_way: UnderWay | None = None, away: Callable[[], bool] = lambda: False
    ) -> None:
        """``away``: whether ``deliveries`` is known to be out of reach, so that nobody waits for it."""
        self._there = deliveries
        self._away = away
        self._here = MemoryDeliveries()
        self._under_way = under_way or UnderWay()
        self._open: set[str] = set()
        self._ends: dict[str, asyncio.Event] = {}
        self._me = secrets.token_hex(8)

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
        """Whether this event is seen for the first time; ``body`` is kept until ``finished``, over a crash too. Until then this process is
        at it."""
        name = _name(event_id)
        if not self._here.first_now(name, _AGAIN_S):
            return False
        first = await self._asked(lambda: self._there.begin(name, body), EVENT_BUDGET_S)
        if first:
            self._open.add(name)
        return first

    def left_to_others(self, event_id: str) -> None:
        """Another process is to be at it."""
        self._open.discard(_name(event_id))

    async def taken(self, event_id: str) -> bytes | Literal["elsewhere"] | None:
        """The body of an event that this process is at from now on, alone; None where it is finished. Raises StoreError."""
        name = _name(event_id)
        if await self._there.body(name) is None:
            return None
        if not await self._there.hold(name, self._me, HELD_S):
            return "elsewhere"
        body = await self._there.body(name)  # who was at it until just now may have finished it
        if body is not None:
            self._open.add(name)
            self._ends[name] = asyncio.Event()
        return body

    async def ended(self, event_id: str) -> None:
        """Waits until what was ``taken`` is finished, and stays at it until then."""
        name = _name(event_id)
        try:
            while name in self._ends and not self._ends[name].is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(HELD_S / 3):
                        await self._ends[name].wait()
                        return
                await self._stay(name)
        finally:
            self._ends.pop(name, None)
            self._open.discard(name)

    async def let_go(self, event_id: str) -> None:
        """Another process may be at it now."""
        try:
            await self._there.let_go(_name(event_id), self._me)
        except StoreError as error:
            _log.warning("event_not_let_go", event_id=event_id, reason=str(error))

    async def _stay(self, name: str) -> None:
        try:
            await self._there.hold(name, self._me, HELD_S)
        except StoreError as error:
            _log.warning("event_not_held", event=name, reason=str(error))

    async def finished(self, event_id: str) -> None:
        """The event had its effect. Of what is being cancelled that is not so: it is carried out after the next start."""
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            return
        name = _name(event_id)
        self._open.discard(name)
        try:
            await self._there.finish(name)
        except StoreError as error:
            _log.warning("event_not_marked_as_finished", event_id=event_id, reason=str(error))
        if name in self._ends:
            self._ends[name].set()

    async def left(self, *, after_s: float = LEFT_AFTER_S, every_s: float = _KEPT_EVERY_S) -> AsyncIterator[bytes]:
        """Bodies of events that a crash left, as they are found, for ever. Says meanwhile which this process is at."""
        while True:
            try:
                await self._there.keep(sorted(self._open))
                for name, body in await self._there.take_over(after_s):
                    if name.startswith("event:"):
                        self._open.add(name)
                        yield body
            except StoreError as error:
                _log.warning("what_a_crash_left_is_unknown", reason=str(error))
            await asyncio.sleep(every_s)

    async def _asked(self, ask: Callable[[], Coroutine[Any, Any, bool]], budget_s: float) -> bool:
        if not self._away():
            try:
                return await self._under_way.within(budget_s, ask())
            except (StoreError, TimeoutError):
                pass
        _log.warning("deliveries_remembered_here_only")
        return True


def _name(event_id: str) -> str:
    return f"event:{event_id}"
