"""A folder into which a monitor, or people, put files: which are read, what each gives, and how it is moved aside.

What a file says is ``knowledge_base.inbox``'s, a saved page ``fulltext``'s; what becomes of it is ``processing``'s.
"""

from __future__ import annotations

import asyncio
import os
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from digest.errors import SourceError
from digest.fulltext.page import Page
from digest.knowledge_base.document import Document
from digest.knowledge_base.inbox import MARKDOWN, PAGES, SUFFIXES, inbox_document, saved_from
from digest.model import Origin
from digest.processing import InboxFile
from digest.sources.documents import told_by
from digest.sources.files import in_words, last_changed, settled

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from digest.fulltext.page import ReadsPages

#: Where originals go, within the inbox.
PROCESSED: Final = "processed"
_MOST_ALIKE: Final = 10_000
_FULL_CONTENT: Final = re.compile(rb"^##[ \t]+Full Content", re.MULTILINE)


class InboxFolder:
    """Implements ``processing.Inbox`` over the files in ``folder``; those in folders below it are left alone.

    ``pages`` reads saved pages. ``max_bytes``: larger files are refused. ``clock`` gives the present, aware UTC.
    """

    def __init__(
        self,
        folder: Path,
        pages: ReadsPages,
        *,
        max_bytes: int = 5_000_000,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder = folder.expanduser().absolute()
        self._pages = pages
        self._max_bytes = max_bytes
        self._clock = clock
        self.name = f"inbox:{os.path.realpath(self._folder)}"

    async def files(self) -> tuple[list[str], list[str]]:
        """See ``processing.Inbox``."""
        there = await asyncio.to_thread(self._listed)
        read = [name for name in there if name.lower().endswith(SUFFIXES)]
        return read, [name for name in there if name not in read]

    async def read(self, name: str) -> InboxFile | None:
        """See ``processing.Inbox``."""
        path = self._folder / name
        found = await asyncio.to_thread(settled, path, self._max_bytes)
        if found is None:
            return None
        data, stamp = found
        now = self._clock()
        document = await self._document(name, data, now, last_changed(stamp, now))
        if not document.url:
            raise SourceError("it does not say where it is from", remedy="Give it a line 'URL: https://…' at its top.")
        return InboxFile(name, told_by(document, Origin(self.name, name, ""), now=now), _monitors(name, data))

    async def move_aside(self, name: str) -> None:
        """See ``processing.Inbox``."""
        await asyncio.to_thread(self._moved, name)

    def _listed(self) -> list[str]:
        try:
            with os.scandir(self._folder) as entries:
                return sorted(e.name for e in entries if not e.name.startswith(".") and not e.is_dir())
        except OSError as error:
            reason = f"{self._folder} cannot be read: {in_words(error)}"
            raise SourceError(reason, where=str(self._folder), remedy="Give the folder of the inbox.") from error

    async def _document(self, name: str, data: bytes, now: datetime, changed: datetime) -> Document:
        if not name.lower().endswith(PAGES):
            return await asyncio.to_thread(inbox_document, name, data, now=now, changed=changed)
        page = await self._pages(Page(data, saved_from(data)))
        return Document(page.title, page.title, page.url, page.publisher, page.published, changed, body=page.text)

    def _moved(self, name: str) -> None:
        aside = self._folder / PROCESSED
        try:
            aside.mkdir(exist_ok=True)
            _move(self._folder / name, aside)
        except FileNotFoundError:  # another process had it too, and was quicker
            return
        except OSError as error:
            raise SourceError(f"it cannot be moved to {aside}: {in_words(error)}") from error


def _move(path: Path, folder: Path) -> None:
    """Move a file, under a number where its name is taken: what is there is never replaced. Raises OSError."""
    for number in range(1, _MOST_ALIKE):
        to = folder / (path.name if number == 1 else f"{path.stem}-{number}{path.suffix}")
        try:
            os.link(path, to)  # unlike a rename it never replaces what is there
        except FileExistsError:
            if not os.path.samefile(path, to):  # else whoever moved it was killed half way
                continue
        except OSError:  # there are file systems without links
            if to.exists():
                continue
            os.rename(path, to)
            return
        os.unlink(path)
        return
    raise FileExistsError(f"there are {_MOST_ALIKE:,} files named {path.name}")


def _monitors(name: str, data: bytes) -> str:
    """A file of the monitor's, to be kept word for word in its document; empty for what is something else."""
    if not name.lower().endswith(MARKDOWN) or not data.startswith(b"---") or _FULL_CONTENT.search(data):
        return ""
    return data.decode("utf-8", "ignore").replace("\r\n", "\n")
