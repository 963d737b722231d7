"""From the bytes of a listed feed to its recent entries as articles: what the processes do that read many feeds.

It owns which entries are taken and which are failures. It imports no more than that takes, and runs where it can be stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.codec import packed
from digest.errors import SourceError
from digest.isolation import Isolated, OutOfBounds
from digest.model import SourceFailure
from digest.sources.entries import article_of, called, keys
from digest.sources.feed_ways import DEADLINE_S, MAX_MB, beyond, parse_either

if TYPE_CHECKING:
    from datetime import datetime

    from digest.feeds.feed import Feed
    from digest.feeds.ports import Packed
    from digest.sources.entries import Entry


@dataclass(frozen=True, slots=True)
class FeedBytes:
    """A feed as it was fetched: from ``url``, in ``charset`` as its server says. Entries dated before ``since`` are not wanted."""

    feed: Feed
    body: bytes
    url: str
    charset: str
    since: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class FeedEntries:
    """What a feed holds: ``total`` entries, of which ``found`` are recent, each once, ``old`` are not, and ``failures`` are neither."""

    total: int
    found: tuple[Packed, ...]
    old: int
    failures: tuple[SourceFailure, ...]


def entries_of(given: FeedBytes) -> FeedEntries:
    """The recent entries of a feed. Raises SourceError where it is none."""
    feed, parsed = given.feed, parse_either(given.body, url=given.url, charset=given.charset)
    old, found, failures = 0, dict[str, "Packed"](), list[SourceFailure]()
    for entry, key in zip(parsed.entries, keys(parsed.entries), strict=True):
        if _older(entry, given.since):  # told before its text is cleaned: in most feeds this is nearly all of them
            old += 1
            continue
        try:
            if not key:
                raise SourceError("it has no link")
            article = article_of(
                entry,
                parsed,
                source=source_name(feed),
                key=key,
                now=given.now,
                publisher=feed.name,
                category=feed.category,
                tier=feed.tier,
            )
        except SourceError as error:
            failures.append(_failure(feed, entry, str(error)))
        except Exception as error:  # noqa: BLE001 one hostile entry must not take the others with it
            failures.append(_failure(feed, entry, f"it could not be read ({type(error).__name__})"))
        else:
            found.setdefault(key, packed(article))
    return FeedEntries(len(parsed.entries), tuple(found.values()), old, tuple(failures))


class FeedProcesses:
    """Does ``entries_of`` in processes of its own, each with a deadline and a bound on its memory."""

    def __init__(self, processes: int = 1) -> None:
        self._isolated = Isolated(entries_of, processes, deadline_s=DEADLINE_S, max_mb=MAX_MB)

    async def start(self) -> None:
        """Start the processes before they are needed."""
        await self._isolated.start()

    async def __call__(self, given: FeedBytes) -> FeedEntries:
        """The recent entries of a feed. Raises SourceError, also where it passes a bound."""
        try:
            return await self._isolated(given)
        except OutOfBounds as error:
            raise SourceError(beyond(error)) from error

    async def close(self) -> None:
        """End the processes."""
        await self._isolated.close()


def source_name(feed: Feed) -> str:
    """What a listed feed is called in every Origin."""
    return f"feed:{feed.url}"


def _failure(feed: Feed, entry: Entry, reason: str) -> SourceFailure:
    return SourceFailure(source_name(feed), f"{feed.url}, entry '{called(entry)}'", reason)


def _older(entry: Entry, since: datetime) -> bool:
    return any(when.instant is not None and when.instant < since for when in entry.dates[:1])
