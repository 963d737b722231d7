"""Files of an inbox become documents of the knowledge base, and are moved aside: each once, and none is ever lost.

It knows the order of the steps. A file is moved only after its document is written, and a document is written only where the
article has none: so whoever is killed in between goes on from there. Reading files, judging and filing are somebody else's.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

import structlog

from digest import measures
from digest.errors import SourceError, StoreError
from digest.knowledge_base.filing import document_of
from digest.model import SourceFailure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from digest.knowledge_base.folder import Filed, KnowledgeBaseFolder
    from digest.model import Article, Incoming
    from digest.ports import ArticleStore, Assessor

_log = structlog.get_logger(__name__)

#: Files under way at once. Each may wait for a page and for a model.
_TOGETHER: Final = 8
_COUNTS: Final = ("files", "known", "waiting", "full_text", "excerpts")


@dataclass(frozen=True, slots=True)
class InboxFile:
    """A file as it was read. ``original`` is its text where it is a monitor's file, to be kept word for word; else empty."""

    name: str
    incoming: Incoming
    original: str


class Inbox(Protocol):
    """A folder of files that wait."""

    async def files(self) -> tuple[list[str], list[str]]:
        """Names of the files that can be read, and of others, sorted. Raises SourceError where the folder cannot be read."""

    async def read(self, name: str) -> InboxFile | None:
        """What a file gives; None while it is being written. Raises SourceError where it cannot be read as an article."""

    async def move_aside(self, name: str) -> None:
        """Keep the file elsewhere, replacing none. Nothing happens where it is gone. Raises SourceError where it cannot be."""


@dataclass(slots=True)
class Processed:
    """What a run did. ``files`` were there: of these ``documents`` were written, ``known`` had one already, ``waiting`` are still
    being written, and ``failures`` stay where they are. ``full_text``: pages read because a file had an excerpt only; ``excerpts``:
    those that could not be. ``passed_over``: names of files that are of no kind that is read."""

    files: int = 0
    known: int = 0
    waiting: int = 0
    full_text: int = 0
    excerpts: int = 0
    documents: list[str] = field(default_factory=list)
    failures: list[SourceFailure] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """The numbers by name."""
        counted = {name: getattr(self, name) for name in _COUNTS}
        return {**counted, "written": len(self.documents), "failed": len(self.failures), "passed_over": len(self.passed_over)}

    def described(self) -> dict[str, Any]:
        """Everything, for ``--json``."""
        failures = [{"where": f.where, "reason": f.reason} for f in self.failures]
        named = {"documents": self.documents, "other_files": self.passed_over, "failures": failures}
        return {**self.counts(), **named}


@dataclass(frozen=True, slots=True)
class Steps:
    """What is done by others.

    ``assessor`` always judges. ``full_text`` gives an article with its page's text in place of an excerpt; None: excerpts stay.
    ``category`` names the folder of an article whose file names none.
    """

    assessor: Assessor
    full_text: Callable[[Article], Awaitable[Article]] | None = None
    category: Callable[[Article], str] = lambda _: ""


class Processor:
    """Turns what is in ``inbox`` into documents of ``folder``, which ``store`` holds as source ``held_as``, as it was before.

    ``clock`` gives the present, aware UTC.
    """

    def __init__(
        self,
        inbox: Inbox,
        folder: KnowledgeBaseFolder,
        store: ArticleStore,
        steps: Steps,
        *,
        held_as: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._inbox = inbox
        self._folder = folder
        self._store = store
        self._steps = steps
        self._held_as = held_as
        self._clock = clock

    async def run(self, *, on_files: Callable[[int], None] = lambda _: None) -> Processed:
        """Process every file. Raises StoreError, and SourceError where the inbox cannot be read; what was done stays."""
        files, others = await self._inbox.files()
        run, turns = Processed(files=len(files), passed_over=others), _Turns()
        try:
            async with asyncio.TaskGroup() as group:
                for name in files:
                    group.create_task(self._guarded(name, turns, run, on_files))
        except ExceptionGroup as errors:  # the store is away: all fail alike
            raise errors.exceptions[0] from errors
        run.failures.sort(key=lambda f: f.where)
        run.documents.sort()
        measures.processed(run.files, len(run.documents), run.known, len(run.failures))
        _log.info("processed", **run.counts())
        return run

    async def _guarded(self, name: str, turns: _Turns, run: Processed, on_files: Callable[[int], None]) -> None:
        """One file. What is wrong with it is a failure of it alone."""
        async with turns.places:
            try:
                await self._one(name, turns, run)
            except SourceError as error:
                run.failures.append(SourceFailure("inbox", name, f"{error}. {error.remedy}".removesuffix(". ")))
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 a defect must cost one file, not all
                _log.exception("file_failed_unexpectedly", file=name)
                run.failures.append(SourceFailure("inbox", name, f"it could not be read ({type(error).__name__})"))
            on_files(1)

    async def _one(self, name: str, turns: _Turns, run: Processed) -> None:
        file = await self._inbox.read(name)
        if file is None:
            run.waiting += 1
            return
        article_id = file.incoming.article.id
        async with turns.of[article_id]:  # of two files with one article the second waits, and is known then
            if article_id in turns.filed or await self._has_document(article_id):
                run.known += 1
            else:
                filed = await self._filed(file, run)
                run.known += not filed.new
                run.documents += [str(filed.path)] if filed.new else []
                turns.filed.add(article_id)
        await self._inbox.move_aside(name)

    async def _has_document(self, article_id: str) -> bool:
        (held,) = await self._store.get([article_id])
        return held is not None and any(o.source == self._held_as for o in held.origins)

    async def _filed(self, file: InboxFile, run: Processed) -> Filed:
        article = file.incoming.article
        if self._steps.full_text:
            article = await self._steps.full_text(article)
            run.full_text += article.body != file.incoming.article.body
            run.excerpts += bool(article.excerpt_only)
        known = file.incoming.assessment
        assessment = await self._steps.assessor.assess(article, known) if known.missing else known
        measures.assessed(assessment)
        document, now = document_of(article, assessment, category=self._steps.category(article)), self._clock()
        return await asyncio.to_thread(
            self._folder.add, document, original=file.name, on=now.date(), now=now, inner=file.original
        )


class _Turns:
    """Who may go on: so many files at once, and one for each article. ``filed``: articles that got their document in this run."""

    def __init__(self) -> None:
        self.places = asyncio.Semaphore(_TOGETHER)
        self.of: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.filed: set[str] = set()
