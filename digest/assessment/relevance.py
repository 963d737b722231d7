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
from digest.assessment.terms import COMMON_WORDS, Phrases, content_terms, first_mention, fold, terms
from digest.assessment.weights import (
    BODY_WORDS,
    FULL_HEADLINE,
    FULL_LONG,
    FULL_SHORT,
    HEADLINE_SHARE,
    READ_CHARS,
    SHORT_WORDS,
    Scale,
    load_weights,
)
from digest.model import MAX_SCORE, MIN_SCORE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.assessment.profile import Profile
    from digest.assessment.weights import Seen

#: What a text without any of the profile's words gets: the middle of the low band.
OFF_FIELD: Final = sum(BANDS["low"]) / 2
#: Lowest scores of the high and the medium band, halfway between the whole numbers of ``BANDS``.
HIGH_FROM: Final = 7.5
MEDIUM_FROM: Final = 4.5


@dataclass(frozen=True, slots=True)
class Judgement:
    """``score``: 0 to 10 with one decimal. ``mentions``: the profile's words as the text has them, the most telling first;
    ``favour`` and ``against``: what raised and lowered the score, in words; ``criterion``: the one of the score's band the
    text comes closest to, or empty."""

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
        self._rarity = Counter(t for criteria in self._criteria.values() for _, own in criteria for t in own)
        self._judge: _Judge = _ByWeights(Scale(load_weights(profile.weights))) if profile.weights else _ByRubric(profile)

    def judge(self, headline: str, body: str, *, given: float | None = None) -> Judgement:
        """How relevant an article with this headline and body is. A score that was ``given`` stands, and is explained."""
        beginning = body[:READ_CHARS]
        raw, spoken, favour, against = self._judge.judge(headline, beginning)
        score = round(min(MAX_SCORE, max(MIN_SCORE, raw)), 1) if given is None else given
        mentions = _as_written(spoken, f"{headline}\n{beginning}")
        return Judgement(score, mentions, favour, against, self._closest(band_of(score), headline, beginning))

    def _closest(self, band: str, headline: str, body: str) -> str:
        """The criterion of ``band`` that shares most with the text, for its length; empty where none shares enough.

        A term counts twice if it is in the headline, and less the more criteria of the rubric have it; one that few of them
        have must be in the headline, as long texts mention something of everything.
        """
        above, below = set(terms(headline)), set(terms(body))
        announced = {t for t in above if self._rarity[t] <= MOST_CRITERIA}
        shared = [
            (sum((2 if t in above else 1) / self._rarity[t] for t in own & (above | below)), len(own), criterion)
            for criterion, own in self._criteria[band]
            if own & announced
        ]
        points, _, best = max(shared, key=lambda s: s[0] / math.sqrt(s[1]), default=(0.0, 1, ""))
        return best if points >= LEAST_SHARED else ""


#: Raw score; phrases of the profile that occur, the most telling first; names of what raised and of what lowered the score.
_Verdict = tuple[float, tuple[str, ...], tuple[str, ...], tuple[str, ...]]


class _Judge(Protocol):
    def judge(self, headline: str, body: str) -> _Verdict:
        """The verdict on ``headline`` and the beginning of a body."""


class _ByWeights:
    def __init__(self, scale: Scale) -> None:
        self._scale = scale

    def judge(self, headline: str, body: str) -> _Verdict:
        seen = self._scale.see(headline, body)
        within = self._scale.within_field(seen)
        score = within * self._scale.score(seen) + (1 - within) * OFF_FIELD
        favour, against = self._telling(seen) if within else ((), ())
        telling = [n for n in self._scale.weights.subjects if n in seen.phrases]
        return score, _spoken(Counter({p: c for n in telling for p, c in seen.phrases[n].items()})), favour, against

    def _telling(self, seen: Seen) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What raised and what lowered the score most, by name, at most three each.

        Of features that weigh the same subjects only the strongest is named, and "without" only where there is really none
        of it: the others would read as contradictions.
        """
        favour: list[str] = []
        against: list[str] = []
        named: list[frozenset[str]] = []
        for points, feature in self._scale.contributions(seen):
            if abs(points) < TELLING_POINTS or any(seen.values[n] for n in feature.absent):
                continue
            about = feature.present or feature.absent
            side = favour if points > 0 else against
            if len(side) < MOST_TELLING and not any(about <= other or other <= about for other in named):
                side.append(feature.name)
                named.append(about)
        return tuple(favour), tuple(against)


class _ByRubric:
    """Each word of the criteria stands for the middle of the bands it is in; the text's score is the mean of what it mentions,
    and of nothing, which stands for the low band."""

    def __init__(self, profile: Profile) -> None:
        self._values = _term_values(profile)
        phrases = {t.name: t.words for t in profile.topics}
        self._topics = Phrases(phrases)
        self._topic_values = {t.name: self._value_of((t.name, *t.words)) for t in profile.topics}

    def judge(self, headline: str, body: str) -> _Verdict:
        above, below = terms(headline), terms(body)[:BODY_WORDS]
        full = FULL_SHORT if len(below) < SHORT_WORDS else FULL_LONG
        total, mass, mentions = OFF_FIELD * NOTHING, NOTHING, Counter[str]()
        for value, weight in self._single(above, below, full):
            total, mass = total + value * weight, mass + weight
        topics_above, topics_below = self._topics.count(above), self._topics.count(below)
        strength: dict[str, float] = {}
        for name in sorted({*topics_above, *topics_below}):
            high, low = topics_above.get(name, Counter()), topics_below.get(name, Counter())
            mentions.update(high)
            mentions.update(low)
            weight = TOPIC_WEIGHT * _mention(high.total(), low.total(), full)
            strength[name] = weight
            total, mass = total + self._topic_values[name] * weight, mass + weight
        ranked = sorted(strength, key=lambda n: (-strength[n], n))
        favour = tuple(n for n in ranked if self._topic_values[n] >= FAVOURED_FROM)[:MOST_TELLING]
        against = tuple(n for n in ranked if self._topic_values[n] < MEDIUM_FROM)[:MOST_TELLING]
        return total / mass, _spoken(mentions), favour, against

    def _single(self, above: list[str], below: list[str], full: int) -> Iterable[tuple[float, float]]:
        in_headline, in_body = Counter(above), Counter(below)
        for term in sorted({*in_headline, *in_body} & self._values.keys()):
            yield self._values[term], _mention(in_headline[term], in_body[term], full)

    def _value_of(self, phrases: Iterable[str]) -> float:
        known = [self._values[t] for p in phrases for t in content_terms(p) if t in self._values]
        return sum(known) / len(known) if known else sum(BANDS["medium"]) / 2


#: Points from which a feature is worth naming in a reason: a tenth of what parts the middles of two bands.
TELLING_POINTS: Final = 0.3
MOST_TELLING: Final = 3
MOST_MENTIONS: Final = 4
#: A criterion is named from three of its own terms in the text on, or one in the headline and one more: with two, nearly half
#: of those named were beside the point (33 documents read).
LEAST_SHARED: Final = 3.0
#: A term that more criteria than this have ("AI") is the field's, and announces none of them.
MOST_CRITERIA: Final = 3
#: A topic speaks for an article from the middle of the medium band on.
FAVOURED_FROM: Final = 6.5
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
    """The phrases most often and longest first, none that is part of one before it or the other way round."""
    ranked = sorted(counted, key=lambda p: (-counted[p] * math.sqrt(len(p)), p))
    kept: list[tuple[set[str], str]] = []
    for phrase in ranked:
        own = set(terms(phrase))
        if not any(own <= other or other <= own for other, _ in kept):
            kept.append((own, phrase))
    return tuple(phrase for _, phrase in kept[:MOST_MENTIONS])


def _as_written(phrases: Iterable[str], text: str) -> tuple[str, ...]:
    """Each phrase as the text has it where it first occurs."""
    return tuple(filter(None, (first_mention(p, text) for p in phrases)))
