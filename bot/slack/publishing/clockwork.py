"""What makes the rounds while the bot runs: every half minute, and sooner where something is to be done sooner."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from bot.slack.publishing.desks import publishing_of
from digest.errors import StoreError
from digest.publishing.timing import Timing

if TYPE_CHECKING:
    from bot.slack.identity import Identities
    from bot.slack.publishing.desks import Publishing
    from bot.slack.services import Services

#: Nothing is looked at more often than this part of a round.
_LEAST: Final = 1 / 60

_log = structlog.get_logger(__name__)


class Clockwork:
    """Of the installation: one desk for each workspace that has the bot."""

    def __init__(self, services: Services, identities: Identities, timing: Timing | None = None) -> None:
        self._services = services
        self._identities = identities
        self._timing = timing or Timing()
        self._made: dict[tuple[str, str], Publishing] = {}

    async def run(self) -> None:
        """Until it is cancelled. What fails is logged, and tried again in the next round."""
        while True:
            wait_s = await self.round()
            await asyncio.sleep(wait_s)

    async def round(self) -> float:
        """One round through every workspace; in how many seconds the next is to be made."""
        try:
            found = await self._everywhere()
        except StoreError as error:
            _log.warning("publishing_waits_for_store", reason=str(error))
            return self._timing.tick_s
        waits = await asyncio.gather(*(self._in(publishing) for publishing in found))
        return min((self._timing.tick_s, *waits))

    async def _everywhere(self) -> list[Publishing]:
        current = {(str(i.team_id), str(i.bot_token)): i for i in await self._identities.every()}
        for key, identity in current.items():
            if key not in self._made:
                self._made[key] = publishing_of(self._services.team(key[0]), identity, self._timing)
                await self._begin(self._made[key])
        for key in self._made.keys() - current.keys():
            del self._made[key]
        return list(self._made.values())

    async def _begin(self, publishing: Publishing) -> None:
        try:
            await publishing.desk.look_back()
        except StoreError as error:
            _log.warning("not_looked_back", reason=str(error))

    async def _in(self, publishing: Publishing) -> float:
        """A round in one workspace; the seconds until there is more to be done."""
        try:
            when = await publishing.rounds.make()
        except StoreError as error:
            _log.warning("publishing_waits_for_store", team=publishing.team.id, reason=str(error))
            return self._timing.tick_s
        except Exception:  # noqa: BLE001 a defect in one workspace must not stop the others
            _log.exception("round_failed", team=publishing.team.id)
            return self._timing.tick_s
        await publishing.alerts.pass_on()
        if when is None:
            return self._timing.tick_s
        return max(_LEAST * self._timing.tick_s, (when - publishing.team.now()).total_seconds())
