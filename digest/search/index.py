"""The search index: it follows the store and answers queries.

Redis stays the truth. The index remembers up to which change of which life of the store it is, takes in what came after, and
is made anew where that cannot be told. Where it lies is for ``folder``, what is indexed for ``documents``, what is found and
in which order for ``ranking``. All of tantivy's work leaves the event loop.
"""

from __future__ import annotations

import asyncio
from threading import Lock
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

import structlog

from digest.search.analysis import analyzer
from digest.search.documents import NUMBER, document, number_of, schema
from digest.search.folder import Followed, IndexFolder, IndexMemory
from digest.search.ranking import Lookup

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import tantivy

    from digest.ports import ChangeLog, Held, Hit

#: Articles asked of the store at a time, and taken in between two commits: a crash repeats at most so many.
_PAGE: Final = 500
_COMMIT_EVERY: Final = 20_000

#: Memory of the writer, in bytes, with its one thread.
_HEAP: Final = 30_000_000

#: Articles leave the store without a word when their time is over. When the index holds this many times what the store does,
#: and not just a few, it is made anew.
_MOST_OVER: Final = 1.25
_FEW: Final = 100

#: How long ``follow`` waits for another process that is writing; that one takes in the same changes.
_WAIT_S: Final = 2.0

P = ParamSpec("P")
R = TypeVar("R")

_log = structlog.get_logger(__name__)


class TantivyIndex:
    """``ports.SearchIndex`` over tantivy. ``path`` is a folder of its own, shared by every process that searches this
    workspace; None keeps the index in memory. ``log`` is the store it follows."""

    def __init__(self, path: Path | None, log: ChangeLog, *, wait_s: float = _WAIT_S) -> None:
        self._place: IndexFolder | IndexMemory = IndexFolder(path) if path else IndexMemory()
        self._log = log
        self._wait_s = wait_s
        self._turn = asyncio.Lock()
        self._index: tantivy.Index | None = None
        self._lookup: Lookup | None = None
        self._followed = Followed()
        self._damaged = False

    async def follow(self) -> int:
        """See ``ports.SearchIndex``. Where another process is writing the index, this one waits shortly, then goes on with
        what is there. Raises StoreError too."""
        async with self._turn:
            await asyncio.to_thread(self._refresh)
            if self._lookup is not None and not await self._behind():
                return 0
            async with self._place.sole_writer(self._wait_s) as granted:
                if not granted:
                    _log.info("search_index_busy", waited_s=self._wait_s)
                    await asyncio.to_thread(self._refresh)
                    return 0
                return await self._take_in()

    async def search(self, words: str, *, limit: int = 10, offset: int = 0) -> list[Hit]:
        """See ``ports.SearchIndex``. Searches what the last ``follow`` took in, in this process or before it. Articles whose
        time is over may be among the hits until the index is made anew: the store has the last word. Raises SearchError."""
        if (lookup := self._lookup) is None:
            async with self._turn:
                await asyncio.to_thread(self._refresh)
            if (lookup := self._lookup) is None:
                return self._nothing()
        return await self._run(lookup.find, words, max(limit, 0), max(offset, 0))

    async def drop(self, ids: Sequence[str]) -> bool:
        """See ``ports.SearchIndex``."""
        async with self._turn, self._place.sole_writer(self._wait_s) as granted:
            if granted and ids and (index := await self._run(self._place.open)):
                writer = await self._run(_Writing, index)
                try:
                    await self._run(writer.drop, [number_of(i) for i in ids])
                finally:
                    await self._run(writer.close)
                await self._run(self._read, index)
            return granted

    async def _behind(self) -> bool:
        page = await self._log.changes(self._followed.last, 1)
        return (page.epoch, page.last) != (self._followed.epoch, self._followed.last)

    async def _take_in(self) -> int:
        """Bring the index up to date, as its only writer."""
        index = await self._run(self._opened)
        taken = await self._written(index, await self._run(self._place.followed))
        await self._run(self._read, index)
        if await self._swollen():
            taken += await self._written(index, Followed())
            await self._run(self._read, index)
        _log.debug("search_index_followed", taken=taken, last=self._followed.last)
        return taken

    async def _swollen(self) -> bool:
        held = await self._log.total()
        return self._lookup is not None and self._lookup.searcher.num_docs > held * _MOST_OVER + _FEW

    async def _written(self, index: tantivy.Index, followed: Followed) -> int:
        """Write every change after ``followed``; the number of articles."""
        writer = await self._run(_Writing, index)
        taken = pending = 0
        try:
            if not followed.epoch:
                await self._run(writer.clear)
            while True:
                page = await self._log.changes(followed.last, _PAGE)
                if page.epoch != followed.epoch:
                    if followed.epoch:
                        await self._run(writer.clear)
                    started_over, followed = followed.last > 0, Followed(page.epoch)
                    if started_over:
                        continue
                if page.last == followed.last:
                    break
                await self._run(writer.add, page.held)
                followed = Followed(page.epoch, page.last)
                taken, pending = taken + len(page.held), pending + len(page.held)
                if pending >= _COMMIT_EVERY:
                    await self._run(self._commit, writer, followed)
                    pending = 0
            await self._run(self._commit, writer, followed)
        finally:
            await self._run(writer.close)
        return taken

    def _commit(self, writer: _Writing, followed: Followed) -> None:
        writer.commit()
        self._place.record(followed)

    def _opened(self) -> tantivy.Index:
        """The index for writing, opened afresh: tantivy keeps a list of files to clean up, which only its writer knows."""
        index = None if self._damaged else self._place.open()
        self._damaged = False
        return index or self._place.create()

    def _refresh(self) -> None:
        """Open what is there, or see what another process has written since. What cannot be read is left to ``follow``."""
        if self._damaged or (self._lookup is not None and self._place.followed() == self._followed):
            return
        try:
            index = self._index or self._place.open()
            if index is not None:
                self._read(index)
        except (ValueError, OSError):
            self._give_up()

    def _read(self, index: tantivy.Index) -> None:
        self._followed = self._place.followed()
        index.reload()
        self._index = index
        self._lookup = Lookup(index.searcher(), schema(), analyzer().analyze)

    def _give_up(self) -> None:
        self._damaged = True
        self._index = self._lookup = None

    def _nothing(self) -> list[Hit]:
        if self._damaged:
            raise self._place.failure(ValueError("it is damaged"))
        return []

    async def _run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """``work`` in a thread. Whatever tantivy makes of a broken index becomes a SearchError, and the next ``follow`` makes
        the index anew."""
        try:
            return await asyncio.to_thread(work, *args, **kwargs)
        except BaseException as error:
            if not isinstance(error, (ValueError, OSError)) and type(error).__name__ != "PanicException":
                raise
            self._give_up()
            raise self._place.failure(error) from error


class _Writing:
    """A writer of the index, one thread and one call at a time: a call that was given up goes on in its thread, and the next
    waits for it."""

    def __init__(self, index: tantivy.Index) -> None:
        self._writer: tantivy.IndexWriter | None = index.writer(_HEAP, num_threads=1)
        self._one = Lock()
        self._pending = False

    def add(self, batch: Sequence[Held]) -> None:
        """Put each article in the place of what was known of it."""
        with self._one:
            self._pending = True
            for held in batch:
                self._open.delete_documents_by_term(NUMBER, number_of(held.lead.article.id))
                self._open.add_document(document(held))

    def drop(self, numbers: Sequence[int]) -> None:
        """Take articles out, and commit."""
        with self._one:
            for number in numbers:
                self._open.delete_documents_by_term(NUMBER, number)
            self._open.commit()

    def clear(self) -> None:
        """Take everything out."""
        with self._one:
            self._pending = True
            self._open.delete_all_documents()

    def commit(self) -> None:
        """Make what was done last, durably."""
        with self._one:
            self._open.commit()
            self._pending = False

    def close(self) -> None:
        """Give up what was not committed, and wait for merges to end."""
        with self._one:
            writer, self._writer = self._open, None
            if self._pending:
                writer.rollback()
            writer.wait_merging_threads()

    @property
    def _open(self) -> tantivy.IndexWriter:
        if self._writer is None:
            raise ValueError("the writer is closed")
        return self._writer
