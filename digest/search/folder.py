"""Where the index lies on disk, who may write it, and up to where it has followed the store.

Any number of processes read the folder; one at a time writes it, under a lock of our own that also covers throwing the folder
away, which tantivy's does not. A lock ends with its process, however that ends. An index that cannot be read is made anew:
nothing is in it that the store does not have.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import structlog
import tantivy

from digest.errors import SearchError
from digest.search.analysis import TOKENIZER, analyzer
from digest.search.documents import VERSION, schema

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_POLL_S: Final = 0.05

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Followed:
    """How far the index is: the number of the last change taken in, of the store's life ``epoch``; empty before the first."""

    epoch: str = ""
    last: int = 0


class IndexFolder:
    """An index in a folder of its own. ``path`` holds the lock; each version of the index's shape has a folder below it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._index = path / f"v{VERSION}"
        self._record = self._index / "followed.json"

    def open(self) -> tantivy.Index | None:
        """The index as it is; None where there is none, or none that can be read."""
        if not (self._index / "meta.json").exists():
            return None
        try:
            index = tantivy.Index(schema(), str(self._index))
            return _ready(index)
        except (ValueError, OSError) as error:
            _log.warning("search_index_unreadable", path=str(self._index), reason=str(error))
            return None

    def create(self) -> tantivy.Index:
        """A new and empty index in the place of whatever is there. Only under ``sole_writer``. Raises SearchError."""
        try:
            for old in self.path.glob("v*"):
                shutil.rmtree(old)
            self._index.mkdir(parents=True)
            return _ready(tantivy.Index(schema(), str(self._index), reuse=False))
        except (ValueError, OSError) as error:
            raise self.failure(error) from error

    def followed(self) -> Followed:
        """What ``record`` was last told, by any process; from the beginning where that cannot be read."""
        try:
            told = json.loads(self._record.read_bytes())
            return Followed(str(told["epoch"]), int(told["last"]))
        except (OSError, ValueError, KeyError, TypeError):
            return Followed()

    def record(self, followed: Followed) -> None:
        """Remember how far the index is; after its commit, so that a crash between takes some changes in twice."""
        draft = self._record.with_suffix(".new")
        draft.write_text(json.dumps(asdict(followed)), encoding="utf-8")
        os.replace(draft, self._record)

    @asynccontextmanager
    async def sole_writer(self, wait_s: float) -> AsyncIterator[bool]:
        """Whether this is now the only writer; False where another one was for all of ``wait_s`` seconds. Raises SearchError
        where the folder cannot be written."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self.failure(error) from error
        try:
            yield await _locked(lock, wait_s)
        finally:
            os.close(lock)

    def failure(self, error: BaseException) -> SearchError:
        """What to tell people of ``error``."""
        return SearchError(
            f"the search index in {self.path} cannot be used: {error}",
            remedy=f"Check the folder's permissions and free space, or remove {self.path}: it is made anew from the store.",
        )


async def _locked(lock: int, wait_s: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            while True:
                with suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return True
                await asyncio.sleep(_POLL_S)
    return False


class IndexMemory:
    """The same for an index that lives and ends with this object."""

    def __init__(self) -> None:
        self._index = self.create()
        self._followed = Followed()

    def open(self) -> tantivy.Index | None:
        """The index."""
        return self._index

    def create(self) -> tantivy.Index:
        """A new and empty index in its place."""
        self._index = _ready(tantivy.Index(schema()))
        self._followed = Followed()
        return self._index

    def followed(self) -> Followed:
        """What ``record`` was last told."""
        return self._followed

    def record(self, followed: Followed) -> None:
        """Remember how far the index is."""
        self._followed = followed

    @asynccontextmanager
    async def sole_writer(self, wait_s: float) -> AsyncIterator[bool]:
        """There is no other."""
        yield True

    def failure(self, error: BaseException) -> SearchError:
        """What to tell people of ``error``."""
        return SearchError(f"the search index in memory cannot be used: {error}", remedy="Start the program again.")


def _ready(index: tantivy.Index) -> tantivy.Index:
    index.register_tokenizer(TOKENIZER, analyzer())
    index.config_reader("manual")
    index.reload()
    index.searcher()
    return index
