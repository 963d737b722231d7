"""Answers without a model: the sentences that answer, quoted, or the plain word that none does.

Each sentence of the passages gets a chance to hold the answer, from a few plain features of it and the question (``FEATURES``), by a
logistic model; the best is quoted, with a second one where that is near. Whether the article answers at all is told by a second model
over the best sentence and the whole article (``WHOLE``). Both sets of weights are learned by ``benchmarks.learn_answers`` from labelled
questions, on paragraphs that are not those it reports on. Work is bounded: 400 sentences of each passage.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log
from typing import TYPE_CHECKING, Final

from digest.answers.ports import LONGEST_QUESTION, NO_ARTICLE_SAYS, THE_ARTICLE_DOES_NOT_SAY, Answer, Citation
from digest.answers.terms import negated, offers, question, stems
from digest.assessment.sentences import spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.answers.ports import Follow, Passage, Turn
    from digest.answers.terms import Question

#: Of a sentence, each about 0 to 1.
FEATURES: Final = (
    "its part of the question's terms", "that of it and its neighbours", "its part of the best there is", "of neighbouring pairs",
    "of the names", "of the numbers", "it offers the kind asked for", "kind asked for, not offered", "it is long", "it is short",
    "it comes late", "it denies what is not asked so",
)  # fmt: skip
#: Of the article and its best sentence.
WHOLE: Final = (
    "chance of the best", "lead over the second", "the best's part of the terms", "the quote's part of the terms",
    "the article's part of the terms", "of the names", "of the numbers", "rarest term is in the quote", "rarest term is in the article",
    "kind is offered", "terms asked",
)  # fmt: skip
#: Below it the article is said not to say.
LEAST_CHANCE: Final = 0.5
#: A second sentence is quoted where its chance is at least this part of the first's.
SECOND_FROM: Final = 0.2
#: "And when?", asked after "and who?", means the question before both.
_TURNS_MEANT: Final = 3
_SATURATED: Final = 1.2


@dataclass(frozen=True, slots=True)
class Weights:
    """Of ``FEATURES`` and of ``WHOLE``, each with its intercept last."""

    sentence: tuple[float, ...]
    whole: tuple[float, ...]


#: Learned from 869 questions of XQuAD (CC BY-SA 4.0) on 125 paragraphs.
LEARNED: Final = Weights(
    sentence=(1.354, 0.382, 3.032, 0.202, 0.098, 0.807, 0.068, -1.184, 0.204, 0.0, 0.077, 0.165, -3.159),
    whole=(0.38, 0.902, 1.878, 2.296, 2.532, 0.847, 0.586, -0.062, -0.018, -0.074, 0.539, -5.279),
)


@dataclass(frozen=True, slots=True)
class Scored:
    """A sentence of a passage with its chance, 0 to 1, to hold the answer."""

    passage: Passage
    start: int
    end: int
    chance: float
    terms: frozenset[str]

    @property
    def text(self) -> str:
        """Word for word."""
        return self.passage.text[self.start : self.end]


class OfflineAnswerer:
    """``ports.Answerer`` without a model."""

    async def answer(
        self, asked: str, passages: Sequence[Passage], said: Sequence[Turn] = (), *, follow: Follow | None = None
    ) -> Answer:
        """See ``ports.Answerer``. ``said``: the question before lends its words to one that has few. It is all there at once: nothing
        follows it."""
        return await asyncio.to_thread(answered, with_turns(asked, said), passages)


def answered(asked: str, passages: Sequence[Passage], weights: Weights = LEARNED) -> Answer:
    """The answer, or that there is none."""
    wanted = question(asked)
    ranked = ranked_sentences(wanted, passages, weights)
    quoted = quote(ranked)
    if not quoted or not wanted.terms or _logistic(weights.whole, whole_features(wanted, ranked, quoted)) < LEAST_CHANCE:
        nothing = NO_ARTICLE_SAYS if len(passages) > 1 else THE_ARTICLE_DOES_NOT_SAY
        return Answer(nothing, (), abstained=True, provenance="offline", articles=0)
    cited = tuple(Citation(s.passage.article_id, s.start, s.end, s.text) for s in quoted)
    text = " … ".join(" ".join(c.quote.split()) for c in cited)
    return Answer(text, cited, abstained=False, provenance="offline", articles=len({c.article_id for c in cited}))


def ranked_sentences(wanted: Question, passages: Sequence[Passage], weights: Weights = LEARNED) -> list[Scored]:
    """Every sentence, the likeliest first; equals as they stand."""
    found = [s for p in passages for s in _scored(wanted, p, weights)]
    return sorted(found, key=lambda s: -s.chance)


def quote(ranked: Sequence[Scored]) -> list[Scored]:
    """One or two sentences, in the order of the text where they are of one."""
    chosen = list(ranked[:1])
    if len(ranked) > 1 and ranked[1].chance >= SECOND_FROM * ranked[0].chance:
        chosen.append(ranked[1])
    same = len({s.passage.article_id for s in chosen}) == 1
    return sorted(chosen, key=lambda s: s.start) if same else chosen


def sentence_features(wanted: Question, passage: Passage) -> list[tuple[int, int, frozenset[str], tuple[float, ...]]]:
    """For every sentence of ``passage`` where it is, its terms and its features."""
    found = spans(passage.text)
    texts = [passage.text[a:b] for a, b in found]
    sequences = [stems(t) for t in texts]
    sets = [frozenset(s) for s in sequences]
    weights = _weights(wanted, sets)
    whole = sum(weights.values()) or 1.0
    parts = [sum(weights[t] for t in weights.keys() & s) / whole for s in sets]
    best = max(parts, default=0.0) or 1.0
    made: list[tuple[int, int, frozenset[str], tuple[float, ...]]] = []
    for n, (start, end) in enumerate(found):
        around = sets[n].union(*sets[max(0, n - 1) : n + 2])
        pairs = frozenset(pairwise(sequences[n]))
        offered = offers(texts[n], wanted)
        lowered = texts[n].lower()
        length = len(sequences[n])
        features = (
            parts[n],
            sum(weights[t] for t in weights.keys() & around) / whole,
            parts[n] / best,
            len(wanted.pairs & pairs) / max(1, len(wanted.pairs)),
            _part(wanted.names, lowered),
            _part(wanted.numbers, lowered),
            float(offered and wanted.kind != "any"),
            float(not offered),
            min(1.0, length / 40),
            float(length < 6),
            n / max(1, len(found) - 1),
            float(negated(texts[n]) and not negated(wanted.text)),
        )
        made.append((start, end, sets[n], features))
    return made


def whole_features(wanted: Question, ranked: Sequence[Scored], quoted: Sequence[Scored]) -> tuple[float, ...]:
    """What tells whether the article answers. ``ranked`` is not empty."""
    weights = wanted.terms
    whole = sum(weights.values()) or 1.0
    best = ranked[0]
    own = [s for s in ranked if s.passage.article_id == best.passage.article_id]
    in_quote = frozenset[str]().union(*(s.terms for s in quoted))
    in_article = frozenset[str]().union(*(s.terms for s in own))
    rarest = max(weights, key=lambda t: weights[t], default="")
    text = f"{best.passage.title} {best.passage.text}".lower()
    return (
        best.chance,
        best.chance - (ranked[1].chance if len(ranked) > 1 else 0.0),
        sum(weights[t] for t in weights.keys() & best.terms) / whole,
        sum(weights[t] for t in weights.keys() & in_quote) / whole,
        sum(weights[t] for t in weights.keys() & in_article) / whole,
        _part(wanted.names, text),
        _part(wanted.numbers, text),
        float(rarest in in_quote),
        float(rarest in in_article),
        float(any(offers(s.text, wanted) for s in quoted) and wanted.kind != "any"),
        min(1.0, len(weights) / 10),
    )


def _scored(wanted: Question, passage: Passage, weights: Weights) -> list[Scored]:
    return [
        Scored(passage, start, end, passage.relevance * _logistic(weights.sentence, features), terms)
        for start, end, terms, features in sentence_features(wanted, passage)
    ]


def _weights(wanted: Question, sets: Sequence[frozenset[str]]) -> dict[str, float]:
    """How much each term of the question tells in this article: by how rare it is anywhere, and in it."""
    counted = Counter(t for s in sets for t in s)
    return {
        term: rarity * (0.3 + log(1 + (len(sets) - counted[term] + 0.5) / (counted[term] + 0.5)) / _SATURATED)
        for term, rarity in wanted.terms.items()
    }


def _part(of: frozenset[str], text: str) -> float:
    return sum(o in text for o in of) / len(of) if of else 1.0


def _logistic(weights: Sequence[float], features: Sequence[float]) -> float:
    z = weights[-1] + sum(w * f for w, f in zip(weights, features, strict=False))
    return 1 / (1 + exp(-max(-30.0, min(30.0, z))))


def with_turns(asked: str, said: Sequence[Turn]) -> str:
    """``asked``, no longer than is read; a question such as "and when?" with the words of those before it, which it means."""
    asked = asked[:LONGEST_QUESTION]
    for turn in reversed(said[-_TURNS_MEANT:]):
        if len(question(asked).terms) >= 2:
            break
        asked = f"{asked} {turn.question[:LONGEST_QUESTION]}"
    return asked[: 2 * LONGEST_QUESTION]
