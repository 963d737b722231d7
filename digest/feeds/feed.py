"""A feed as an operator lists it. Where lists are kept is ``listing``'s; what happened to a feed is ``feeds.ports.FeedState``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: How near a source is to what it reports: 1 tells it first (a company's or an institute's own news), 2 reports (trade press),
#: 3 repeats and comments.
TIERS: Final = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed of a list.

    ``name`` is shown as the publisher of its articles, ``url`` is http(s) and tells feeds apart, ``category`` is where its
    documents are filed (empty: by topic), ``tier`` is one of ``TIERS``. ``interval_s``: least seconds between two refreshes; None
    leaves it to the monitor.
    """

    name: str
    url: str
    category: str = ""
    tier: int = 2
    interval_s: float | None = None
