"""States of feeds in this process's memory: implements ``feeds.ports.FeedStates`` where no store is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.feeds.ports import FeedState

if TYPE_CHECKING:
    from collections.abc import Sequence


class MemoryFeedStates:
    """States that are forgotten at exit."""

    def __init__(self) -> None:
        self._states: dict[str, FeedState] = {}

    async def states(self, urls: Sequence[str]) -> list[FeedState]:
        """See ``feeds.ports.FeedStates``."""
        return [self._states.get(url, FeedState(url)) for url in urls]

    async def remember(self, states: Sequence[FeedState]) -> None:
        """See ``feeds.ports.FeedStates``."""
        self._states.update({s.url: s for s in states})

    async def forget(self, urls: Sequence[str]) -> None:
        """See ``feeds.ports.FeedStates``."""
        for url in urls:
            self._states.pop(url, None)
