"""Subscriptions, shelves and votes in this process's memory: implements ``subscribing.ports`` where no store is wanted."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from digest.subscribing.differences import begun, differences
from digest.subscribing.ports import CHANGES_KEPT, SHELF, VOTES_KEPT, Change

if TYPE_CHECKING:
    from datetime import datetime

    from digest.model import Subscription
    from digest.stories.taste import Vote


class MemorySubscriptions:
    """Subscriptions that are forgotten at exit."""

    def __init__(self) -> None:
        self._held: dict[str, Subscription] = {}
        self._changes: dict[str, list[Change]] = defaultdict(list)

    async def get(self, channel: str) -> Subscription | None:
        """See ``subscribing.ports.Subscriptions``."""
        return self._held.get(channel)

    async def every(self) -> list[Subscription]:
        """See ``subscribing.ports.Subscriptions``."""
        return [self._held[channel] for channel in sorted(self._held)]

    async def put(self, subscription: Subscription, by: str, at: datetime) -> tuple[str, ...]:
        """See ``subscribing.ports.Subscriptions``."""
        channel = subscription.channel
        what = differences(self._held.get(channel), subscription)
        if what:
            self._held[channel] = begun(self._held.get(channel), subscription, at)
            self._record(channel, Change(at, by, what))
        return what

    async def remove(self, channel: str, by: str, at: datetime) -> bool:
        """See ``subscribing.ports.Subscriptions``."""
        removed = self._held.pop(channel, None)
        if removed is not None:
            self._record(channel, Change(at, by, differences(removed, None)))
        return removed is not None

    async def note(self, channel: str, change: Change) -> None:
        """See ``subscribing.ports.Subscriptions``."""
        self._record(channel, change)

    async def changes(self, channel: str, limit: int = 10) -> list[Change]:
        """See ``subscribing.ports.Subscriptions``."""
        return self._changes[channel][: max(0, limit)]

    def _record(self, channel: str, change: Change) -> None:
        self._changes[channel].insert(0, change)
        del self._changes[channel][CHANGES_KEPT:]


class MemoryShelf:
    """Shelves that are forgotten at exit."""

    def __init__(self) -> None:
        self._shelves: dict[str, dict[str, int]] = defaultdict(dict)

    async def save(self, person: str, article_id: str, at: datetime) -> bool:
        """See ``subscribing.ports.Shelf``."""
        shelf = self._shelves[person]
        if article_id in shelf:
            return False
        shelf[article_id] = milliseconds(at)
        for fallen in _newest_first(shelf)[SHELF:]:
            del shelf[fallen]
        return True

    async def drop(self, person: str, article_id: str) -> bool:
        """See ``subscribing.ports.Shelf``."""
        return self._shelves[person].pop(article_id, None) is not None

    async def saved(self, person: str, *, limit: int = 10, offset: int = 0) -> tuple[list[str], int]:
        """See ``subscribing.ports.Shelf``."""
        ordered = _newest_first(self._shelves[person])
        return ordered[max(0, offset) :][: max(0, limit)], len(ordered)


class MemoryVotes:
    """Votes that are forgotten at exit."""

    def __init__(self) -> None:
        self._votes: dict[str, dict[tuple[str, str], Vote]] = defaultdict(dict)

    async def cast(self, channel: str, vote: Vote) -> None:
        """See ``subscribing.ports.Votes``."""
        votes = self._votes[channel]
        votes.pop((vote.person, vote.article_id), None)
        if vote.direction:
            votes[vote.person, vote.article_id] = vote
        for old in newest_first(list(votes.values()))[VOTES_KEPT:]:
            del votes[old.person, old.article_id]

    async def votes(self, channel: str) -> list[Vote]:
        """See ``subscribing.ports.Votes``."""
        return newest_first(list(self._votes[channel].values()))

    async def forget(self, channel: str, person: str | None = None) -> int:
        """See ``subscribing.ports.Votes``."""
        votes = self._votes[channel]
        taken_back = [k for k in votes if person is None or k[0] == person]
        for key in taken_back:
            del votes[key]
        return len(taken_back)


def newest_first(votes: list[Vote]) -> list[Vote]:
    """``votes`` in the order in which every store gives them."""
    return sorted(votes, key=lambda v: (milliseconds(v.at), v.person, v.article_id), reverse=True)


def milliseconds(at: datetime) -> int:
    """``at`` as stores order by it."""
    return int(at.timestamp() * 1000)


def _newest_first(shelf: dict[str, int]) -> list[str]:
    return sorted(shelf, key=lambda i: (shelf[i], i), reverse=True)
