"""What somebody asks of a search: free words, and filters among them. Pure; any text is read.

topic:agents  topic:"AI agents"     topic, tags, category or title have these words next to each other; of several, all
source:martech                      the publisher's name begins so; of several, any
score:>7  >=7  <5  =8  8+  7..9  8  a number alone is the least
since:2026-11-01  yesterday  monday  7d  2w  month      dated then or later
until: the same, to the end of that day
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from digest.model import MAX_SCORE, MIN_SCORE, Story
from digest.selection import on_topic
from digest.stories.publishers import publisher_key

if TYPE_CHECKING:
    from datetime import date

    from digest.model import AssessedArticle

_MOST_CHARS: Final = 1_000
#: Topics, or publishers, of one search.
_MOST_NAMES: Final = 10
#: A quotation that is not closed goes to the end. Phones write typographic marks.
_FILTER: Final = re.compile(
    r'(?<![^ ])(topic|source|publisher|score|since|until): ?(?:["“”„]([^"“”„]*)(?:["“”„]|\Z)|([^ ]*))', re.ASCII | re.IGNORECASE
)
_NUMBER: Final = r"(\d{1,2}(?:\.\d+)?)"
_RANGE: Final = re.compile(rf"{_NUMBER}?(?:\.\.|…|(?<=\d)[-–](?=\d)){_NUMBER}?", re.ASCII)
_BOUND: Final = re.compile(rf"(>=|=>|≥|<=|=<|≤|>|<|=)?{_NUMBER}(\+)?", re.ASCII)
_AGO: Final = re.compile(r"(\d{1,3}) ?(h|d|w|m|y|hours?|days?|weeks?|months?|years?)", re.ASCII)
_UNITS: Final = {
    "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(days=7), "m": timedelta(days=30), "y": timedelta(days=365),
}  # fmt: skip
_NAMED: Final = {"week": 7, "month": 30, "year": 365}
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WORD: Final = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Asked:
    """``words``: what is searched for. ``least`` and ``most``: scores, both included. ``since`` (included) and ``until`` (not): aware
    UTC. ``problems``: filters that were not understood, a sentence each; they filter nothing."""

    words: str = ""
    topics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    since: datetime | None = None
    until: datetime | None = None
    problems: tuple[str, ...] = ()

    @property
    def filtered(self) -> bool:
        """Whether there is any filter."""
        return bool(self.topics or self.sources) or any(v is not None for v in (self.since, self.until, self.least, self.most))

    def takes(self, story: Story) -> bool:
        """Whether the story's leading article passes every filter; by its publisher, any of its articles."""
        lead = story.lead
        return self._scored(lead) and self.dated(lead) and self._by(story) and all(on_topic(story, (t,)) for t in self.topics)

    def passes(self, told: AssessedArticle) -> bool:
        """The same for one article by itself."""
        return self.takes(Story(told.article.id, told))

    def dated(self, told: AssessedArticle, margin: timedelta = timedelta()) -> bool:
        """Whether it is of the time asked for, give or take ``margin``."""
        dated = told.article.dated
        early = self.since is not None and self.since - dated > margin
        late = self.until is not None and dated - self.until >= margin
        return not early and not late

    def _scored(self, told: AssessedArticle) -> bool:
        if self.least is None and self.most is None:
            return True
        score = told.assessment.score
        least, most = (MIN_SCORE if self.least is None else self.least), (MAX_SCORE if self.most is None else self.most)
        return score is not None and least <= score <= most

    def _by(self, story: Story) -> bool:
        if not self.sources:
            return True
        publishers = [publisher_key(a.article.publisher) for a in story.articles]
        return any(p.startswith(publisher_key(s)) for s in self.sources for p in publishers)


def asked(text: str, *, now: datetime, time_zone: str = "UTC") -> Asked:
    """What ``text`` asks for. ``now`` is aware; days are those of ``time_zone``, an IANA name that is known here."""
    words, found = _parted(" ".join(text[:_MOST_CHARS].split()))
    problems: list[str] = []
    least, most = _score(found.get("score", []), problems)
    local = now.astimezone(ZoneInfo(time_zone))
    return Asked(
        words,
        _names("topic", found, problems),
        _names("source", found, problems),
        least,
        most,
        _moment("since", found, local, problems),
        _moment("until", found, local, problems),
        tuple(problems),
    )


def _parted(text: str) -> tuple[str, dict[str, list[str]]]:
    """The words, and what was said of each filter. What stands behind a closed quotation without a space may be a filter too."""
    found: dict[str, list[str]] = {}
    while match := _FILTER.search(text):
        name, quoted, bare = match.groups()
        name = "source" if name.lower() == "publisher" else name.lower()
        found.setdefault(name, []).append((bare if quoted is None else quoted).strip())
        text = f"{text[: match.start()]} {text[match.end() :]}"
    return " ".join(text.split()), found


def _names(name: str, found: dict[str, list[str]], problems: list[str]) -> tuple[str, ...]:
    said = list(dict.fromkeys(found.get(name, [])))
    problems += [f"“{name}:{s[:40]}” names nothing: write {name}:NAME, without a space." for s in said if not _WORD.search(s)]
    named = [s for s in said if _WORD.search(s)]
    if len(named) > _MOST_NAMES:
        problems.append(f"“{name}:{named[_MOST_NAMES][:40]}” is one too many: the first {_MOST_NAMES} count.")
    return tuple(named[:_MOST_NAMES])


def _score(given: list[str], problems: list[str]) -> tuple[float | None, float | None]:
    """The least and the most of all that was said together."""
    least, most = None, None
    for said in given:
        bounds = _bounds(said)
        if bounds is None:
            problems.append(f"“score:{said[:40]}” is no score from 0 to 10: write score:>7, score:8 or score:7..9.")
            continue
        least = max((b for b in (least, bounds[0]) if b is not None), default=None)
        most = min((b for b in (most, bounds[1]) if b is not None), default=None)
    return least, most


def _bounds(said: str) -> tuple[float | None, float | None] | None:
    if (between := _RANGE.fullmatch(said)) and any(between.groups()):
        ends = sorted(float(end) for end in between.groups() if end)
        if ends[-1] > MAX_SCORE:
            return None
        return (ends[0] if between[1] else None, ends[-1] if between[2] else None)
    bound = _BOUND.fullmatch(said)
    if bound is None or float(bound[2]) > MAX_SCORE:
        return None
    sign, score = bound[1] or "", float(bound[2])
    if sign in (">", "<"):
        return (math.nextafter(score, math.inf), None) if sign == ">" else (None, math.nextafter(score, -math.inf))
    return (None if sign in ("<=", "=<", "≤") else score), (None if sign in ("", ">=", "=>", "≥") else score)


def _moment(name: str, found: dict[str, list[str]], now: datetime, problems: list[str]) -> datetime | None:
    """The moment that was said last."""
    given = found.get(name)
    if not given:
        return None
    moment = _meant(given[-1].lower(), now, to_the_end=name == "until")
    if moment is None:
        problems.append(f"“{name}:{given[-1][:40]}” is no date: write {name}:2026-11-01, {name}:yesterday or {name}:7d.")
    return moment


def _meant(said: str, now: datetime, *, to_the_end: bool) -> datetime | None:
    if ago := _AGO.fullmatch(said):
        return now.astimezone(UTC) - int(ago[1]) * _UNITS[ago[2][0]]
    if said in _NAMED:
        return now.astimezone(UTC) - timedelta(days=_NAMED[said])
    day = _day(said, now.date())
    if day is None:
        return None
    try:
        return datetime.combine(day + timedelta(days=to_the_end), time(), now.tzinfo).astimezone(UTC)
    except OverflowError:  # the first or the last day that can be written
        return None


def _day(said: str, today: date) -> date | None:
    if said in ("today", "yesterday"):
        return today - timedelta(days=said == "yesterday")
    if said in _DAYS:
        return today - timedelta(days=(today.weekday() - _DAYS.index(said)) % 7)
    try:
        return type(today).fromisoformat(said)
    except ValueError:
        return None
