"""Whether what is stored can be reached: asked twice a second, so that people are told at once when it cannot, and not after a timeout.

A server that hangs would otherwise hold every command for as long as a call may take, and those behind them longer.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar

import structlog

from digest.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from bot.slack.under_way import UnderWay

_EVERY_S: Final = 0.5
#: A server that answers no ping for so long is away. A long script of ours takes 0.1 s, a loop that is busy as much again.
_WITHIN_S: Final = 1.5

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class StoreWatch:
    """Asks by ``ping``, which raises StoreError. Until ``watch`` runs, the store counts as there."""

    def __init__(
        self, ping: Callable[[], Coroutine[object, object, object]], under_way: UnderWay, *, within_s: float = _WITHIN_S
    ) -> None:
        self._ping = ping
        self._under_way = under_way
        self._within_s = within_s
        self._away = asyncio.Event()

    @property
    def away(self) -> bool:
        """Whether it did not answer when it was asked last."""
        return self._away.is_set()

    async def watch(self) -> None:
        """Ask, again and again, for ever."""
        while True:
            before = self.away
            if await self._answers():
                self._away.clear()
            else:
                self._away.set()
            if before != self.away:
                _log.warning("store_away" if self.away else "store_back")
            await asyncio.sleep(_EVERY_S)

    async def unless_away(self, work: Awaitable[T]) -> T:
        """What ``work`` gives. Raises StoreError as soon as the store is away; the work is cancelled then."""
        task = asyncio.create_task(_of(work))
        self._under_way.hold(task)
        gone = asyncio.create_task(self._away.wait())
        try:
            await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise StoreError("what is stored does not answer")
            return task.result()
        finally:
            gone.cancel()
            task.cancel()

    async def _answers(self) -> bool:
        try:
            await self._under_way.within(self._within_s, self._ping())
        except (StoreError, TimeoutError):
            return False
        return True


async def _of(work: Awaitable[T]) -> T:
    return await work
