"""Facts: the amounts, dates, names and acts of a text, such that two ways to write one are the same.

It owns what counts as a fact, and when one is new beside others; it reads English, and amounts, dates and names of most languages
in Latin letters. What follows from a new fact is ``memory``'s. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from digest.stories.acts import acts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_CURRENCIES: Final = {
    "$": "usd", "us$": "usd", "usd": "usd", "dollar": "usd", "dollars": "usd", "€": "eur", "eur": "eur", "euro": "eur", "euros": "eur",
    "£": "gbp", "gbp": "gbp", "pound": "gbp", "pounds": "gbp", "¥": "jpy", "jpy": "jpy", "yen": "jpy", "₹": "inr", "inr": "inr",
    "rupees": "inr",
}  # fmt: skip
_SCALES: Final = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "mln": 1e6, "million": 1e6, "millions": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9,
    "billions": 1e9, "tn": 1e12, "trillion": 1e12,
}  # fmt: skip
_PERCENT: Final = frozenset({"%", "percent", "per cent", "percentage points", "percentage point", "pct"})
_AMOUNT: Final = re.compile(
    r"(?<![\w.,:/#-])(?P<before>us\$|[$€£¥₹]|usd|eur|gbp)?\s?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\d/:])"
    r"(?:\s?-?(?P<scale>thousand|millions?|billions?|trillion|mln|mn|bn|tn|[kmb])(?![a-z]))?"
    r"(?:\s?-?(?P<unit>%|percentage points?|per ?cent|pct|dollars?|euros?|pounds?|yen|rupees|usd|eur|gbp)(?![a-z]))?(?!-\d)",
    re.IGNORECASE,
)
_MONTHS: Final = (
    "january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec"
).split()
_MONTH: Final = "|".join(f"{m}\\b\\.?" for m in sorted(_MONTHS, key=len, reverse=True))
_DATE: Final = re.compile(
    rf"\b(?:(?P<m1>{_MONTH})\s(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\b|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:\sof)?\s(?P<m2>{_MONTH})"
    r"|(?P<y3>20\d\d)-(?P<m3>[01]\d)-(?P<d3>[0-3]\d)\b|(?P<q>q[1-4])\s(?P<yq>20\d\d)\b)",
    re.IGNORECASE,
)
#: A name: words that begin with a capital, or have one or a digit within, joined by what joins names.
_PIECE: Final = r"(?:[A-ZÀ-Þ][\w’'&.-]*[\w]|[A-ZÀ-Þ]|[a-z]+[A-Z]\w*)"
_NAME: Final = re.compile(rf"{_PIECE}(?:\s(?:(?:of|de|van|von|du|la|and the|for)\s)?(?:{_PIECE}|\d[\w.]*))*")
_SENTENCE: Final = re.compile(r"(?<=[.!?…:])[\s”’\"')\]]+(?=[\"“‘'(\[]?[A-ZÀ-Þ0-9])|\n+")
_WORD: Final = re.compile(r"[\w’'&-]+")
#: Capitalised words that name nobody.
_NOBODY: Final = frozenset(
    "ai i the a an and but or for of in on at by to with from as it its this that these those he she we you they his her our your their is"
    " are was were be has have had will would can could may might should not no yes if when while what who why how where there here new"
    " more most after before since until over under also however meanwhile still now then today tomorrow yesterday monday tuesday wednesday"
    " thursday friday saturday sunday january february march april june july august september october november december ceo cto cfo cmo coo"
    " vp mr mrs ms dr inc ltd llc corp co plc gmbh read source sources update updated breaking exclusive report reports says said news"
    " according one two three four five six seven eight nine ten first second third last next all some many both each every another other"
    " such so than too very just only even about into out up down off again once q1 q2 q3 q4 eu us uk u.s u.k usa api llm llms ml pr seo ppc b2b b2c roi kpi".split()
)
_LEAST_BARE: Final = 10
#: Two amounts of one unit within this share of each other are one, differently rounded: "nearly 2 billion" and "1.96 billion".
_ROUNDING: Final = 0.025


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. ``kind``: amount, date, name or act. ``key`` is the same for all ways to write it; ``words`` are as written."""

    kind: str
    key: str
    words: str


def facts(text: str, *, known_names: frozenset[str] = frozenset()) -> tuple[Fact, ...]:
    """The facts of ``text``, each once, in the order amounts, dates, names, acts.

    ``known_names``: words, in lower case, that are names elsewhere; with them a headline of which every word is capitalised is read.
    """
    found: dict[tuple[str, str], Fact] = {}
    for fact in (*_amounts(text), *_dates(text), *_names(text, known_names), *_acts(text)):
        found.setdefault((fact.kind, fact.key), fact)
    return tuple(found.values())


def new_facts(told: Iterable[Fact], known: Sequence[Fact], known_words: frozenset[str]) -> tuple[Fact, ...]:
    """Those of ``told`` that are not among ``known``. A name is known where any of its words is among ``known_words`` (lower case)."""
    have = {(k.kind, k.key) for k in known}
    have |= {
        ("name", "".join(part[0] for part in k.key.split())) for k in known if k.kind == "name"
    }  # FTC, once it was named in full
    amounts = [_split(k.key) for k in known if k.kind == "amount"]
    return tuple(
        f
        for f in told
        if (f.kind, f.key) not in have
        and not (f.kind == "name" and any(part in known_words for part in f.key.split()))
        and not (f.kind == "amount" and any(_alike(_split(f.key), other) for other in amounts))
    )


def words(text: str) -> frozenset[str]:
    """The words of ``text`` in lower case, without a genitive's ending."""
    return frozenset(map(_bare, _WORD.findall(text)))


def name_words(text: str) -> frozenset[str]:
    """Words, in lower case, that are capitalised within a sentence of ``text``: names, wherever else they stand."""
    return frozenset(
        w
        for s in sentences(text)
        if not _is_headline(s)
        for w in map(_bare, re.findall(rf"(?<=[\w,]\s){_PIECE}", s))
        if w not in _NOBODY
    )


def sentences(text: str) -> list[str]:
    """``text`` in sentences and lines."""
    return [s for s in map(str.strip, _SENTENCE.split(text)) if s]


def _amounts(text: str) -> Iterator[Fact]:
    without_dates = _DATE.sub(lambda m: " " * len(m[0]), text)
    for found in _AMOUNT.finditer(without_dates):
        value = float(found["number"].replace(",", "")) * _SCALES.get((found["scale"] or "").lower(), 1.0)
        unit = _unit((found["before"] or "").lower(), (found["unit"] or "").lower())
        if unit or found["scale"] or (value >= _LEAST_BARE and not _is_year(found["number"])):
            yield Fact("amount", f"{value:.6g} {unit}".strip(), found[0].strip())


def _unit(before: str, after: str) -> str:
    return "%" if after in _PERCENT or after == "percent" else _CURRENCIES.get(before) or _CURRENCIES.get(after, "")


def _is_year(number: str) -> bool:
    return number.isdigit() and len(number) == 4 and number[:2] in ("19", "20")


def _dates(text: str) -> Iterator[Fact]:
    for found in _DATE.finditer(text):
        if found["q"]:
            yield Fact("date", f"{found['q'].lower()} {found['yq']}", found[0])
            continue
        month = found["m1"] or found["m2"]
        number = int(found["m3"]) if found["m3"] else _MONTHS.index(_long(month.lower().rstrip("."))) + 1
        yield Fact("date", f"{number:02}-{int(found['d1'] or found['d2'] or found['d3']):02}", found[0])


def _long(month: str) -> str:
    return next(m for m in _MONTHS[:12] if m.startswith(month[:3]))


def _names(text: str, known_names: frozenset[str]) -> Iterator[Fact]:
    seen = known_names | name_words(text)
    for sentence in sentences(text):
        whole = _is_headline(sentence)
        for found in _NAME.finditer(sentence):
            parts = [p for p in found[0].split() if _bare(p) not in _NOBODY]
            if whole:
                parts = [p for p in parts if _bare(p) in seen or _is_name_by_itself(p)]
            elif (
                found.start() == 0
                and len(parts) == len(found[0].split()) == 1
                and _bare(parts[0]) not in seen
                and not _is_name_by_itself(parts[0])
            ):
                continue
            key = " ".join(b for p in parts if (b := _bare(p)) and any(c.isalpha() for c in b))
            if key:
                yield Fact("name", key, " ".join(parts).strip(".,;:'’"))


def _acts(text: str) -> Iterator[Fact]:
    for act, word in acts(text).items():
        yield Fact("act", act, word)


def _is_headline(sentence: str) -> bool:
    """Whether every word of weight is capitalised, as in headlines, so that capitals say nothing. A sentence has its full stop."""
    long = [w for w in re.findall(r"[^\W\d_]{4,}", sentence) if w.lower() not in _NOBODY]
    return not sentence.endswith(".") and len(long) >= 3 and sum(w[0].isupper() for w in long) >= 0.8 * len(long)


def _is_name_by_itself(word: str) -> bool:
    """Whether a word shows without its sentence that it is a name: OpenAI, GPT-5, NVIDIA."""
    return any(c.isupper() for c in word[1:]) or (any(c.isdigit() for c in word) and any(c.isalpha() for c in word))


def _bare(word: str) -> str:
    return re.sub(r"['’]s?\Z", "", word.lower().strip(".,;:-'’"))


def _split(key: str) -> tuple[float, str]:
    value, _, unit = key.partition(" ")
    return float(value), unit


def _alike(one: tuple[float, str], other: tuple[float, str]) -> bool:
    """Whether two amounts are one, differently rounded. An amount without a unit may have lost it."""
    same_unit = one[1] == other[1] or "" in (one[1], other[1])
    return same_unit and abs(one[0] - other[0]) <= _ROUNDING * max(abs(one[0]), abs(other[0]))
