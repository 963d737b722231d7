"""A folder of knowledge-base documents as a source: which files are read, when, and what becomes of the others.

What a document says is ``knowledge_base.document``'s to know, and which files are documents ``knowledge_base.listing``'s. Here
is the policy for reading them: nothing larger than the limit; nothing that somebody still writes to; nothing again that has not
changed.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from digest.knowledge_base.listing import list_documents
from digest.model import SourceFailure
from digest.ports import Gone
from digest.sources.ahead import ahead
from digest.sources.documents import DocumentReader

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from digest.ports import Found, Known
    from digest.sources.documents import Listed

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
        async with aclosing(ahead(reader.prepare if many else reader.read, chunks, processes=many)) as read:
            async for batch in read:
                for found in batch:
                    yield found

    def _gone(self, known: Mapping[str, Known], listing: list[Listed]) -> list[str]:
        """Keys that are no longer listed; none where a part of the folder could not be listed."""
        return [] if self._partial else sorted(known.keys() - set(listing))

    def _listing(self) -> list[Listed]:
        """Keys of the files and the failures met on the way, sorted. Listed once for ``size`` and ``read``."""
        if self._found is None:
            listing = list_documents(self._root)
            failures = (SourceFailure(self.name, where, reason) for where, reason in listing.refused)
            self._partial = listing.partial
            self._found = sorted((*listing.keys, *failures), key=lambda f: f if isinstance(f, str) else f.where)
        return self._found
