"""Posts one publication as far as it goes now: reads the channel, adopts what is there, sends what is missing, one piece after the other.

Its caller holds the lease, and knows that an empty history can be believed.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from digest import measures
from digest.context import workspace
from digest.publishing.doubles import kept
from digest.publishing.ports import NotSent, Read, Refused, Sent, Unknown, Unreadable
from digest.publishing.publication import (
    adopted,
    blocked,
    expired,
    not_sent,
    sending,
    sent,
    unknown,
    unreadable,
    with_ts,
)
from digest.tracing import span

if TYPE_CHECKING:
    from digest.publishing.office import Office
    from digest.publishing.ports import AlertKind
    from digest.publishing.publication import Publication

_log = structlog.get_logger(__name__)


class Poster:
    """Of one office. It remembers for how long not to try again what Slack did not prove."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._problem = ""
        self._prove_from: datetime | None = None

    async def post(self, publication: Publication, token: str) -> Publication:
        """How it stands then. Raises StoreError; what was remembered before is what the next one goes on from."""
        office = self._office
        if (hindered := await self._hindered(publication, token)) is not None:
            return hindered
        await office.watch("checking", publication.name)
        since = publication.due - timedelta(seconds=office.timing.look_back_s)
        read = await office.channels.read(publication.name, since, [publication.root] if publication.root else [])
        if isinstance(read, Unreadable):
            return await self._cannot_read(publication, token, read)
        publication = await self._adopt(publication, read, since)
        await office.watch("checked", publication.name)
        if not publication.root and office.clock() > publication.until:
            gone = expired(publication, publication.reason or "nobody could post it in its time")
            return await office.stop(gone, token, "expired", "was not posted in its time")
        return await self._send_missing(publication, token)

    async def _hindered(self, publication: Publication, token: str) -> Publication | None:
        """Why nothing can be posted now; None where it can."""
        office, now = self._office, self._office.clock()
        if publication.state == "sending":  # an intent without an outcome: whoever had it is gone, or still waits for Slack
            return await office.stop(unknown(publication, now, office.timing, "who sent it was stopped"), token)
        if publication.not_before is not None and now < publication.not_before:
            return publication
        if not publication.intact:
            return await self._block(publication, token, "damaged", "what was stored of it is damaged")
        if problem := await self.unproven(publication.name.channel):
            return await self._block(publication, token, "unproved", problem)
        return None

    async def _adopt(self, publication: Publication, read: Read, since: datetime) -> Publication:
        """What the channel has of it, the thread of its first message too."""
        found = kept(read.posted)
        if not publication.root and 0 in found:
            _log.info("publication_adopted", publication=str(publication.name), ts=found[0].ts)
            publication = adopted(publication, {0: found[0].ts})
            thread = await self._office.channels.read(publication.name, since, [publication.root])
            found = kept(thread.posted) if isinstance(thread, Read) else found
        return adopted(publication, {n: p.ts for n, p in found.items()})

    async def _send_missing(self, publication: Publication, token: str) -> Publication:
        office = self._office
        while (number := publication.unsent) is not None:
            if number:
                await asyncio.sleep(office.timing.between_s)
            publication = sending(publication)
            if not await office.saved(publication, token):
                return publication
            await office.watch("sending", publication.name)
            with span("digest post", workspace=workspace(), piece=number) as step:
                outcome = await office.channels.post(publication.name, number, publication.pieces[number], publication.root)
                step.set(outcome=type(outcome).__name__)
            await office.watch("posted", publication.name)
            if not isinstance(outcome, Sent):
                return await self._not_posted(publication, token, outcome)
            if outcome.stray:
                return await self._without_root(publication, token, outcome.ts)
            publication = replace(with_ts(publication, number, outcome.ts), posted=publication.posted or office.clock())
            if not await office.saved(publication, token):
                await self._too_late(publication)
                return publication
            if number == 0:
                await office.issued(publication)
        return await self._done(publication, token)

    async def _not_posted(self, publication: Publication, token: str, outcome: NotSent | Unknown | Refused) -> Publication:
        office, now = self._office, self._office.clock()
        match outcome:
            case NotSent(reason, after_s):
                return await office.stop(not_sent(publication, now, office.timing, reason, after_s), token)
            case Unknown(reason):
                return await office.stop(unknown(publication, now, office.timing, reason), token)
            case Refused(reason):
                return await self._block(publication, token, "blocked", reason)

    async def _done(self, publication: Publication, token: str) -> Publication:
        office = self._office
        publication = sent(publication, office.clock())
        if await office.saved(publication, token):
            posted = publication.posted or office.clock()
            measures.published(len(publication.stories), (posted - publication.due).total_seconds())
            measures.counted("sent")
            _log.info("published", publication=str(publication.name), ts=publication.root, pieces=len(publication.pieces))
            await office.issued(publication)
            await office.watch("sent", publication.name)
        return publication

    async def _without_root(self, publication: Publication, token: str, ts: str) -> Publication:
        """A person took the first message away: the rest of it has no place."""
        await self._office.channels.remove(publication.name.channel, ts)
        pieces = tuple(replace(p, ts=p.ts or publication.root) for p in publication.pieces)
        gone = replace(sent(publication, self._office.clock()), pieces=pieces, reason="somebody deleted it")
        return await self._office.stop(gone, token)

    async def _too_late(self, publication: Publication) -> None:
        """It was posted after the lease was another's, as by a process that stood still: the other may have posted it too, so what is
        looked for after a post is looked for again."""
        office = self._office
        _log.warning("lease_lost_while_posting", publication=str(publication.name))
        async with office.held(publication.name) as token:
            held = await office.ledger.get(publication.name) if token else None
            if token and held is not None and held.root and held.root != publication.root:
                await office.saved(replace(held, state="sent", posted=office.clock(), swept=0), token)

    async def unproven(self, channel: str) -> str:
        """Why it is not proved that a history can be relied on; empty where it is. Tried in ``channel``, now and then. Raises StoreError."""
        office, now = self._office, self._office.clock()
        if await office.ledger.proved(office.bot):
            return ""
        if self._prove_from is not None and now < self._prove_from:
            return self._problem
        self._problem = await office.channels.prove(channel)
        self._prove_from = now + timedelta(seconds=office.timing.blocked_s)
        if not self._problem:
            await office.ledger.remember_proof(office.bot)
        return self._problem

    async def _block(self, publication: Publication, token: str, kind: AlertKind, reason: str) -> Publication:
        office = self._office
        if office.clock() > publication.until and not publication.root:
            return await office.stop(expired(publication, reason), token, "expired", f"was not posted in its time: {reason}")
        stopped = blocked(publication, office.clock(), office.timing, reason)
        return await office.stop(stopped, token, kind, f"cannot be posted: {reason}")

    async def _cannot_read(self, publication: Publication, token: str, read: Unreadable) -> Publication:
        office = self._office
        if read.blocked:
            return await self._block(publication, token, "blocked", read.reason)
        now = office.clock()
        waiting = unreadable(publication, now, office.timing, read.reason, read.retry_after_s)
        if now > publication.until + timedelta(seconds=office.timing.give_up_s):
            words = "may or may not have been posted: its channel could not be read"
            return await office.stop(expired(waiting, read.reason), token, "expired", words)
        if waiting.unreadable is not None and (now - waiting.unreadable).total_seconds() >= office.timing.overdue_s:
            words = f"waits: the history of its channel cannot be read ({read.reason})"
            return await office.stop(waiting, token, "unreadable", words)
        return await office.stop(waiting, token)
