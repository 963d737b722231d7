"""What a question and a sentence have in common, and what kind of answer is asked for: a name, a number, a time, a place, a reason.

English alone has stems and kinds; in other languages words are compared as they stand. Pure; any text is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

from digest.assessment.terms import STOP_WORDS
from digest.search.analysis import analyzer, folded
from digest.stories.commonness import commonness
from digest.stories.words import stemmed

if TYPE_CHECKING:
    from tantivy import TextAnalyzer

Kind = Literal["name", "number", "time", "place", "reason", "any"]

#: Words that ask, and say nothing of what for.
_ASKING: Final = frozenset(
    "what which who whom whose when where why how many much does did do is are was were name called type kind say says said tell "
    "article mean according know about there long far old often".split()
)
_NUMBER: Final = re.compile(
    r"(?<![\w.])[$€£¥]?\d[\d,.]*%?|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|"
    r"forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|trillions?|half|third|quarter|dozen|"
    r"twice|double|percent|per cent|several|none)\b",
    re.IGNORECASE,
)
_TIME: Final = re.compile(
    r"\b(?:1\d{3}|20\d{2})s?\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|century|decade|today|yesterday|tomorrow|quarter|q[1-4]|year|years|"
    r"month|months|week|weeks|day|days|hour|hours|minutes|ago|spring|summer|autumn|winter|until|since|during|after|before)\b",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"(?<![\w'’])[A-Z][\w'’&.-]*(?:\s+(?:of|de|la|van|von|the|and|&)?\s*[A-Z][\w'’&.-]*)*")
_PLACE: Final = re.compile(r"\b(?:in|at|from|near|to|across|throughout|on|between|along|off)\s+(?:the\s+)?[A-Z]")
_REASON: Final = re.compile(
    r"\b(?:because|due to|owing to|since|so that|in order to|reason|reasons|cause[ds]?|thanks to|therefore|as a result|to avoid|"
    r"for fear|led to|to \w+)\b",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_NEGATED: Final = re.compile(r"\b(?:not|never|no|without|except|unlike)\b|n't\b", re.IGNORECASE)

_KINDS: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (
    ("number", re.compile(
        r"\bhow (?:many|much|long|old|far|large|big|high|tall|often|fast|deep|wide|small|common)\b|\bwhat (?:percentage|percent|number|share|"
        r"amount|price|cost|fraction|proportion|population|size|length|score)\b|\bhow\b.*\bcost", re.IGNORECASE)),
    ("time", re.compile(
        r"\bwhen\b|\b(?:what|which) (?:\w+ )?(?:year|date|day|month|century|decade|time|period|era|season)s?\b|\bhow long ago\b|\bsince when\b",
        re.IGNORECASE)),
    ("place", re.compile(
        r"\bwhere\b|\b(?:what|which) (?:\w+ )?(?:country|countries|city|cities|state|region|place|area|town|continent|county|location|"
        r"river|island|street)\b", re.IGNORECASE)),
    ("reason", re.compile(r"\bwhy\b|\bwhat (?:reason|caused?|led)\b|\bfor what reason\b", re.IGNORECASE)),
    ("name", re.compile(
        r"\bwho(?:m|se)?\b|\b(?:what|which) (?:\w+ )?(?:person|man|woman|company|companies|firm|agency|group|team|organi[sz]ation|"
        r"king|queen|president|emperor|scientist|author|publisher|platform|name|product|model|tool|brand)\b|\bname of\b", re.IGNORECASE)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """``terms``: stems with how much each tells (rarity, above 0). ``pairs``: neighbouring stems. ``names`` and ``numbers``: those that
    are in the question, in lower case. ``kind``: what is asked for."""

    text: str
    terms: dict[str, float]
    pairs: frozenset[tuple[str, str]]
    names: frozenset[str]
    numbers: frozenset[str]
    kind: Kind


def question(text: str) -> Question:
    """What ``text`` asks."""
    words = [w for w in _WORD.findall(text) if w.lower() not in _ASKING]
    telling = [w for w in words if w.lower() not in STOP_WORDS]
    found = [s for w in telling for s in stems(w)]
    weights = {s: _rarity(w) for w in telling for s in stems(w)}
    names = {w.lower() for w in _WORD.findall(text)[1:] if w[0].isupper()}
    return Question(
        text, weights, frozenset(pairwise(found)), frozenset(names), frozenset(re.findall(r"\d+", text)), kind(text)
    )  # fmt: skip


def kind(text: str) -> Kind:
    """What kind of answer ``text`` asks for."""
    return next((k for k, pattern in _KINDS if pattern.search(text)), "any")


def offers(sentence: str, asked: Question) -> bool:
    """Whether ``sentence`` has something of the kind that is asked for, which is not in the question itself."""
    match asked.kind:
        case "number":
            return any(n not in asked.text.lower() for n in map(str.lower, _NUMBER.findall(sentence)))
        case "time":
            return any(t not in asked.text.lower() for t in map(str.lower, _TIME.findall(sentence)))
        case "name":
            return _new_name(sentence, asked)
        case "place":
            return _PLACE.search(sentence) is not None and _new_name(sentence, asked)
        case "reason":
            return _REASON.search(sentence) is not None
        case "any":
            return True


def negated(text: str) -> bool:
    """Whether something in ``text`` is denied."""
    return _NEGATED.search(text) is not None


def _new_name(sentence: str, asked: Question) -> bool:
    for name in _NAME.findall(sentence):
        words = [w.lower() for w in _WORD.findall(name)]
        if any(w not in asked.names and w not in STOP_WORDS for w in words):
            return True
    return False


@lru_cache(maxsize=65_536)
def stems(text: str) -> tuple[str, ...]:
    """The stems of ``text``, as the search index makes them."""
    return tuple(_analyzer().analyze(folded(text)))


@cache
def _analyzer() -> TextAnalyzer:
    return analyzer()


def _rarity(word: str) -> float:
    return max(0.3, commonness().rarity(stemmed(word.lower())))
