"""Numbers and months in text, by value: "$3bn", "3 billion" and "3,000,000,000" are one number, "Nov" is November.

It reads them and nothing more; whether an article bears a claim out is ``grounding.py``'s question. Units are not read:
"45%" and "45 people" have the same number. Patterns are bounded: a page of digits costs no more than a page of words.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Final

_SCALES: Final = {
    "hundred": 100, "thousand": 1000, "k": 1000, "lakh": 100_000, "million": 10**6, "mn": 10**6, "mln": 10**6,
    "m": 10**6, "crore": 10**7, "billion": 10**9, "bn": 10**9, "b": 10**9, "trillion": 10**12, "tn": 10**12,
    "trn": 10**12,
}  # fmt: skip
_UNITS: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES: Final = {w: n for n, w in enumerate(_UNITS)} | {w: 10 * n for n, w in enumerate(_TENS, 2)}
ORDINALS: Final = (
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip

SCALE: Final = "|".join(sorted(_SCALES, key=len, reverse=True))
_DIGITS: Final = r"\d{1,30}(?:[.,]\d{1,30}){0,8}"
_NUMBER: Final = re.compile(
    rf"(?P<digits>{_DIGITS})(?:[\s-]?(?P<scale>{SCALE})s?\b)?"
    rf"|\b(?P<word>{'|'.join((*_TENS, *reversed(_UNITS)))})(?:-(?P<unit>{'|'.join(_UNITS[1:10])}))?\b"
    rf"(?:[\s-](?P<wordscale>{SCALE})\b)?",
    re.IGNORECASE,
)
#: "1.2 to 1.5 billion": the magnitude at its end is also that of its beginning.
_RANGE: Final = re.compile(rf"(?<![\d.,])({_DIGITS})\s?(?:-|–|—|to|and|or)\s?[$€£]?{_DIGITS}[\s-]?({SCALE})s?\b", re.IGNORECASE)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: All but May, which is a verb at the beginning of too many sentences.
_MONTH: Final = re.compile(
    r"\b(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\b"
)
_ISO_DATE: Final = re.compile(r"\b\d{4}-(\d\d)-\d\d\b")
_GROUPED_BY_POINTS: Final = re.compile(r"\d{1,3}(?:\.\d{3}){2,}")
_DECIMAL_COMMA: Final = re.compile(r"\d+,\d{1,2}")


def numbers_in(text: str) -> frozenset[str]:
    """Every number ``text`` may be said to hold, as plain decimal digits: with its magnitude and without."""
    found = {form for m in _NUMBER.finditer(text) for form in _forms(m)}
    return frozenset(found | {_canonical(v, _SCALES[s.lower()]) for v, s in _RANGE.findall(text)})


def months_in(text: str) -> frozenset[str]:
    """Months named in ``text`` or in its ISO dates, by their first three letters in lower case."""
    iso = {_MONTHS[int(m) - 1] for m in _ISO_DATE.findall(text) if 1 <= int(m) <= 12}
    return frozenset(iso | {m.lower() for m in _MONTH.findall(text)})


def is_month(word: str) -> bool:
    """Whether ``word`` names a month (May left out)."""
    return bool(_MONTH.fullmatch(word))


def uncounted(claim: str, numbers: frozenset[str]) -> list[str]:
    """The figures of ``claim``, as written, that are not among ``numbers``. Three million is not three billion."""
    return [m.group().strip() for m in _NUMBER.finditer(claim) if _is_figure(claim, m) and not _counted(m, numbers)]


def undated(claim: str, months: frozenset[str]) -> list[str]:
    """The months of ``claim``, as written, that are not among ``months``."""
    return [m.group() for m in _MONTH.finditer(claim) if m.group(1).lower() not in months]


def _is_figure(text: str, match: re.Match[str]) -> bool:
    """Not a part of a name such as H100, and not "one of", which counts nothing."""
    if match["word"]:
        return match["word"].lower() not in ("zero", "one") or bool(match["wordscale"])
    start, end = match.span("digits")
    if start > 0 and text[start - 1].isalpha():
        return False
    after = re.match(r"[^\W\d_]*", text[end:])
    return bool(match["scale"]) or not after or after.group().lower() in ("", "x", "s", "st", "nd", "rd", "th")


def _counted(match: re.Match[str], numbers: frozenset[str]) -> bool:
    scaled, *plain = _forms(match)
    with_magnitude = match["scale"] or match["wordscale"]
    return scaled in numbers or (not with_magnitude and any(p in numbers for p in plain))


def _forms(match: re.Match[str]) -> tuple[str, ...]:
    """The values a match may stand for, the likeliest first: with its magnitude, without, and with a decimal comma."""
    if match["word"]:
        digits = str(_VALUES[match["word"].lower()] + (_VALUES[match["unit"].lower()] if match["unit"] else 0))
        scale = _SCALES[match["wordscale"].lower()] if match["wordscale"] else 1
    else:
        digits = match["digits"]
        scale = _SCALES[match["scale"].lower()] if match["scale"] else 1
    spellings = [digits, digits.replace(",", ".")] if _DECIMAL_COMMA.fullmatch(digits) else [digits]
    return tuple(dict.fromkeys(_canonical(d, s) for d in spellings for s in (scale, 1)))


def _canonical(digits: str, scale: int) -> str:
    """``digits`` times ``scale`` as plain decimal digits; a version number with several points stays as it is."""
    bare = digits.replace("." if _GROUPED_BY_POINTS.fullmatch(digits) else ",", "")
    try:
        value = Decimal(bare) * scale
    except InvalidOperation:
        return bare
    return format(value.normalize(), "f") if value else "0"
