"""Reads pages in processes that can be stopped: each page has a deadline, and each process a bound on its memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from digest.errors import SourceError
from digest.fulltext.extraction import extracted
from digest.isolation import Isolated, OutOfBounds

if TYPE_CHECKING:
    from digest.fulltext.page import Extracted, Page

DEADLINE_S: Final = 10.0
#: One process's address space, of which Python, lxml and trafilatura take some 400 MB at once.
MAX_MB: Final = 1024


class PageProcesses:
    """Reads pages in up to ``processes`` processes, each started when it is first needed; an async context manager.

    ``deadline_s`` bounds the time of one page, ``max_mb`` the memory of a process.
    """

    def __init__(self, processes: int = 1, *, deadline_s: float = DEADLINE_S, max_mb: int = MAX_MB) -> None:
        self._isolated = Isolated(extracted, processes, deadline_s=deadline_s, max_mb=max_mb)

    async def __call__(self, page: Page) -> Extracted:
        """See ``page.ReadsPages``."""
        try:
            return await self._isolated(page)
        except OutOfBounds as error:
            told = f"it {error} to read" if str(error).startswith("took longer") else f"it {error}"
            raise SourceError(told, where=page.url) from error

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the processes."""
        await self._isolated.close()
