"""Learns the weights of the offline answerer from labelled questions, and says how well it does on others.

    python -m benchmarks.learn_answers FILE.jsonl

The lines are those of ``benchmarks.answers``. Paragraphs are split in five by a hash of their text: the questions on one fifth are
answered with what was learned on the other four. Printed are the figures over all so answered, and the weights learned from all, for
``digest/answers/offline.py``. Needs scikit-learn.
"""

from __future__ import annotations

import argparse
import zlib
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


def fold(item: Labelled) -> int:
    """The part of the paragraphs that the question's is in."""
    return zlib.crc32(item.article.encode()) % FOLDS


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


def held_out(items: Sequence[Labelled]) -> list[Judged]:
    """Every question answered with what was learned from other paragraphs."""
    found = []
    for part in range(FOLDS):
        learned = learn([i for i in items if fold(i) != part])
        found += [judged(i, learned) for i in items if fold(i) == part]
    return found


def main() -> None:
    """Print the figures and the weights."""
    parser = argparse.ArgumentParser(prog="benchmarks.learn_answers", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path)
    items = read(parser.parse_args().file)
    print({k: v for k, v in figures(held_out(items)).items() if not k.endswith("_ms")})
    print(learn(items))


if __name__ == "__main__":
    main()
