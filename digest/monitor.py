"""The news monitor: feeds are read, new entries assessed, and what is relevant becomes documents of the knowledge base.

It knows the order of the steps and what may be lost at none of them: an entry is remembered as waiting before its feed is remembered
as read, and as seen only after its document is written. Reading, assessing and filing are somebody else's.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from digest import measures
from digest.context import workspace
from digest.errors import AssessmentError, SourceError
from digest.feeds.schedule import is_due
from digest.knowledge_base.filing import document_of
from digest.model import SourceFailure
from digest.monitor_batches import MonitorBatches
from digest.monitored import Monitored
from digest.tracing import span

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from digest.feeds.feed import Feed
    from digest.feeds.ports import Candidate, Candidates, FeedReader, FeedStates
    from digest.knowledge_base.filing import Files
    from digest.model import Article, Assessment
    from digest.monitor_batches import Batching
    from digest.ports import ArticleStore, Assessor

_log = structlog.get_logger(__name__)

#: Candidates claimed at a time. Their lease must outlast their assessment: at eight at once and a minute each at most, seven minutes.
_TOGETHER: Final = 50
_LEASE_S: Final = 15 * 60.0
#: Waiting after a failed assessment: doubled each time.
_FIRST_WAIT_S: Final = 5 * 60.0
#: How long Claude may be away before the offline assessor judges an entry instead.
_PATIENCE_S: Final = 3600.0
_DOUBLINGS: Final = 6


@dataclass(frozen=True, slots=True)
class Rules:
    """What the monitor takes. ``threshold``: 0 to 10, entries scored below it become no documents. ``max_age_days``: entries published
    longer ago are not looked at."""

    threshold: float = 6.0
    max_age_days: float = 7.0


@dataclass(frozen=True, slots=True)
class Assessors:
    """``patient`` raises AssessmentError where trying again later may help, ``final`` always judges. ``category`` names the folder of
    an article whose feed has none."""

    patient: Assessor
    final: Assessor
    category: Callable[[Article], str] = lambda _: ""


class Monitor:
    """One monitor over its parts.

    ``full_text`` gives an article with its page's text in place of an excerpt, or as it was with ``excerpt_only`` saying why not.
    ``clock`` gives the present, aware UTC.
    """

    def __init__(
        self,
        reader: FeedReader,
        states: FeedStates,
        candidates: Candidates,
        store: ArticleStore,
        assessors: Assessors,
        files: Files,
        *,
        rules: Rules | None = None,
        full_text: Callable[[Article], Awaitable[Article]] | None = None,
        batches: Batching | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._reader = reader
        self._states = states
        self._candidates = candidates
        self._store = store
        self._assessors = assessors
        self._files = files
        self._rules = rules or Rules()
        self._full_text = full_text
        self._clock = clock
        self._batches = batches and MonitorBatches(batches, candidates, self._whole, self._settled, clock)

    async def run(
        self,
        feeds: Sequence[Feed],
        *,
        at_once: bool = False,
        batch: bool = False,
        on_feed: Callable[[int], None] = lambda _: None,
        on_assessed: Callable[[int], None] = lambda _: None,
    ) -> Monitored:
        """Ask the feeds that are due, all of them ``at_once``, and assess what waits, as a ``batch`` if that is wanted and Claude is
        configured. Raises StoreError; what was done stays, and the next run goes on from there."""
        run = Monitored(feeds=len(feeds))
        with span("monitor refresh", workspace=workspace(), feeds=len(feeds)):
            await self.refresh(feeds, run, at_once=at_once, on_feed=on_feed)
        if self._batches:
            await self._batches.collect(run)
        if self._batches and batch:
            await self._batches.submit(run)
        else:
            with span("monitor assess", workspace=workspace()):
                await self.assess(run, on_assessed=on_assessed)
        measures.monitored(run)
        _log.info("monitored", **run.counts())
        return run

    async def refresh(
        self, feeds: Sequence[Feed], run: Monitored, *, at_once: bool = False, on_feed: Callable[[int], None] = lambda _: None
    ) -> None:
        """Ask feeds for what is new, and remember that as candidates."""
        now = self._clock()
        states = await self._states.states([f.url for f in feeds])
        due = [(f, s) for f, s in zip(feeds, states, strict=True) if at_once or is_due(s, now)]
        async for reads in self._reader.read(due, now - timedelta(days=self._rules.max_age_days)):
            answers = iter(await self._candidates.admit([i for r in reads for i in r.entries], now))
            await self._states.remember([r.state for r in reads])  # not before the entries are safe: servers give them once
            for read in reads:
                run.count_feed(read, [next(answers) for _ in read.entries])
                on_feed(1)

    async def assess(self, run: Monitored, *, on_assessed: Callable[[int], None] = lambda _: None) -> None:
        """Assess every candidate that is due, and file what is relevant."""
        while claimed := await self._candidates.claim(_TOGETHER, self._clock(), _LEASE_S):
            await self._each(claimed, run, on_assessed)

    async def assess_one(self, article_id: str, run: Monitored, lease_s: float) -> None:
        """The same with one candidate, if it is due and nobody has it; nobody else gets it for ``lease_s`` seconds."""
        await self._each(await self._candidates.claim(1, self._clock(), lease_s, [article_id]), run, lambda _: None)

    async def _each(self, claimed: Sequence[Candidate], run: Monitored, on_assessed: Callable[[int], None]) -> None:
        held = await self._store.get([c.incoming.article.id for c in claimed])
        known = [(h.lead.article.id, h.lead.assessment.score) for h in held if h is not None]
        await self._candidates.settle(known)
        run.held += len(known)
        waiting = [c for c, h in zip(claimed, held, strict=True) if h is None]
        try:
            async with asyncio.TaskGroup() as group:
                for candidate in waiting:
                    group.create_task(self._one(candidate, run, on_assessed))
        except ExceptionGroup as errors:  # the store is away: all fail alike
            raise errors.exceptions[0] from errors

    async def _one(self, candidate: Candidate, run: Monitored, on_assessed: Callable[[int], None]) -> None:
        """Assess one candidate to its end: a document, a memory, or another try, which goes on from what was done."""
        incoming = candidate.incoming
        try:
            incoming = replace(incoming, article=await self._whole(incoming.article, run))
            incoming = replace(incoming, assessment=await self._judged(candidate, incoming.article))
            await self._settled(incoming.article, incoming.assessment, run)
        except (AssessmentError, SourceError) as error:
            await self._postponed(replace(candidate, incoming=incoming), error, run)
        finally:
            on_assessed(1)

    async def _whole(self, article: Article, run: Monitored) -> Article:
        if self._full_text is None:
            return article
        whole = await self._full_text(article)
        run.full_text += whole.body != article.body
        run.excerpts += bool(whole.excerpt_only)
        return whole

    async def _judged(self, candidate: Candidate, article: Article) -> Assessment:
        if not candidate.incoming.assessment.missing:
            return candidate.incoming.assessment
        patient = self._clock() - candidate.since < timedelta(seconds=_PATIENCE_S)
        assessor = self._assessors.patient if patient else self._assessors.final
        return await assessor.assess(article, candidate.incoming.assessment)

    async def _settled(self, article: Article, assessment: Assessment, run: Monitored) -> None:
        """File what is relevant, then remember that it was seen. What has nothing to judge is seen, and unscored."""
        run.assessed += 1
        measures.assessed(assessment)
        if assessment.score is not None and assessment.score >= self._rules.threshold:
            document = document_of(article, assessment, category=self._assessors.category(article))
            filed = await asyncio.to_thread(self._files.file, document, self._clock())
            run.kept += 1
            run.documents += [str(filed.path)] if filed.new else []
        else:
            run.below += 1
        await self._candidates.settle([(article.id, assessment.score)])

    async def _postponed(self, candidate: Candidate, error: AssessmentError | SourceError, run: Monitored) -> None:
        tries = candidate.tries + 1
        wait_s = _FIRST_WAIT_S * 2 ** min(tries - 1, _DOUBLINGS)
        await self._candidates.postpone(
            [replace(candidate, tries=tries, error=str(error))], self._clock() + timedelta(seconds=wait_s)
        )
        run.postponed += 1
        where = candidate.incoming.article.url
        if isinstance(error, SourceError):
            run.failures.append(SourceFailure("files", error.where or where, str(error)))
        _log.info("assessment_postponed", article=candidate.incoming.article.id, tries=tries, reason=str(error))
