"""The phrases that all formats share: how a score, a date, a count, a list and an offline mark are put into words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from digest.model import Article, Assessment, LeftOut

#: The bands in which the news monitor's rubric speaks: 8 and above high, 5 and above medium.
HIGH: Final = 8.0
MEDIUM: Final = 5.0

_FIELD_WORDS: Final = {"score": "score", "topic": "topic", "reason": "reason", "summary": "summary",
                       "key_insights": "key insights", "tags": "tags"}  # fmt: skip
_RULE_WORDS: Final = {
    "threshold": "below the threshold",
    "unscored": "unscored",
    "topic": "on other topics",
    "excluded": "on an excluded topic",
    "shown": "shown before, with nothing new",
    "publisher": "beyond the limit for one publisher",
    "full": "beyond the number of stories asked for",
}


def number(value: float) -> str:
    """At most one decimal, none where it is zero: ``8``, ``7.5``."""
    return f"{value:.1f}".removesuffix(".0")


def band(score: float | None) -> str:
    """One word for a relevance score: ``high``, ``medium``, ``low``, or ``unscored``."""
    if score is None:
        return "unscored"
    return "high" if score >= HIGH else "medium" if score >= MEDIUM else "low"


def score(value: float | None) -> str:
    """``8.5 of 10``, or ``unscored``."""
    return "unscored" if value is None else f"{number(value)} of 10"


def day(day: date) -> str:
    """``23 November 2026``."""
    return f"{day.day} {day:%B} {day.year}"


def short_date(day: date) -> str:
    """``23 Nov 2026``."""
    return f"{day.day} {day:%b} {day.year}"


def dated(article: Article, zone: ZoneInfo) -> str:
    """When it was published, as a date in ``zone``; where that is not known, when it was collected, saying so."""
    if article.published is not None:
        return short_date(_local(article.published, zone))
    return f"collected {short_date(_local(article.collected, zone))}"


def _local(moment: datetime, zone: ZoneInfo) -> date:
    try:
        return moment.astimezone(zone).date()
    except OverflowError:  # within a day of the year 1 or 9999
        return moment.date()


def count(n: int, one: str, many: str = "") -> str:
    """``1 story``, ``5 stories``, ``1,204 articles``."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def ranks(numbers: Sequence[int]) -> str:
    """Ascending ranks in words, runs of three and more drawn together: ``2``, ``2 and 3``, ``1, 4–9 and 12``."""
    runs: list[list[int]] = []
    for n in numbers:
        if runs and n == runs[-1][-1] + 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    return listed([w for run in runs for w in ((f"{run[0]}–{run[-1]}",) if len(run) > 2 else map(str, run))])


def offline_mark(assessment: Assessment) -> str:
    """Which shown parts were written without a model: ``Score and summary written offline``; empty where none were."""
    shown = {name: words for name, words in _FIELD_WORDS.items() if getattr(assessment, name) not in (None, "", ())}
    parts = [words for name, words in shown.items() if getattr(assessment.provenance, name) == "offline"]
    if not parts:
        return ""
    if len(parts) == len(shown):
        return "Assessed offline, without a model"
    said = listed(parts)
    return f"{said[0].upper()}{said[1:]} written offline"


def left_out(stories: Sequence[LeftOut]) -> str:
    """How many stories were left out by which rule: ``7 stories left out: 5 below the threshold, 2 unscored``."""
    if not stories:
        return ""
    counts = {rule: sum(1 for s in stories if s.rule == rule) for rule in _RULE_WORDS}
    said = ", ".join(f"{n:,} {_RULE_WORDS[rule]}" for rule, n in counts.items() if n)
    return f"{count(len(stories), 'story', 'stories')} left out: {said}"
