"""The values that flow through the program: Article, Assessment, Story, Subscription, Digest, Message, Edition.

All are frozen, with tuples inside and aware UTC datetimes, and none of them does I/O or knows where it is stored. How they
are written as JSON is in ``codec.py``; how they are judged, grouped, chosen and drawn is in the packages named for that.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, time
from typing import Any, Final, Literal

MIN_SCORE: Final = 0.0
MAX_SCORE: Final = 10.0

#: Who wrote a field of an assessment. ``source``: it came with the article. ``claude``: the model. ``offline``: the assessor
#: that needs neither key nor network. Empty: nobody has yet.
Judge = Literal["", "source", "claude", "offline"]

#: The fields of an Assessment that a judge may fill, in the order they are shown.
ASSESSED_FIELDS: Final = ("score", "topic", "reason", "summary", "key_insights", "tags", "category")


def article_id(canonical_url: str) -> str:
    """The name of the article at ``canonical_url``: the first 12 hex digits of its SHA-256.

    48 bits: among a million articles the odds of any two meeting are 1 in 560 (birthday bound); an installation keeps about
    90 days, some tens of thousands.
    """
    return hashlib.sha256(canonical_url.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an article was read: one file, one entry of a feed, one line.

    ``source`` names the source (``kb:/srv/news``), ``key`` the thing within it (a relative path, an entry's id), and
    ``revision`` changes whenever its content does: the same key with another revision is an update. ``stamp`` tells cheaply
    that a thing has not been touched (size and times of a file); empty where there is no such sign.
    """

    source: str
    key: str
    revision: str
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """One article, keyed by its canonical URL.

    ``title`` is what people are shown: the document's own title where the knowledge base gave one, else the publisher's
    headline. ``headline`` is always the publisher's. ``body`` is clean text: paragraphs parted by an empty line, no markup.
    ``published`` is None where no date was given or it made no sense; ``collected`` is when we, or the monitor before us,
    first had it. ``author`` is a name as the publisher gives it, several joined as there. ``tier`` is that of its feed,
    1 to 3, the first-hand first; 0 where it is not known. ``excerpt_only``: why the body is an excerpt although the article's page was looked at, in words; else empty.
    ``page_read``: when the body was read from the article's web page, aware UTC; None where it came with a feed or a document.
    """

    id: str
    url: str
    canonical_url: str
    title: str
    headline: str
    publisher: str
    published: datetime | None
    collected: datetime
    body: str
    source_type: str = "article"
    folder: str = ""
    language: str = ""
    same_text_as: str = ""
    notes: tuple[str, ...] = ()
    excerpt_only: str = ""
    author: str = ""
    tier: int = 0
    page_read: datetime | None = None

    @property
    def dated(self) -> datetime:
        """When it is news: published if that is known, else collected. Aware UTC."""
        return self.published or self.collected


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who wrote each field of an assessment; the names are those of ``ASSESSED_FIELDS``."""

    score: Judge = ""
    topic: Judge = ""
    reason: Judge = ""
    summary: Judge = ""
    key_insights: Judge = ""
    tags: Judge = ""
    category: Judge = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was judged of an article, and by whom.

    ``score``: 0 to 10, higher is more relevant to the profile; None is *unscored*, which is never the same as 0.
    ``summary`` and ``key_insights``: bullets, plain text, without a leading mark. ``note`` is for people: why a part was not
    made as configured ("Claude did not answer in 30 s; assessed offline"). ``model`` is the model's name where one wrote a
    field.
    """

    score: float | None = None
    topic: str = ""
    reason: str = ""
    summary: tuple[str, ...] = ()
    key_insights: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    category: str = ""
    provenance: Provenance = field(default_factory=Provenance)
    model: str = ""
    note: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of the fields nobody has filled, in the order of ``ASSESSED_FIELDS``.

        One that an assessor looked at and left empty is not missing, as a short text has no insights. ``category`` never is: it
        says where a document was filed, which no assessor can know.
        """
        given = (self.score is not None, self.topic, self.reason, self.summary, self.key_insights, self.tags)
        if all(given):
            return ()
        by = self.provenance
        return tuple(n for n, g in zip(ASSESSED_FIELDS, given, strict=False) if not g and getattr(by, n) in ("", "source"))

    def filled_from(self, other: Assessment) -> Assessment:
        """This assessment, with what it lacks taken from ``other`` along with who wrote it. What is here is kept."""
        taken = {n: getattr(other, n) for n in (*self.missing, *(() if self.category else ("category",)))}
        taken = {n: v for n, v in taken.items() if v not in (None, "", ())}
        if not taken and not other.note:
            return self
        provenance = replace(self.provenance, **{n: getattr(other.provenance, n) for n in taken})
        values: dict[str, Any] = dict(taken)
        return replace(self, **values, provenance=provenance, model=self.model or other.model, note=self.note or other.note)


def judged_by(judge: Judge, assessment: Assessment) -> Assessment:
    """``assessment`` with every field it has marked as written by ``judge``."""
    marks = {f.name: judge for f in fields(Provenance) if getattr(assessment, f.name) not in (None, "", ())}
    return replace(assessment, provenance=replace(assessment.provenance, **marks))


@dataclass(frozen=True, slots=True)
class AssessedArticle:
    """An article together with what was judged of it."""

    article: Article
    assessment: Assessment


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a source yields: an article as read, with as much of an assessment as came with it. ``sketch`` is that of its text (see
    ``stories.near_duplicates``) where the source had the time to make it; it is no part of what is stored."""

    origin: Origin
    article: Article
    assessment: Assessment
    sketch: bytes | None = None


@dataclass(frozen=True, slots=True)
class SourceFailure:
    """One thing of a source that could not be read. A value, so that one bad file or feed never stops the others."""

    source: str
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Story:
    """Articles that are one item for a reader: ``lead`` first, the others under "also covered by".

    ``id`` is that of the article that was collected first, so that it stays while the story grows and its lead changes. Two articles
    are in one story when they are the same article, the same text, or tell the same event. ``earlier``: those too old to be news by
    now, the newest first.
    """

    id: str
    lead: AssessedArticle
    also: tuple[AssessedArticle, ...] = ()
    earlier: tuple[AssessedArticle, ...] = ()

    @property
    def articles(self) -> tuple[AssessedArticle, ...]:
        """All but the earlier ones, the lead first."""
        return (self.lead, *self.also)


#: ``full``: summaries and key insights; ``compact``: a line for each story, the rest in the thread.
Layout = Literal["full", "compact"]


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one channel asked for.

    ``threshold``: 0 to 10, stories below are left out. ``topics``: words, any of which must occur in topic, tags, category or
    title; empty takes every topic. ``exclude`` is the same and keeps out. ``max_age_h``: hours before the digest's moment.
    ``per_publisher``: most stories of one publisher. ``at`` is wall time in ``time_zone`` (an IANA name), on ``days`` (0 is Monday) but
    not on ``quiet`` dates. ``language``: that of the summaries, a BCP 47 tag; empty: as they are. ``budget_usd``: most dollars a day that
    models may cost for this channel; None: only the installation's cap holds. ``weekly``: the day of the week (0 is Monday) on which the
    best of seven days come too, at ``weekly_at``; None: no weekly edition. ``since``: when the channel subscribed, aware UTC; what was
    due before is not owed.
    """

    channel: str = "terminal"
    threshold: float = 6.0
    stories: int = 5
    per_publisher: int = 2
    max_age_h: float = 72.0
    topics: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    at: time = time(9, 0)
    time_zone: str = "UTC"
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    quiet: tuple[date, ...] = ()
    layout: Layout = "full"
    language: str = ""
    budget_usd: float | None = None
    weekly: int | None = None
    weekly_at: time = time(16, 0)
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One addend of a story's place in the digest: ``points`` may be negative; ``because`` is for people."""

    name: str
    points: float
    because: str


@dataclass(frozen=True, slots=True)
class Update:
    """Why a story that was shown is shown again: the edition of ``day``, which is at ``where`` (as ``Edition.where``), and in one line
    what was not in it. ``facts``: the same in words, the weightiest first."""

    day: date
    where: str
    line: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChosenStory:
    """A story in a digest: ``rank`` from 1, the parts of its order, and one sentence saying why it is there. ``update`` where an
    earlier edition had it. ``related``: one article of each of the nearest earlier stories."""

    rank: int
    story: Story
    parts: tuple[Part, ...]
    why: str
    update: Update | None = None
    related: tuple[AssessedArticle, ...] = ()

    @property
    def points(self) -> float:
        """The sum of the parts, by which stories are ordered."""
        return sum(p.points for p in self.parts)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A story that was considered and is not in the digest. ``rule`` is one word, ``reason`` is for people."""

    story: Story
    rule: Literal["threshold", "unscored", "topic", "excluded", "shown", "publisher", "full"]
    reason: str


#: ``daily``: what is news; ``weekly``: the best of seven days, whether or not it was shown.
EditionKind = Literal["daily", "weekly"]


@dataclass(frozen=True, slots=True)
class Digest:
    """The ordered stories for one channel and one day, and what was left out and why.

    ``day`` is the nominal local date; ``until`` is the moment it looks back from, aware UTC. ``notes`` are shown to readers
    ("Claude was away; 2 stories were assessed offline").
    """

    day: date
    until: datetime
    subscription: Subscription
    chosen: tuple[ChosenStory, ...]
    left_out: tuple[LeftOut, ...] = ()
    articles: int = 0
    notes: tuple[str, ...] = ()
    kind: EditionKind = "daily"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a channel, ready to send: Slack's blocks, the plain text beside them, and replies for its thread. ``ranks``: of the
    stories that it tells something of."""

    text: str
    blocks: tuple[dict[str, Any], ...]
    replies: tuple[Message, ...] = ()
    ranks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class EditionStory:
    """What is remembered of a story that was shown: its id and title, the ids of all its articles then, how many independent
    publishers told it, and the facts in them (``KIND|KEY``, see ``stories.facts``). ``ts``: Slack's name of the first message that tells
    it; empty where it was not told in Slack."""

    id: str
    title: str
    articles: tuple[str, ...] = ()
    publishers: int = 1
    facts: tuple[str, ...] = ()
    ts: str = ""


@dataclass(frozen=True, slots=True)
class Edition:
    """A digest that was issued. ``where`` is a permalink, or the path of a file; empty for what was only shown. ``stories`` are in
    order. ``ts``: Slack's name of its first message, which is that of its thread; empty where it was not posted in Slack."""

    channel: str
    day: date
    issued: datetime
    where: str
    stories: tuple[EditionStory, ...]
    ts: str = ""
    kind: EditionKind = "daily"
