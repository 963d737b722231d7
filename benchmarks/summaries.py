"""How near the offline assessor comes to the summaries and scores of knowledge-base documents, which it is not shown.

    python -m benchmarks.summaries DIR [--quick]

DIR holds knowledge-base documents. Of each the assessor gets what the program would have of an unassessed article: the body
and the publisher's headline; not the document's own title, tags, topic, summary, insights or score. Summaries are compared by
ROUGE F1 (the rouge-score library, with its stemmer) beside two baselines of the same run: the first three sentences, and three
at random. Texts of 8 sentences and more are reported apart: shorter ones leave hardly anything to choose. Scores are compared
by rank.

``spearman`` and ``roc_area`` are those of the assessor as it ships. On documents its weights were learned from they flatter;
there, the figures ``_held_out`` count, of weights learned from nine tenths and tried on the rest.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from rich.console import Console
from rich.table import Table
from rouge_score.rouge_scorer import RougeScorer

from benchmarks.labelled import bare, documents
from benchmarks.learn_relevance import DEFAULT_WEIGHTS, FOLDS, HeldOut, rank_figures
from digest.assessment.offline import OfflineAssessor
from digest.assessment.profile import load_profile
from digest.assessment.sentences import sentences
from digest.assessment.summary import LONG
from digest.assessment.weights import load_weights
from digest.model import Assessment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from digest.knowledge_base.document import Document

    Floats = NDArray[np.float64]

KINDS: Final = ("rouge1", "rouge2", "rougeL")
#: Prefixes of the figures, and what they stand for.
SYSTEMS: Final = {"": "offline assessor", "lead3_": "first 3 sentences", "random_": "3 random sentences"}
RANDOM_DRAWS, QUICK_DRAWS = 20, 3
DIVISIONS, QUICK_DIVISIONS = 20, 3
RESAMPLES: Final = 2_000


def main() -> None:
    """Print tables for people and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--quick", action="store_true", help="fewer random draws and divisions")
    given = parser.parse_args()
    found = documents(given.folder) if given.folder.is_dir() else []
    summarised = [d for d in found if d.summary and sentences(d.body)]
    scored = [d for d in found if d.score is not None]
    if not summarised or len(scored) < 2 * FOLDS:
        raise SystemExit(
            f"{given.folder}: {len(summarised)} documents with a summary, {len(scored)} with a score; "
            f"at least 1 and {2 * FOLDS} are needed"
        )
    assessor = OfflineAssessor(load_profile())
    written = of_summaries(summarised, assessor, QUICK_DRAWS if given.quick else RANDOM_DRAWS)
    judged = of_scores(scored, assessor, QUICK_DIVISIONS if given.quick else DIVISIONS)
    show_summaries(written)
    show_scores(judged)
    print(json.dumps({name: _plain(value) for name, value in (written | judged).items()}))


def of_summaries(found: Sequence[Document], assessor: OfflineAssessor, draws: int) -> dict[str, float]:
    """ROUGE F1 of each system over all documents and over the long ones, its mean by key; and the counts of documents."""
    long = np.array([len(sentences(d.body)) >= LONG for d in found])
    rows = [_rouge_of(d, assessor, draws) for d in found]
    columns = {name: np.array([r[name] for r in rows]) for name in rows[0]}
    figures: dict[str, float] = {"documents": len(found), "documents_long": int(long.sum())}
    for name, values in columns.items():
        figures[name] = values.mean()
        figures[f"{name}_long"] = values[long].mean() if long.any() else math.nan
    if long.any():
        ours = columns["rouge1"][long]
        low, high = interval(len(ours), lambda rows: float(ours[rows].mean()))
        figures |= {"rouge1_long_low": low, "rouge1_long_high": high}
    return figures


def _rouge_of(document: Document, assessor: OfflineAssessor, draws: int) -> dict[str, float]:
    wanted = "\n".join(document.summary)
    pieces = [s.text for s in sentences(document.body)]
    ours = assessor.judge(bare(document), Assessment()).summary
    values = {name: score.fmeasure for name, score in _STEMMED.score(wanted, "\n".join(ours)).items()}
    values |= {f"lead3_{n}": s.fmeasure for n, s in _STEMMED.score(wanted, "\n".join(pieces[:3])).items()}
    chance = random.Random(document.url)
    drawn = [sorted(chance.sample(range(len(pieces)), min(3, len(pieces)))) for _ in range(draws)]
    tried = [_STEMMED.score(wanted, "\n".join(pieces[k] for k in ks)) for ks in drawn]
    values |= {f"random_{n}": sum(t[n].fmeasure for t in tried) / draws for n in KINDS}
    values["unstemmed_rouge1"] = _UNSTEMMED.score(wanted, "\n".join(ours))["rouge1"].fmeasure
    values["unstemmed_lead3_rouge1"] = _UNSTEMMED.score(wanted, "\n".join(pieces[:3]))["rouge1"].fmeasure
    return values


_STEMMED: Final = RougeScorer(KINDS, use_stemmer=True)
_UNSTEMMED: Final = RougeScorer(["rouge1"], use_stemmer=False)


def of_scores(found: Sequence[Document], assessor: OfflineAssessor, divisions: int) -> dict[str, float]:
    """Spearman's rho and the ROC area (8 and above against below): of the assessor as it ships, and held out."""
    scores = np.array([d.score for d in found], dtype=float)
    given = (assessor.judge(bare(d), Assessment()).score for d in found)
    predicted = np.array([math.nan if score is None else score for score in given])
    known = ~np.isnan(predicted)
    scores, predicted = scores[known], predicted[known]
    figures = dict(zip(("spearman", "roc_area"), rank_figures(predicted, scores), strict=True))
    for n, name in enumerate(("spearman", "roc_area")):
        low, high = interval(len(scores), _resampled(predicted, scores, n))
        figures |= {f"{name}_low": low, f"{name}_high": high}
    held_out = HeldOut(found, load_weights(DEFAULT_WEIGHTS))
    figures["spearman_held_out"], figures["roc_area_held_out"] = held_out.figures(divisions)
    new = held_out.figures(divisions, by_publisher=True) if len(set(held_out.groups)) > 1 else (math.nan, math.nan)
    figures["spearman_new_publishers"], figures["roc_area_new_publishers"] = new
    return figures | {"documents_scored": len(scores)}


def _resampled(predicted: Floats, scores: Floats, which: int) -> Callable[[NDArray[np.int64]], float]:
    return lambda rows: rank_figures(predicted[rows], scores[rows])[which]


def interval(n: int, figure: Callable[[NDArray[np.int64]], float]) -> tuple[float, float]:
    """95% of the values that ``figure`` takes when ``n`` documents are drawn anew from themselves (percentile bootstrap)."""
    generator = np.random.default_rng(0)
    values = [figure(generator.integers(0, n, n)) for _ in range(RESAMPLES)]
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)


def show_summaries(figures: dict[str, float]) -> None:
    """The table of ROUGE for people."""
    table = Table(title="Summaries: ROUGE F1 against the documents' own")
    table.add_column("")
    for kind in KINDS:
        table.add_column(kind, justify="right")
    groups = {f"all {figures['documents']} documents": ""}
    if figures["documents_long"]:
        groups[f"{figures['documents_long']} of them with {LONG} sentences and more"] = "_long"
    for title, ending in groups.items():
        table.add_section()
        table.add_row(f"[bold]{title}")
        for prefix, words in SYSTEMS.items():
            table.add_row(f"  {words}", *(f"{figures[f'{prefix}{kind}{ending}']:.3f}" for kind in KINDS))
    Console().print(table)
    if figures["documents_long"]:
        print(
            f"ROUGE-1 of the long ones: 95% of resamples in {figures['rouge1_long_low']:.3f} to "
            f"{figures['rouge1_long_high']:.3f}; without the stemmer {figures['unstemmed_rouge1_long']:.3f}, "
            f"the first 3 sentences {figures['unstemmed_lead3_rouge1_long']:.3f}"
        )


def show_scores(figures: dict[str, float]) -> None:
    """The table of ranks for people, which says what was learned from what."""
    learned_from = load_weights(DEFAULT_WEIGHTS).learned.get("documents", 0)
    table = Table(title=f"Scores of {figures['documents_scored']} documents: rank against the documents' own")
    for column in ("", "Spearman's rho", "ROC area, 8 and above"):
        table.add_column(column, justify="right" if column else "left")
    rows = {
        f"as shipped (from {learned_from} documents; flatters on those)": "",
        "weights learned without the document": "_held_out",
        "weights learned without its publisher": "_new_publishers",
    }
    for words, ending in rows.items():
        table.add_row(words, f"{figures[f'spearman{ending}']:.3f}", f"{figures[f'roc_area{ending}']:.3f}")
    Console().print(table)
    ranges = (
        f"{n} {figures[f'{k}_low']:.2f} to {figures[f'{k}_high']:.2f}" for n, k in (("rho", "spearman"), ("area", "roc_area"))
    )
    print(f"as shipped, 95% of resamples: {', '.join(ranges)}")


def _plain(value: float) -> float | int | None:
    if isinstance(value, int):
        return value
    return None if math.isnan(value) else round(float(value), 4)


if __name__ == "__main__":
    main()
