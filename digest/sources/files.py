"""Opens and reads files as strangers leave them: never hanging on a pipe, never half of what is still being written."""

from __future__ import annotations

import errno
import os
import stat
import time
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Final

from digest.errors import SourceError
from digest.knowledge_base.dates import EARLIEST, MOST_AHEAD
from digest.sources.writers import open_for_writing

if TYPE_CHECKING:
    from pathlib import Path

#: A file system's clock ticks in steps of up to 10 ms (Linux at HZ=100). A file changed less than five ticks ago could change
#: again without a new time, and the change would never be seen.
_TICKS_S: Final = 0.05


def unblocked(path: Path) -> IO[bytes]:
    """``path`` open for reading, unbuffered. A pipe that nobody writes to does not hang it. Raises OSError."""
    return open(path, "rb", buffering=0, opener=lambda p, flags: os.open(p, flags | os.O_NONBLOCK))


def settled_bytes(path: Path | str, max_bytes: int) -> bytes | None:
    """The content of ``path``; None while it is being written. Raises SourceError as ``settled`` does."""
    found = settled(path, max_bytes)
    return None if found is None else found[0]


def settled(path: Path | str, max_bytes: int) -> tuple[bytes, str] | None:
    """The content of ``path`` and its stamp; None while it is being written.

    Raises SourceError, in words for people, where it is missing, not a regular file, not to be read or over
    ``max_bytes``.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return _read(handle, str(path), max_bytes)
        finally:
            os.close(handle)
    except OSError as error:
        raise SourceError(f"it cannot be read: {in_words(error)}", where=str(path)) from error


def _read(handle: int, path: str, max_bytes: int) -> tuple[bytes, str] | None:
    before = os.fstat(handle)
    if stat.S_ISDIR(before.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(before.st_mode):
        raise SourceError("it is no regular file", where=path)
    if before.st_size > max_bytes:
        raise SourceError(f"its {before.st_size:,} bytes are more than the {max_bytes:,} allowed", where=path)
    if open_for_writing(handle, before.st_mtime):
        return None
    young_s = time.time() - before.st_mtime
    if 0 <= young_s < _TICKS_S:
        time.sleep(_TICKS_S - young_s)
    content = os.read(handle, before.st_size + 1)  # one more tells that it grew; asking for far more would cost its allocation
    stamped = stamp(before)
    return (content, stamped) if len(content) == before.st_size and stamped == stamp(os.fstat(handle)) else None


def stamp(status: os.stat_result) -> str:
    """What changes whenever a file does: its size and its two times."""
    return f"{status.st_size}-{status.st_mtime_ns}-{status.st_ctime_ns}"


def stamp_of(path: str) -> str:
    """The stamp of the file at ``path``. Raises OSError."""
    return stamp(os.stat(path))


def last_changed(stamped: str, now: datetime) -> datetime:
    """When the file of that ``stamp`` was last changed, aware UTC; ``now`` where its clock was wrong: ahead, or before the web.

    Unlike the moment of reading, it is the same at every reading of the same file.
    """
    try:
        changed = datetime.fromtimestamp(int(stamped.split("-")[1]) / 1e9, UTC)
    except (ValueError, OverflowError, OSError):  # file systems take years that calendars do not
        return now
    return changed if EARLIEST <= changed <= now + MOST_AHEAD else now


def in_words(error: OSError) -> str:
    """What the system says, without its number and without the path."""
    return (error.strerror or str(error)).lower()
