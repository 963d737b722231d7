"""The index page at the root of a knowledge base: when it may be written, under which name, and that it is always whole.

It is ``INDEX.md``. Where somebody has a document of their own under that name, which is never touched, it is
``INDEX.generated.md``. What stands in it is ``index_text``'s.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import structlog

from digest.errors import SourceError
from digest.knowledge_base.index_entries import read_entries
from digest.knowledge_base.index_text import index_text
from digest.knowledge_base.listing import PAGES, is_index_page
from digest.model import SourceFailure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: How long to wait for another program that is writing the page. It takes well under a second once the documents were read.
_WAIT_S: Final = 10.0
_POLL_S: Final = 0.02

_log = structlog.get_logger(__name__)


def write_index(root: Path, *, max_bytes: int = 5_000_000) -> Path:
    """Make the index page of the documents below ``root`` anew, and return its path. A page that would be the same is left.

    Several programs may do so at once: whoever files a document and then calls this finds it in the page. Raises SourceError
    where the folder cannot be read, the page cannot be written, or both its names are taken by documents of somebody's own.
    """
    root = root.expanduser().absolute()
    with _alone(root):
        text = index_text(read_entries(root, now=datetime.now(UTC), max_bytes=max_bytes))
        try:
            return _written(root, text)
        except OSError as error:
            raise SourceError(
                f"its index page cannot be written: {(error.strerror or str(error)).lower()}", where=str(root)
            ) from error


def index_written(root: Path) -> SourceFailure | None:
    """The same, for whom a page that cannot be written stops nothing: None where it was, else why not."""
    try:
        write_index(root)
    except SourceError as error:
        return SourceFailure("index", error.where or str(root), str(error))
    return None


def _written(root: Path, text: str) -> Path:
    for number, page in enumerate(root / name for name in PAGES):
        if os.path.lexists(page) and not is_index_page(page):
            continue
        if number:
            _log.info("index_page_elsewhere", page=str(page), taken=str(root / PAGES[0]))
        if _differs(page, text):
            _replace(page, text)
        for other in (root / name for name in PAGES[number + 1 :]):
            if is_index_page(other):
                other.unlink()
        return page
    raise SourceError(
        f"{' and '.join(PAGES)} in {root} are documents of somebody's own",
        where=str(root),
        remedy="Rename one of them, so that the index page has a place.",
    )


def _differs(page: Path, text: str) -> bool:
    try:
        return page.is_symlink() or page.read_bytes() != text.encode()
    except OSError:
        return True


def _replace(page: Path, text: str) -> None:
    """Put ``text`` in the place of ``page``: at every moment the file there is whole, the old one or the new. Raises OSError."""
    handle, partial = tempfile.mkstemp(dir=page.parent, prefix=f".{page.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(partial, 0o644)
        os.replace(partial, page)
    except BaseException:
        os.unlink(partial)
        raise


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Wait for other programs that write the page: each must list the documents after those before it are filed.

    The lock is on the folder itself and ends with its holder. Where it is not to be had in time, or file systems know none, the
    page is written all the same: it is whole anyway, and at worst the next document puts it right.
    """
    try:
        handle = os.open(root, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # no folder: reading it will say so
        yield
        return
    try:
        until = time.monotonic() + _WAIT_S
        with contextlib.suppress(OSError):
            while time.monotonic() < until:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    time.sleep(_POLL_S)
        yield
    finally:
        os.close(handle)
