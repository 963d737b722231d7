"""A feed as a source: its entries, from a file or over the network.

Where the bytes come from and what becomes of failures is decided here; the limits of a fetch belong to ``fetching``,
reading the feed to ``feed_parser``, and what an entry means to ``entries``.
"""

from __future__ import annotations

import asyncio
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from digest.errors import SourceError
from digest.fetching.fetched import Limits
from digest.model import SourceFailure
from digest.ports import Deferred, Gone, Unchanged
from digest.sources.entries import Entry, ParsedFeed, article_of, called, keys
from digest.sources.feed_parser import FeedParser
from digest.sources.files import settled_bytes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from digest.fetching.fetched import Fetched, Fetches
    from digest.ports import Found, Known
    from digest.settings import Settings

ACCEPT: Final = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


class FeedSource:
    """The entries of the feed at ``location``, a path or a URL.

    Of the ``settings`` the limits of a fetch are used; ``fetch_max_bytes`` holds for a file too. ``publisher`` and
    ``category`` are the operator's words for it and go before the feed's own. ``fetcher`` is shared by many feeds;
    without one the feed is fetched by itself. So is ``parser``. ``clock`` gives the present, aware UTC.
    """

    def __init__(
        self,
        location: str,
        settings: Settings,
        *,
        publisher: str = "",
        category: str = "",
        fetcher: Fetches | None = None,
        parser: FeedParser | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._location = location.strip()
        self._settings = settings
        self._publisher = publisher
        self._category = category
        self._fetcher = fetcher
        self._parser = parser
        self._clock = clock

    @property
    def name(self) -> str:
        """``feed:`` and the URL, or the file's path without symlinks, so that every way to write it means the same."""
        if _URL.match(self._location):
            return f"feed:{self._location}"
        return f"feed:{os.path.realpath(Path(self._location).expanduser())}"

    def size(self) -> int | None:
        """Unknown until it is read."""
        return None

    async def read(self, known: Mapping[str, Known]) -> AsyncIterator[Found]:
        """Every entry, in the feed's order. See ``ports.Source``; whatever goes wrong is a SourceFailure."""
        try:
            feed = await self._feed()
        except SourceError as error:
            yield SourceFailure(self.name, self._location, f"{error}. {error.remedy}".removesuffix(". "))
            return
        if feed is None:
            yield Deferred(self._location)
            return
        for found in await asyncio.to_thread(self._found, feed, known, self._clock()):
            yield found

    async def _feed(self) -> ParsedFeed | None:
        """The feed, parsed; None while its file is being written."""
        if _URL.match(self._location):
            fetched = await self._fetched()
            return await self._parsed(fetched.body, url=fetched.final_url, charset=fetched.charset)
        data = await asyncio.to_thread(self._from_file)
        return None if data is None else await self._parsed(data)

    def _from_file(self) -> bytes | None:
        return settled_bytes(Path(self._location).expanduser(), self._settings.fetch_max_bytes)

    async def _parsed(self, data: bytes, *, url: str = "", charset: str = "") -> ParsedFeed:
        if self._parser is not None:
            return await self._parser.parse(data, url=url, charset=charset)
        async with FeedParser() as parser:
            return await parser.parse(data, url=url, charset=charset)

    async def _fetched(self) -> Fetched:
        if self._fetcher is not None:
            return await self._fetcher.fetch(self._location, {"Accept": ACCEPT})
        from digest.fetching.fetcher import fetch

        limits = Limits(timeout_s=self._settings.fetch_timeout_s, max_bytes=self._settings.fetch_max_bytes)
        allowed = self._settings.fetch_allow_hosts
        return await fetch(self._location, limits, allow_hosts=allowed, headers={"Accept": ACCEPT})

    def _found(self, feed: ParsedFeed, known: Mapping[str, Known], now: datetime) -> list[Found]:
        """What left the feed since last time, then its entries, each key once."""
        entries: dict[str, Entry] = {}
        failures: list[Found] = []
        for entry, key in zip(feed.entries, keys(feed.entries), strict=True):
            if key:
                entries.setdefault(key, entry)
            else:
                failures.append(self._failed(entry, "it has no link"))
        gone = [Gone(key) for key in known if key not in entries]
        return [*gone, *failures, *(self._entry(e, feed, key, known.get(key), now) for key, e in entries.items())]

    def _entry(self, entry: Entry, feed: ParsedFeed, key: str, held: Known | None, now: datetime) -> Found:
        try:
            found = article_of(
                entry, feed, source=self.name, key=key, now=now, publisher=self._publisher, category=self._category
            )
        except SourceError as error:
            return self._failed(entry, str(error))
        except Exception as error:  # noqa: BLE001 one hostile entry must not take the others with it
            return self._failed(entry, f"it could not be read ({type(error).__name__})")
        return Unchanged(found.origin) if held is not None and held.revision == found.origin.revision else found

    def _failed(self, entry: Entry, reason: str) -> SourceFailure:
        return SourceFailure(self.name, f"{self._location}, entry '{called(entry)}'", reason)
