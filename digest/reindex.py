"""The store, rebuilt from the knowledge base alone: what is read anew, and what of the store in use is kept for it.

Nothing is asked of the store in use but what an assessor wrote, and that only of a document which is still the same: it would be
paid for twice. With an empty store everything is assessed anew. Until the new store is complete, the one in use serves.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Protocol

import structlog

from digest import pipeline
from digest.collected import Collected
from digest.errors import SourceError
from digest.model import ASSESSED_FIELDS, Assessment, Provenance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.ports import ArticleStore, Assessor, Held, Source

#: Articles of both stores in memory at once.
_TOGETHER: Final = 200
_WRITTEN: Final = ("claude", "offline")

_log = structlog.get_logger(__name__)


class Rebuild(Protocol):
    """A store made anew beside the one in use, which takes its place."""

    async def begin(self) -> pipeline.Store:
        """An empty store, which nobody reads. What an earlier rebuild left behind is dropped, and that one can no longer end."""

    async def finish(self) -> tuple[int, int]:
        """Put that store in the place of the one in use, which works at every moment: how many articles are held then, and how
        many were forgotten. Ended in the middle, a later rebuild completes it. Raises StoreError where another rebuild was begun
        since."""

    async def abandon(self) -> None:
        """Drop that store, unless it is in use."""


@dataclass(frozen=True, slots=True)
class Reindexed:
    """What a rebuild did. ``held``: articles now. ``forgotten``: articles held before that are in no document. ``kept``: articles
    for which what an assessor had written was kept."""

    collected: Collected
    held: int
    forgotten: int
    kept: int

    def described(self) -> dict[str, Any]:
        """Everything, for ``--json``."""
        return {**self.collected.described(), "held": self.held, "forgotten": self.forgotten, "kept": self.kept}


async def reindex(
    sources: Sequence[Source],
    rebuild: Rebuild,
    before: ArticleStore,
    assessor: Assessor,
    *,
    on_read: Callable[[int], None] = lambda _: None,
    on_assessed: Callable[[int], None] = lambda _: None,
) -> Reindexed:
    """Rebuild the store from ``sources``: the state is that of collecting them into an empty one.

    ``before`` is the store in use, which keeps serving meanwhile. Raises SourceError where a source cannot be read or none holds
    any document, and StoreError; then nothing has changed. A document that cannot be read is a failure in the result.
    """
    for source in sources:
        await asyncio.to_thread(source.size)
    store = await rebuild.begin()
    try:
        run = Collected()
        await pipeline.read(sources, store, run, on_read=on_read)
        if not run.new:
            names = ", ".join(s.name for s in sources)
            raise SourceError(f"no document could be read from {names}, so nothing was changed", where=names)
        kept = await _keep([s.name for s in sources], store, before)
        await pipeline.assess(store, assessor, run, on_assessed=on_assessed)
        held, forgotten = await rebuild.finish()
    finally:
        await rebuild.abandon()
    _log.info("reindexed", **run.counts(), held=held, forgotten=forgotten, kept=kept)
    return Reindexed(run, held, forgotten, kept)


async def _keep(sources: Sequence[str], store: pipeline.Store, before: ArticleStore) -> int:
    """Take over what an assessor wrote of documents that are still the same; of how many articles."""
    ids = iter(sorted({known.article_id for name in sources for known in (await store.known(name)).values()}))
    count = 0
    while chunk := list(islice(ids, _TOGETHER)):
        new, old = await store.get(chunk), await before.get(chunk)
        kept = [(n.lead.article.id, k) for n, o in zip(new, old, strict=True) if n and o and (k := kept_of(o, n))]
        await store.judge(kept)
        count += len(kept)
    return count


def kept_of(old: Held, new: Held) -> Assessment | None:
    """The assessment of ``new`` with what an assessor wrote in ``old``; None where that is nothing, is of another text, or leaves a
    field open that was not open before."""
    if not new.lead.assessment.missing or old.origins[0].revision != new.origins[0].revision:
        return None
    assessment = old.lead.assessment
    fields = [n for n in ASSESSED_FIELDS if getattr(assessment.provenance, n) in _WRITTEN]
    if not fields:
        return None
    empty, by = Assessment(model=assessment.model, note=assessment.note), assessment.provenance
    values: dict[str, Any] = {n: getattr(assessment, n) for n in fields}
    written = replace(empty, **values, provenance=replace(Provenance(), **{n: getattr(by, n) for n in fields}))
    kept = new.lead.assessment.filled_from(written)
    return kept if set(kept.missing) <= set(assessment.missing) else None
