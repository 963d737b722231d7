"""The seams: what the pipeline asks of the world. Each Protocol's docstring is its contract.

Every one has an adapter for the real thing and one that needs nothing but this machine, and both are product. Only
``factory.py`` imports adapters; ``tests/contracts`` runs one suite for each Protocol over all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal, Protocol

from digest.model import Article, AssessedArticle, Assessment, Digest, Edition, Incoming, Origin, SourceFailure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import date, datetime

    from digest.feeds.feed import Feed


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of one thing already read: its ``revision``, the ``stamp`` that tells cheaply that it has not
    changed (size and times of a file, say), and the id of the article it became."""

    revision: str
    stamp: str
    article_id: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """A thing that is still being written: it is not read now, and will be next time."""

    where: str


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A thing that is as it was when it was last read. ``touched``: only its stamp is another; ``origin`` has the new one."""

    origin: Origin
    touched: bool = False


@dataclass(frozen=True, slots=True)
class Gone:
    """A thing that was read before and is no longer there."""

    key: str


Found = Incoming | SourceFailure | Deferred | Unchanged | Gone


class Source(Protocol):
    """Somewhere articles come from."""

    @property
    def name(self) -> str:
        """Names the source in every Origin, the same in every run (``kb:/srv/news``)."""

    def read(self, known: Mapping[str, Known]) -> AsyncIterator[Found]:
        """What it holds, each thing once, in an order that is the same for the same content; and what is gone: before them where that is
        known beforehand, so that a document that was moved is no duplicate of itself, else after them.

        ``known`` maps an origin's key to what was remembered of it. A thing that cannot be read is yielded as a
        SourceFailure, never raised; SourceError is raised only where there is nothing to read at all.
        """

    def size(self) -> int | None:
        """How many things ``read`` will look at, for a progress bar; None where it cannot be known beforehand."""


class Assessor(Protocol):
    """Something that judges an article."""

    async def assess(self, article: Article, known: Assessment) -> Assessment:
        """``known`` with each field it lacks filled and marked with who wrote it. What is known is returned as it was.

        Raises AssessmentError; an article is never lost by it. Safe to call concurrently.
        """


Outcome = Literal["new", "updated", "duplicate", "unchanged"]


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one Incoming. ``same_text_as`` is the id of an article at another address with the same text."""

    outcome: Outcome
    article_id: str
    same_text_as: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """All that is held under one canonical URL.

    ``lead`` is the document that came first, with its missing fields filled from ``copies`` (the other documents with that
    URL) and then from what an assessor judged. ``origins`` are where they were read, the lead's first.
    """

    lead: AssessedArticle
    copies: tuple[AssessedArticle, ...]
    origins: tuple[Origin, ...]


class ArticleStore(Protocol):
    """Articles with their assessments, keyed by canonical URL, kept for a configured time."""

    async def put(self, batch: Sequence[Incoming]) -> list[Stored]:
        """Store each, in order; one result for each.

        Each Incoming is stored whole or not at all, together with its origin's revision. Of any number of writers with the
        same canonical URL exactly one is told ``new``; a later document from elsewhere is a ``duplicate`` and kept as a
        copy. The same holds for the text: one article is the first with it, every other names that one. Raises StoreError;
        then what was already stored of the batch stays, and putting the batch again is safe.
        """

    async def judge(self, judged: Sequence[tuple[str, Assessment]]) -> None:
        """Remember what an assessor wrote, by article id; it fills only what no document gave."""

    async def get(self, ids: Sequence[str]) -> list[Held | None]:
        """What is held under each id, in that order."""

    async def between(self, since: datetime, until: datetime) -> list[Held]:
        """Articles dated (``Article.dated``) after ``since`` and up to ``until``, oldest first, then by id."""


class Backlog(Protocol):
    """What the store knows of work not finished, and of what was read."""

    async def known(self, source: str) -> dict[str, Known]:
        """What was read of ``source``, by the origin's key."""

    async def forget(self, source: str, keys: Sequence[str]) -> None:
        """These origins are gone. Their articles stay until their time is over; a moved file is no duplicate of itself."""

    async def touch(self, origins: Sequence[tuple[Origin, str]]) -> None:
        """Remember new stamps of things whose content has not changed, each with its article's id."""

    async def unassessed(self, limit: int) -> list[Held]:
        """Articles whose leading document lacks a field and that nobody has judged yet, oldest put first, at most ``limit``."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Articles that changed, in order. ``last`` is the number to go on from; ``epoch`` names the life of the store: with
    another epoch, numbers mean nothing and a follower starts again from 0."""

    epoch: str
    last: int
    held: tuple[Held, ...]


class ChangeLog(Protocol):
    """Lets an index follow the store."""

    async def changes(self, after: int, limit: int) -> Changes:
        """Up to ``limit`` articles that changed after number ``after``, each once, in its newest state."""

    async def total(self) -> int:
        """How many articles are held."""

    async def newest(self) -> datetime | None:
        """The date of the newest article held, or None where there is none."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Model calls and what they cost. Tokens are counts; ``dollars`` US dollars by the price list in use."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_write_tokens: int = 0
    cache_read_tokens: int = 0
    dollars: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Usage)))


class SpendingLedger(Protocol):
    """The day's spending, by UTC date, over every process that shares the store."""

    async def reserve(self, day: date, dollars: float, cap: float | None) -> bool:
        """Set ``dollars`` aside before a call. False, and nothing is set aside, where spending plus everything set aside
        would pass ``cap`` (None: no cap). Atomic. What is set aside is given back after 15 minutes if nobody settles it."""

    async def settle(self, day: date, reserved: float, usage: Usage, *, purpose: str, model: str) -> None:
        """Count ``usage`` and give back what was reserved for it. A call that failed settles with ``Usage()``. Dollars below 0
        take back what was counted before."""

    async def spent(self, day: date) -> dict[str, Usage]:
        """What was used that day, by ``purpose/model``."""


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
    entries: tuple[Incoming, ...] = ()
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

    async def admit(self, batch: Sequence[Incoming], now: datetime) -> list[Admitted]:
        """One answer for each, in order. Of any number of writers with one canonical URL exactly one is told ``new``."""

    async def claim(self, limit: int, now: datetime, lease_s: float) -> list[Candidate]:
        """Up to ``limit`` that are due, the longest due first. Nobody else is given them for ``lease_s`` seconds."""

    async def postpone(self, candidates: Sequence[Candidate], until: datetime) -> None:
        """These are due again at ``until``, as they are given here."""

    async def settle(self, scores: Sequence[tuple[str, float | None]]) -> None:
        """These, by article id, wait no more, and are remembered as seen with their score for as long as articles are kept."""

    async def score(self, article_id: str) -> float | None:
        """What a seen entry was given; None where it was not scored, or was not seen."""

    async def count(self) -> int:
        """How many wait, whether due or not."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A message batch under way. ``articles``: ids of those asked about; ``asked``: what was asked of each, in that order, as a
    digest by which a later change is seen. ``submitted`` is aware UTC. ``committed``: dollars counted for it beforehand, on the
    UTC date ``day``."""

    id: str
    submitted: datetime
    articles: tuple[str, ...]
    asked: tuple[str, ...]
    day: date
    committed: float


class Batches(Protocol):
    """The message batches under way; remembered until they are removed, over restarts too where there is a store."""

    async def add(self, batch: Batch) -> None:
        """Remember it, in place of one of the same id."""

    async def under_way(self) -> list[Batch]:
        """All of them, the one submitted first first."""

    async def remove(self, batch_id: str) -> bool:
        """Forget it. Of any number of callers one is told True."""


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is remembered of one feed between two refreshes.

    ``url`` is as listed; ``moved_to`` where it went for good, or empty. ``etag`` and ``last_modified`` make the next request
    conditional. ``checked`` and ``succeeded``: when it was last asked and last answered usefully (304 included). ``entries``: how
    many it had when it was last read. ``failures``: how many in a row; ``error``: the last one, in words, empty after a success.
    ``next_try``: not to be asked before that. Instants are aware UTC.
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


class FeedStates(Protocol):
    """What is remembered of feeds, by their URLs as listed."""

    async def states(self, urls: Sequence[str]) -> list[FeedState]:
        """One for each, in that order; an empty one for a feed that was never asked."""

    async def remember(self, states: Sequence[FeedState]) -> None:
        """In place of what was remembered of each."""

    async def forget(self, urls: Sequence[str]) -> None:
        """These feeds are no longer listed."""


class Editions(Protocol):
    """Digests that were issued."""

    async def record(self, edition: Edition) -> None:
        """Remember it, in place of an earlier one of the same channel and day."""

    async def issued(self, channel: str, limit: int) -> list[Edition]:
        """The newest ``limit`` of ``channel``, newest day first."""


class Publisher(Protocol):
    """Where a digest goes."""

    async def publish(self, digest: Digest) -> Edition:
        """Issue ``digest`` to its subscription's channel. Raises PublishError."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result. ``relevance`` orders results of one query, higher first; it means nothing across queries."""

    article_id: str
    relevance: float


class SearchIndex(Protocol):
    """Finds articles by words. It holds nothing of its own: it can be thrown away and made again from the store."""

    async def follow(self) -> int:
        """Take in what changed in the store since last time; the number of articles taken in. Raises SearchError."""

    async def search(self, words: str, *, limit: int = 10, offset: int = 0) -> list[Hit]:
        """Articles about ``words``, best first. Any text is a query; an empty one finds nothing."""

    async def drop(self, ids: Sequence[str]) -> bool:
        """Find these articles no more; unknown ones are passed over. False where another process writes and they stay for now."""
