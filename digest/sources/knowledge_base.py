"""A folder of knowledge-base documents as a source: which files are read, when, and what becomes of the others.

What a document says is ``knowledge_base.document``'s to know. Here is the policy for the folder: every ``.md`` and
``.markdown`` below it, hidden ones and symlinks out of it excepted; nothing larger than the limit; nothing that somebody
still writes to; nothing again that has not changed.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from digest.errors import SourceError
from digest.model import SourceFailure
from digest.ports import Gone
from digest.sources.ahead import ahead
from digest.sources.documents import DocumentReader
from digest.sources.files import in_words

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping
    from pathlib import Path

    from digest.ports import Found, Known
    from digest.sources.documents import Listed

SUFFIXES: Final = (".md", ".markdown")

#: Files read in one go: enough to make the hand-over cheap, few enough to keep a progress bar moving.
_TOGETHER: Final = 64
#: From this many files on that were never read, processes of their own pay for their start (0.2 s each).
_MANY: Final = 2_000


class KnowledgeBaseSource:
    """The documents under ``root``. ``max_bytes``: larger files are refused. ``clock`` gives the present, aware UTC."""

    def __init__(
        self, root: Path, *, max_bytes: int = 5_000_000, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._root = root.expanduser().absolute()
        self._max_bytes = max_bytes
        self._clock = clock
        self._name = f"kb:{os.path.realpath(self._root)}"
        self._found: list[Listed] | None = None
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
        reader = DocumentReader(self.name, self._root, self._max_bytes, self._clock())
        chunks = (todo[start : start + _TOGETHER] for start in range(0, len(todo), _TOGETHER))
        async with aclosing(ahead(reader.read, chunks, processes=many)) as read:
            async for batch in read:
                for found in batch:
                    yield found

    def _gone(self, known: Mapping[str, Known], listing: list[Listed]) -> list[str]:
        """Keys that are no longer listed; none where a part of the folder could not be listed."""
        return [] if self._partial else sorted(known.keys() - set(listing))

    def _listing(self) -> list[Listed]:
        """Keys of the files, sorted, and the failures met on the way. Listed once for ``size`` and ``read``."""
        if self._found is None:
            if not self._root.is_dir():
                raise SourceError(
                    f"{self._root} is no folder", where=str(self._root), remedy="Give the folder of the knowledge base."
                )
            self._found = sorted(self._walk(), key=lambda f: f if isinstance(f, str) else f.where)
        return self._found

    def _walk(self) -> Iterator[Listed]:
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

    def _key(self, path: str) -> Listed:
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
