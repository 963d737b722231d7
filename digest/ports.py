"""The seams: what the pipeline asks of the world. Each Protocol's docstring is its contract.

Every one has an adapter for the real thing and one that needs nothing but this machine, and both are product. Only
``factory.py`` imports adapters; ``tests/contracts`` runs one suite for each Protocol over all of them. Those of feeds are in
``feeds/ports.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal, Protocol

from digest.model import Article, AssessedArticle, Assessment, Digest, Edition, Incoming, Origin, SourceFailure
from digest.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import date, datetime

    from digest.errors import AssessmentError


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


Found = Incoming | Prepared | SourceFailure | Deferred | Unchanged | Gone


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

    async def put(self, batch: Sequence[Incoming | Prepared]) -> list[Stored]:
        """Store each, in order; one result for each.

        Each is stored whole or not at all, together with its origin's revision. Of any number of writers with the
        same canonical URL exactly one is told ``new``; a later document from elsewhere is a ``duplicate`` and kept as a
        copy. The same holds for the text: one article is the first with it, every other names one that came before, with the same
        text or nearly. Raises StoreError; then what was already stored of the batch stays, and putting the batch again is safe.
        """

    async def judge(self, judged: Sequence[tuple[str, Assessment]]) -> None:
        """Remember what an assessor wrote, by article id; it fills only what no document gave."""

    async def get(self, ids: Sequence[str]) -> list[Held | None]:
        """What is held under each id, in that order."""

    async def between(self, since: datetime, until: datetime) -> list[Held]:
        """Articles dated (``Article.dated``) after ``since`` and up to ``until``, oldest first, then by id."""


@dataclass(frozen=True, slots=True)
class Copy:
    """An article whose text is a copy of another's. ``degree``: 0.5 to 1, higher is more alike."""

    article_id: str
    degree: float


class NearDuplicates(Protocol):
    """Finds copies by their sketches (``stories.near_duplicates``), kept for a configured time. Ids are those of articles, 12 hex
    digits; an empty sketch is of a text too short to be known: it has no copies and is not kept."""

    async def add(self, batch: Sequence[tuple[str, bytes]]) -> list[tuple[Copy, ...]]:
        """Remember each id with its sketch, in order; for each, the copies among those added before it, the most alike first, then
        by id.

        Finding and remembering are one step: of two copies, whoever adds them, the later one finds the earlier, and never both
        each other. The same sketch added again keeps its place and is answered as the first time, without what is past its
        time; another sketch of the id takes its place and comes last. Only a bounded number of candidates is compared, the most
        likely ones. Raises StoreError; adding the batch again is safe.
        """

    async def candidates(self, batch: Sequence[tuple[str, bytes]]) -> list[tuple[Copy, ...]]:
        """What ``add`` would answer, and nothing is remembered."""

    async def forget(self, ids: Sequence[str]) -> None:
        """Find these no more. Unknown ones are passed over."""


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

    async def ids(self) -> frozenset[str]:
        """Ids of all articles held."""

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


@dataclass(frozen=True, slots=True)
class Submitted:
    """``batch`` is under way; None where there was nothing to ask. ``left_over``: ids that did not fit this batch or the cap."""

    batch: Batch | None
    left_over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What came of a batch, by article id. An assessment may lack a field that Claude did not fill well, as that of a call may.
    An article that was completed otherwise meanwhile is in neither list. ``usage`` is what the batch cost; None where the
    provider no longer says, and then what was counted beforehand stays."""

    batch: Batch
    assessed: tuple[tuple[str, Assessment], ...]
    failures: tuple[tuple[str, AssessmentError], ...]
    usage: Usage | None


class BatchedAssessor(Protocol):
    """Something that judges many articles by a batch, later and for less."""

    async def submit(self, waiting: Sequence[tuple[Article, Assessment]]) -> Submitted:
        """Submit those of ``waiting`` that lack a field and are in no batch yet, as many as fit, in that order.

        Raises BudgetExhausted where the cap leaves room for none, AssessmentError where the provider takes none (nothing is
        lost: they wait on), ConfigurationError where it has no batches, and StoreError.
        """

    async def collect(self, batch_id: str) -> BatchResult | None:
        """What came of the batch; None while it runs. It stays remembered, and may be collected again, until ``settle``.

        Raises NotFound where no such batch is remembered, AssessmentError where the provider cannot be asked now, StoreError.
        """

    async def settle(self, result: BatchResult) -> None:
        """Forget the batch and count what it cost: to be called when what was assessed is stored. Any further call does nothing."""


class Batches(Protocol):
    """The message batches under way; remembered until they are removed, over restarts too where there is a store."""

    async def add(self, batch: Batch) -> None:
        """Remember it, in place of one of the same id."""

    async def under_way(self) -> list[Batch]:
        """All of them, the one submitted first first."""

    async def remove(self, batch_id: str) -> bool:
        """Forget it. Of any number of callers one is told True."""


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
