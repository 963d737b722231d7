"""Parses feeds for whoever has the bytes: fast where that is possible, by feedparser where it is not.

What may block the event loop, and for how long, is decided here: a small feed that is well-formed is read where it is asked
for, a larger one on a thread, and what is very large or needs feedparser in a process of its own, which is killed when the
feed takes too long or too much memory. Which way a feed goes does not change what comes of it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Self

from digest.errors import SourceError
from digest.isolation import Isolated, OutOfBounds
from digest.sources.fast_parsing import parse_fast
from digest.sources.feed_ways import DEADLINE_S, MAX_MB, beyond, parse_given

if TYPE_CHECKING:
    from types import TracebackType

    from digest.sources.entries import ParsedFeed

_PROCESSES: Final = 2
#: Up to this size the fast way takes less than 2 ms, which is what a change of threads costs when many are busy.
_SMALL: Final = 32_000
#: Beyond this size even the fast way holds up the threads that wait for Python: half a second for 2 MB at worst.
_LARGE: Final = 2_000_000


class FeedParser:
    """Parses feeds, any number at a time. Close it, or use it as an async context: its processes end then.

    ``deadline_s`` and ``max_mb`` bound what feedparser may take for one feed; ``processes`` is how many feeds it parses at once.
    None is started before it is needed.
    """

    def __init__(self, *, processes: int = _PROCESSES, deadline_s: float = DEADLINE_S, max_mb: int = MAX_MB) -> None:
        self._isolated = Isolated(parse_given, processes, deadline_s=deadline_s, max_mb=max_mb)

    async def parse(self, data: bytes, *, url: str = "", charset: str = "") -> ParsedFeed:
        """What the feed in ``data`` says. ``url`` is where it was found, ``charset`` what the server said of it.

        Raises SourceError, in words for people, where it is no feed, is broken with no entry to be had, or takes too long or
        too much memory to parse.
        """
        fast: ParsedFeed | None = None
        if len(data) <= _SMALL:
            fast = parse_fast(data, url=url, charset=charset)
        elif len(data) <= _LARGE:
            fast = await asyncio.to_thread(parse_fast, data, url=url, charset=charset)
        if fast is not None:
            return fast
        try:
            return await self._isolated((data, url, charset, len(data) <= _LARGE))
        except OutOfBounds as error:
            raise SourceError(beyond(error), where=url) from error

    async def close(self) -> None:
        """End the processes."""
        await self._isolated.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
