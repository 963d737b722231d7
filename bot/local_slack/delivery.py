"""How the app hears of things: over its Socket Mode connections where it has one, else by signed requests.

An event that is not acked comes again at once, after a minute and after five; commands and interactions come once.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from bot.local_slack import payloads

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bot.local_slack.wire import Json
    from bot.local_slack.workspace import Workspace

RETRIES_AFTER_S: Final = (0.0, 60.0, 300.0)
ACK_WITHIN_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Ack:
    """How the app answered: ``error`` is None where it did in time and rightly, else Slack's word for what went wrong.

    ``body`` is the payload: an object, a text, or nothing.
    """

    error: str | None = None
    body: Json | str | None = None
    after_s: float = 0.0
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """One attempt to tell the app something, for whoever looks into it later."""

    kind: str
    payload: Json
    attempt: int
    ack: Ack


class Way(Protocol):
    """A way to the app. ``deliver`` never raises for what the app does: that is in the :class:`Ack`."""

    @property
    def open(self) -> bool:
        """Whether there is anybody at the other end."""
        ...

    async def deliver(self, kind: str, payload: Json, attempt: int, reason: str | None) -> Ack:
        """Hand over ``payload`` (``events_api``, ``slash_commands``, ``interactive``) and wait for its ack."""
        ...


@dataclass
class Delivery:
    """All that is told to the app, by the first way that is open."""

    workspace: Workspace
    ways: list[Way]
    retries_after_s: tuple[float, ...] = RETRIES_AFTER_S
    log: list[Delivered] = field(default_factory=list)
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)
    _was_open: bool = False

    async def deliver(self, kind: str, payload: Json, attempt: int = 0, reason: str | None = None) -> Ack:
        """Tell the app once."""
        way = next((way for way in self.ways if way.open), None)
        ack = await way.deliver(kind, payload, attempt, reason) if way else Ack("dispatch_failed")
        self.log.append(Delivered(kind, payload, attempt, ack))
        self.workspace.tell("delivered", to=kind, error=ack.error)
        return ack

    def _event_id(self) -> str:
        """Unlike any in another workspace, as Slack's are."""
        return f"{self.workspace.new_id('Ev')}{self.workspace.team_id[1:]}"

    async def event(self, event: Json, event_id: str | None = None) -> Ack:
        """Tell the app of ``event`` now, and again later where it does not ack; the first attempt's ack."""
        body = payloads.event_callback(self.workspace, event, event_id or self._event_id())
        ack = await self.deliver("events_api", body)
        if ack.error:
            self._later(self._retry(body, ack))
        return ack

    def event_soon(self, event: Json) -> None:
        """The same, without waiting; where no app was ever there, nobody is told."""
        self._was_open = self._was_open or any(way.open for way in self.ways)
        if not self._was_open:
            return

        async def tell() -> None:
            await self.event(event)

        self._later(tell())

    async def settle(self) -> None:
        """Wait until every event was told, with all its retries."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    async def close(self) -> None:
        """Tell nothing more."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _retry(self, body: Json, ack: Ack) -> None:
        for attempt, wait_s in enumerate(self.retries_after_s, 1):
            await self.workspace.clock.sleep(wait_s)
            reason = "timeout" if ack.error == "operation_timeout" else "http_error"
            ack = await self.deliver("events_api", body, attempt, reason)
            if not ack.error:
                return

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
