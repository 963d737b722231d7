"""Learns the weights by which ``digest.stories.near_duplicates`` tells copies from strangers, and says how well they do.

    python -m benchmarks.learn_copies

The texts are those of the feeds and of ECB+ (several outlets on one event: strangers that are hard to tell from copies); none is of
the knowledge base, on which ``duplicates`` reports. Copies are the kinds of ``copies``, and scanned ones; of texts of 120 words and
more also excerpts, and copies with a paragraph of another text before each. Strangers are texts of different stories that share
a band, pairs with a long footer in common, and pairs of which 40 percent is one template. Texts of different stories that may well
be copies, by all their words and pairs, are left out. Learnt on one half of the stories, reported on the other.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import Final

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.copies import KINDS, SENTENCE, scanned
from benchmarks.labelled import DATA
from digest.errors import SourceError
from digest.knowledge_base.html_text import text_of_html
from digest.sources.feed_ways import parse_either
from digest.stories import near_duplicates as nd

_COPIED: Final = 650
_MADE: Final = 900
#: Shares of words and of pairs from which on texts of different feeds may well be copies.
_MAYBE_WORDS, _MAYBE_PAIRS = 0.6, 0.25

#: What two sketches have in common: shared pairs, gaps, sizes.
Common = tuple[float, float, float]
#: With whether they are copies, the half they belong to, and their weight.
Row = tuple[Common, bool, int, float]


def main() -> None:
    rng = random.Random(11)
    texts = [t for t in dict.fromkeys(_texts()) if nd.sketch(t)]
    rng.shuffle(texts)
    rows = [*_found(texts, rng), *_made([t for t in texts if len(t.split()) >= 120], rng)]
    x, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    half, weight = np.array([r[2] for r in rows]), np.array([r[3] for r in rows])
    model = LogisticRegression(C=1000, max_iter=9000).fit(x[half == 0], y[half == 0], weight[half == 0])
    said, true = model.predict(x[half == 1]), y[half == 1]
    both = int((said & true).sum())
    figures = {"pairs": len(rows), "precision": round(both / int(said.sum()), 4), "recall": round(both / int(true.sum()), 4)}
    weights = dict(zip(("pairs", "gaps", "sizes"), model.coef_[0].round(1).tolist(), strict=True))
    print(f"{len(texts):,} texts, {len(rows):,} pairs")
    print(json.dumps({**figures, "weights": weights, "constant": round(float(model.intercept_[0]), 1)}))


def _texts() -> Iterator[str]:
    for path in sorted(p for p in (DATA / "feeds").rglob("*") if p.is_file()):
        try:
            entries = parse_either(path.read_bytes()).entries[:60]
        except SourceError:
            continue
        yield from (text_of_html(max(e.bodies, key=len)) for e in entries if e.bodies)
    for line in (DATA / "stories" / "ecbplus.jsonl").read_text("utf-8").splitlines():
        yield json.loads(line)["text"]


def _common(one: bytes, other: bytes) -> Common | None:
    if not one or not other:
        return None
    a, b = sorted((nd._read(one), nd._read(other)), key=nd._size)
    shared, pairs, of_pairs = nd._shared(a, b)
    sizes = a.words_in_all / b.words_in_all
    if pairs < nd._MIN_PAIRS or not nd._enough(shared, pairs, of_pairs, sizes):
        return None
    return pairs / of_pairs, nd._gaps(shared), sizes


def _found(texts: Sequence[str], rng: random.Random) -> Iterator[Row]:
    """Pairs that share a band: of the texts, and of copies of some of them."""
    vocabulary = [w for t in texts for w in t.split()]
    kinds = {**KINDS, "scanned": scanned, "scanned again": scanned}
    told = [(n, "", t) for n, t in enumerate(texts)]
    told += [(n, kind, make(t, rng, vocabulary)) for n, t in enumerate(texts[:_COPIED]) for kind, make in kinds.items()]
    sketches = [nd.sketch(text) for _, _, text in told]
    maybe = _Maybe(texts)
    holders: dict[int, list[int]] = defaultdict(list)
    for at, (story, kind, _) in enumerate(told):
        near = Counter[int]()
        for band in nd.bands(sketches[at]):
            for other in holders[band][-20:]:
                near[other] += 1
            holders[band].append(at)
        for other, _ in near.most_common(30):
            copies = told[other][0] == story
            common = _common(sketches[at], sketches[other])
            if common and (copies or not maybe.copies(story, told[other][0])):
                # Lines from one small pool around two teasers are of our making, and would be most of all strangers.
                pooled = not copies and kind == told[other][1] == "boilerplate"
                yield common, copies, min(story, told[other][0]) % 2, 0.3 if pooled else 1.0


class _Maybe:
    """Whether two texts may be copies though they are of different stories, by all that is in them."""

    def __init__(self, texts: Sequence[str]) -> None:
        words = [[w for w in nd._words(t) if len(w) > 3] for t in texts]
        self._words = [set(w) for w in words]
        self._pairs = [set(pairwise(w)) for w in words]
        self._known: dict[tuple[int, int], bool] = {}

    def copies(self, one: int, other: int) -> bool:
        key = (min(one, other), max(one, other))
        if key not in self._known:
            self._known[key] = (
                _share(self._words[one], self._words[other]) > _MAYBE_WORDS
                or _share(self._pairs[one], self._pairs[other]) > _MAYBE_PAIRS
            )
        return self._known[key]


def _share(one: AbstractSet[object], other: AbstractSet[object]) -> float:
    return len(one & other) / (min(len(one), len(other)) or 1)


def _made(texts: Sequence[str], rng: random.Random) -> Iterator[Row]:
    """Pairs made on purpose: what is hard, and rare in the data."""
    for n in range(_MADE):
        one, other, third = rng.sample(texts, 3)
        pairs = [
            (*_with_footer(one, other, third, rng), False, 1.0),
            (*_of_template(one, other, third), False, 2.0),
            (third, f"{_first(third, rng.randint(40, 70))} …", True, 0.5),
            (f"{_first(one, 60)} {_first(third, 200)}", f"{_first(other, 60)} {_first(third, 200)}", True, 0.5),
        ]
        for a, b, copies, weight in pairs:
            if common := _common(nd.sketch(a), nd.sketch(b)):
                yield common, copies, n % 2, weight


def _first(text: str, count: int) -> str:
    return " ".join(text.split()[:count])


def _with_footer(one: str, other: str, footer: str, rng: random.Random) -> tuple[str, str]:
    """Two texts with 20 to 50 percent of them in common at the end, or half of that at either end."""
    a, b, share = _first(one, rng.randint(80, 500)), _first(other, rng.randint(80, 500)), rng.uniform(0.2, 0.5)
    lines = footer.split()[: int(min(len(a.split()), len(b.split())) * share / (1 - share))]
    half = rng.choice((0, len(lines) // 2))
    head, foot = " ".join(lines[:half]), " ".join(lines[half:])
    return f"{head} {a} {foot}", f"{head} {b} {foot}"


def _of_template(one: str, other: str, template: str) -> tuple[str, str]:
    """Two columns of which 40 percent are the same sentences, their own ones between them."""
    room = min(len(one.split()), len(other.split())) / 1.5
    sentences: list[str] = []
    for sentence in SENTENCE.split(template):
        if sum(len(s.split()) for s in sentences) + len(sentence.split()) > room:
            break
        sentences.append(sentence)
    return _between(one, sentences), _between(other, sentences)


def _between(text: str, sentences: Sequence[str]) -> str:
    own, each = text.split(), int(1.5 * sum(len(s.split()) for s in sentences) / (len(sentences) or 1))
    return " ".join(f"{s} {' '.join(own[n * each : (n + 1) * each])}" for n, s in enumerate(sentences))


if __name__ == "__main__":
    main()
