"""Whose thread it is: the edition that a thread of Slack belongs to, if any. The one place that knows how editions and threads are tied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.model import Edition
    from digest.ports import Editions

#: Editions of a channel, the newest, whose threads are known: two months of days.
EDITIONS: Final = 62


async def edition_of_thread(editions: Editions, channel: str, thread_ts: str) -> Edition | None:
    """The edition whose thread that is; None where it is somebody else's. Raises StoreError."""
    return find(await editions.issued(channel, EDITIONS), thread_ts)


def find(issued: Iterable[Edition], thread_ts: str) -> Edition | None:
    """Of ``issued`` the edition that ``thread_ts`` is the thread of: of its first message, or of one that tells a story of it."""
    return next((e for e in issued if thread_ts and thread_ts in (e.ts, *(s.ts for s in e.stories))), None)


def story_of_thread(edition: Edition, thread_ts: str) -> int | None:
    """The index of the story whose own message the thread is below; None where that message tells several, or begins the edition."""
    at = [n for n, story in enumerate(edition.stories) if story.ts == thread_ts]
    return at[0] if len(at) == 1 and (thread_ts != edition.ts or len(edition.stories) == 1) else None
