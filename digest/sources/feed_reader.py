"""Reads many feeds at once: each at most as often as its server allows, and each failing by itself.

It owns how many are asked at a time, in all and of one host, and what is asked of them. When a feed is due is decided by
``feeds.schedule``, the limits of a fetch by ``fetching``; what they hold by ``feed_entries``.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

import structlog

from digest.errors import FetchError, SourceError
from digest.feeds import schedule
from digest.feeds.ports import FeedRead
from digest.fetching.fetched import fresh_s
from digest.model import SourceFailure
from digest.sources.feed import ACCEPT
from digest.sources.feed_entries import FeedBytes, source_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from digest.feeds.feed import Feed
    from digest.feeds.ports import FeedState
    from digest.fetching.fetched import Fetched, Fetches
    from digest.sources.feed_entries import FeedEntries

_log = structlog.get_logger(__name__)

NOT_MODIFIED: Final = 304
#: For each feed asked, how many may be in memory: asked, fetched and not yet read, or read and not yet taken.
_HELD: Final = 2
#: Feeds that are ready so soon after one another are given together: storing each alone took a fifth more of the processor's time.
_TOGETHER_S: Final = 0.01


class Entries(Protocol):
    """Something that reads what was fetched, as ``feed_entries.FeedProcesses`` does."""

    async def start(self) -> None:
        """Be ready soon."""

    async def __call__(self, given: FeedBytes) -> FeedEntries:
        """The recent entries of a feed. Raises SourceError."""


class ManyFeeds:
    """Implements ``feeds.ports.FeedReader`` over a shared ``fetcher``.

    ``entries`` reads what was fetched. ``concurrency``: feeds asked
    at once; ``per_host``: of one host. ``interval_s``: between two refreshes of a feed that has no interval of its own. ``clock`` gives
    the present, aware UTC.
    """

    def __init__(
        self,
        fetcher: Fetches,
        entries: Entries,
        *,
        concurrency: int = 50,
        per_host: int = 2,
        interval_s: float = 1800.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._fetcher = fetcher
        self._entries = entries
        self._places = asyncio.Semaphore(concurrency)
        self._held = asyncio.Semaphore(_HELD * concurrency)
        self._hosts: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(per_host))
        self._interval_s = interval_s
        self._clock = clock

    async def read(self, feeds: Sequence[tuple[Feed, FeedState]], since: datetime) -> AsyncIterator[list[FeedRead]]:
        """See ``feeds.ports.FeedReader``."""
        ready: asyncio.Queue[FeedRead] = asyncio.Queue()

        async def one(feed: Feed, state: FeedState) -> None:
            async with AsyncExitStack() as held:  # a place among those held is kept until there is room for what it gave
                await ready.put(await self._guarded(feed, state, since, held))

        tasks = [asyncio.create_task(one(feed, state)) for feed, state in feeds]
        tasks_and_start = [*tasks, asyncio.create_task(self._entries.start())] if tasks else []
        try:
            left = len(tasks)
            while left:
                reads = [await ready.get()]
                if left > 1:
                    await asyncio.sleep(_TOGETHER_S)
                while not ready.empty():
                    reads.append(ready.get_nowait())
                left -= len(reads)
                yield reads
        finally:
            for task in tasks_and_start:
                task.cancel()
            await asyncio.gather(*tasks_and_start, return_exceptions=True)

    async def _guarded(self, feed: Feed, state: FeedState, since: datetime, held: AsyncExitStack) -> FeedRead:
        """What came of one feed. Whatever goes wrong with it is a failure of it alone."""
        try:
            return await self._one(feed, state, since, held)
        except FetchError as error:
            return self._failed(feed, state, error, error.status, error.retry_after_s)
        except SourceError as error:
            return self._failed(feed, state, error)
        except Exception as error:  # noqa: BLE001 a defect must cost one feed, not all
            _log.exception("feed_failed_unexpectedly", feed=feed.url)
            return self._failed(feed, state, SourceError(f"it could not be read ({type(error).__name__})"))

    async def _one(self, feed: Feed, state: FeedState, since: datetime, held: AsyncExitStack) -> FeedRead:
        place = state.moved_to or feed.url
        async with self._hosts[_host(place)]:
            await held.enter_async_context(self._held)
            async with self._places:
                fetched = await self._fetcher.fetch(place, _asked(state))
        seen = "" if fetched.status == NOT_MODIFIED else _fingerprint(fetched)
        if not seen or seen == state.seen:
            return FeedRead(feed, self._answered(feed, state, fetched, None, seen), unchanged=True)
        given = FeedBytes(feed, fetched.body, fetched.final_url, fetched.charset, since, self._clock())
        entries = await self._entries(given)
        known = self._answered(feed, state, fetched, entries.total, seen)
        return FeedRead(feed, known, entries.found, entries.old, failures=entries.failures)

    def _answered(self, feed: Feed, state: FeedState, fetched: Fetched, entries: int | None, seen: str) -> FeedState:
        now = self._clock()
        return schedule.answered(
            feed,
            state,
            now,
            interval_s=self._interval_s,
            fresh_s=fresh_s(fetched.headers, now),
            moved_to=fetched.moved_to,
            etag=fetched.headers.get("etag", ""),
            last_modified=fetched.headers.get("last-modified", ""),
            seen=seen,
            entries=entries,
        )

    def _failed(
        self,
        feed: Feed,
        state: FeedState,
        error: SourceError,
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> FeedRead:
        after = schedule.failed(
            feed,
            state,
            self._clock(),
            interval_s=self._interval_s,
            error=str(error),
            status=status,
            retry_after_s=retry_after_s,
        )
        words = f"{after.error}. {error.remedy}".removesuffix(". ")
        return FeedRead(feed, after, failures=(SourceFailure(source_name(feed), feed.url, words),))


def _fingerprint(fetched: Fetched) -> str:
    """Of all that reading it depends on: many servers send what has not changed in full, whatever they are asked."""
    what = f"{fetched.final_url} {fetched.charset} ".encode("utf-8", "replace")
    return hashlib.blake2b(fetched.body, digest_size=16, key=hashlib.blake2b(what, digest_size=32).digest()).hexdigest()


def _asked(state: FeedState) -> dict[str, str]:
    """The headers of a request: conditional where the last answer can be named."""
    conditions = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
    return {"Accept": ACCEPT, **{name: value for name, value in conditions.items() if value}}


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
