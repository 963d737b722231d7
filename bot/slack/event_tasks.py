"""Events of Slack as tasks: the process that acked one leaves it to a worker, which hands it to the same listeners.

The event itself is kept in Redis until it had its effect; a task only names it.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.slack.once import HELD_S
from digest.errors import StoreError
from digest.task_kinds import EVENT
from digest.tasks import Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slack_bolt.app.async_app import AsyncApp

    from bot.slack.once import Once
    from bot.slack.under_way import UnderWay
    from digest.tasks import Kind, Tasks, Work

_log = structlog.get_logger(__name__)


async def carried_out_again(app: AsyncApp, body: bytes) -> None:
    """Hand an event that was acked before to the listeners of ``app``."""
    again = {**orjson.loads(body), "ainews_again": True}
    await app.async_dispatch(AsyncBoltRequest(body=again, mode="socket_mode"))


class HandedOver:
    """At the process that acks."""

    def __init__(self, once: Once, tasks: Tasks) -> None:
        self._once = once
        self._tasks = tasks

    async def __call__(self, body: dict[str, Any]) -> bool:
        """Whether a worker carries it out; where the queue cannot be reached this process does."""
        event_id = str(body["event_id"])
        try:
            await self._tasks.add([_task(body, event_id)])
        except StoreError as error:
            _log.warning("event_not_handed_over", event_id=event_id, reason=str(error))
            return False
        self._once.left_to_others(event_id)
        return True


class EventTasks:
    """At the process that works."""

    def __init__(self, app: AsyncApp, once: Once, under_way: UnderWay, tasks: Tasks) -> None:
        self._app = app
        self._once = once
        self._under_way = under_way
        self._tasks = tasks

    def works(self) -> Mapping[Kind, Work]:
        """What is done with each kind of task."""
        return {EVENT: self._event}

    async def name_what_is_left(self) -> None:
        """Events whose process is gone, or whose task is: named again, for ever. A task that waits is not doubled by that."""
        async for body in self._once.left():
            try:
                event = orjson.loads(body)
                event_id = str(event["event_id"])
                await self._tasks.add([_task(event, event_id)])
                self._once.left_to_others(event_id)
            except (StoreError, ValueError, KeyError) as error:
                _log.warning("event_not_handed_over", reason=str(error))

    async def _event(self, task: Task) -> datetime | None:
        """Carry it out, unless it had its effect. Of one that another process is at: when to look again. Raises StoreError."""
        body = await self._once.taken(task.about)
        if body is None:
            return None
        if body == "elsewhere":
            return datetime.now(UTC) + timedelta(seconds=HELD_S / 3)
        try:
            await carried_out_again(self._app, body)
            await self._once.ended(task.about)
        except asyncio.CancelledError:
            await self._under_way.cancel_event(task.about)  # before another process is at it
            await self._once.let_go(task.about)
            raise
        return None


def _task(body: Mapping[str, Any], event_id: str) -> Task:
    return Task(EVENT.name, str(body.get("team_id") or ""), event_id)
