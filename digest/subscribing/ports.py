"""The seams of what channels and people asked for: subscriptions, saved articles, votes. See ``digest/ports.py``.

Channels and persons are ids that mean nothing here; whoever calls has made sure that they may do it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from digest.model import Subscription
    from digest.stories.taste import Vote

#: Changes kept of one channel, articles on one person's shelf, votes of one channel: the newest.
CHANGES_KEPT: Final = 200
SHELF: Final = 500
VOTES_KEPT: Final = 2_000

#: Who changes a subscription on the command line.
OPERATOR: Final = "operator"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a subscription: when (aware UTC), ``who`` made it (a person's id, or ``operator``), and what, in words for people:
    ``threshold: 6 → 7``, ``subscribed``."""

    at: datetime
    who: str
    what: tuple[str, ...]


class Subscriptions(Protocol):
    """What channels asked for, and who changed it. A subscription that was stored by another version has the defaults for what is
    not in it."""

    async def get(self, channel: str) -> Subscription | None:
        """The channel's; None where it has none."""

    async def every(self) -> list[Subscription]:
        """All of them, by channel."""

    async def put(self, subscription: Subscription, by: str, at: datetime) -> tuple[str, ...]:
        """Store it in place of its channel's, and record the change; what changed, in words. Its ``since`` is when the channel subscribed,
        whatever is given.

        Empty where nothing did, and then nothing is recorded. Storing and recording are one step: of two who put at once, each is
        recorded with what it changed of what the other left.
        """

    async def remove(self, channel: str, by: str, at: datetime) -> bool:
        """End the channel's subscription, and record it. False, and nothing is recorded, where it had none."""

    async def note(self, channel: str, change: Change) -> None:
        """Record among its changes something else that changes what the channel gets."""

    async def changes(self, channel: str, limit: int = 10) -> list[Change]:
        """The last ones, newest first; those before an ended subscription too. The newest ``CHANGES_KEPT`` are kept."""


class Shelf(Protocol):
    """The articles that each person saved. Of one person the newest ``SHELF`` are kept."""

    async def save(self, person: str, article_id: str, at: datetime) -> bool:
        """False where it was there already; then it keeps its time."""

    async def drop(self, person: str, article_id: str) -> bool:
        """Take it off. False where it was not there."""

    async def saved(self, person: str, *, limit: int = 10, offset: int = 0) -> tuple[list[str], int]:
        """Ids, the one saved last first, from ``offset`` on, and how many there are in all."""


class Votes(Protocol):
    """What the people of each channel want more and less of. Of one channel the newest ``VOTES_KEPT`` are kept."""

    async def cast(self, channel: str, vote: Vote) -> None:
        """Remember it in place of that person's vote on the same article; a direction of 0 takes that back."""

    async def votes(self, channel: str) -> list[Vote]:
        """All of the channel's, the newest first."""

    async def forget(self, channel: str, person: str | None = None) -> int:
        """Take back all of the channel's, or those of one person; how many."""
