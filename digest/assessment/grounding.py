"""Whether what a model wrote is borne out by the article: every number, date and name of a bullet must occur in it.

This module only detects; what becomes of a bullet that fails is the assessor's business. Numbers are compared by
value, so "$3bn", "3 billion" and "3,000,000,000" are one. Names are judged leniently, because a bullet dropped for
nothing costs a reader more than a name that slipped through a check of words: a capitalised word that opens a
sentence is not taken for a name, general acronyms (AI, CEO, ROI) are nobody's, plural, possessive and adjective forms
count as the name, and in an article that is not in English no name is checked. Units are not compared: "45%" is borne
out by "45 people".
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCALES: Final = {
    "hundred": 100, "thousand": 1000, "k": 1000, "lakh": 100_000, "million": 10**6, "mn": 10**6, "mln": 10**6, "m": 10**6,
    "crore": 10**7, "billion": 10**9, "bn": 10**9, "b": 10**9, "trillion": 10**12, "tn": 10**12, "trn": 10**12,
}  # fmt: skip
_UNIT_WORDS: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_UNITS: Final = tuple(_UNIT_WORDS.split())
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS: Final = (
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)
_WORDS: Final = {w: n for n, w in enumerate(_UNITS)} | {w: 10 * n for n, w in enumerate(_TENS, 2)}
_SCALE_WORDS: Final = "|".join(sorted(_SCALES, key=len, reverse=True))

#: Bounded, so that a page of digits costs no more than a page of words.
_DIGITS: Final = r"\d{1,30}(?:[.,]\d{1,30}){0,8}"

_NUMBER: Final = re.compile(
    rf"(?P<digits>{_DIGITS})(?:[\s-]?(?P<scale>{_SCALE_WORDS})s?\b)?"
    rf"|\b(?P<word>{'|'.join((*_TENS, *_UNITS[::-1]))})(?:-(?P<unit>{'|'.join(_UNITS[1:10])}))?\b"
    rf"(?:[\s-](?P<wordscale>{_SCALE_WORDS})\b)?",
    re.IGNORECASE,
)
_RANGE: Final = re.compile(
    rf"(?<![\d.,])({_DIGITS})\s?(?:-|–|—|to|and|or)\s?[$€£]?{_DIGITS}[\s-]?({_SCALE_WORDS})s?\b", re.IGNORECASE
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = re.compile(
    r"\b(jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\b", re.IGNORECASE
)
_ISO_DATE: Final = re.compile(r"\b\d{4}-(\d\d)-\d\d\b")
_WEEKDAY: Final = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?", re.IGNORECASE)

_TOKEN: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_PHRASE: Final = re.compile(r"[A-Z][\w-]*(?: [A-Z][\w-]*)+")
_LABEL: Final = re.compile(r"\s*[^:.]{1,50}:\s")
_SENTENCE_END: Final = re.compile(r"[.!?:;•\n\"“”(\[|–—]")
_GENERAL_WORDS: Final = (
    "ai ml llm api ceo cmo cto cfo coo cio vp svp evp roi roas kpi seo sem geo aeo ppc ctr cpc cpm cpa cpl ltv cac aov crm "
    "cms cdp dsp ssp b2b b2c d2c dtc b2b2c saas paas ui ux it hr pr us usa uk eu un gpu cpu tpu tv ctv ott faq id ok pdf url "
    "ip qa ipo rfp sdk ide nlp ocr 2d 3d 4k 5g iot ar vr xr sme smb ugc pos sku okr mvp poc rag genai agi cx serp i internet web gen"
)
#: Acronyms and coinages that name nobody: a model may use them of any article on the subject.
_GENERAL: Final = frozenset(_GENERAL_WORDS.split())
_ENGLISH_WORDS: Final = frozenset(
    "the of and to in a for is that on with as by it are be from at an this how your".split(" ")
)
#: The commonest words of German, French, Spanish, Italian, Portuguese and Dutch that are no English words.
_OTHER_WORDS: Final = frozenset(
    "der die das und ist nicht ein eine mit auf le la les et des une est que el los las y por con il di che del o e os um uma "
    "para het een van en de niet".split(" ")
)
#: From this share of capitalised words on, among five or more, a bullet is in title case (or German) and its capitals
#: tell nothing.
_TITLE_CASE: Final = 0.6


@dataclass(frozen=True)
class Evidence:
    """The text that bullets are held against: title, body, publisher, date, each on a line of its own."""

    text: str

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Every number of the text by value, with its magnitude ("3bn" is 3000000000) and without."""
        found = {form for m in _NUMBER.finditer(self.text) for form in _forms(m)}
        found |= {_canonical(v, _SCALES[s.lower()]) for v, s in _RANGE.findall(self.text)}
        lowered = self.words
        return frozenset(found | {str(n) for n, w in enumerate(_ORDINALS) if w in lowered})

    @cached_property
    def months(self) -> frozenset[str]:
        """Months named in the text or in its ISO dates, by their first three letters."""
        iso = {_MONTHS[int(m) - 1] for m in _ISO_DATE.findall(self.text) if 1 <= int(m) <= 12}
        return frozenset(iso | {m.lower() for m in _MONTH.findall(self.text)})

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(_fold(w) for w in _tokens(self.text))

    @cached_property
    def capitalised(self) -> frozenset[str]:
        return frozenset(_fold(w) for w in _tokens(self.text) if w[0].isupper())

    @cached_property
    def squashed(self) -> str:
        """All letters and digits in one run, so that "Chat GPT" bears out "ChatGPT"."""
        return "".join(c for c in _fold(self.text) if c.isalnum())

    @cached_property
    def initials(self) -> str:
        """The first letter of every word in order, so that "World Economic Forum" bears out "WEF"."""
        return "".join(_fold(w)[:1] for w in _tokens(self.text))

    @cached_property
    def english(self) -> bool:
        """Whether the text is in Latin script and has more of English's commonest words than of its neighbours'."""
        words = [w.lower() for w in _tokens(self.text)]
        latin = sum(w.isascii() for w in words) >= len(words) / 2
        return latin and sum(w in _ENGLISH_WORDS for w in words) >= sum(w in _OTHER_WORDS for w in words)


def unsupported(bullet: str, evidence: Evidence) -> tuple[str, ...]:
    """The numbers, months and names of ``bullet`` that ``evidence`` does not bear out, as they are written in it."""
    numbers = (
        m.group().strip() for m in _NUMBER.finditer(bullet) if _is_claim(bullet, m) and not _counted(m, evidence)
    )
    months = (
        m.group()
        for m in _MONTH.finditer(bullet)
        if m.group(1).lower() not in evidence.months and m.group()[0].isupper()
    )
    spelled_out = _spelled_out(bullet, evidence)
    named = (n for n in _names(bullet) if n not in spelled_out and not _named(n, evidence))
    names = named if evidence.english else ()
    return tuple(dict.fromkeys((*numbers, *months, *names)))


def grounded(bullets: Sequence[str], evidence: Evidence) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The bullets that are borne out, in order, and what was found wanting in the others."""
    judged = [(b, unsupported(b, evidence)) for b in bullets]
    return tuple(b for b, wanting in judged if not wanting), tuple(dict.fromkeys(w for _, ws in judged for w in ws))


def _is_claim(text: str, match: re.Match[str]) -> bool:
    """Whether a number of a bullet is a figure: not a part of a name such as H100, and not "one of", which counts
    nothing.
    """
    if match["word"]:
        return match["word"].lower() not in ("zero", "one") or bool(match["wordscale"])
    start, end = match.span("digits")
    letter_before = start > 0 and text[start - 1].isalpha()
    letter_after = (
        not match["scale"]
        and text[end : end + 1].isalpha()
        and text[end : end + 2].lower() not in ("x ", "st", "nd", "rd", "th")
    )
    return not letter_before and not letter_after


def _counted(match: re.Match[str], evidence: Evidence) -> bool:
    scaled, *plain = _forms(match)
    if match["scale"] or match["wordscale"]:
        return scaled in evidence.numbers
    return scaled in evidence.numbers or any(p in evidence.numbers for p in plain)


def _forms(match: re.Match[str]) -> tuple[str, ...]:
    """The values a match may stand for, the likeliest first: with its magnitude, without, and with a decimal comma."""
    if match["word"]:
        value = _WORDS[match["word"].lower()] + (_WORDS[match["unit"].lower()] if match["unit"] else 0)
        scale = _SCALES[(match["wordscale"] or "").lower()] if match["wordscale"] else 1
        return (_canonical(str(value), scale), _canonical(str(value), 1))
    digits = match["digits"]
    scale = _SCALES[match["scale"].lower()] if match["scale"] else 1
    forms = [_canonical(digits, scale), _canonical(digits, 1)]
    if re.fullmatch(r"\d+,\d{1,2}", digits):
        forms += [_canonical(digits.replace(",", "."), scale), _canonical(digits.replace(",", "."), 1)]
    return tuple(dict.fromkeys(forms))


def _canonical(digits: str, scale: int) -> str:
    """``digits`` times ``scale`` as plain decimal digits; a version number with several dots stays as it is."""
    bare = digits.replace(",", "") if not re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}", digits) else digits.replace(".", "")
    try:
        value = Decimal(bare) * scale
    except InvalidOperation:
        return bare
    return format(value.normalize(), "f") if value else "0"


def _names(bullet: str) -> list[str]:
    """Words of ``bullet`` that look like names: more than one capital, letters with digits, or a capital inside a
    sentence.
    """
    found, capitals, words = [], 0, 0
    label = _LABEL.match(bullet)
    labelled_until = label.end() if label else 0
    for match in _TOKEN.finditer(bullet):
        word = re.sub(r"['’]s?$", "", match.group())
        if not word or word.isdigit():
            continue
        words += len(word) > 3
        capitals += len(word) > 3 and word[0].isupper()
        if _coined(word):
            found.append((word, True))
        elif (
            match.start() >= labelled_until
            and word[0].isupper()
            and not _opens_sentence(bullet, match.start())
            and not _MONTH.fullmatch(word)
        ):
            found.append((word, False))
    title_case = words >= 5 and capitals / words >= _TITLE_CASE
    return [w for w, coined in found if (coined or not title_case) and not _everyday(w)]


def _spelled_out(bullet: str, evidence: Evidence) -> frozenset[str]:
    """Words of capitalised phrases whose acronym occurs: "Interactive Advertising Bureau" where the article has IAB."""
    phrases = (m.group().split() for m in _PHRASE.finditer(bullet))
    acronyms = ((words, "".join(_fold(w)[0] for w in words)) for words in phrases)
    return frozenset(w for words, a in acronyms if a in evidence.words or a + "s" in evidence.words for w in words)


def _coined(word: str) -> bool:
    """OpenAI, NVIDIA, GPT, H100, 4o: recognisable as a name wherever it stands."""
    mixed = any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
    ordinal_or_measure = re.fullmatch(rf"\d+(?:st|nd|rd|th|x|s|{_SCALE_WORDS})", word, re.IGNORECASE)
    return (mixed and not ordinal_or_measure) or sum(c.isupper() for c in word) >= 2


def _opens_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip(" '‘*_-")
    return not before or bool(_SENTENCE_END.match(before[-1]))


def _everyday(word: str) -> bool:
    folded = _fold(word)
    return folded in _GENERAL or folded.rstrip("s") in _GENERAL or len(word) == 1 or bool(_WEEKDAY.fullmatch(word))


def _named(name: str, evidence: Evidence) -> bool:
    """Whether ``name``, or a form of it, occurs."""
    folded = _fold(name)
    bases = {folded, folded + "s", folded.removesuffix("s"), folded.removesuffix("es")}
    if bases & evidence.words or (len(folded) >= 5 and folded.removesuffix("s") in evidence.squashed):
        return True
    if name.isupper() and folded in evidence.initials:
        return True
    if match := re.fullmatch(r"[qh]([1-4])", folded):
        return bool({_ORDINALS[int(match[1])]} & evidence.words) and bool({"quarter", "half"} & evidence.words)
    least = max(4, len(folded) - 3)
    return any(word[:least] == folded[:least] and abs(len(word) - len(folded)) <= 4 for word in evidence.capitalised)


def _tokens(text: str) -> list[str]:
    return [re.sub(r"['’]s?$", "", t) or t for t in _TOKEN.findall(text)]


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in decomposed if not unicodedata.combining(c))
