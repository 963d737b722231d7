"""The seams of the monitor: feeds and what is remembered of them, and entries that wait to be assessed. See ``digest/ports.py``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from digest.feeds.feed import Feed
    from digest.model import Incoming, SourceFailure


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is remembered of one feed between two refreshes.

    ``url`` is as listed; ``moved_to`` where it went for good, or empty. ``etag`` and ``last_modified`` make the next request
    conditional. ``checked`` and ``succeeded``: when it was last asked and last answered usefully (304 included). ``entries``: how
    many it had when it was last read. ``failures``: how many in a row; ``error``: the last one, in words, empty after a success.
    ``next_try``: not to be asked before that. ``seen``: a fingerprint of the last answer, for servers that send the same again and
    again. Instants are aware UTC.
    """

    url: str
    moved_to: str = ""
    etag: str = ""
    last_modified: str = ""
    checked: datetime | None = None
    succeeded: datetime | None = None
    entries: int = 0
    failures: int = 0
    error: str = ""
    next_try: datetime | None = None
    seen: str = ""


class FeedStates(Protocol):
    """What is remembered of feeds, by their URLs as listed."""

    async def states(self, urls: Sequence[str]) -> list[FeedState]:
        """One for each, in that order; an empty one for a feed that was never asked."""

    async def remember(self, states: Sequence[FeedState]) -> None:
        """In place of what was remembered of each."""

    async def forget(self, urls: Sequence[str]) -> None:
        """These feeds are no longer listed."""


class Packed(NamedTuple):
    """An Incoming as JSON (``codec.packed``) with its article's id: made where a feed was read, and stored as it is.

    To send the values themselves from one process to another, and make JSON of them there, takes four times as long.
    """

    article_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry of a feed that waits to be assessed: ``since`` when, how many ``tries`` failed, and why the last one did."""

    incoming: Incoming
    since: datetime
    tries: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class FeedRead:
    """What came of asking one feed.

    ``state`` is to be remembered once ``entries`` are safe: the server will not give them again. ``entries`` are those recent
    enough, each once, ``old`` how many were not. ``unchanged``: there was nothing new since last time. ``failures``: the feed itself,
    or single entries of it.
    """

    feed: Feed
    state: FeedState
    entries: tuple[Packed, ...] = ()
    old: int = 0
    unchanged: bool = False
    failures: tuple[SourceFailure, ...] = ()


class FeedReader(Protocol):
    """Asks many feeds at once."""

    def read(self, feeds: Sequence[tuple[Feed, FeedState]], since: datetime) -> AsyncIterator[list[FeedRead]]:
        """One answer for each, as they come: those that are ready together in one list. Entries dated before ``since`` are left out;
        undated ones are not. A feed that fails is an answer too: nothing is raised for it."""


#: What became of an entry that was read: ``new`` waits from now on, ``waiting`` did before, ``seen`` was assessed before, and
#: ``held`` is an article of the store.
Admitted = Literal["new", "waiting", "seen", "held"]


class Candidates(Protocol):
    """Entries that wait to be assessed, by canonical URL, and the memory of those that were: none is judged or paid for twice."""

    async def admit(self, batch: Sequence[Packed], now: datetime) -> list[Admitted]:
        """One answer for each, in order. Of any number of writers with one canonical URL exactly one is told ``new``."""

    async def claim(self, limit: int, now: datetime, lease_s: float, ids: Sequence[str] = ()) -> list[Candidate]:
        """Up to ``limit`` that are due, the longest due first; of ``ids`` only, in that order, where any are named. Nobody else is given
        them for ``lease_s`` seconds."""

    async def due(self, limit: int, now: datetime) -> list[str]:
        """Article ids of up to ``limit`` that are due, the longest due first; nobody holds them."""

    async def due_at(self, article_id: str) -> datetime | None:
        """When it is due (aware UTC), or nobody holds it any more; None where it does not wait."""

    async def get(self, ids: Sequence[str]) -> list[Candidate | None]:
        """Those that wait, by article id, in that order."""

    async def postpone(self, candidates: Sequence[Candidate], until: datetime) -> None:
        """These are due again at ``until``, as they are given here."""

    async def settle(self, scores: Sequence[tuple[str, float | None]]) -> None:
        """These, by article id, wait no more, and are remembered as seen with their score for as long as articles are kept."""

    async def score(self, article_id: str) -> float | None:
        """What a seen entry was given; None where it was not scored, or was not seen."""

    async def count(self) -> int:
        """How many wait, whether due or not."""
