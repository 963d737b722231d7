"""Publishing as tasks: every half minute each workspace is looked at, what is due is prepared, and what is on its way brought further.

Nothing is lost with a task: the next look finds it again. Each process watches the ledger's life for itself, since what a channel's history
does not show is only believed by who has watched for the settle time.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from bot.slack.publishing.desks import publishing_of
from digest import measures
from digest.context import of_workspace
from digest.errors import StoreError
from digest.publishing.publication import Name
from digest.publishing.timing import Timing
from digest.task_kinds import LOOK, PREPARE, PUBLISH
from digest.tasks import Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from bot.slack.identity import Identities
    from bot.slack.publishing.desks import Publishing
    from bot.slack.services import Services
    from digest.tasks import Kind, Tasks, Work

#: Nothing is looked at more often than this part of a round.
_LEAST: Final = 1 / 60

_log = structlog.get_logger(__name__)


class Clockwork:
    """Of the installation: one desk for each workspace that has the bot. ``tasks`` takes what is to be done by ``works``, here or in other
    processes. ``ahead_s``: how long before its time a digest is prepared."""

    def __init__(
        self,
        services: Services,
        identities: Identities,
        tasks: Tasks,
        timing: Timing | None = None,
        *,
        ahead_s: float = 0.0,
    ) -> None:
        self._services = services
        self._identities = identities
        self._tasks = tasks
        self._timing = timing or Timing()
        self._ahead_s = ahead_s
        self._made: dict[tuple[str, str], Publishing] = {}

    @property
    def settle_s(self) -> float:
        """For so long after its start a process posts nothing."""
        return self._timing.settle_s

    def works(self) -> Mapping[Kind, Work]:
        """What is done with each kind of task."""
        return {LOOK: self._look, PREPARE: self._prepare, PUBLISH: self._publish}

    async def run(self) -> None:
        """Until it is cancelled. What fails is logged, and tried again in the next round."""
        while True:
            await self.tick()
            await asyncio.sleep(self._timing.tick_s)

    async def tick(self) -> None:
        """Have each workspace looked at. What fails is logged."""
        try:
            found = await self._everywhere()
            await self._tasks.add([Task(LOOK.name, str(p.team.id), "digests") for p in found])
        except StoreError as error:
            _log.warning("publishing_waits_for_store", reason=str(error))
            return
        for publishing in found:
            try:
                await publishing.desk.settled()
            except StoreError as error:
                _log.warning("publishing_waits_for_store", team=publishing.team.id, reason=str(error))
            await publishing.alerts.pass_on()

    async def _look(self, task: Task) -> None:
        for publishing in await self._of(task):
            with of_workspace(publishing.team.own.keys.workspace):
                wanted, open_ = await publishing.rounds.look()
            await self._tasks.add(_tasks(PREPARE, task.workspace, wanted))
            await self._tasks.add(_tasks(PUBLISH, task.workspace, open_))

    async def _prepare(self, task: Task) -> None:
        for publishing in await self._of(task):
            with of_workspace(publishing.team.own.keys.workspace):
                taken = await publishing.rounds.take_up(Name.of(task.about))
            if taken:
                await self._tasks.add(_tasks(PUBLISH, task.workspace, [Name.of(task.about)]))

    async def _publish(self, task: Task) -> datetime | None:
        """When it is to be looked at again, where that is before the next round; never at once."""
        soonest: datetime | None = None
        for publishing in await self._of(task):
            with of_workspace(publishing.team.own.keys.workspace):
                publication = await publishing.desk.worked(Name.of(task.about))
            when = publishing.desk.next_look(publication) if publication is not None else None
            now, tick_s = publishing.team.now(), self._timing.tick_s
            if when is not None and when < now + timedelta(seconds=tick_s):
                when = max(when, now + timedelta(seconds=_LEAST * tick_s))
                soonest = min(when, soonest or when)
        return soonest

    async def _of(self, task: Task) -> list[Publishing]:
        known = [p for (team, _), p in self._made.items() if team == task.workspace]
        return known or [p for p in await self._everywhere() if str(p.team.id) == task.workspace]

    async def _everywhere(self) -> list[Publishing]:
        current = {(str(i.team_id), str(i.bot_token)): i for i in await self._identities.every()}
        for key, identity in current.items():
            if key not in self._made:
                self._made[key] = publishing_of(self._services.team(key[0]), identity, self._timing, ahead_s=self._ahead_s)
                measures.begin(self._made[key].team.own.keys.workspace)
                await self._begin(self._made[key])
        for key in self._made.keys() - current.keys():
            del self._made[key]
        return list(self._made.values())

    async def _begin(self, publishing: Publishing) -> None:
        try:
            await publishing.desk.look_back()
        except StoreError as error:
            _log.warning("not_looked_back", reason=str(error))


def _tasks(kind: Kind, workspace: str, names: Iterable[Name]) -> list[Task]:
    return [Task(kind.name, workspace, str(n)) for n in names]
