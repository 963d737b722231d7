"""How well copies of a text are found, how fast, and in how much memory, beside simpler ways, in one run.

    python -m benchmarks.duplicates [--quick]
    python -m benchmarks.duplicates FILE.jsonl

Of each document of the knowledge base (of the shipped sample where there is none) seven copies are made (``copies``), and all texts
are added in an order drawn by lot, through the real store on an embedded Valkey. A text belongs to the story of the copy found
first; pairs of texts of one story are counted. Gold: copies of one document, and documents of one canonical URL or of the same
letters. What else was taken for copies is listed, and counts as wrong. The degree from which on two texts are copies was
chosen on every other document; the figures are those of the others.

With a file, its lines ``{"id", "title", "text", "story"}`` are the texts; those of an equal ``story`` are copies. Titles are not used.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

from benchmarks.copies import KINDS
from benchmarks.duplicate_ways import Way, baselines, product, store_figures
from benchmarks.labelled import DATA, documents
from digest.sample.write import write_sample
from digest.stories.fingerprint import text_fingerprint
from digest.stories.near_duplicates import SAME


@dataclass(frozen=True, slots=True)
class Text:
    """One text. ``story``: the same for copies. ``kind``: how it was made of another; empty for a document as it is."""

    text: str
    story: str
    kind: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.duplicates", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, help="labelled texts, a JSON object a line")
    parser.add_argument("--quick", action="store_true", help="fewer texts for speed and memory")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    if given.file:
        chosen, texts = SAME, [_labelled(line) for line in given.file.read_text("utf-8").splitlines() if line.strip()]
    else:
        learnt, texts = _halves()
        chosen = _chosen(learnt)
        print(f"{len(learnt)} texts to choose on, {len(texts)} to report")
        print(f"degree chosen on the first half: {chosen:.2f}; in use: {SAME}\n")
    figures = _measured(texts)
    figures["chosen_degree"] = chosen
    figures |= store_figures(1_000 if given.quick else 5_000)
    print(
        f"\n{figures['documents_per_s']:,} documents/s, {figures['mb_per_thousand']} MB a thousand, of {figures['words']} words"
    )
    print(json.dumps(figures))


def _labelled(line: str) -> Text:
    read = json.loads(line)
    return Text(str(read.get("text") or ""), str(read["story"]))


def _halves() -> tuple[list[Text], list[Text]]:
    """The texts to choose on, and those to report: every other story, each with its copies."""
    with tempfile.TemporaryDirectory() as made:
        folder = DATA / "knowledge-base"
        if not folder.is_dir():
            folder = write_sample(Path(made), now=datetime(2026, 11, 23, 8, tzinfo=UTC)).knowledge_base
        bodies = [d.body for d in documents(folder) if text_fingerprint(d.body)]
    stories: dict[str, list[str]] = defaultdict(list)
    for body in bodies:
        stories[text_fingerprint(body)].append(body)
    vocabulary = [w for body in bodies for w in body.split()]
    return tuple(_texts(list(stories.items())[half::2], vocabulary) for half in (0, 1))  # type: ignore[return-value]


def _texts(stories: Sequence[tuple[str, list[str]]], vocabulary: Sequence[str]) -> list[Text]:
    rng, made = random.Random(20), []
    for story, bodies in stories:
        made += [Text(body, story) for body in bodies]
        made += [Text(copy(bodies[0], rng, vocabulary), story, kind) for kind, copy in KINDS.items()]
    rng.shuffle(made)
    return made


def _chosen(texts: Sequence[Text]) -> float:
    """The degree with the best pair F1."""
    degrees = [n / 20 for n in range(6, 20)]
    return max(degrees, key=lambda d: _pairs(texts, _groups(texts, product(d)))["pair_f1"])


def _measured(texts: Sequence[Text]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    print(f"{'':<28} {'pair F1':>8} {'precision':>10} {'recall':>8}   found of each kind")
    ways: dict[str, Way] = {"ours": product(), **baselines()}
    by_way = {name: _told(texts, name, way) for name, way in ways.items()}
    figures = by_way.pop("ours")
    wrong = figures.pop("wrong")
    for pair, count in wrong[:12]:
        print(f"\n  taken for copies ({count} pairs of texts):")
        for text in pair:
            print(f"    {' '.join(text.split())[:150]}")
    return {
        **figures,
        "wrong_stories": len(wrong),
        "baselines": {n: {k: v for k, v in f.items() if k != "wrong"} for n, f in by_way.items()},
    }


def _told(texts: Sequence[Text], name: str, way: Way) -> dict[str, Any]:
    groups = _groups(texts, way)
    figures: dict[str, Any] = {
        **_pairs(texts, groups),
        "recall_by_kind": _by_kind(texts, groups),
        "wrong": _wrong(texts, groups),
    }
    kinds = "  ".join(f"{kind} {share:.2f}" for kind, share in figures["recall_by_kind"].items())
    print(f"{name:<28} {figures['pair_f1']:>8.4f} {figures['precision']:>10.4f} {figures['recall']:>8.4f}   {kinds}")
    return figures


def _groups(texts: Sequence[Text], way: Callable[[list[str]], list[int | None]]) -> list[int]:
    """For each text the number of the first text of its story, as the way finds it."""
    first: list[int] = []
    for n, copied in enumerate(way([t.text for t in texts])):
        first.append(n if copied is None else first[copied])
    return first


def _pairs(texts: Sequence[Text], groups: Sequence[int]) -> dict[str, float]:
    both = _within(zip(groups, (t.story for t in texts), strict=True))
    said, gold = _within(groups), _within(t.story for t in texts)
    precision, recall = both / said if said else 1.0, both / gold if gold else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"pair_f1": round(f1, 4), "precision": round(precision, 4), "recall": round(recall, 4)}


def _within(labels: Any) -> int:
    return sum(n * (n - 1) // 2 for n in Counter(labels).values())


def _by_kind(texts: Sequence[Text], groups: Sequence[int]) -> dict[str, float]:
    """Of the copies of each kind, the share that is in one story with the document it was made of."""
    originals = defaultdict(set)
    for text, group in zip(texts, groups, strict=True):
        if not text.kind:
            originals[text.story].add(group)
    found = {kind: [g in originals[t.story] for t, g in zip(texts, groups, strict=True) if t.kind == kind] for kind in KINDS}
    return {kind: round(sum(each) / len(each), 4) for kind, each in found.items() if each}


def _wrong(texts: Sequence[Text], groups: Sequence[int]) -> list[tuple[tuple[str, str], int]]:
    """Stories that were taken for one: a text of each, and how many pairs of texts that made, most first."""
    told: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for text, group in zip(texts, groups, strict=True):
        told[group][text.story].append(text.text)
    wrong = [((a[0], b[0]), len(a) * len(b)) for stories in told.values() for a, b in combinations(stories.values(), 2)]
    return sorted(wrong, key=lambda w: -w[1])


if __name__ == "__main__":
    main()
