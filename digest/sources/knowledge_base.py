"""A folder of knowledge-base documents as a source: which files are read, when, and what becomes of the others.

What a document says is ``knowledge_base.document``'s to know. Here is the policy for the folder: every ``.md`` and
``.markdown`` below it, hidden ones and symlinks out of it excepted; nothing larger than the limit; nothing that somebody
still writes to; nothing again that has not changed.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from digest.errors import SourceError
from digest.knowledge_base.document import parse_document
from digest.model import Origin, SourceFailure
from digest.ports import Deferred, Gone, Unchanged
from digest.sources.ahead import ahead
from digest.sources.files import in_words, settled, stamp
from digest.sources.incoming import incoming

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping
    from pathlib import Path

    from digest.model import Incoming
    from digest.ports import Found, Known

#: Begins every revision, and is raised whenever documents are read differently: then all of them are read again.
READER: Final = "1-"

SUFFIXES: Final = (".md", ".markdown")

#: Files read in one go: enough to make the hand-over cheap, few enough to keep a progress bar moving.
_TOGETHER: Final = 64
#: From this many files on that were never read, processes of their own pay for their start (0.2 s each).
_MANY: Final = 2_000

_Listed = str | SourceFailure


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads single documents. It is a value, so that a process of its own can be given it."""

    name: str
    root: Path
    max_bytes: int
    now: datetime

    def read(self, chunk: list[tuple[_Listed, Known | None]]) -> list[Found]:
        """What each of the files listed gives, beside what is known of it."""
        return [key if isinstance(key, SourceFailure) else self._document(key, known) for key, known in chunk]

    def _document(self, key: str, known: Known | None) -> Found:
        path = self.root / key
        try:
            if known is not None and known.stamp == stamp(path.stat()) and known.revision.startswith(READER):
                return Unchanged(Origin(self.name, key, known.revision, known.stamp))
            found = settled(path, self.max_bytes)
            if found is None:
                return Deferred(str(path))
            content, stamped = found
            revision = READER + hashlib.sha256(content).hexdigest()[:16]
            if known is not None and known.revision == revision:
                return Unchanged(Origin(self.name, key, revision, stamped), touched=True)
            return self._incoming(content, key, revision, stamped)
        except SourceError as error:
            return SourceFailure(self.name, str(path), str(error))
        except OSError as error:
            return SourceFailure(self.name, str(path), f"it cannot be read: {in_words(error)}")

    def _incoming(self, content: bytes, key: str, revision: str, stamp: str) -> Incoming:
        document = parse_document(content, now=self.now)
        if not document.url:
            raise SourceError("it has no URL: its front matter needs a 'url:'")
        folder = key.rpartition("/")[0]
        return incoming(
            source=self.name,
            key=key,
            revision=revision,
            stamp=stamp,
            now=self.now,
            url=document.url,
            title=document.title,
            headline=document.headline,
            publisher=document.publisher,
            published=document.published,
            collected=document.collected,
            body=document.body,
            source_type=document.source_type,
            folder=folder,
            notes=document.notes,
            score=document.score,
            topic=document.topic,
            reason=document.reason,
            summary=document.summary,
            key_insights=document.key_insights,
            tags=document.tags,
            category=document.category or folder,
        )


class KnowledgeBaseSource:
    """The documents under ``root``. ``max_bytes``: larger files are refused. ``clock`` gives the present, aware UTC."""

    def __init__(
        self, root: Path, *, max_bytes: int = 5_000_000, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._root = root.expanduser().absolute()
        self._max_bytes = max_bytes
        self._clock = clock
        self._name = f"kb:{os.path.realpath(self._root)}"
        self._found: list[_Listed] | None = None
        self._partial = False

    @property
    def name(self) -> str:
        """``kb:`` and the folder's path without symlinks, so that every way to write it means the same."""
        return self._name

    def size(self) -> int | None:
        """How many files there are to look at. Raises SourceError where the folder cannot be read."""
        return len(self._listing())

    async def read(self, known: Mapping[str, Known]) -> AsyncIterator[Found]:
        """Every document, by path. See ``ports.Source``."""
        listing = await asyncio.to_thread(self._listing)
        self._found = None
        for key in self._gone(known, listing):
            yield Gone(key)
        todo = [(key, known.get(key) if isinstance(key, str) else None) for key in listing]
        many = sum(1 for _, held in todo if held is None) >= _MANY
        reader = _Reader(self.name, self._root, self._max_bytes, self._clock())
        chunks = (todo[start : start + _TOGETHER] for start in range(0, len(todo), _TOGETHER))
        async with aclosing(ahead(reader.read, chunks, processes=many)) as read:
            async for batch in read:
                for found in batch:
                    yield found

    def _gone(self, known: Mapping[str, Known], listing: list[_Listed]) -> list[str]:
        """Keys that are no longer listed; none where a part of the folder could not be listed."""
        return [] if self._partial else sorted(known.keys() - set(listing))

    def _listing(self) -> list[_Listed]:
        """Keys of the files, sorted, and the failures met on the way. Listed once for ``size`` and ``read``."""
        if self._found is None:
            if not self._root.is_dir():
                raise SourceError(
                    f"{self._root} is no folder", where=str(self._root), remedy="Give the folder of the knowledge base."
                )
            self._found = sorted(self._walk(), key=lambda f: f if isinstance(f, str) else f.where)
        return self._found

    def _walk(self) -> Iterator[_Listed]:
        denied: list[OSError] = []
        for folder, subfolders, files in os.walk(self._root, onerror=denied.append):
            subfolders[:] = [s for s in subfolders if not s.startswith(".")]
            links = [p for s in subfolders if os.path.islink(p := os.path.join(folder, s))]
            yield from (self._outside(link) for link in links if self._leads_out(link))
            for file in files:
                if file.startswith(".") or not file.lower().endswith(SUFFIXES):
                    continue
                yield self._key(os.path.join(folder, file))
        self._partial = bool(denied)
        for error in denied:
            where = str(error.filename)
            if where == str(self._root):
                raise SourceError(f"{where} cannot be read: {in_words(error)}", where=where) from error
            yield SourceFailure(self.name, where, f"the folder cannot be read: {in_words(error)}")

    def _key(self, path: str) -> _Listed:
        if os.path.islink(path) and self._leads_out(path):
            return self._outside(path)
        key = os.path.relpath(path, self._root).replace(os.sep, "/")
        try:
            key.encode()
        except UnicodeEncodeError:
            return SourceFailure(self.name, ascii(path), "its name is not UTF-8: rename it")
        return key

    def _leads_out(self, link: str) -> bool:
        root = os.path.realpath(self._root)
        return os.path.commonpath([root, os.path.realpath(link)]) != root

    def _outside(self, link: str) -> SourceFailure:
        return SourceFailure(self.name, link, "it is a symlink out of the folder")
