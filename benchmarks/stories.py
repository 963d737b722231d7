"""How well articles are clustered into stories, and how fast, beside two baselines on the same file.

    python -m benchmarks.stories FILE.jsonl [--order shuffled] [--live 10000] [--no-meaning]

FILE has one JSON object a line: ``id``, ``title`` and ``story`` (what the article tells, by whoever labelled it), and maybe
``text``, ``url``, ``published`` (ISO 8601). Articles are given one by one to the product's own ``Events``, in the order of
publication, or of the file where there is no date; ``--order shuffled`` gives them in a random order, which changes nothing.

BCubed precision, recall and F1 (Bagga and Baldwin 1998) count for each article; pair F1 counts pairs of articles. The baselines
are one normalised title, and TF-IDF weighted on the file itself with single linkage. ``--live N`` also measures what one more
article costs when N are live: those of the file, then copies of them in which all names and rare words are others.

Where the extra ``semantic`` is installed the figures are those with it, as the product would use it here, and ``without_meaning`` has
those without; ``--no-meaning`` measures as if it were not installed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, Final

from benchmarks.labelled_stories import BadInput, Labelled, read
from benchmarks.story_figures import SINGLE_LINKAGE, figures, same_title, tfidf_single_linkage
from digest.factory import meaning as meaning_of
from digest.settings import Settings
from digest.stories.event_terms import event_vector
from digest.stories.event_vector import EventVector, vector
from digest.stories.events import Events
from digest.stories.told import Told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.stories.meaning import Meaning

_MEASURED: Final = 500
#: Live articles lie over this time, an equal number a day.
_LIVE_DAYS: Final = 14
#: In a copy, this part of the heaviest terms becomes others: names and rare words. The rest is common to all articles.
_RENAMED: Final = 0.7


def told(article: Labelled, meaning: Meaning | None) -> Told:
    return Told(article.id, event_vector(article.title, article.text, meaning=meaning), article.published)


def in_order(articles: Sequence[Labelled], order: str) -> list[Labelled]:
    if order == "shuffled":
        return random.Random("order").sample(list(articles), len(articles))
    return sorted(articles, key=lambda a: (a.published is None, a.published.timestamp() if a.published else 0.0))


def measure(articles: Sequence[Labelled], meaning: Meaning | None = None) -> dict[str, Any]:
    """The product's figures on ``articles`` in their order, and under ``baselines`` those of the others."""
    gold = [a.story for a in articles]
    found: dict[str, Any] = {**_product(articles, meaning), "meaning": meaning is not None}
    if meaning:
        found["without_meaning"] = _product(articles, None)
    baselines = {
        "same title": figures(gold, same_title(articles)),
        f"TF-IDF, single linkage at {SINGLE_LINKAGE}": figures(gold, tfidf_single_linkage(articles)),
    }
    return {**found, "baselines": baselines}


def _product(articles: Sequence[Labelled], meaning: Meaning | None) -> dict[str, Any]:
    if meaning:
        meaning("loaded before the clock starts")
    started = time.perf_counter()
    events = Events()
    for article in articles:
        events.add(told(article, meaning))
    taken_s = time.perf_counter() - started
    found = figures([a.story for a in articles], [events.story_of(a.id) for a in articles])
    return {**found, "articles_per_s": round(len(articles) / taken_s, 1)}


def live(articles: Sequence[Labelled], count: int, meaning: Meaning | None = None) -> dict[str, float]:
    """Milliseconds of ``add`` for each of 500 articles when ``count`` others are live, and the bytes that one takes."""
    made = _copies([told(a, meaning) for a in articles], count + _MEASURED)
    tracemalloc.start()
    events = Events()
    events.add(*(next(made) for _ in range(count)))
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    taken = []
    for one in made:
        started = time.perf_counter()
        events.add(one)
        taken.append((time.perf_counter() - started) * 1000)
    packed = median(len(told(a, meaning).vector.pack()) for a in articles)
    return {
        "live": count,
        "add_p50_ms": round(median(taken), 3),
        "add_p95_ms": round(quantiles(taken, n=20)[-1], 3),
        "add_max_ms": round(max(taken), 1),
        "bytes_in_memory": round(held / count),
        "bytes_packed": round(packed),
    }


def _copies(of: Sequence[Told], count: int) -> Iterator[Told]:
    """``count`` articles in a random order of time, each a telling by ``of`` of one of as many events as that needs."""
    rng = random.Random("live")
    start = datetime(2026, 11, 9, tzinfo=UTC)
    rounds = [n // len(of) for n in range(count)]
    days = {r: rng.uniform(0, _LIVE_DAYS - 1) for r in set(rounds)}
    made = [(of[n % len(of)], r, start + timedelta(days=days[r] + rng.uniform(0, 1))) for n, r in enumerate(rounds)]
    for n, (one, r, when) in enumerate(rng.sample(made, len(made))):
        yield Told(f"{one.id}/{n}", _renamed(one.vector, r), when)


def _renamed(original: EventVector, number: int) -> EventVector:
    weights = sorted(original.weights, reverse=True)
    least = weights[int(_RENAMED * len(weights))] if weights else 0
    pairs = zip(original.terms, original.weights, strict=True)
    made = vector({(t if w <= least else t ^ (number * 2_654_435_761 & 0xFFFFFFFF)): float(w) for t, w in pairs})
    return replace(made, meaning=_turned(original.meaning, number))


def _turned(meaning: bytes, number: int) -> bytes:
    """``meaning`` with as many of its dimensions negated as makes it another."""
    rng = random.Random(number)
    return bytes(-b & 255 if rng.random() < _RENAMED / 2 else b for b in meaning)


def report(found: dict[str, Any], articles: int) -> None:
    print(f"{articles:,} articles, {found['gold_clusters']} stories\n")
    print(f"{'':32}{'BCubed P':>10}{'R':>8}{'F1':>8}{'pair F1':>10}{'clusters':>10}")
    without = {"ainews without meaning": found["without_meaning"]} if found["meaning"] else {}
    for name, of in {"ainews": found, **without, **found["baselines"]}.items():
        numbers = "".join(f"{of[k]:>{w}.3f}" for k, w in zip(_COLUMNS, (10, 8, 8, 10), strict=True))
        print(f"{name:32}{numbers}{of['clusters']:>10}")
    print(f"\n{found['articles_per_s']:,.0f} articles a second, one by one, text to story")
    if "live" in found:
        print(
            f"with {found['live']:,} live, one more takes {found['add_p50_ms']} ms (p95 {found['add_p95_ms']}, most "
            f"{found['add_max_ms']}); one is {found['bytes_in_memory']:,} bytes in memory, {found['bytes_packed']} packed"
        )


_COLUMNS: Final = ("bcubed_precision", "bcubed_recall", "bcubed_f1", "pair_f1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="labelled articles, JSON lines")
    parser.add_argument("--order", choices=("published", "shuffled"), default="published")
    parser.add_argument("--live", type=int, metavar="N", help="also time one more article with N live")
    parser.add_argument("--no-meaning", action="store_true", help="measure as if the extra 'semantic' were not installed")
    given = parser.parse_args()
    try:
        articles = in_order(read(given.file), given.order)
        if given.live is not None and given.live < 1:
            raise BadInput("--live needs at least one article")
    except BadInput as problem:
        print(f"stories: {problem}", file=sys.stderr)
        raise SystemExit(2) from None
    meaning = None if given.no_meaning else meaning_of(Settings.load())
    found = measure(articles, meaning)
    if given.live:
        found |= live(articles, given.live, meaning)
    report(found, len(articles))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
