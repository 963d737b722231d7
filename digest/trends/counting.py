"""Stories counted by day, by topic and week, by publisher and by score. Pure: the stories and the present in, charts out.

A chart is what a table says and in which shape it is drawn, so that nothing is drawn that cannot also be read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, Literal

from digest.lookups.tallies import topics, words_of
from digest.rendering import words
from digest.rendering.cleaning import one_line
from digest.stories.publishers import by_publisher, publisher_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from digest.model import Story

DAYS: Final = 30
WEEKS: Final = 8
_TOPICS: Final = 6
_PUBLISHERS: Final = 12


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its name, and its figures, at least one."""

    name: str
    figures: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A title, a sentence that tells what is seen, and a table with its head.

    ``shape``: ``columns`` stand side by side, ``bars`` lie below each other, ``grid`` has a row of columns for each name.
    """

    title: str
    says: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    shape: Literal["columns", "bars", "grid"]


def stories_a_day(stories: Sequence[Story], until: datetime, zone: ZoneInfo, *, days: int = DAYS, about: str = "") -> Chart:
    """How many stories each of the last ``days`` has, that of ``until`` (aware) included. ``about``: the topic they are on."""
    today = until.astimezone(zone).date()
    counted = Counter(_day(story, zone) for story in stories)
    shown = [today - timedelta(days=n) for n in range(days)][::-1]
    rows = tuple(Row(words.short_date(day), (counted[day],)) for day in shown)
    most = max(shown, key=lambda day: (counted[day], day))
    total = sum(counted[day] for day in shown)
    on = f" on {about}" if about else ""
    says = f"{words.count(total, 'story', 'stories')}{on} in {days} days"
    says += f", most on {words.short_date(most)}: {counted[most]}." if total else "."
    return Chart(f"Stories a day{on}", says, ("Day", "Stories"), rows, "columns")


def topics_by_week(stories: Sequence[Story], until: datetime, zone: ZoneInfo, *, weeks: int = WEEKS) -> Chart:
    """How many stories of each week are on the topics that most stories are on. A week begins on Monday."""
    today = until.astimezone(zone).date()
    this_week = today - timedelta(days=today.weekday())
    shown = [this_week - timedelta(weeks=n) for n in range(weeks)][::-1]
    recent = [story for story in stories if _week(story, zone) in shown]
    rows = []
    for tally in topics(recent)[:_TOPICS]:
        counted = Counter(_week(s, zone) for s in recent if words_of(tally.name) in _names(s))
        rows.append(Row(one_line(tally.name), tuple(counted[week] for week in shown)))
    first = rows[0].name if rows else ""
    says = f"The topics of most stories over {weeks} weeks" + (
        f"; first is {first}, {sum(rows[0].figures)} in all." if rows else ": none."
    )
    return Chart("Topics by week", says, ("Topic", *(f"{week.day} {week:%b}" for week in shown)), tuple(rows), "grid")


def publishers(stories: Sequence[Story]) -> Chart:
    """Who tells most stories."""
    names: dict[str, Counter[str]] = {}
    counted: Counter[str] = Counter()
    for story in stories:
        for told in by_publisher(story):
            if key := publisher_key(told.article.publisher):
                counted[key] += 1
                names.setdefault(key, Counter())[one_line(told.article.publisher)] += 1
    shown = sorted(counted, key=lambda key: (-counted[key], key))[:_PUBLISHERS]
    rows = tuple(Row(max(names[key], key=lambda n: (names[key][n], n)), (counted[key],)) for key in shown)
    says = f"{words.count(len(counted), 'publisher')} told {words.count(len(stories), 'story', 'stories')}"
    says += f", most of them {rows[0].name}: {rows[0].figures[0]}." if rows else "."
    return Chart("Publishers", says, ("Publisher", "Stories"), rows, "bars")


def scores(stories: Sequence[Story]) -> Chart:
    """How many stories have which score of relevance, in steps of one; those without a score by themselves."""
    given = [story.lead.assessment.score for story in stories]
    counted = Counter(None if score is None else min(int(score), 9) for score in given)
    rows = [Row(f"{n} to {n + 1}", (counted[n],)) for n in range(10)]
    high = sum(1 for score in given if score is not None and score >= words.HIGH)
    says = f"{words.count(high, 'story', 'stories')} of {len(stories)} scored {words.number(words.HIGH)} or more."
    return Chart("Scores", says, ("Score", "Stories"), (*rows, Row("unscored", (counted[None],))), "columns")


def _day(story: Story, zone: ZoneInfo) -> date:
    try:
        return story.lead.article.dated.astimezone(zone).date()
    except OverflowError:  # within a day of the year 1 or 9999
        return story.lead.article.dated.date()


def _week(story: Story, zone: ZoneInfo) -> date:
    day = _day(story, zone)
    return day - timedelta(days=day.weekday()) if day.toordinal() > day.weekday() else day


def _names(story: Story) -> set[str]:
    """The topics and tags of a story, as ``words_of`` has them."""
    return {words_of(name) for told in story.articles for name in (told.assessment.topic, *told.assessment.tags)}
