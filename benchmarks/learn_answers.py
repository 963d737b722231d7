"""Learns the weights of the offline answerer from labelled questions, and says how well it does on others.

    python -m benchmarks.learn_answers FILE.jsonl

The lines are those of ``benchmarks.answers``. Articles are split in five: the questions on one fifth are answered with what was learned on
the other four. Which paragraphs are of one article the lines do not say; those that one question is asked of are (``ID`` of the paragraph
that answers, ``ID-elsewhere`` of another of the same article). Printed are the figures over all so answered, and the weights learned from
all, for ``digest/answers/offline.py``. Needs scikit-learn.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.answers import Judged, Labelled, figures, holds, judged, read
from digest.answers import offline
from digest.answers.ports import Passage
from digest.answers.terms import question

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDS = 5


def by_article(items: Sequence[Labelled]) -> dict[str, int]:
    """Each paragraph with the number of its article, in the order in which articles first come."""
    first: dict[str, str] = {}
    asked: dict[str, str] = {}

    def root(text: str) -> str:
        while first.setdefault(text, text) != text:
            text = first[text]
        return text

    for item in items:
        one, other = root(item.article), root(asked.setdefault(item.id.removesuffix("-elsewhere"), item.article))
        first[max(one, other)] = min(one, other)
    numbers: dict[str, int] = {}
    return {i.article: numbers.setdefault(root(i.article), len(numbers)) for i in items}


def learn(items: Sequence[Labelled]) -> offline.Weights:
    """Weights of sentences, and of whether there is an answer."""
    rows, labels = [], []
    for item in items:
        if item.answerable:
            for start, end, _, features in offline.sentence_features(question(item.question), Passage("a", item.article)):
                rows.append(features)
                labels.append(holds(item.article[start:end], item.answers))
    of_sentences = offline.Weights(_fitted(rows, labels, 1.0), ())
    rows, labels = [], []
    for item in items:
        wanted = question(item.question)
        ranked = offline.ranked_sentences(wanted, [Passage("a", item.article)], of_sentences)
        if ranked:
            rows.append(offline.whole_features(wanted, ranked, offline.quote(ranked)))
            labels.append(item.answerable)
    return offline.Weights(of_sentences.sentence, _fitted(rows, labels, 0.3))


def _fitted(rows: Sequence[Any], labels: Sequence[bool], strength: float) -> tuple[float, ...]:
    model = LogisticRegression(C=strength, max_iter=2_000, class_weight="balanced").fit(np.array(rows), np.array(labels))
    return tuple(round(float(w), 3) for w in (*model.coef_[0], model.intercept_[0]))


def held_out(items: Sequence[Labelled], *, whole: bool = False) -> list[Judged]:
    """Every question answered with what was learned from other articles; ``whole``: asked of its whole article."""
    found, numbers = list[Judged](), by_article(items)
    asked = whole_articles(items) if whole else items
    for part in range(FOLDS):
        mine = [numbers[i.article] % FOLDS == part for i in items]
        learned = learn([i for i, held in zip(items, mine, strict=True) if not held])
        found += [judged(a, learned) for a, held in zip(asked, mine, strict=True) if held]
    return found


def whole_articles(items: Sequence[Labelled]) -> list[Labelled]:
    """The same questions, each asked of all paragraphs of its article; those that are not answerable, of all but the one that answers."""
    numbers, answering = by_article(items), {i.id: i.article for i in items if i.answerable}
    made = []
    for item in items:
        left_out = "" if item.answerable else answering.get(item.id.removesuffix("-elsewhere"), "")
        kept = [t for t, n in numbers.items() if n == numbers[item.article] and t != left_out]
        made.append(replace(item, article="\n\n".join(kept)))
    return made


def main() -> None:
    """Print the figures and the weights."""
    parser = argparse.ArgumentParser(prog="benchmarks.learn_answers", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path)
    items = read(parser.parse_args().file)
    print({k: v for k, v in figures(held_out(items)).items() if not k.endswith("_ms")})
    print("of whole articles:", {k: v for k, v in figures(held_out(items, whole=True)).items() if not k.endswith("_ms")})
    print(learn(items))


if __name__ == "__main__":
    main()
