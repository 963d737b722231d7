"""An extractive summary and key insights: sentences of the text itself, chosen by what they cover.

Every word shown is the publisher's. The summary takes the sentences that together cover most of what the text keeps coming
back to, of what its headline announces and of what it opens with; the insights take, of the others, those that speak of
consequences, causes, advice and figures. Nothing is learned here; the few numbers were chosen on documents with summaries
written by people's models, and barely matter within the ranges named beside them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

from digest.assessment.sentences import MAX_SENTENCE_CHARS, Sentence, is_boilerplate, is_heading, sentences
from digest.assessment.terms import COMMON_WORDS, content_terms, fold, terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

#: Bullets of a summary: at most, and of a text that is too short to leave something for the insights.
MOST, MOST_OF_SHORT = 5, 3
#: Sentences from which a text is long.
LONG: Final = 8
#: Words of a summary of a long text. ROUGE-1 rises until about 115 words are shown and is flat to 130; 105 lost 0.008.
BUDGET_WORDS: Final = 125
#: Until this many bullets, one may pass the budget by a quarter rather than be left out.
LEAST: Final = 3
MOST_INSIGHTS: Final = 4
#: What a bullet should have. Shorter ones are exclamations, longer ones are read by nobody.
WORDS_OF_BULLET: Final = (7, 60)
#: A sentence that the publisher cut off is still shown from this many words on, with an ellipsis.
CUT_WORDS: Final = 8


@dataclass(frozen=True, slots=True)
class Extract:
    """Bullets, in the order of the text. ``summary`` is empty only where the text has no letters."""

    summary: tuple[str, ...]
    insights: tuple[str, ...]


def extract(headline: str, body: str) -> Extract:
    """Summary and insights of ``body``; of ``headline`` where ``body`` says nothing. No sentence is in both."""
    usable = _usable(sentences(body)) or sentences(headline)
    if not usable:
        return Extract((), ())
    text = _Text(headline, usable)
    chosen = _summary(text)
    told = _insights(text, chosen)
    return Extract(tuple(_bullet(usable[k]) for k in chosen), tuple(_bullet(usable[k]) for k in told))


class _Text:
    """The usable sentences of a text with their terms, and how much each term weighs."""

    def __init__(self, headline: str, usable: Sequence[Sentence]) -> None:
        self.sentences = usable
        self.terms = [frozenset(content_terms(s.text)) for s in usable]
        self.weights = _weights(self.terms, frozenset(content_terms(headline)), _names(usable))

        self._factors = [self._factor(k) for k in range(len(usable))]

    def worth(self, k: int, covered: AbstractSet[str], chosen: Sequence[int] = ()) -> float:
        """What sentence ``k`` adds to what is ``covered`` by the sentences ``chosen``, for its length, place and manner."""
        gain = sum(self.weights[t] for t in self.terms[k] - covered) * self._factors[k]
        leans = k > 0 and k - 1 not in chosen and _LEANS.match(self.sentences[k].text)
        return gain * LEANING if leans else gain

    def _factor(self, k: int) -> float:
        sentence = self.sentences[k]
        place = 1 + EARLY / (1 + k) + EARLY / 3 * (1 - k / len(self.sentences))
        return place * _manner(sentence.text) / float(max(sentence.words, 1) ** LENGTH_POWER)


#: How much a place counts: the first sentence up to 1 + 4/3 times this. 0.3 to 1.5 differed by 0.004 of ROUGE-1.
EARLY: Final = 1.2
#: 0 prefers long sentences, 1 dense ones. 0.2 to 0.7 differed by 0.004.
LENGTH_POWER: Final = 0.45
#: Factors on a term's weight, each alone worth 0.000 to 0.005 of ROUGE-1 on long texts.
IN_HEADLINE, IN_OPENING, IS_NAME, IS_COMMON, HAS_DIGIT = 0.5, 0.5, 0.3, 0.4, 0.3
#: In a long text a term in a third of all sentences tells nothing: function words of languages without a list here.
EVERYWHERE: Final = 1 / 3
OPENING_SENTENCES: Final = 3
SAME_SENTENCE: Final = 0.6

#: A sentence that begins with what the one before it spoke of, where that one is not shown.
LEANING: Final = 0.8
_LEANS: Final = re.compile(
    r"\W*(?:they|it|its|he|she|his|her|their|this|these|those|that|and|but|so|or|then|also|both|such|another|here|there|instead"
    r"|however|meanwhile|similarly|likewise|moreover|furthermore|additionally|otherwise|yet|the (?:first|second|third|latter))\b",
    re.IGNORECASE,
)  # fmt: skip

_COMMON: Final = frozenset(fold(w) for w in COMMON_WORDS)
_NAME: Final = re.compile(r"(?<=[a-z,] )[A-Z][\w-]+")
_FIRST_PERSON: Final = re.compile(r"\b(?:i|my|me|we|our)\b", re.IGNORECASE)
#: Words of consequences, causes, advice and change, folded.
_CONSEQUENCE: Final = frozenset(
    fold(w)
    for w in (
        "mean means meaning implication implications result results resulted resulting therefore thus because consequence "
        "consequences consequently lead leads leading led could should must will would likely expect expects expected predict "
        "predicts forecast forecasts risk risks risky opportunity opportunities challenge challenges threat threatens benefit "
        "benefits advantage advantages impact impacts affect affects change changes changing shift shifts reshape reshaping "
        "transform transforms require requires enable enables allow allows help helps instead rather reduce reduces reducing "
        "increase increases increasing improve improves improving cut cuts save saves saving cost costs faster cheaper grow grows "
        "growing growth decline declines drop drops dropped drive drives driving recommend recommends advise advises need needs "
        "avoid focus consider ensure critical crucial key important importance significant significantly"
    ).split()
)  # fmt: skip
_FIGURE: Final = re.compile(r"\d")


def _usable(found: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """Statements without furniture, crumbs and repetitions; what is left where that leaves nothing."""
    seen: set[str] = set()
    kept = []
    for sentence in found:
        key = " ".join(sentence.text.lower().split())
        if not is_boilerplate(sentence) and key not in seen:
            seen.add(key)
            kept.append(sentence)
    statements = [s for s in kept if not is_heading(s) and not (s.cut and s.words < CUT_WORDS)]
    return tuple(statements or kept or found)


def _weights(found: Sequence[frozenset[str]], headline: frozenset[str], names: frozenset[str]) -> dict[str, float]:
    count = Counter(chain.from_iterable(found))
    opening = frozenset().union(*found[:OPENING_SENTENCES])
    weights = {}
    for term, n in count.items():
        factor = 1 + IN_HEADLINE * (term in headline) + IN_OPENING * (term in opening) + IS_NAME * (term in names)
        weight = math.log(n) ** 0.85 * factor if n > 1 else 0.0
        weight += 0.3 * (term in headline)
        weight *= IS_COMMON if term in _COMMON else 1
        if len(found) >= LONG and n > len(found) * EVERYWHERE and term not in headline:
            weight *= IS_COMMON
        weights[term] = weight + HAS_DIGIT * bool(_FIGURE.search(term)) + 0.01
    return weights


def _names(found: Iterable[Sentence]) -> frozenset[str]:
    return frozenset(fold(n) for s in found for n in _NAME.findall(s.text))


def _manner(text: str) -> float:
    """What a reader minds in a bullet: questions, speech without its speaker's name, somebody's "I"."""
    factor = 0.6 if "?" in text or "؟" in text or "？" in text else 1.0
    factor *= 0.8 if text[0] in '"“«„' else 1.0
    factor *= 0.7 if text.count('"') % 2 or text.count("“") != text.count("”") else 1.0  # a part of a longer quotation
    return factor * (0.8 if _FIRST_PERSON.search(text) else 1.0)


def _summary(text: _Text) -> list[int]:
    """Greedy cover of the weighted terms within the budget of words. Within 1 - 1/e of the best (submodular gain)."""
    n = len(text.sentences)
    most = MOST if n >= LONG else MOST_OF_SHORT
    low, high = WORDS_OF_BULLET
    candidates = [k for k, s in enumerate(text.sentences) if low <= s.words <= high]
    if len(candidates) < most:
        candidates = list(range(n))
    chosen: list[int] = []
    covered: set[str] = set()
    words = 0
    while candidates and len(chosen) < most:
        allowed = BUDGET_WORDS * (1.25 if len(chosen) < LEAST else 1)
        fitting = [k for k in candidates if not chosen or words + text.sentences[k].words <= allowed]
        if not fitting:
            break
        best = max(fitting, key=lambda k: (text.worth(k, covered, chosen), -k))
        chosen.append(best)
        candidates.remove(best)
        covered |= text.terms[best]
        words += text.sentences[best].words
    return sorted(chosen)


def _insights(text: _Text, summary: Sequence[int]) -> list[int]:
    low, high = WORDS_OF_BULLET
    left = [
        k for k, s in enumerate(text.sentences) if k not in summary and s.whole and low <= s.words <= high and "?" not in s.text
    ]
    most = min(MOST_INSIGHTS, math.ceil(len(left) / 2))
    ranked = sorted(left, key=lambda k: (-_consequence(text.sentences[k].text) * text.worth(k, frozenset()), k))
    chosen: list[int] = []
    for k in ranked:
        if len(chosen) == most:
            break
        if not any(_alike(text.terms[k], text.terms[other]) for other in (*summary, *chosen)):
            chosen.append(k)
    return sorted(chosen)


def _consequence(text: str) -> float:
    """1 for a plain statement, up to 3 for one that speaks of consequences, and half a point more for figures."""
    spoken = sum(t in _CONSEQUENCE for t in terms(text))
    return 1 + min(spoken, 3) * 2 / 3 + 0.5 * bool(_FIGURE.search(text))


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= SAME_SENTENCE * max(1, min(len(one), len(other)))


def _bullet(sentence: Sentence) -> str:
    """The sentence as it is shown: word for word, with an ellipsis where the publisher or, past 600 characters, we cut it."""
    text = sentence.text
    if len(text) > MAX_SENTENCE_CHARS:
        text = text[: MAX_SENTENCE_CHARS - 1]
        text = text[: text.rfind(" ")] if " " in text[MAX_SENTENCE_CHARS // 2 :] else text
        return text.rstrip(" ,;:-–—") + "…"
    return text.rstrip(" ,;:-–—") + "…" if sentence.cut else text
