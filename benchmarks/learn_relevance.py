"""Learns the weights of the offline assessor's relevance from scored documents, and says how well it does on others.

    python -m benchmarks.learn_relevance DIR [--write] [--weights FILE]

DIR holds knowledge-base documents with scores. The weights are those of a ridge regression that shrinks towards the priors in
the weights file, which are the rubric's; with few and disagreeing scores that beats shrinking towards nothing. The figures
are of documents that were not learned from: ten-fold cross-validation, repeated, copies of one document never on both sides;
and once more with no publisher on both sides, which tells how it does on feeds it has never seen. ``--write`` puts the weights
learned from all of DIR into the file.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.stats import rankdata, spearmanr

from benchmarks.labelled import documents, publishers
from digest.assessment.profile import DEFAULT_PROFILE
from digest.assessment.relevance import OFF_FIELD
from digest.assessment.weights import Scale, load_weights

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from digest.assessment.weights import Weights
    from digest.knowledge_base.document import Document

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int64]

#: Strength of the pull towards the priors, in documents; 100 to 1,000 gave rho 0.51 to 0.53 and area 0.77 to 0.78.
ALPHA: Final = 300.0
#: Points of score that a prior of 1 stands for when its feature is one standard deviation up. 0.12 to 0.3 were alike.
PRIOR_POINTS: Final = 0.25
FOLDS: Final = 10
DEFAULT_WEIGHTS: Final = DEFAULT_PROFILE.with_name("marketing.weights.json")


class Learned:
    """A regression: ``weights`` of the features as they are, and the ``constant``."""

    def __init__(self, x: Floats, y: Floats, priors: Floats) -> None:
        mean, deviation = x.mean(0), x.std(0)
        deviation = np.where(deviation > 1e-9, deviation, np.inf)  # a feature that never varies tells nothing
        z, toward = (x - mean) / deviation, priors * PRIOR_POINTS
        gram = z.T @ z + ALPHA * np.eye(x.shape[1])
        coefficients = np.linalg.solve(gram, z.T @ (y - y.mean() - z @ toward)) + toward
        self.weights: Floats = coefficients / deviation
        self.constant = float(y.mean() - self.weights @ mean)

    def predict(self, x: Floats) -> Floats:
        """A raw score for each row."""
        return x @ self.weights + self.constant


def rank_figures(predicted: Sequence[float] | Floats, scores: Floats) -> tuple[float, float]:
    """Spearman's rho, and the area under the ROC curve of 8 and above against below; nan where there is no such thing."""
    high = scores >= 8
    rho = float(spearmanr(predicted, scores)[0]) if len(set(scores)) > 1 and len(set(predicted)) > 1 else float("nan")
    n_high, n_low = int(high.sum()), int((~high).sum())
    if not n_high or not n_low:
        return rho, float("nan")
    ranks = rankdata(predicted)
    return rho, float((ranks[high].sum() - n_high * (n_high + 1) / 2) / (n_high * n_low))


class HeldOut:
    """Cross-validation of the weights over ``found``, all with scores."""

    def __init__(self, found: Sequence[Document], weights: Weights) -> None:
        self.scale = Scale(weights)
        seen = [self.scale.see(d.headline, d.body) for d in found]
        self.x: Floats = np.array([self.scale.features(s) for s in seen])
        self.field: Floats = np.array([self.scale.within_field(s) for s in seen])
        self.y: Floats = np.array([d.score for d in found], dtype=float)
        self.priors: Floats = np.array([f.prior for f in weights.features])
        self.groups = np.array(publishers(found))

    def predictions(self, repeat: int, *, by_publisher: bool = False) -> Floats:
        """A raw score for each document from weights that were learned without it."""
        predicted = np.empty(len(self.y))
        for test in self._folds(repeat, by_publisher=by_publisher):
            train = np.setdiff1d(np.arange(len(self.y)), test)
            predicted[test] = Learned(self.x[train], self.y[train], self.priors).predict(self.x[test])
        return predicted

    def figures(self, repeats: int, *, by_publisher: bool = False) -> tuple[float, float]:
        """Mean rho and area over ``repeats`` divisions."""
        each = [rank_figures(self._final(self.predictions(r, by_publisher=by_publisher)), self.y) for r in range(repeats)]
        rho, area = np.mean(each, axis=0)
        return float(rho), float(area)

    def spread(self) -> float:
        """How much wider the scores lie than what is predicted of documents not learned from."""
        return float(self.y.std() / self.predictions(0).std())

    def _final(self, raw: Floats) -> Floats:
        stretched = self.y.mean() + self.spread() * (raw - self.y.mean())
        final: Floats = self.field * stretched + (1 - self.field) * OFF_FIELD
        return final

    def _folds(self, repeat: int, *, by_publisher: bool) -> Iterator[Rows]:
        generator = np.random.default_rng(repeat)
        units = np.unique(self.groups) if by_publisher else np.arange(len(self.y))
        for part in np.array_split(generator.permutation(len(units)), min(FOLDS, len(units))):
            yield np.flatnonzero(np.isin(self.groups, units[part])) if by_publisher else part


def write(file: Path, held_out: HeldOut, repeats: int) -> None:
    """Put the weights learned from all documents into ``file``, with the figures of those held out."""
    learned = Learned(held_out.x, held_out.y, held_out.priors)
    content = json.loads(file.read_bytes())
    for feature, weight in zip(content["features"], learned.weights, strict=True):
        feature["weight"] = round(float(weight), 4)
    rho, area = held_out.figures(repeats)
    rho_new, area_new = held_out.figures(repeats, by_publisher=True)
    content |= {
        "centre": round(float(held_out.y.mean()), 4),
        "constant": round(learned.constant, 4),
        "spread": round(held_out.spread(), 4),
        "learned": {
            "by": "benchmarks/learn_relevance.py", "documents": len(held_out.y), "alpha": ALPHA, "prior_points": PRIOR_POINTS,
            "spearman_held_out": round(rho, 3), "roc_area_held_out": round(area, 3),
            "spearman_new_publishers": round(rho_new, 3), "roc_area_new_publishers": round(area_new, 3),
        },
    }  # fmt: skip
    file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path, default=DEFAULT_WEIGHTS)
    parser.add_argument("--write", action="store_true", help="put what was learned into the weights file")
    parser.add_argument("--quick", action="store_true", help="fewer divisions")
    given = parser.parse_args()
    found = [d for d in documents(given.folder) if d.score is not None]
    if len(found) < 2 * FOLDS:
        raise SystemExit(f"{given.folder} holds {len(found)} scored documents: too few to learn from")
    repeats = 3 if given.quick else 20
    held_out = HeldOut(found, load_weights(given.weights))
    rho, area = held_out.figures(repeats)
    rho_new, area_new = held_out.figures(repeats, by_publisher=True)
    print(f"{len(found)} scored documents, {len(set(held_out.groups))} publishers, {repeats} divisions in {FOLDS}")
    print(f"documents not learned from    rho {rho:.3f}   ROC area {area:.3f}")
    print(f"publishers not learned from   rho {rho_new:.3f}   ROC area {area_new:.3f}")
    if given.write:
        write(given.weights, held_out, repeats)
        print(f"written to {given.weights}")
    print(json.dumps({"spearman_held_out": round(rho, 4), "roc_area_held_out": round(area, 4),
                      "spearman_new_publishers": round(rho_new, 4), "roc_area_new_publishers": round(area_new, 4),
                      "documents": len(found)}))  # fmt: skip


if __name__ == "__main__":
    main()
