"""The monitor's large backlogs: submitted to Claude as a batch at half price, and settled by whichever run finds it ended.

It knows what becomes of a candidate while its batch runs and when it ends. Submitting, paying and reading results are the
assessor's; filing what was judged is the monitor's.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from digest.errors import AinewsError, AssessmentError, SourceError
from digest.model import SourceFailure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from digest.feeds.ports import Candidate, Candidates
    from digest.model import Article, Assessment
    from digest.monitored import Monitored
    from digest.ports import Assessor, BatchedAssessor, Batches, BatchResult

_log = structlog.get_logger(__name__)

#: Claude ends a batch within 24 hours. Until then nobody else is given its candidates; a batch that was lost gives them back then.
_RUNS_AT_MOST: Final = timedelta(hours=26)
#: Candidates that are made ready for one batch: what its assessor takes at most.
_MOST: Final = 10_000
#: While it is prepared and sent: pages may have to be read.
_PREPARING: Final = timedelta(hours=1)
_AGAIN_AFTER: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Batching:
    """What a monitor needs for batches. ``complete`` fills what Claude left out."""

    under_way: Batches
    assessor: BatchedAssessor
    complete: Assessor


@dataclass(frozen=True, slots=True)
class MonitorBatches:
    """Batches of one monitor. ``whole`` gives an article its full text, ``keep`` files one that was judged."""

    batching: Batching
    candidates: Candidates
    whole: Callable[[Article, Monitored], Awaitable[Article]]
    keep: Callable[[Article, Assessment, Monitored], Awaitable[None]]
    clock: Callable[[], datetime]

    async def collect(self, run: Monitored) -> None:
        """Settle the batches that have ended. One that cannot be asked about now is asked about by the next run."""
        for batch in await self.batching.under_way.under_way():
            try:
                result = await self.batching.assessor.collect(batch.id)
            except AssessmentError as error:
                run.failures.append(SourceFailure("batch", batch.id, str(error)))
                continue
            if result is not None:
                await self._settled(result, run)

    async def submit(self, run: Monitored) -> None:
        """Submit everything that is due. What cannot be submitted waits on, and why is a failure of the run."""
        now = self.clock()
        claimed = await self.candidates.claim(_MOST, now, _PREPARING.total_seconds())
        waiting = await asyncio.gather(*(self._prepared(c, run) for c in claimed))
        for judged in (c for c in waiting if not c.incoming.assessment.missing):
            await self._kept(judged, run)
        ready = [c for c in waiting if c.incoming.assessment.missing]
        await self.candidates.postpone(ready, now + _RUNS_AT_MOST)  # with their full texts, which is what is asked about
        try:
            submitted = await self.batching.assessor.submit([(c.incoming.article, c.incoming.assessment) for c in ready])
        except AssessmentError as error:
            await self.candidates.postpone(ready, now + _AGAIN_AFTER)
            run.failures.append(SourceFailure("batch", f"{len(ready)} entries", f"{error}. {error.remedy}".removesuffix(". ")))
            return
        left = set(submitted.left_over)
        await self.candidates.postpone([c for c in ready if c.incoming.article.id in left], now + _AGAIN_AFTER)
        run.submitted += len(ready) - len(left)

    async def _prepared(self, candidate: Candidate, run: Monitored) -> Candidate:
        article = await self.whole(candidate.incoming.article, run)
        return replace(candidate, incoming=replace(candidate.incoming, article=article))

    async def _settled(self, result: BatchResult, run: Monitored) -> None:
        """File what was judged, and have what failed tried again; then the batch is done with."""
        judged = await self.candidates.get([i for i, _ in result.assessed])
        for candidate, (_, assessment) in zip(judged, result.assessed, strict=True):
            if candidate is not None:
                complete = await self.batching.complete.assess(candidate.incoming.article, assessment)
                await self._kept(replace(candidate, incoming=replace(candidate.incoming, assessment=complete)), run)
        failed = await self.candidates.get([i for i, _ in result.failures])
        for candidate, (_, error) in zip(failed, result.failures, strict=True):
            if candidate is not None:
                await self._again(candidate, error, run)
        await self.batching.assessor.settle(result)
        _log.info("batch_settled", batch=result.batch.id, assessed=len(result.assessed), failed=len(result.failures))

    async def _kept(self, candidate: Candidate, run: Monitored) -> None:
        try:
            await self.keep(candidate.incoming.article, candidate.incoming.assessment, run)
        except SourceError as error:
            run.failures.append(SourceFailure("files", error.where, str(error)))
            await self._again(candidate, error, run)

    async def _again(self, candidate: Candidate, error: AinewsError, run: Monitored) -> None:
        later = replace(candidate, tries=candidate.tries + 1, error=str(error))
        await self.candidates.postpone([later], self.clock() + _AGAIN_AFTER)
        run.postponed += 1
