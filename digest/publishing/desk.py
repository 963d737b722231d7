"""Brings publications into their channels: each once, as far as that can be had, and none lost without a word.

Whoever holds the lease of a publication reads the channel's history and goes on from there. An empty history is believed only once that
can be: not for the settle time after this process started, after what the ledger holds began anew, or after its server did. Several
desks may work at the same time, in any number of processes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from digest.errors import AinewsError, StoreError
from digest.publishing.ports import Alert
from digest.publishing.posting import Poster
from digest.publishing.publication import skipped, sweep_due
from digest.publishing.sweeping import correct, sweep

if TYPE_CHECKING:
    from digest.publishing.office import Office
    from digest.publishing.publication import Name, Publication

#: Publications looked back on when a process starts.
_LATELY: Final = 500

_log = structlog.get_logger(__name__)


class Desk:
    """Of one office."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._poster = Poster(office)
        self._life: str | None = None
        self._believed_from: datetime | None = None
        self._told_unproved = False

    async def prove(self, channel: str) -> None:
        """Have it proved, before anything is due, that what is posted in ``channel`` is known again; an operator is told once where it is
        not. Raises StoreError."""
        problem = await self._poster.unproven(channel)
        if problem and not self._told_unproved:
            self._told_unproved = True
            words = f"Digests cannot be posted: {problem}."
            await self.office.alerts.tell(Alert("unproved", self.office.bot, words, "See `ainews doctor --slack`."))

    async def take_up(self, publication: Publication) -> Publication:
        """Begin to post what was prepared, unless somebody did; which of both is remembered now. Raises StoreError."""
        await self.office.watch("prepared", publication.name)
        return await self.office.ledger.add(publication)

    async def worked(self, name: Name) -> Publication | None:
        """The same as ``advance``, but what fails is logged, and the publication stays open."""
        try:
            return await self.advance(name)
        except StoreError as error:
            self._doubt()
            _log.warning("publishing_waits_for_store", publication=str(name), reason=str(error))
        except AinewsError as error:
            _log.warning("publishing_failed", publication=str(name), reason=str(error))
        except Exception:  # noqa: BLE001 a defect in one must not stop the others
            _log.exception("publishing_failed", publication=str(name))
        return None

    async def advance(self, name: Name) -> Publication | None:
        """Bring one publication as far as it goes now. None where another process has it, or nothing is remembered of it. Raises
        StoreError."""
        async with self.office.held(name) as token:
            if token is None:
                return None
            await self.office.watch("leased", name)
            publication = await self.office.ledger.get(name)
            if publication is None or publication.closed or not await self.settled():
                return publication
            if publication.state != "sent":
                return await self._poster.post(publication, token)
            due = sweep_due(publication, self.office.timing)
            if due is None or self.office.clock() < due:
                return publication
            return await sweep(self.office, publication, token)

    async def settled(self) -> bool:
        """Whether what the history does not show is not on its way. Raises StoreError."""
        try:
            life = await self.office.ledger.life()
        except StoreError:
            self._doubt()
            raise
        if life != self._life:
            if self._life is not None:
                _log.warning("ledger_began_anew")
            self._life = life
            self._doubt()
        return self._believed_from is not None and self.office.clock() >= self._believed_from

    def next_look(self, publication: Publication) -> datetime | None:
        """When there is something to be done of it; None where nothing is."""
        if publication.closed:
            return None
        if publication.state == "sent":
            return sweep_due(publication, self.office.timing)
        waits = [w for w in (publication.not_before, self._believed_from) if w is not None]
        return max(waits, default=self.office.clock())

    async def look_back(self) -> None:
        """Look for doubles among what was posted lately: when a process starts. Raises StoreError."""
        since = self.office.clock() - timedelta(seconds=self.office.timing.recent_s)
        for publication in await self.office.ledger.newest(_LATELY):
            if publication.state in ("sent", "verified") and publication.posted and publication.posted >= since:
                await self._swept(publication.name)

    async def take_up_again(self, publication: Publication) -> Publication | None:
        """The same as ``take_up``, also in place of one that expired or was skipped, or that waits and of which nothing was posted. None
        where another process works on it now. Raises StoreError."""
        there = await self.take_up(publication)
        if there == publication or there.root or there.state in ("sending", "unknown"):
            return there
        async with self.office.held(publication.name) as token:
            return publication if token and await self.office.saved(publication, token) else None

    async def correct(self, name: Name, corrected: Publication) -> Publication | None:
        """Put the content of ``corrected`` in place of what was posted. None where another process has it, it was not posted, or Slack did
        not take a change: doing it again is safe. Raises StoreError."""
        async with self.office.held(name) as token:
            publication = await self.office.ledger.get(name) if token else None
            if token is None or publication is None or not publication.root:
                return None
            return await correct(self.office, publication, corrected, token)

    async def drop(self, name: Name, reason: str) -> None:
        """Nobody wants it any more: it is not posted, unless something of it was. Raises StoreError."""
        async with self.office.held(name) as token:
            publication = await self.office.ledger.get(name) if token else None
            if token and publication and not publication.closed and publication.state == "prepared" and not publication.root:
                await self.office.stop(skipped(publication, reason), token)

    async def _swept(self, name: Name) -> None:
        async with self.office.held(name) as token:
            publication = await self.office.ledger.get(name) if token else None
            if token and publication and publication.root:
                await sweep(self.office, publication, token, counts=False)

    def _doubt(self) -> None:
        self._believed_from = self.office.clock() + timedelta(seconds=self.office.timing.settle_s)
