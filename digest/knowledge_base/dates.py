"""Dates as strangers write them, made aware UTC.

The two dialects of the documents, RFC 2822 and ISO 8601, take microseconds; anything else is left to dateparser, which takes
milliseconds and is imported only then.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

#: The first day that can be the date of an article on the web (the first website was put online that year).
EARLIEST: Final = datetime(1991, 1, 1, tzinfo=UTC)
#: Clocks and embargoes differ; a date further ahead than this is a mistake.
MOST_AHEAD: Final = timedelta(days=2)
#: The languages of month names that are tried: each costs time on every text that is no date.
_LANGUAGES: Final = ["en", "de", "fr", "es", "it", "nl", "pt"]
_LONGEST: Final = 64
_RFC2822: Final = re.compile(
    r"(?:[A-Za-z]{3},?\s+)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{4})\s+(\d\d?):(\d\d)(?::(\d\d))?(?:\s+([+-]\d{4}|[A-Z]{1,4}))?\Z"
)
_MONTHS: Final = dict(zip("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), range(1, 13), strict=True))
#: ISO 8601 without hyphens; eight digits are no count of seconds, which would be a day of 1970.
_COMPACT: Final = re.compile(r"(?:19|20)\d{6}(?:T|\Z)")
#: The zones that ``email`` knows; it takes any other name for UTC.
_US_ZONES: Final = ("EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT")
_UTC: Final = ("+0000", "-0000", "GMT", "UTC", "UT", "Z")
_RELATIVE: Final = re.compile(r"\b(?:ago|in|now|today|tomorrow|yesterday)\b", re.IGNORECASE)


def parse_date(text: str) -> datetime | None:
    """``text`` as an aware UTC instant; None where it is no date, or lies before 1991 or after 9998.

    A date without a zone is taken as UTC, one without a time as midnight. Relative words ("yesterday") are no date: they
    would mean another day at each reading.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    parsed = _iso(text) if text[4:5] == "-" or _COMPACT.match(text) else _rfc2822(text)
    if parsed is None and any(c.isdigit() for c in text):
        parsed = _any_dialect(text)
    if parsed is None:
        return None
    if parsed.tzinfo is None:
        instant = parsed.replace(tzinfo=UTC)
    else:
        try:
            instant = parsed if parsed.tzinfo is UTC else parsed.astimezone(UTC)
        except (OverflowError, ValueError):
            return None
    return instant if instant >= EARLIEST else None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _rfc2822(text: str) -> datetime | None:
    found = _RFC2822.match(text)
    if found is None:
        return None
    day, month, year, hour, minute, second, zone = found.groups()
    try:
        if zone is None or zone in _UTC:
            return datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC)
        return parsedate_to_datetime(text) if zone[0] in "+-" or zone in _US_ZONES else None
    except (ValueError, TypeError, KeyError, IndexError, OverflowError):
        return None


def _any_dialect(text: str) -> datetime | None:
    if _RELATIVE.search(text):
        return None
    import dateparser

    settings = {"PREFER_DAY_OF_MONTH": "first", "REQUIRE_PARTS": ["day", "month", "year"], "STRICT_PARSING": True}
    try:
        return dateparser.parse(text, languages=_LANGUAGES, settings=settings)
    except Exception:  # noqa: BLE001 dateparser raises many kinds on hostile text; all mean the same
        return None
