"""Whether what a model wrote is borne out by the article: every number, month and name of a bullet must occur in it.

This module only detects; what becomes of a bullet that fails is the assessor's business. Names are judged leniently,
because a bullet dropped for nothing costs a reader more than a name that slipped through a check of words: a
capitalised word that opens a sentence is not taken for a name, general acronyms (AI, CEO, ROI) are nobody's, plural,
possessive, adjective and spelled-out forms count as the name, and in an article that is not in English no name is
checked.

Of the 1,334 bullets of the 158 summarised sample documents, held against their own text, it finds fault with 71 (5 %);
read one by one, most bring in something from outside (product names, figures).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from digest.assessment.figures import ORDINALS, SCALE, is_month, months_in, numbers_in, uncounted, undated

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOKEN: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_POSSESSIVE: Final = re.compile(r"['’]s?$")
_PHRASE: Final = re.compile(r"[A-Z][\w-]*(?: [A-Z][\w-]*)+")
_LABEL: Final = re.compile(r"\s*[^:.]{1,50}:\s")
_SENTENCE_END: Final = re.compile(r"[.!?:;•\n\"“”(\[|–—]")
_WEEKDAY: Final = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?", re.IGNORECASE)
_MEASURE: Final = re.compile(rf"\d+(?:st|nd|rd|th|x|s|{SCALE})", re.IGNORECASE)
_PERIOD: Final = re.compile(r"[qh]([1-4])")

_GENERAL_WORDS: Final = (
    "ai ml llm api ceo cmo cto cfo coo cio vp svp evp roi roas kpi seo sem geo aeo ppc ctr cpc cpm cpa cpl ltv "
    "cac aov crm cms cdp dsp ssp b2b b2c d2c dtc b2b2c saas paas ui ux cx it hr pr us usa uk eu un gpu cpu tpu tv "
    "ctv ott faq id ok pdf url ip qa ipo rfp sdk ide nlp ocr 2d 3d 4k 5g iot ar vr xr sme smb ugc pos sku okr mvp "
    "poc rag serp genai agi i internet web gen"
)
#: Acronyms and coinages that name nobody: a model may use them of any article on the subject.
_GENERAL: Final = frozenset(_GENERAL_WORDS.split())
_ENGLISH_WORDS: Final = "the of and to in a for is that on with as by it are be from at an this how your"
_ENGLISH: Final = frozenset(_ENGLISH_WORDS.split())
#: The commonest words of German, French, Spanish, Italian, Portuguese and Dutch.
_OTHER_WORDS: Final = (
    "der die das und ist nicht ein eine mit auf le la les et des une est que el los las y por con il di che del o e os "
    "um uma para het een van en de niet"
)
_OTHER: Final = frozenset(_OTHER_WORDS.split())
#: With this share of its longer words capitalised, and five of them, a bullet is in title case: capitals tell nothing.
_TITLE_CASE: Final = 0.6


@dataclass(frozen=True)
class Evidence:
    """The text that bullets are held against: title, publisher, date and body."""

    text: str

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Its numbers by value, "third" among them."""
        return numbers_in(self.text) | {str(n) for n, word in enumerate(ORDINALS) if word in self.words}

    @cached_property
    def months(self) -> frozenset[str]:
        """Its months, by three letters."""
        return months_in(self.text)

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words without case, accents and possessive."""
        return frozenset(_fold(w) for w in _tokens(self.text))

    @cached_property
    def capitalised(self) -> frozenset[str]:
        """Those of its words that begin with a capital."""
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
        """Whether it is in Latin script and has no fewer of English's commonest words than of its neighbours'."""
        words = [w.lower() for w in _tokens(self.text)]
        latin = sum(w.isascii() for w in words) >= len(words) / 2
        return latin and sum(w in _ENGLISH for w in words) >= sum(w in _OTHER for w in words)


def unsupported(bullet: str, evidence: Evidence) -> tuple[str, ...]:
    """The numbers, months and names of ``bullet`` that ``evidence`` does not bear out, as they are written in it."""
    figures = (*uncounted(bullet, evidence.numbers), *undated(bullet, evidence.months))
    spelled_out = _spelled_out(bullet, evidence)
    names = (n for n in _names(bullet) if n not in spelled_out and not _named(n, evidence))
    return tuple(dict.fromkeys((*figures, *(names if evidence.english else ()))))


def grounded(bullets: Sequence[str], evidence: Evidence) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The bullets that are borne out, in order, and what was found wanting in the others."""
    judged = [(b, unsupported(b, evidence)) for b in bullets]
    return tuple(b for b, wanting in judged if not wanting), tuple(dict.fromkeys(w for _, ws in judged for w in ws))


def _names(bullet: str) -> list[str]:
    """Words that look like names: more than one capital, letters with digits, or a capital inside a sentence."""
    label = _LABEL.match(bullet)
    sentence_from = label.end() if label else 0
    tokens = [(m.start(), word) for m in _TOKEN.finditer(bullet) if (word := _POSSESSIVE.sub("", m.group()))]
    inside = not _is_title_case([w for _, w in tokens])
    return [
        word
        for start, word in tokens
        if not _everyday(word)
        and (_coined(word) or (inside and start >= sentence_from and word[0].isupper() and not _opens_sentence(bullet, start)))
    ]


def _is_title_case(words: Sequence[str]) -> bool:
    longer = [w for w in words if len(w) > 3]
    return len(longer) >= 5 and sum(w[0].isupper() for w in longer) / len(longer) >= _TITLE_CASE


def _spelled_out(bullet: str, evidence: Evidence) -> frozenset[str]:
    """Words of capitalised phrases whose acronym occurs: "Interactive Advertising Bureau" where the article has IAB."""
    phrases = (m.group().split() for m in _PHRASE.finditer(bullet))
    acronyms = ((words, "".join(_fold(w)[0] for w in words)) for words in phrases)
    return frozenset(w for words, a in acronyms if a in evidence.words or a + "s" in evidence.words for w in words)


def _coined(word: str) -> bool:
    """OpenAI, NVIDIA, GPT, H100, 4o: recognisable as a name wherever it stands."""
    mixed = any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
    return (mixed and not _MEASURE.fullmatch(word)) or sum(c.isupper() for c in word) >= 2


def _opens_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip(" '‘*_-")
    return not before or bool(_SENTENCE_END.match(before[-1]))


def _everyday(word: str) -> bool:
    """Words that look like names and are none, and figures, which are looked at as such."""
    folded = _fold(word)
    general = folded in _GENERAL or folded.removesuffix("s") in _GENERAL
    return general or len(word) == 1 or word.isdigit() or is_month(word) or bool(_WEEKDAY.fullmatch(word))


def _named(name: str, evidence: Evidence) -> bool:
    """Whether ``name``, or a form of it, occurs."""
    folded = _fold(name)
    forms = {folded, folded + "s", folded.removesuffix("s"), folded.removesuffix("es")}
    if forms & evidence.words or (len(folded) >= 5 and folded.removesuffix("s") in evidence.squashed):
        return True
    if name.isupper() and folded in evidence.initials:
        return True
    if period := _PERIOD.fullmatch(folded):
        return ORDINALS[int(period[1])] in evidence.words and bool({"quarter", "half"} & evidence.words)
    stem = folded[: max(4, len(folded) - 3)]  # Europe and European, China and Chinese
    return any(w.startswith(stem) and abs(len(w) - len(folded)) <= 4 for w in evidence.capitalised)


def _tokens(text: str) -> list[str]:
    return [_POSSESSIVE.sub("", t) or t for t in _TOKEN.findall(text)]


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in decomposed if not unicodedata.combining(c))
