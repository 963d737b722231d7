"""Looks for what stands twice, and takes it away; and puts right what was posted. Their caller holds the lease."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from digest import measures
from digest.publishing.doubles import doubles, kept
from digest.publishing.ports import Read
from digest.publishing.publication import swept

if TYPE_CHECKING:
    from digest.publishing.office import Office
    from digest.publishing.ports import Posted
    from digest.publishing.publication import Publication

_log = structlog.get_logger(__name__)


async def sweep(office: Office, publication: Publication, token: str, *, counts: bool = True) -> Publication:
    """Of each piece one message stays, and is what is remembered. ``counts``: it is one of those that verify a publication. Where the
    channel cannot be read it is looked at again in the next round. Raises StoreError."""
    name = publication.name
    await office.watch("sweeping", name)
    posted = await _standing(office, publication)
    if posted is None:
        later = replace(publication, not_before=office.clock() + timedelta(seconds=office.timing.tick_s))
        await office.saved(later, token)
        return later
    publication = replace(publication, not_before=None)
    found, removed = kept(posted), 0
    for double in doubles(posted):
        removed += await office.channels.remove(name.channel, double.ts)
    if 0 in found and found[0].ts != publication.root:  # another message than ours stays, and so its thread
        pieces = tuple(replace(p, ts=found[n].ts if n in found else "") for n, p in enumerate(publication.pieces))
        publication = replace(publication, pieces=pieces)
    if counts:
        publication = swept(publication, office.timing)
    if publication.unsent is not None:
        publication = replace(publication, state="prepared", swept=0)
    if removed:
        measures.doubled(removed)
        _log.warning("doubles_removed", publication=str(name), count=removed)
        publication = replace(publication, removed=publication.removed + removed)
        publication = await office.told(
            publication, "doubled", f"had {removed} messages more than it should; they were taken away"
        )
    if await office.saved(publication, token):
        await office.issued(publication)
        await office.watch("swept", name)
    return publication


async def _standing(office: Office, publication: Publication) -> tuple[Posted, ...] | None:
    """All that stands of it, the threads of every first message too; None where that cannot be read."""
    since = publication.due - timedelta(seconds=office.timing.look_back_s)
    read = await office.channels.read(publication.name, since)
    if not isinstance(read, Read):
        return None
    roots = [p.ts for p in read.posted if p.piece == 0 and not p.stray]
    if not roots:
        return read.posted
    threads = await office.channels.read(publication.name, since, roots)
    return threads.posted if isinstance(threads, Read) else None


async def correct(office: Office, publication: Publication, corrected: Publication, token: str) -> Publication | None:
    """Put the content of ``corrected`` in place of what was posted: what is there is changed, pieces more are posted as any piece that is
    missing, pieces less are taken away. None where Slack did not take a change; doing it again is safe. Raises StoreError."""
    name, before = publication.name, publication.pieces
    pieces = tuple(replace(p, ts=before[n].ts if n < len(before) else "") for n, p in enumerate(corrected.pieces))
    for n, piece in enumerate(pieces):
        if piece.ts and not await office.channels.change(name, n, piece):
            return None
    for piece in before[len(pieces) :]:
        if piece.ts and not await office.channels.remove(name.channel, piece.ts):
            return None
    changed = replace(
        publication, pieces=pieces, seal=corrected.seal, stories=corrected.stories, digest=corrected.digest,
        state=publication.state if all(p.ts for p in pieces) else "prepared", not_before=None,
    )  # fmt: skip
    if not await office.saved(changed, token):
        return None
    await office.issued(changed)
    return changed
