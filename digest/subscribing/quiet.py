"""Quiet dates as people type them, and shown back to them. Pure.

A date is ``24 Dec 2026``, ``24 December``, ``Dec 24, 2026`` or ``2026-12-24``, a range two of them with ``to``, ``-`` or ``–`` between, or
``24-26 Dec``; several are parted by commas, semicolons or lines. Without a year it is the next time that the date comes.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Two months of single days; a longer silence is better had by choosing no days, or by unsubscribing.
MOST_DATES: Final = 60
_MOST_CHARS: Final = 2_000
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMES: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
#: "Dec 24, 2026": this comma parts nothing.
_COMMA_IN_DATE: Final = re.compile(r"\b([A-Za-z]{3,9}\.?\s+[0-9]{1,2}(?:\s*[-–—]\s*[0-9]{1,2})?),\s*(?=[0-9]{4}\b(?!-))")
_PARTS: Final = re.compile(r"[,;\n\r]+")
_RANGE: Final = re.compile(r"\s+(?:to|until|till|through)\s+|\s*[–—]\s*|\s+-\s+|\s*\.\.+\s*", re.IGNORECASE)
#: "24-26 Dec 2026" and "Dec 24-26 2026": the month is said once.
_IN_MONTH: Final = (
    (re.compile(r"([0-9]{1,2})\s*(?:-|–|—|\bto\b)\s*([0-9]{1,2})\s+([a-z].*)", re.IGNORECASE), r"\1 \3 – \2 \3"),
    (
        re.compile(r"([a-z]{3,9})\.?\s+([0-9]{1,2})\s*(?:-|–|—|\bto\b)\s*([0-9]{1,2})((?:\s+[0-9]{4})?)", re.IGNORECASE),
        r"\1 \2\4 – \1 \3\4",
    ),
)
_YEAR: Final = re.compile(r"[0-9]{4}")
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", re.ASCII)
_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?([a-z]{3,9})\.?(?:\s+([0-9]{4}))?", re.IGNORECASE)
_MONTH_FIRST: Final = re.compile(r"([a-z]{3,9})\.?\s+([0-9]{1,2})(?:st|nd|rd|th)?(?:\s+([0-9]{4}))?", re.IGNORECASE)


class NotUnderstood(ValueError):
    """A piece of what was typed is no date. The text is one sentence for whoever typed it."""


def parse(typed: str, today: date) -> tuple[date, ...]:
    """The dates of ``typed``, each once, the first first; ``today`` says which year is meant where none is given.

    Raises NotUnderstood, which names the piece.
    """
    if len(typed) > _MOST_CHARS:
        raise NotUnderstood(f"That is too long: at most {_MOST_CHARS:,} characters of dates.")
    found: set[date] = set()
    for piece in _PARTS.split(_COMMA_IN_DATE.sub(r"\1 ", typed)):
        if said := " ".join(piece.split()):
            found |= set(_piece(said, today))
            if len(found) > MOST_DATES:
                raise NotUnderstood(f"Those are more than {MOST_DATES} dates; name {MOST_DATES} at most.")
    return tuple(sorted(found))


def _piece(said: str, today: date) -> list[date]:
    ends = _RANGE.split(_spelled_out(said))
    if len(ends) > 2:
        raise _unknown(said)
    if len(ends) == 2 and _YEAR.search(ends[1]):
        last = _date(ends[1], today, said)
        first = _date(ends[0], last - timedelta(days=364), said)
    else:
        first = _date(ends[0], today, said)
        last = _date(ends[-1], first, said) if len(ends) == 2 else first
    if last < first:
        raise NotUnderstood(f"“{_cut(said)}” ends before it begins.")
    if (last - first).days >= MOST_DATES:
        raise NotUnderstood(f"“{_cut(said)}” is more than {MOST_DATES} days.")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _spelled_out(said: str) -> str:
    return next((m.expand(spelled) for pattern, spelled in _IN_MONTH if (m := pattern.fullmatch(said))), said)


def _date(text: str, after: date, said: str) -> date:
    """The date of ``text``; without a year, the next one from ``after`` on."""
    if match := _ISO.fullmatch(text):
        return _made(int(match[1]), int(match[2]), int(match[3]), said)
    if match := _DAY_FIRST.fullmatch(text):
        day, name, year = match.groups()
    elif match := _MONTH_FIRST.fullmatch(text):
        name, day, year = match.groups()
    else:
        raise _unknown(said)
    month = _month(name.lower())
    if not month:
        raise _unknown(said)
    if year:
        return _made(int(year), month, int(day), said)
    years = range(after.year, after.year + 9)  # a 29 February comes within eight years
    return next((d for y in years if (d := _valid(y, month, int(day))) and d >= after), None) or _made(0, month, int(day), said)


def _month(name: str) -> int:
    short = name[:3]
    known = short in _MONTHS and (name == "sept" or _NAMES[_MONTHS.index(short)].startswith(name))
    return _MONTHS.index(short) + 1 if known else 0


def _made(year: int, month: int, day: int, said: str) -> date:
    made = _valid(year, month, day) if 2000 <= year <= 2199 else None
    if made is None:
        raise NotUnderstood(f"There is no such day as “{_cut(said)}”.")
    return made


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _unknown(said: str) -> NotUnderstood:
    return NotUnderstood(f"“{_cut(said)}” is no date. Write 24 Dec 2026, 2026-12-24, or 24 Dec 2026 to 1 Jan 2027.")


def _cut(said: str) -> str:
    return said if len(said) <= 60 else f"{said[:59]}…"


def shown(dates: Iterable[date]) -> str:
    """``24–26 Dec 2026, 1 Jan 2027``: short, and ``parse`` reads it back. Empty where there are none."""
    runs: list[list[date]] = []
    for day in sorted(set(dates)):
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(map(_shown_run, runs))


def _shown_run(run: Sequence[date]) -> str:
    first, last = run[0], run[-1]
    if first == last:
        return _shown(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{_shown(last)}"
    return f"{_shown(first) if first.year != last.year else _shown(first)[:-5]} – {_shown(last)}"


def _shown(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1].title()} {day.year}"
