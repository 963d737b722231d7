"""How relevant a text is by a profile, without a model: a score from 0 to 10, and in words what it rests on.

Where the profile names learned weights, the score is theirs. Where it does not, it follows from the profile alone: which words
of its criteria and topics the text mentions, and in which bands those stand. Either way nothing but words is compared; what a
text means is beyond this module, and its reasons say so.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from digest.assessment.profile import BANDS
from digest.assessment.terms import COMMON_WORDS, Phrases, content_terms, fold, terms
from digest.assessment.weights import (
    BODY_WORDS,
    FULL_HEADLINE,
    FULL_LONG,
    FULL_SHORT,
    HEADLINE_SHARE,
    SHORT_WORDS,
    Scale,
    load_weights,
)
from digest.model import MAX_SCORE, MIN_SCORE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.assessment.profile import Profile

#: What a text without any of the profile's words gets: the middle of the low band.
OFF_FIELD: Final = sum(BANDS["low"]) / 2
#: Lowest scores of the high and the medium band, halfway between the whole numbers of ``BANDS``.
HIGH_FROM: Final = 7.5
MEDIUM_FROM: Final = 4.5


@dataclass(frozen=True, slots=True)
class Judgement:
    """``score``: 0 to 10 with one decimal. ``mentions``: the profile's words found, the most telling first; ``favour`` and
    ``against``: what raised and lowered the score, in words; ``criterion``: the one of the score's band the text comes
    closest to, or empty."""

    score: float
    mentions: tuple[str, ...]
    favour: tuple[str, ...]
    against: tuple[str, ...]
    criterion: str

    @property
    def band(self) -> str:
        """``high``, ``medium`` or ``low``."""
        return band_of(self.score)


def band_of(score: float) -> str:
    """The band of ``BANDS`` that a score with decimals falls into."""
    return "high" if score >= HIGH_FROM else "medium" if score >= MEDIUM_FROM else "low"


class Relevance:
    """Judges texts by ``profile``. Raises ConfigurationError where its weights are not usable."""

    def __init__(self, profile: Profile) -> None:
        self._criteria = {band: tuple((c, frozenset(_affirmed(c))) for c in getattr(profile, band)) for band in BANDS}
        self._judge: _Judge = _ByWeights(Scale(load_weights(profile.weights))) if profile.weights else _ByRubric(profile)

    def judge(self, headline: str, body: str, *, given: float | None = None) -> Judgement:
        """How relevant an article with this headline and body is. A score that was ``given`` stands, and is explained."""
        raw, mentions, favour, against = self._judge.judge(headline, body)
        score = round(min(MAX_SCORE, max(MIN_SCORE, raw)), 1) if given is None else given
        return Judgement(score, mentions, favour, against, self._closest(band_of(score), headline, body))

    def _closest(self, band: str, headline: str, body: str) -> str:
        """The criterion of ``band`` that shares most with the text; what stands in fewer criteria or in the headline tells more."""
        above, below = set(terms(headline)), set(terms(body[: BODY_WORDS * 12]))
        criteria = self._criteria[band]
        rarity = Counter(t for _, own in criteria for t in own)
        shared = [(sum((2 if t in above else 1) / rarity[t] for t in own & (above | below)), own, c) for c, own in criteria]
        points, _, best = max(shared, key=lambda s: s[0] / math.sqrt(len(s[1]) or 1))
        return best if points >= LEAST_SHARED else ""


_Verdict = tuple[float, tuple[str, ...], tuple[str, ...], tuple[str, ...]]


class _Judge(Protocol):
    def judge(self, headline: str, body: str) -> _Verdict:
        """Raw score, mentions, favour, against."""


class _ByWeights:
    def __init__(self, scale: Scale) -> None:
        self._scale = scale

    def judge(self, headline: str, body: str) -> _Verdict:
        seen = self._scale.see(headline, body)
        within = self._scale.within_field(seen)
        score = within * self._scale.score(seen) + (1 - within) * OFF_FIELD
        parts = self._scale.contributions(seen)
        favour = tuple(name for points, name in parts if points >= TELLING_POINTS)[:3]
        against = tuple(name for points, name in reversed(parts) if points <= -TELLING_POINTS)[:3]
        telling = [n for n in self._scale.weights.subjects if n in seen.phrases]
        mentions = _spoken(Counter({p: c for n in telling for p, c in seen.phrases[n].items()}))
        return score, mentions, favour, against


class _ByRubric:
    """Each word of the criteria stands for the middle of the bands it is in; the text's score is the mean of what it mentions,
    and of nothing, which stands for the low band."""

    def __init__(self, profile: Profile) -> None:
        self._values = _term_values(profile)
        phrases = {t.name: t.words for t in profile.topics}
        self._topics = Phrases(phrases)
        self._topic_values = {t.name: self._value_of((t.name, *t.words)) for t in profile.topics}

    def judge(self, headline: str, body: str) -> _Verdict:
        above, below = terms(headline), terms(body[: BODY_WORDS * 12])[:BODY_WORDS]
        full = FULL_SHORT if len(below) < SHORT_WORDS else FULL_LONG
        total, mass, mentions = OFF_FIELD * NOTHING, NOTHING, Counter[str]()
        for value, weight in self._single(above, below, full):
            total, mass = total + value * weight, mass + weight
        topics_above, topics_below = self._topics.count(above), self._topics.count(below)
        strength: Counter[str] = Counter()
        for name in sorted({*topics_above, *topics_below}):
            high, low = topics_above.get(name, Counter()), topics_below.get(name, Counter())
            mentions.update(high)
            mentions.update(low)
            weight = TOPIC_WEIGHT * _mention(high.total(), low.total(), full)
            strength[name] = round(1000 * weight)
            total, mass = total + self._topic_values[name] * weight, mass + weight
        ranked = [n for n, _ in strength.most_common()]
        favour = tuple(n for n in ranked if self._topic_values[n] >= HIGH_FROM - 1)[:3]
        against = tuple(n for n in ranked if self._topic_values[n] < MEDIUM_FROM)[:3]
        return total / mass, _spoken(mentions), favour, against

    def _single(self, above: list[str], below: list[str], full: int) -> Iterable[tuple[float, float]]:
        in_headline, in_body = Counter(above), Counter(below)
        for term in sorted({*in_headline, *in_body} & self._values.keys()):
            yield self._values[term], _mention(in_headline[term], in_body[term], full)

    def _value_of(self, phrases: Iterable[str]) -> float:
        known = [self._values[t] for p in phrases for t in content_terms(p) if t in self._values]
        return sum(known) / len(known) if known else sum(BANDS["medium"]) / 2


#: Points from which a feature is worth naming in a reason.
TELLING_POINTS: Final = 0.15
#: A criterion is named from this much in common on: one term of its own in the headline, or two in the text.
LEAST_SHARED: Final = 2.0
#: How much "nothing" weighs beside what a text mentions: one clear mention in a headline moves it half of the way.
NOTHING: Final = 0.3
#: A topic's phrase was chosen to be telling; a word of a criterion is one of many.
TOPIC_WEIGHT: Final = 2.0

_NEGATION: Final = re.compile(r"\b(?:without|except|unless|other than|excluding|not)\b.*", re.IGNORECASE)
_COMMON: Final = frozenset(fold(w) for w in COMMON_WORDS)


def _affirmed(criterion: str) -> list[str]:
    """The telling terms of a criterion, without those behind a "without" or a "not"."""
    return [t for t in content_terms(_NEGATION.sub("", criterion)) if t not in _COMMON]


def _term_values(profile: Profile) -> dict[str, float]:
    middles = {band: sum(ends) / 2 for band, ends in BANDS.items()}
    found: dict[str, list[float]] = {}
    for band, middle in middles.items():
        for criterion in getattr(profile, band):
            for term in set(_affirmed(criterion)):
                found.setdefault(term, []).append(middle)
    return {term: sum(values) / len(values) for term, values in found.items()}


def _mention(above: int, below: int, full: int) -> float:
    return HEADLINE_SHARE * min(above, FULL_HEADLINE) / FULL_HEADLINE + (1 - HEADLINE_SHARE) * min(below, full) / full


def _spoken(counted: Counter[str]) -> tuple[str, ...]:
    """The phrases most often and longest first, each once whatever its case, none that is part of one before it."""
    ranked = sorted(counted, key=lambda p: (-counted[p] * math.sqrt(len(p)), p))
    kept: list[str] = []
    for phrase in ranked:
        if not any(fold(phrase) in fold(k) or fold(k) in fold(phrase) for k in kept):
            kept.append(phrase)
    return tuple(kept[:4])
