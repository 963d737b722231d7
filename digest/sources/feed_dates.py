"""Dates of feeds as feedparser reads them: RFC 822 with a zone and ISO 8601, which nearly all feeds write, without it, all others by it.

What it cannot read either is left to who asked.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_RFC822: Final = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? )?([0-9]{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* "
    r"([0-9]{4}) ([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))? (?:([+-])([0-9]{2}):?([0-9]{2})|(GMT|(?![Gg][Mm][Tt])[A-Za-z]{1,5}))"
)
_ISO8601: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,12})?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2})|([+-])([0-9]{2})00)?)?"
)
_LONGEST: Final = 60
_DAYS: Final = frozenset("Mon Tue Wed Thu Fri Sat Sun".split())
_BETWEEN: Final = {
    f" {name} ": f"-{number:02}-" for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)
}
_UTC: Final = frozenset((" GMT", " UTC", " +0000", " -0000", " Z"))
_SIZES: Final = frozenset(len("Tue, 24 Nov 2026 10:00:00") + len(zone) for zone in _UTC)
_ISO_SIZE: Final = len("2026-11-24T10:00:00Z")
_MONTHS: Final = dict(zip("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), range(1, 13), strict=True))
#: Hours from UTC. A name that is not here means none.
_ZONES: Final = {
    "adt": -3, "ast": -4, "at": -4, "edt": -4, "est": -5, "et": -5, "cdt": -5, "cst": -6, "ct": -6, "mdt": -6, "mst": -7,
    "mt": -7, "pdt": -7, "pst": -8, "pt": -8, "a": -1, "n": 1, "m": -12, "y": 12, "met": 1, "mest": 2,
}  # fmt: skip


def instant(text: str) -> datetime | None:
    """``text`` as an aware UTC instant to the second; None where it is not of the two kinds, or no date of the calendar."""
    try:
        if text.isascii() and (usual := _usual(text)):
            return datetime.fromisoformat(usual)
        if found := _RFC822.fullmatch(text):
            day, month, year, hour, minute, second, sign, hours, minutes, zone = found.groups()
            local = datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC)
            if zone is not None:
                return local - timedelta(hours=_ZONES.get(zone.lower(), 0))
            return local if hours == minutes == "00" else local - _offset(sign, hours, minutes)
        if found := _ISO8601.fullmatch(text):
            year, month, day, hour, minute, second, sign, hours, minutes, sign2, hours2 = found.groups("0")
            local = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=UTC)
            if sign2 != "0":
                return local - _offset(sign2, hours2, "0")
            return local if sign == "0" else local - _offset(sign, hours, minutes)
    except (ValueError, OverflowError):
        pass
    return None


def instant_by_feedparser(text: str) -> datetime | None:
    """``text`` as feedparser reads it in whatever dialect; None where it does not, or where ``text`` is longer than dates are."""
    if len(text) > _LONGEST:
        return None
    from feedparser.datetimes import _parse_date

    return of_parts(_parse_date(text))


def of_parts(parts: Any) -> datetime | None:
    """The aware UTC instant of a date's parts as feedparser gives them; None where they are none, or no date of the calendar."""
    try:
        year, month, day, hour, minute, second = parts[:6]
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _usual(text: str) -> str:
    """``text`` in ISO 8601 and UTC, if it is written as nine of ten dates are: ``Tue, 24 Nov 2026 10:00:00 GMT``, or in ISO itself."""
    size = len(text)
    if size in _SIZES and text[3:5] == ", " and text[:3] in _DAYS:
        month, zone, figures = (
            _BETWEEN.get(text[7:12]),
            text[25:],
            text[5:7] + text[12:16] + text[17:19] + text[20:22] + text[23:25],
        )
        if month and zone in _UTC and text[16] == " " and text[19] == text[22] == ":" and figures.isdigit():
            return f"{text[12:16]}{month}{text[5:7]}T{text[17:25]}+00:00"
    elif (
        size == _ISO_SIZE and text[19] == "Z" and text[10] == "T" and text[4] == text[7] == "-" and text[13] == text[16] == ":"
    ):
        return text[:19] + "+00:00"
    return ""


def _offset(sign: str, hours: str, minutes: str) -> timedelta:
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return offset if sign == "+" else -offset
