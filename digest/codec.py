"""Values as JSON and back: for the store, and for everything printed with ``--json``.

The store's form is compact and private to this module and its readers; what people's scripts read is ``described``, whose
names are part of the product.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import orjson

from digest.feeds.ports import Candidate, FeedState, Packed
from digest.model import Article, AssessedArticle, Assessment, Edition, EditionStory, Incoming, Origin, Provenance
from digest.ports import Batch
from digest.prepared import Prepared
from digest.stories.fingerprint import text_fingerprint
from digest.stories.near_duplicates import sketch
from digest.stories.publishers import by_publisher, independent, publisher_count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.model import ChosenStory, Digest, Part, Story, Update
    from digest.ports import Held

_TUPLES = ("summary", "key_insights", "tags")


def dump_incoming(incoming: Incoming) -> bytes:
    """An Incoming as JSON bytes; ``load_incoming`` gives it back exactly."""
    return orjson.dumps((incoming.origin, incoming.article, incoming.assessment))


def load_incoming(data: bytes) -> Incoming:
    """The Incoming of ``dump_incoming``. Raises ValueError where ``data`` is something else."""
    origin, article, assessment = orjson.loads(data)
    return Incoming(Origin(**origin), _article(article), _assessment(assessment))


def dump_assessment(assessment: Assessment) -> bytes:
    """An Assessment as JSON bytes."""
    return orjson.dumps(assessment)


def load_assessment(data: bytes) -> Assessment:
    """The Assessment of ``dump_assessment``."""
    return _assessment(orjson.loads(data))


def dump_edition(edition: Edition) -> bytes:
    """An Edition as JSON bytes."""
    return orjson.dumps(edition)


def load_edition(data: bytes) -> Edition:
    """The Edition of ``dump_edition``."""
    raw = orjson.loads(data)
    issued, day = datetime.fromisoformat(raw["issued"]), datetime.fromisoformat(raw["day"]).date()
    stories = tuple(map(_edition_story, raw["stories"]))
    return Edition(raw["channel"], day, issued, raw["where"], stories, raw.get("ts", ""), raw.get("kind", "daily"))


def _edition_story(raw: dict[str, Any]) -> EditionStory:
    return EditionStory(
        raw["id"], raw["title"], tuple(raw["articles"]), raw["publishers"], tuple(raw["facts"]), raw.get("ts", "")
    )


def dump_batch(batch: Batch) -> bytes:
    """A Batch as JSON bytes."""
    return orjson.dumps(batch)


def load_batch(data: bytes) -> Batch:
    """The Batch of ``dump_batch``."""
    raw = orjson.loads(data)
    submitted, day = datetime.fromisoformat(raw["submitted"]), date.fromisoformat(raw["day"])
    return Batch(raw["id"], submitted, tuple(raw["articles"]), tuple(raw["asked"]), day, raw["committed"])


def dump_feed_state(state: FeedState) -> bytes:
    """A FeedState as JSON bytes."""
    return orjson.dumps(state)


def load_feed_state(data: bytes) -> FeedState:
    """The FeedState of ``dump_feed_state``."""
    raw = orjson.loads(data)
    return FeedState(**{**raw, **{n: _moment(raw[n]) for n in ("checked", "succeeded", "next_try")}})


def packed(incoming: Incoming) -> Packed:
    """An Incoming ready to be sent and stored."""
    return Packed(incoming.article.id, dump_incoming(incoming))


def prepared(incoming: Incoming) -> Prepared:
    """An Incoming ready to be stored, with everything that a store asks of it."""
    origin, article, assessment = incoming.origin, incoming.article, incoming.assessment
    return Prepared(
        origin.source, origin.key, origin.revision, origin.stamp, article.id,
        int(article.dated.timestamp() * 1000), bool(assessment.missing), assessment.score is None, article.notes,
        text_fingerprint(article.body), sketch(article.body) if incoming.sketch is None else incoming.sketch,
        dump_incoming(incoming),
    )  # fmt: skip


def dump_waiting(entry: Packed, since: datetime, tries: int = 0, error: str = "") -> bytes:
    """An entry that waits, as bytes: what is remembered of it on a line of JSON, then itself."""
    return orjson.dumps((since, tries, error)) + b"\n" + entry.data


def dump_candidate(candidate: Candidate) -> bytes:
    """The same of a Candidate."""
    return dump_waiting(packed(candidate.incoming), candidate.since, candidate.tries, candidate.error)


def load_candidate(data: bytes) -> Candidate:
    """The Candidate of either."""
    remembered, _, incoming = data.partition(b"\n")
    since, tries, error = orjson.loads(remembered)
    return Candidate(load_incoming(incoming), datetime.fromisoformat(since), tries, error)


def described(assessed: AssessedArticle) -> dict[str, Any]:
    """One article for people's scripts: every field of the article and of its assessment, flat, and who wrote each."""
    article, assessment = assessed.article, assessed.assessment
    return {
        "id": article.id,
        "title": article.title,
        "headline": article.headline,
        "url": article.url,
        "canonical_url": article.canonical_url,
        "publisher": article.publisher,
        "author": article.author or None,
        "published": _instant(article.published),
        "collected": _instant(article.collected),
        "score": assessment.score,
        "topic": assessment.topic,
        "reason": assessment.reason,
        "summary": list(assessment.summary),
        "key_insights": list(assessment.key_insights),
        "tags": list(assessment.tags),
        "category": assessment.category,
        "folder": article.folder,
        "source_type": article.source_type,
        "language": article.language,
        "same_text_as": article.same_text_as or None,
        "body": article.body,
        "provenance": {k: v or None for k, v in orjson.loads(orjson.dumps(assessment.provenance)).items()},
        "model": assessment.model or None,
        "note": assessment.note or None,
        "notes": list(article.notes),
        "tier": article.tier or None,
        "excerpt_only": article.excerpt_only or None,
        "page_read": _instant(article.page_read),
    }


def described_held(held: Held) -> dict[str, Any]:
    """All that is held under one canonical URL."""
    return {
        **described(held.lead),
        "origins": [{"source": o.source, "key": o.key, "revision": o.revision} for o in held.origins],
        "copies": [described(c) for c in held.copies],
    }


def described_digest(digest: Digest) -> dict[str, Any]:
    """A digest with all fields of its stories, and what was left out and why."""
    return {
        "day": digest.day.isoformat(),
        "until": _instant(digest.until),
        "channel": digest.subscription.channel,
        "articles": digest.articles,
        "publishers": publisher_count(c.story for c in digest.chosen),
        "notes": list(digest.notes),
        "stories": [_chosen(c) for c in digest.chosen],
        "left_out": [
            {"rule": o.rule, "reason": o.reason, "id": o.story.id, "title": o.story.lead.article.title,
             "score": o.story.lead.assessment.score, "url": o.story.lead.article.url}
            for o in digest.left_out
        ],
    }  # fmt: skip


def _chosen(chosen: ChosenStory) -> dict[str, Any]:
    return {
        "rank": chosen.rank,
        "points": round(chosen.points, 3),
        "parts": described_parts(chosen.parts),
        "why": chosen.why,
        "update": _update(chosen.update),
        "related": [_named(a) for a in chosen.related],
        **_story(chosen.story),
    }


def described_story(story: Story) -> dict[str, Any]:
    """A story in a list: its leading article without the body, and who else tells it."""
    lead = described(story.lead)
    del lead["body"]
    return {
        **lead,
        "story": story.id,
        "independent_publishers": len(independent(story)),
        "publishers": [a.article.publisher for a in by_publisher(story)],
        "also_covered_by": [_named(a) for a in story.also],
    }


def described_parts(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """The addends of a story's place."""
    return [{"name": p.name, "points": round(p.points, 3), "because": p.because} for p in parts]


def described_around(article_id: str, story: Story, related: Iterable[AssessedArticle]) -> dict[str, Any]:
    """The story an article is in, the others that tell it, and what is related to it."""
    return {
        "story": story.id,
        "also_covered_by": [_named(a) for a in story.articles if a.article.id != article_id],
        "related": [_named(a) for a in related],
    }


def _named(told: AssessedArticle) -> dict[str, Any]:
    article = told.article
    return {
        "id": article.id, "title": article.title, "url": article.url, "publisher": article.publisher,
        "dated": _instant(article.dated),
    }  # fmt: skip


def _update(update: Update | None) -> dict[str, Any] | None:
    if update is None:
        return None
    return {"day": update.day.isoformat(), "where": update.where, "line": update.line, "facts": list(update.facts)}


def _story(story: Story) -> dict[str, Any]:
    return {
        **described(story.lead),
        "story": story.id,
        "independent_publishers": len(independent(story)),
        "publishers": [a.article.publisher for a in by_publisher(story)],
        "also_covered_by": [described(a) for a in story.also],
        "earlier": [_named(a) for a in story.earlier],
    }


def _article(raw: dict[str, Any]) -> Article:
    published = raw["published"]
    raw["published"] = datetime.fromisoformat(published) if published else None
    raw["collected"] = datetime.fromisoformat(raw["collected"])
    raw["notes"] = tuple(raw["notes"])
    if page_read := raw.get("page_read"):
        raw["page_read"] = datetime.fromisoformat(page_read)
    return Article(**raw)


def _assessment(raw: dict[str, Any]) -> Assessment:
    for name in _TUPLES:
        raw[name] = tuple(raw[name])
    raw["provenance"] = Provenance(**raw["provenance"])
    return Assessment(**raw)


def _instant(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
