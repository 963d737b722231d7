"""Articles as JSON, one object a line, from a file or standard input: for anything else that collects or scores.

Here is where the bytes come from and what becomes of bad lines. Cutting them into records is done in ``records``, what
a record may say in ``jsonl_article``.
"""

from __future__ import annotations

import asyncio
import os
import select
import stat
import sys
import threading
from collections import Counter
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from digest.errors import SourceError
from digest.model import SourceFailure
from digest.ports import Deferred, Gone, Unchanged
from digest.sources.files import in_words, unblocked
from digest.sources.jsonl_article import article_of
from digest.sources.records import Record, Records
from digest.sources.writers import open_for_writing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Mapping

    from digest.model import Incoming
    from digest.ports import Found, Known

_PIECE_BYTES: Final = 256 * 1024
#: How often a reader that waits for input looks whether it is still wanted.
_LOOK_S: Final = 0.2
#: With so many records and no article among them it is something else, and to name every line of it helps nobody.
_HOPELESS: Final = 1000
_SHOWN: Final = 10


class JsonLinesSource:
    """The articles in ``origin``: a path, ``-`` for standard input, or an open binary stream, which is left open.

    ``max_bytes`` bounds one line, or the whole where it is one JSON array. ``clock`` gives the present, aware UTC.
    """

    def __init__(
        self,
        origin: str | Path | IO[bytes],
        *,
        max_bytes: int = 5_000_000,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._path = Path(origin).expanduser() if isinstance(origin, str | Path) and str(origin) != "-" else None
        self._stream = None if isinstance(origin, str | Path) else origin
        self._max_bytes = max_bytes
        self._clock = clock

    @property
    def name(self) -> str:
        """``jsonl:`` and the file's path without symlinks; ``jsonl:-`` for a stream."""
        return f"jsonl:{os.path.realpath(self._path)}" if self._path else "jsonl:-"

    def size(self) -> int | None:
        """Unknown until it is read."""
        return None

    async def read(self, known: Mapping[str, Known]) -> AsyncIterator[Found]:
        """Every record, in order, and after them what is gone: it is not known before the end of a stream.

        Raises SourceError where the file cannot be opened. See ``ports.Source``.
        """
        stream = await asyncio.to_thread(self._opened)
        if stream is None:
            yield Deferred(str(self._path))
            return
        unwanted = threading.Event()
        batches = self._batches(stream, unwanted, known)
        try:
            while (batch := await asyncio.to_thread(next, batches, None)) is not None:
                for found in batch:
                    yield found
        finally:
            unwanted.set()  # a reader that waits for input would keep the program from ending
            with suppress(ValueError):  # it is still in the thread, and ends there
                batches.close()

    def _opened(self) -> IO[bytes] | None:
        """The stream; None while the file is being written."""
        if self._path is None:
            return self._stream or sys.stdin.buffer
        try:
            file = unblocked(self._path)
        except OSError as error:
            raise SourceError(f"{self._path} cannot be read: {in_words(error)}", where=str(self._path)) from error
        status = os.fstat(file.fileno())
        if stat.S_ISREG(status.st_mode) and open_for_writing(file.fileno(), status.st_mtime):
            file.close()
            return None
        return file

    def _batches(
        self, stream: IO[bytes], unwanted: threading.Event, known: Mapping[str, Known]
    ) -> Generator[list[Found], None, None]:
        """What the records say, a list for each piece that was read."""
        records = Records(self._max_bytes)
        used: Counter[str] = Counter()
        with closing(_pieces(stream, unwanted, close=self._path is not None)) as pieces:
            try:
                for piece in pieces:
                    found = [self._article(r, known, used) for r in records.feed(piece)]
                    if not used and records.seen >= _HOPELESS:
                        yield [
                            *found[:_SHOWN],
                            self._failed("", f"none of its first {records.seen:,} lines is an article"),
                        ]
                        return
                    yield found
                yield [self._article(r, known, used) for r in records.finish()]
                yield [Gone(key) for key in known if key not in used]
            except OSError as error:
                yield [self._failed("", f"it could not be read to its end: {in_words(error)}")]

    def _article(self, record: Record, known: Mapping[str, Known], used: Counter[str]) -> Found:
        if record.problem:
            return self._failed(record.where, record.problem)
        try:
            found = article_of(record.value, source=self.name, now=self._clock())
        except SourceError as error:
            return self._failed(record.where, str(error))
        except Exception as error:  # noqa: BLE001 one hostile line must not take the others with it
            return self._failed(record.where, f"it could not be read ({type(error).__name__})")
        found = _told_apart(found, used)
        held = known.get(found.origin.key)
        return Unchanged(found.origin) if held is not None and held.revision == found.origin.revision else found

    def _failed(self, where: str, reason: str) -> SourceFailure:
        place = str(self._path) if self._path else "standard input"
        return SourceFailure(self.name, f"{place}, {where}" if where else place, reason)


def _told_apart(found: Incoming, used: Counter[str]) -> Incoming:
    """``found`` with a key of its own: a second record of the same key is another document of the same article."""
    key = found.origin.key
    used[key] += 1
    if used[key] == 1:
        return found
    key = f"{key} ({used[key]})"
    used[key] += 1
    return replace(found, origin=replace(found.origin, key=key))


def _pieces(stream: IO[bytes], unwanted: threading.Event, *, close: bool) -> Generator[bytes, None, None]:
    """The bytes of ``stream`` as they come, up to its end or until they are ``unwanted``."""
    try:
        try:
            handle = stream.fileno()
        except OSError:  # made of memory
            handle = None
        while not unwanted.is_set():
            if handle is None:
                piece = stream.read(_PIECE_BYTES)
            elif select.select([handle], [], [], _LOOK_S)[0]:
                piece = os.read(handle, _PIECE_BYTES)
            else:
                continue
            if not piece:
                return
            yield piece
    finally:
        if close:
            stream.close()
