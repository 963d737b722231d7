"""Backups as files: written whole or not at all, compressed where the name ends in ``.gz``, and never believed before their last line.

``-`` is standard output or input, compressed or not: what is read is looked at, not named.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import sys
import tempfile
import zlib
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, cast

from digest.errors import StateError
from digest.state.records import (
    Closing,
    Header,
    Record,
    dump_closing,
    dump_header,
    dump_record,
    load_header,
    load_line,
    refused_as_changed,
    refused_as_cut,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader

STREAM: Final = "-"
_GZIP: Final = b"\x1f\x8b"
#: Of one line. Records are parted long before; a single value of ours is below a megabyte.
_LONGEST_LINE: Final = 256_000_000
#: Quick, and within a fifth of the smallest: measured on articles.
_LEVEL: Final = 6


class Writing:
    """A backup that is being written. ``keys``: how many so far, by kind; ``size``: bytes before compression."""

    def __init__(self, to: IO[bytes]) -> None:
        self._to = to
        self._sum = hashlib.sha256()
        self._records = 0
        self.keys: Counter[str] = Counter()
        self.size = 0

    def begin(self, header: Header) -> None:
        """The first line."""
        self._line(dump_header(header))

    def add(self, record: Record, kind: str) -> None:
        """A record, of a key of that kind."""
        self._line(dump_record(record))
        self._records += 1
        self.keys[kind] += not record.more

    def end(self) -> Closing:
        """The last line; without it nobody takes the file."""
        closing = Closing(self._records, self._sum.hexdigest(), dict(sorted(self.keys.items())))
        self._to.write(dump_closing(closing))
        return closing

    def _line(self, line: bytes) -> None:
        self._sum.update(line)
        self._to.write(line)
        self.size += len(line)


@contextmanager
def writing(place: str) -> Iterator[Writing]:
    """Write to ``place``, which only its owner may read. Until the end, what was there stays. Raises StateError."""
    try:
        with ExitStack() as stack:
            to = sys.stdout.buffer if place == STREAM else stack.enter_context(_beside(Path(place)))
            if place.endswith(".gz"):
                packed = gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=to, mtime=0)
                to = cast("IO[bytes]", stack.enter_context(packed))
            yield Writing(to)
            to.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StateError(
            f"{_named(place)} cannot be written: {error.strerror or error}", remedy="Name another file, or give its disk room."
        ) from error


@contextmanager
def _beside(path: Path) -> Iterator[IO[bytes]]:
    """A file of nobody else's, which takes its place when all went well."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as to:
            yield to
            to.flush()
            os.fsync(to.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


@contextmanager
def reading(place: str) -> Iterator[tuple[Header, Iterator[Record]]]:
    """The header and the records at ``place``. Past the last record the file was whole; whoever reads acts on nothing before. Raises
    StateError, also while records are read."""
    try:
        with ExitStack() as stack:
            raw = cast("BufferedReader", sys.stdin.buffer if place == STREAM else stack.enter_context(Path(place).open("rb")))
            peeked = raw.peek(2)[:2]
            lines = cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=raw)) if peeked == _GZIP else raw)
            first, total = _line(lines), hashlib.sha256()
            total.update(first)
            yield load_header(first), _records(lines, total)
    except OSError as error:
        if isinstance(error, gzip.BadGzipFile):
            raise refused_as_changed() from error
        raise StateError(
            f"{_named(place)} cannot be read: {error.strerror or error}", remedy="Name a file that `ainews export` wrote."
        ) from error


def _records(lines: IO[bytes], total: hashlib._Hash) -> Iterator[Record]:
    count = 0
    while line := _line(lines):
        found = load_line(line)
        if isinstance(found, Closing):
            if found.records != count or found.sha256 != total.hexdigest() or _line(lines):
                raise refused_as_changed()
            return
        total.update(line)
        count += 1
        yield found
    raise refused_as_cut()


def _line(lines: IO[bytes]) -> bytes:
    try:
        line = lines.readline(_LONGEST_LINE)
    except EOFError as error:
        raise refused_as_cut() from error
    except zlib.error as error:
        raise refused_as_changed() from error
    if line and not line.endswith(b"\n"):
        raise refused_as_cut()
    return line


def _named(place: str) -> str:
    return "standard input or output" if place == STREAM else f"the file {place}"
