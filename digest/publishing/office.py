"""What everything that publishes works with: the ledger, the channels, whom to tell, the clock; and the lease under which it works."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import structlog

from digest import measures
from digest.errors import StoreError
from digest.publishing.ports import Alert

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import datetime

    from digest.publishing.ports import AlertKind, Alerts, Channels, Ledger
    from digest.publishing.publication import Name, Publication
    from digest.publishing.timing import Timing

_REMEDIES: Final[dict[AlertKind, str]] = {
    "blocked": "See `ainews doctor --slack`; it is tried again every few minutes while its time lasts.",
    "unproved": "See `ainews doctor --slack`; nothing is posted until that is mended.",
    "unreadable": "See `ainews doctor --slack`.",
    "expired": "See `ainews editions`.",
    "damaged": "See to the memory of Redis.",
}

#: Giving up a lease may take so long.
_RELEASE_S: Final = 1.0

_log = structlog.get_logger(__name__)


async def nobody(step: str, name: Name) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Office:
    """Of one workspace of Slack. ``bot``: who posts, for the proof. ``issued`` is told each time more of a publication stands in its
    channel. ``watch`` is told each step, by name, before it is taken."""

    ledger: Ledger
    channels: Channels
    alerts: Alerts
    bot: str
    timing: Timing
    clock: Callable[[], datetime]
    issued: Callable[[Publication], Awaitable[None]]
    watch: Callable[[str, Name], Awaitable[None]] = nobody

    @asynccontextmanager
    async def held(self, name: Name) -> AsyncIterator[str | None]:
        """The lease of ``name``, and its token; None where another process has it. Raises StoreError."""
        token = await self.ledger.lease(name, self.timing.lease_s)
        try:
            yield token
        finally:
            if token is not None:  # a store that hangs holds up nobody: the lease ends by itself
                with suppress(StoreError, TimeoutError):
                    async with asyncio.timeout(_RELEASE_S):
                        await self.ledger.release(name, token)

    async def saved(self, publication: Publication, token: str) -> bool:
        """Remember it and hold it on. False where another process has it by now. Raises StoreError."""
        return await self.ledger.save(publication, token, self.timing.lease_s)

    async def stop(self, publication: Publication, token: str, kind: AlertKind | None = None, words: str = "") -> Publication:
        """Remember how it stands, for the next time, and tell where an operator has to know. Raises StoreError."""
        if kind is not None:
            publication = await self.told(publication, kind, words)
        if await self.saved(publication, token):
            measures.counted(publication.state)
        _log.info("publication", publication=str(publication.name), state=publication.state, reason=publication.reason)
        await self.watch(publication.state, publication.name)
        return publication

    async def told(self, publication: Publication, kind: AlertKind, words: str) -> Publication:
        """Tell the operator, of a publication each kind once; that is remembered with it."""
        if kind in publication.alerted and kind != "doubled":
            return publication
        said = f"The digest {publication.name} {words}."
        await self.alerts.tell(Alert(kind, str(publication.name), said, _REMEDIES.get(kind, "")))
        return replace(publication, alerted=tuple(dict.fromkeys((*publication.alerted, kind))))
