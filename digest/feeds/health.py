"""How a feed is, in a word, by what is remembered of it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from digest.feeds.ports import FeedState

#: ``new`` was never asked; ``failing`` did not answer usefully last time; ``moved`` for good; ``unknown``: nothing is remembered.
Health = Literal["ok", "failing", "moved", "new", "unknown"]


def health(state: FeedState | None) -> Health:
    """By its state, where there is one."""
    if state is None:
        return "unknown"
    if state.checked is None:
        return "new"
    return "failing" if state.failures else "moved" if state.moved_to else "ok"
