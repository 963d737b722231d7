"""A digest as templates see it: every text cleaned to one line, every address checked, and the common phrases made.

This is the boundary that text from strangers passes on its way out; the formats behind it only escape. What a template
can use is what is here, and ``docs/templates.md`` lists it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from digest.rendering import words
from digest.rendering.cleaning import is_blank, lines, one_line
from digest.rendering.links import web_link
from digest.stories.publishers import by_publisher, publisher_count

if TYPE_CHECKING:
    from datetime import datetime

    from digest.model import AssessedArticle, ChosenStory, Digest, Layout, LeftOut, Part, Update


@dataclass(frozen=True, slots=True)
class ArticleView:
    """One article in a line. ``url`` is empty where it may not be linked; ``score`` is in words, ``8.5 of 10``."""

    title: str
    url: str
    publisher: str
    date: str
    score: str


@dataclass(frozen=True, slots=True)
class PartView:
    """One addend of a story's place: its name, its points with sign and one decimal, and the reason."""

    name: str
    points: str
    because: str


@dataclass(frozen=True, slots=True)
class UpdateView:
    """What is new in a story that an earlier digest had: that digest's ``day`` and address, and what was not in it. ``url`` is empty
    where the earlier digest has no address on the web; ``page`` is then the name of its page beside this one, or empty too."""

    day: str
    url: str
    page: str
    line: str


@dataclass(frozen=True, slots=True)
class StoryView:
    """One story of the digest.

    ``update`` where an earlier digest had it, else None. ``score_value``: 0 to 10, or None; ``score``: the same in words; ``band``: high, medium, low or unscored. ``why``
    says why it was chosen, ``reason`` what the assessor said of its relevance. ``summary`` has no bullet that is the title
    again. ``also`` has one article of each other publisher. ``offline`` names the parts written
    without a model, ``note`` is the assessment's. ``meta`` is publisher, score, topic and date in one line.
    """

    rank: int
    id: str
    title: str
    url: str
    publisher: str
    date: str
    datetime: str
    score_value: float | None
    score: str
    band: str
    topic: str
    tags: tuple[str, ...]
    summary: tuple[str, ...]
    key_insights: tuple[str, ...]
    why: str
    reason: str
    parts: tuple[PartView, ...]
    points: str
    also: tuple[ArticleView, ...]
    publishers: int
    offline: str
    note: str
    meta: str
    update: UpdateView | None = None


@dataclass(frozen=True, slots=True)
class LeftOutView:
    """A story that is not in the digest, the rule that kept it out, and the reason in words."""

    article: ArticleView
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class DigestView:
    """The whole. ``totals`` is ``5 stories of 42 articles considered, from 4 publishers``; ``nothing`` says why there
    is no story, and is empty where there is one; ``layout`` is the subscription's, ``full`` or ``compact``; ``left_out_words`` counts what was left out by rule, or is empty."""

    title: str
    weekday: str
    day: str
    date: str
    until: str
    totals: str
    nothing: str
    stories: tuple[StoryView, ...]
    left_out: tuple[LeftOutView, ...]
    left_out_words: str
    notes: tuple[str, ...]
    layout: Layout = "full"


def digest_view(digest: Digest) -> DigestView:
    """``digest`` for a template. Pure; total for any text whatever."""
    zone = _zone(digest.subscription.time_zone)
    weekday, day = f"{digest.day:%A}", words.day(digest.day)
    return DigestView(
        title=f"AI news for {weekday}, {day}" if digest.kind == "daily" else f"AI news of the week to {weekday}, {day}",
        weekday=weekday,
        day=day,
        date=digest.day.isoformat(),
        until=_until(digest.until, zone),
        totals=_totals(digest),
        nothing="" if digest.chosen else _nothing(digest),
        stories=tuple(_story(c, zone) for c in digest.chosen),
        left_out=tuple(_left_out(o, zone) for o in digest.left_out),
        left_out_words=words.left_out(digest.left_out),
        notes=lines(digest.notes),
        layout=digest.subscription.layout,
    )


def _story(chosen: ChosenStory, zone: ZoneInfo) -> StoryView:
    lead, judged = chosen.story.lead.article, chosen.story.lead.assessment
    publisher, topic = one_line(lead.publisher), one_line(judged.topic)
    score, date = words.score(judged.score), words.dated(lead, zone)
    why, reason = one_line(chosen.why), one_line(judged.reason)
    title, others = _title(lead.title), by_publisher(chosen.story)[1:]
    return StoryView(
        rank=chosen.rank,
        id=lead.id,
        title=title,
        url=web_link(lead.url),
        publisher=publisher,
        date=date,
        datetime=(lead.published or lead.collected).isoformat(),
        score_value=judged.score,
        score=score,
        band=words.band(judged.score),
        topic=topic,
        tags=lines(judged.tags),
        summary=tuple(line for line in lines(judged.summary) if line != title),
        key_insights=lines(judged.key_insights),
        why=why,
        reason="" if reason in why else reason,
        parts=tuple(_part(p) for p in chosen.parts),
        points=words.number(chosen.points),
        also=tuple(_article(a, zone) for a in others),
        publishers=1 + len(others),
        offline=words.offline_mark(judged),
        note=one_line(judged.note),
        meta=" · ".join(t for t in (publisher, f"Score {score}" if judged.score is not None else score, topic, date) if t),
        update=_update(chosen.update) if chosen.update else None,
    )


def _update(update: Update) -> UpdateView:
    url = web_link(update.where)
    page = "" if url or not update.where.endswith(".html") else f"{update.day.isoformat()}.html"
    return UpdateView(words.short_date(update.day), url, page, one_line(update.line))


def _article(assessed: AssessedArticle, zone: ZoneInfo) -> ArticleView:
    article = assessed.article
    return ArticleView(
        title=_title(article.title),
        url=web_link(article.url),
        publisher=one_line(article.publisher),
        date=words.dated(article, zone),
        score=words.score(assessed.assessment.score),
    )


def _left_out(left: LeftOut, zone: ZoneInfo) -> LeftOutView:
    return LeftOutView(_article(left.story.lead, zone), left.rule, one_line(left.reason))


def _part(part: Part) -> PartView:
    return PartView(one_line(part.name), f"{part.points:+.1f}", one_line(part.because))


def _title(title: str) -> str:
    cleaned = one_line(title)
    return "Untitled" if is_blank(cleaned) else cleaned


def _totals(digest: Digest) -> str:
    stories = words.count(len(digest.chosen), "story", "stories")
    considered = f"{stories} of {words.count(digest.articles, 'article')} considered"
    return (
        f"{considered}, from {words.count(publisher_count(c.story for c in digest.chosen), 'publisher')}"
        if digest.chosen
        else considered
    )


def _nothing(digest: Digest) -> str:
    """Why a digest has no story, in a sentence or two."""
    hours = words.number(digest.subscription.max_age_h)
    if not digest.articles and not digest.left_out:
        return f"No stories today: no article of the last {hours} hours was found."
    return f"No stories today. {words.left_out(digest.left_out)}."


def _until(until: datetime, zone: ZoneInfo) -> str:
    local = until.astimezone(zone)
    return f"{words.short_date(local.date())}, {local:%H:%M} {local.tzname()}"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
