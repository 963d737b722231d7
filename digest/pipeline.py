"""The whole run: sources are read, what is new is stored, what is missing is assessed; and a digest is made of what is held.

It knows the order of the steps and counts what passes each, and leaves every step to somebody else.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from digest import measures
from digest.collected import Collected
from digest.context import workspace
from digest.errors import AssessmentError, SourceError
from digest.model import Assessment, Incoming, SourceFailure
from digest.ports import ArticleStore, Backlog, Deferred, Gone, Unchanged
from digest.prepared import Prepared
from digest.selection import choose
from digest.stories.group import stories
from digest.stories.telling import events, nearest
from digest.tracing import span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date, datetime

    from digest.model import ChosenStory, Digest, Edition, Origin, Subscription
    from digest.ports import Assessor, Held, Source
    from digest.stories.meaning import Meaning
    from digest.stories.taste import Taste


#: Days over which articles can be of one event: a story that goes on is told at least every few days.
EVENT_DAYS: Final = 7.0
#: Earlier stories that are named with each of a digest.
_RELATED: Final = 3
#: Articles stored, or assessed, in one go. Everything in a batch is in memory at once, so this bounds it.
_BATCH: Final = 200

_log = structlog.get_logger(__name__)


class Store(ArticleStore, Backlog, Protocol):
    """What a run needs of the store."""


async def collect(
    sources: Iterable[Source],
    store: Store,
    assessor: Assessor,
    *,
    again: bool = False,
    on_read: Callable[[int], None] = lambda _: None,
    on_assessed: Callable[[int], None] = lambda _: None,
) -> Collected:
    """Read ``sources``, store what is new or changed, and have what it lacks assessed.

    ``again``: read also what has not changed. ``on_read`` and ``on_assessed`` are told how many more are done. A source or
    document that cannot be read is a failure in the result. Raises StoreError; what was stored until then stays, and the next
    run goes on from there.
    """
    run = Collected()
    await read(sources, store, run, again=again, on_read=on_read)
    with span("collect assess", workspace=workspace()):
        await assess(store, assessor, run, on_assessed=on_assessed)
    measures.collected(run)
    _log.info("collected", **run.counts())
    return run


async def read(
    sources: Iterable[Source],
    store: Store,
    run: Collected,
    *,
    again: bool = False,
    on_read: Callable[[int], None] = lambda _: None,
) -> None:
    """Read ``sources`` and store what is new or changed, counted in ``run``; nothing is assessed."""
    for source in sources:
        with structlog.contextvars.bound_contextvars(source=source.name), span("collect read", workspace=workspace()):
            await _read(source, store, run, again=again, on_read=on_read)


async def make_digest(
    store: ArticleStore,
    subscription: Subscription,
    *,
    day: date,
    until: datetime,
    issued: Sequence[Edition] = (),
    taste: Taste | None = None,
    meaning: Meaning | None = None,
) -> Digest:
    """The digest for ``subscription`` of what is held and dated in its hours before ``until`` (aware UTC).

    ``issued`` are the channel's editions so far, ``taste`` is what it wants more and less of; ``meaning`` helps to tell stories of
    headlines, where there is one.
    """
    since = until - timedelta(hours=subscription.max_age_h)
    found = await store.between(min(since, until - timedelta(days=EVENT_DAYS)), until)
    told = stories(found, await asyncio.to_thread(events, found, meaning), since=since)
    digest = choose(told, subscription, day=day, until=until, issued=issued, taste=taste)
    digest = replace(digest, chosen=tuple(_with_related(c, found, meaning) for c in digest.chosen))
    _log.info("chosen", considered=digest.articles, chosen=len(digest.chosen), left_out=len(digest.left_out))
    return digest


def _with_related(chosen: ChosenStory, found: Sequence[Held], meaning: Meaning | None) -> ChosenStory:
    """``chosen`` with the nearest stories told before it."""
    lead = chosen.story.lead
    earlier = [h for h in found if h.lead.article.dated < lead.article.dated]
    return replace(chosen, related=nearest(lead, earlier, chosen.story, _RELATED, meaning))


async def _read(source: Source, store: Store, run: Collected, *, again: bool, on_read: Callable[[int], None]) -> None:
    known = await store.known(source.name)
    batch: list[Incoming | Prepared] = []
    gone: list[str] = []
    touched: list[tuple[Origin, str]] = []
    try:
        async for found in source.read({} if again else known):
            match found:
                case Incoming() | Prepared():
                    batch.append(found)
                case Unchanged(origin, was_touched):
                    run.unchanged += 1
                    if was_touched:
                        touched.append((origin, known[origin.key].article_id))
                case Gone(key):
                    gone.append(key)
                    continue
                case Deferred(where):
                    run.waiting.append(where)
                case SourceFailure():
                    run.failures.append(found)
            on_read(1)
            if len(batch) >= _BATCH:
                await _put(source, batch, gone, store, run)
    except SourceError as error:
        _log.info("source_failed", reason=str(error))
        run.failures.append(SourceFailure(source.name, error.where or source.name, str(error)))
    await _put(source, batch, gone, store, run)
    await store.touch(touched)


async def _put(source: Source, batch: list[Incoming | Prepared], gone: list[str], store: Store, run: Collected) -> None:
    """Store a batch, and before it forget what is gone, so that a moved document is no duplicate of itself."""
    await store.forget(source.name, gone)
    run.gone += len(gone)
    gone.clear()
    for found, stored in zip(batch, await store.put(batch), strict=True):
        run.count(found, stored)
    batch.clear()


async def assess(
    store: Store, assessor: Assessor, run: Collected, *, on_assessed: Callable[[int], None] = lambda _: None
) -> None:
    """Have everything held that lacks a field assessed. What fails stays waiting for the next run."""
    failed: set[str] = set()
    while waiting := [h for h in await store.unassessed(_BATCH + len(failed)) if h.lead.article.id not in failed]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_assess_one(held, assessor, on_assessed)) for held in waiting]
        judged = [t.result() for t in tasks]
        await store.judge([j for j in judged if not isinstance(j, SourceFailure)])
        for j in judged:
            if isinstance(j, tuple):
                measures.assessed(j[1])
        run.assessed += sum(
            1 for h, j in zip(waiting, judged, strict=True) if h.lead.assessment.missing and isinstance(j, tuple)
        )
        run.failures += [j for j in judged if isinstance(j, SourceFailure)]
        failed |= {h.lead.article.id for h, j in zip(waiting, judged, strict=True) if isinstance(j, SourceFailure)}


async def _assess_one(
    held: Held, assessor: Assessor, on_assessed: Callable[[int], None]
) -> tuple[str, Assessment] | SourceFailure:
    article, known = held.lead.article, held.lead.assessment
    try:
        judged = await assessor.assess(article, known) if known.missing else Assessment()
    except AssessmentError as error:
        return SourceFailure("assessment", article.url, str(error))
    finally:
        on_assessed(1)
    return article.id, judged
