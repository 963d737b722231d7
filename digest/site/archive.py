"""What the archive shows: days, stories and topics, each text cleaned and each address checked. Pure.

A story that several editions had is one page, with the days on which it was shown. What is held of its articles no more leaves its
title and its days.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from digest.lookups.tallies import words_of
from digest.rendering import words
from digest.rendering.cleaning import lines, one_line
from digest.rendering.links import web_link

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from digest.model import AssessedArticle, Edition, EditionStory

#: A topic gets a page from so many stories on, or where it is a story's own.
_LEAST: Final = 2


@dataclass(frozen=True, slots=True)
class ArchivedArticle:
    """One article of a story, in a line. ``url`` is empty where it may not be linked."""

    title: str
    url: str
    publisher: str
    date: str
    score: str


@dataclass(frozen=True, slots=True)
class ArchivedStory:
    """A story. ``page`` is its file, from the archive's root. ``lead`` is None where nothing is held of it any more. ``days``: on which
    it was shown, the newest first. ``topics``: names, of which some have a page."""

    page: str
    title: str
    days: tuple[date, ...]
    lead: ArchivedArticle | None = None
    also: tuple[ArchivedArticle, ...] = ()
    score_value: float | None = None
    band: str = "unscored"
    topic: str = ""
    reason: str = ""
    summary: tuple[str, ...] = ()
    key_insights: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArchivedDay:
    """A day with its stories in order, each as that day told it. ``issued``: when the last of its editions was, aware UTC."""

    date: date
    issued: datetime
    page: str
    stories: tuple[ArchivedStory, ...]


@dataclass(frozen=True, slots=True)
class ArchivedTopic:
    """A topic with its stories, the newest first."""

    name: str
    page: str
    stories: tuple[ArchivedStory, ...]


@dataclass(frozen=True, slots=True)
class Archive:
    """All of it: days and stories the newest first, topics those of most stories first. ``topic_pages``: a topic's page, by
    ``words_of`` its name."""

    days: tuple[ArchivedDay, ...]
    stories: tuple[ArchivedStory, ...]
    topics: tuple[ArchivedTopic, ...]
    topic_pages: Mapping[str, str]


def archive(editions: Iterable[Edition], held: Mapping[str, AssessedArticle], zone: ZoneInfo) -> Archive:
    """``held``: the articles that are held, by id. Of several editions of a day, stories come in the order of the first that has them."""
    by_day: dict[date, dict[str, EditionStory]] = {}
    issued: dict[date, datetime] = {}
    for edition in sorted(editions, key=lambda e: (e.day, e.issued, e.channel)):
        shown = by_day.setdefault(edition.day, {})
        issued[edition.day] = max(issued.get(edition.day, edition.issued), edition.issued)
        for story in edition.stories:
            shown.setdefault(story.id, story)
    told: dict[str, list[EditionStory]] = {}
    days_of: dict[str, list[date]] = {}
    for day in sorted(by_day, reverse=True):
        for story_id, story in by_day[day].items():
            told.setdefault(story_id, []).append(story)
            days_of.setdefault(story_id, []).append(day)
    stories = {i: _story(each, tuple(days_of[i]), held, zone) for i, each in told.items()}
    days = tuple(
        ArchivedDay(
            day, issued[day], f"days/{day.isoformat()}.html",
            tuple(_story([each], tuple(days_of[i]), held, zone) for i, each in by_day[day].items()),
        )
        for day in sorted(by_day, reverse=True)
    )  # fmt: skip
    topics = _topics(tuple(stories.values()))
    return Archive(days, tuple(stories.values()), topics, {words_of(topic.name): topic.page for topic in topics})


def _story(
    told: Sequence[EditionStory], days: tuple[date, ...], held: Mapping[str, AssessedArticle], zone: ZoneInfo
) -> ArchivedStory:
    """As the first of ``told`` tells it: led by the article whose title that has."""
    newest = told[0]
    ids = dict.fromkeys([newest.id, *(i for each in told for i in each.articles)])
    found = [held[i] for i in ids if i in held]
    page, title = f"stories/{_file(newest.id)}.html", one_line(newest.title) or "Untitled"
    if not found:
        return ArchivedStory(page, title, days)
    lead = next((a for a in found if one_line(a.article.title) == title), found[0])
    judged = lead.assessment
    named = {words_of(name): one_line(name) for name in (judged.topic, *judged.tags) if words_of(name)}
    return ArchivedStory(
        page, title, days, _article(lead, zone), tuple(_article(a, zone) for a in found if a is not lead), judged.score,
        words.band(judged.score), one_line(judged.topic), one_line(judged.reason), lines(judged.summary),
        lines(judged.key_insights), tuple(named.values()),
    )  # fmt: skip


def _article(told: AssessedArticle, zone: ZoneInfo) -> ArchivedArticle:
    article = told.article
    return ArchivedArticle(
        one_line(article.title) or "Untitled", web_link(article.url), one_line(article.publisher), words.dated(article, zone),
        words.score(told.assessment.score),
    )  # fmt: skip


def _topics(stories: Sequence[ArchivedStory]) -> tuple[ArchivedTopic, ...]:
    on: dict[str, list[ArchivedStory]] = {}
    names: dict[str, str] = {}
    for story in stories:
        for name in story.topics:
            on.setdefault(words_of(name), []).append(story)
            names.setdefault(words_of(name), name)
    own = {words_of(story.topic) for story in stories}
    made = [ArchivedTopic(names[k], f"topics/{_slug(k)}.html", tuple(on[k])) for k in on if len(on[k]) >= _LEAST or k in own]
    return tuple(sorted(made, key=lambda topic: (-len(topic.stories), words_of(topic.name))))


def _file(name: str) -> str:
    """``name`` as a file's: ids are hex digits; whatever else is in the store stays within the folder."""
    return (
        name if re.fullmatch(r"[0-9a-zA-Z]{1,64}", name) else hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:12]
    )


def _slug(key: str) -> str:
    """Readable, and one for each key: what is left out of the words is in the digits."""
    readable = "-".join(re.findall(r"[a-z0-9]+", key))[:60].strip("-")
    return f"{readable or 'topic'}-{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:6]}"
