"""Articles, assessments, stories, digests for tests. Every field has a good default; a test names what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from digest.model import (
    Article,
    AssessedArticle,
    Assessment,
    ChosenStory,
    Digest,
    Incoming,
    Judge,
    LeftOut,
    Origin,
    Part,
    Story,
    Subscription,
    article_id,
    judged_by,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

MOMENT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""Monday morning: the moment that a digest made here looks back from."""


def article(title: str = "Search ads learn to write themselves", **fields: Any) -> Article:
    """An article. ``url`` also gives the canonical URL and the id where these are not named."""
    slug = "-".join(title.lower().split())[:40] or "untitled"
    url = fields.pop("url", f"https://news.example/{slug}")
    canonical = fields.pop("canonical_url", url)
    given: dict[str, Any] = {
        "id": article_id(canonical),
        "url": url,
        "canonical_url": canonical,
        "title": title,
        "headline": title,
        "publisher": "The Example",
        "published": datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
        "collected": datetime(2026, 11, 22, 10, 0, tzinfo=UTC),
        "body": "The first paragraph says what happened.\n\nThe second says why it matters.",
    }
    return Article(**{**given, **fields})


def assessment(judge: Judge = "source", **fields: Any) -> Assessment:
    """An assessment, each of its fields marked as written by ``judge``."""
    given: dict[str, Any] = {
        "score": 8.0,
        "topic": "AI in advertising",
        "reason": "It changes how campaigns are written and measured.",
        "summary": ("Ads are now written by the platform.", "Advertisers keep a veto."),
        "key_insights": ("Creative work moves from writing to choosing.",),
        "tags": ("advertising", "automation"),
        "category": "ai-strategy",
    }
    return judged_by(judge, Assessment(**{**given, **fields}))


def assessed(
    title: str = "Search ads learn to write themselves", *, judged: Assessment | None = None, **fields: Any
) -> AssessedArticle:
    """An article and what was judged of it. ``fields`` are the article's."""
    return AssessedArticle(article(title, **fields), assessment() if judged is None else judged)


def story(
    title: str = "Search ads learn to write themselves",
    *,
    also: Sequence[AssessedArticle] = (),
    judged: Assessment | None = None,
    **fields: Any,
) -> Story:
    """A story. ``fields`` are those of its leading article."""
    lead = assessed(title, judged=judged, **fields)
    return Story(lead.article.id, lead, tuple(also))


def chosen(rank: int, told: Story, why: str = "Scored 8 of 10, published 23 hours before.", **fields: Any) -> ChosenStory:
    """A story in a digest."""
    parts = (
        Part("relevance", 8.0, "scored 8 of 10"),
        Part("freshness", 0.52, "published 23 hours before"),
    )
    return ChosenStory(rank=rank, story=told, why=why, **{"parts": parts, **fields})


def left_out(
    title: str = "A new logo",
    rule: Any = "threshold",
    reason: str = "its score of 3 is under the threshold of 6",
    **fields: Any,
) -> LeftOut:
    """A story that was considered and is not in the digest."""
    return LeftOut(story(title, **fields), rule, reason)


def digest(stories: Sequence[Story | ChosenStory] | None = None, **fields: Any) -> Digest:
    """A digest of ``stories``, ranked in that order; of one story where none are given."""
    told = [story()] if stories is None else stories
    ranked = tuple(s if isinstance(s, ChosenStory) else chosen(n, s) for n, s in enumerate(told, 1))
    given: dict[str, Any] = {
        "day": date(2026, 11, 23),
        "until": MOMENT,
        "subscription": Subscription(),
        "articles": sum(len(c.story.articles) for c in ranked) + len(fields.get("left_out", ())),
    }
    return Digest(chosen=ranked, **{**given, **fields})


def unscored(**fields: Any) -> Assessment:
    """An assessment without a score."""
    return replace(assessment(**fields), score=None)


def entry(
    title: str = "Search ads learn to write themselves", *, source: str = "feed:https://paper.test/", **fields: Any
) -> Incoming:
    """What a feed yields: an article of which nothing was judged. ``fields`` are the article's."""
    found = article(title, **fields)
    return Incoming(Origin(source, found.url, "1"), found, Assessment())
