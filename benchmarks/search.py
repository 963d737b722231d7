"""How fast the search index answers, how large it is and how fast it is made, beside SQLite's FTS5 on the same articles.

``python -m benchmarks.search [--quick] [--articles N]``: 100,000 made-up articles, or 5,000, and 300 queries of one to three
words drawn from common, middling and rare ones. Both indexes are on disk, in a folder that is removed; both have the same
texts with the same weights, stem English, ask for every word first and fill up with some. Each query is asked three times in
turn of the other index and its median is taken. The product is asked through ``TantivyIndex.search``, thread change included;
FTS5 is called directly.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import random
import resource
import sqlite3
import tempfile
import time
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Final

import structlog

from benchmarks.synthetic import articles, vocabulary
from digest.ports import Changes, Held
from digest.search.index import TantivyIndex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from digest.model import AssessedArticle

_QUERIES: Final = 300
_ROUNDS: Final = 3
_TOP: Final = 10

#: Ranks of the vocabulary that queries draw from: common, middling, rare. What comes before is "the", "of" and the like.
_BANDS: Final = ((40, 300), (300, 3_000), (3_000, 20_000))

#: FTS5's columns with the weights that ``digest.search.documents`` gives the same texts.
_COLUMNS: Final = {
    "title": 3, "headline": 2, "topic": 2, "tags": 2, "summary": 1, "insights": 1, "body": 1, "publisher": 1,
}  # fmt: skip


class Fts5:
    """SQLite's full-text index over the same articles. It keeps no copy of the texts either."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(
            f"CREATE VIRTUAL TABLE news USING fts5({', '.join(_COLUMNS)}, content='', tokenize='porter unicode61')"
        )

    def add(self, batch: list[AssessedArticle]) -> None:
        marks = ", ".join("?" * len(_COLUMNS))
        self._db.executemany(f"INSERT INTO news({', '.join(_COLUMNS)}) VALUES ({marks})", map(_row, batch))
        self._db.commit()

    def finish(self) -> None:
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def search(self, words: list[str]) -> list[int]:
        found = self._match(" AND ".join(map(_quoted, words)))
        if len(found) < _TOP and len(words) > 1:
            found += [f for f in self._match(" OR ".join(map(_quoted, words))) if f not in found]
        return found[:_TOP]

    def _match(self, expression: str) -> list[int]:
        weights = ", ".join(map(str, _COLUMNS.values()))
        asked = f"SELECT rowid FROM news WHERE news MATCH ? ORDER BY bm25(news, {weights}) LIMIT {_TOP}"
        return [row[0] for row in self._db.execute(asked, (expression,))]


def _quoted(word: str) -> str:
    return '"' + word.replace('"', "") + '"'


def _row(assessed: AssessedArticle) -> tuple[str, ...]:
    a, told = assessed.article, assessed.assessment
    summary, insights = "\n".join(told.summary), "\n".join(told.key_insights)
    return (a.title, a.headline, told.topic, " ".join(told.tags), summary, insights, a.body, a.publisher)


class Feed:
    """A store's log of changes that makes its articles up when they are asked for, and gives them to FTS5 as well. The time
    of both is kept apart, so that what is left of building is the index's own."""

    def __init__(self, count: int, fts5: Fts5) -> None:
        self.count = count
        self.making_s = self.fts5_s = 0.0
        self._articles: Iterator[AssessedArticle] = articles(count)
        self._fts5 = fts5
        self._given = 0
        self._changed: list[Held] = []

    def change(self, held: Held) -> None:
        self._changed.append(held)

    async def changes(self, after: int, limit: int) -> Changes:
        if after >= self._given and (batch := self._next(limit)):
            assert after == self._given
            self._given += len(batch)
            return Changes("benchmark", self._given, tuple(Held(a, (), ()) for a in batch))
        late = tuple(self._changed[after - self._given : after - self._given + limit])
        return Changes("benchmark", after + len(late), late)

    def _next(self, limit: int) -> list[AssessedArticle]:
        started = time.perf_counter()
        batch = list(islice(self._articles, limit))
        made = time.perf_counter()
        self._fts5.add(batch)
        self.making_s += made - started
        self.fts5_s += time.perf_counter() - made
        return batch

    async def total(self) -> int:
        return self.count

    async def ids(self) -> frozenset[str]:
        return frozenset(h.lead.article.id for h in self._changed)

    async def newest(self) -> datetime | None:
        return None


def queries(count: int) -> list[list[str]]:
    """``count`` queries of one, two and three words, each word of any band."""
    rng = random.Random("queries")
    words = vocabulary()
    return [[words[rng.randrange(*rng.choice(_BANDS))] for _ in range(n % 3 + 1)] for n in range(count)]


async def measure(count: int, folder: Path) -> dict[str, float]:
    fts5 = Fts5(folder / "fts5.db")
    feed = Feed(count, fts5)
    index = TantivyIndex(folder / "index", feed)
    started = time.perf_counter()
    assert await index.follow() == count
    build_s = time.perf_counter() - started - feed.making_s - feed.fts5_s
    fts5.finish()
    asked = queries(_QUERIES)
    ours, theirs = await _times(index, fts5, asked)
    update_ms = await _updates(index, feed)
    return {
        "articles": count,
        "queries": len(asked),
        **_percentiles("", ours),
        **_percentiles("fts5_", theirs),
        "index_mb": _megabytes(folder / "index"),
        "fts5_mb": _megabytes(folder / "fts5.db"),
        "build_per_s": round(count / build_s),
        "fts5_build_per_s": round(count / feed.fts5_s),
        "update_ms": round(update_ms, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


async def _times(index: TantivyIndex, fts5: Fts5, asked: list[list[str]]) -> tuple[list[float], list[float]]:
    """Milliseconds of each query: of ours, of FTS5's."""
    ours: list[list[float]] = [[] for _ in asked]
    theirs: list[list[float]] = [[] for _ in asked]
    for _ in range(_ROUNDS):
        for number, words in enumerate(asked):
            text = " ".join(words)
            started = time.perf_counter()
            await index.search(text, limit=_TOP)
            between = time.perf_counter()
            fts5.search(words)
            theirs[number].append((time.perf_counter() - between) * 1000)
            ours[number].append((between - started) * 1000)
    return [median(t) for t in ours], [median(t) for t in theirs]


async def _updates(index: TantivyIndex, feed: Feed) -> float:
    """Milliseconds in which one more article is found: the median of ten."""
    taken = []
    for article in articles(10, seed=1):
        feed.change(Held(article, (), ()))
        started = time.perf_counter()
        assert await index.follow() == 1
        taken.append((time.perf_counter() - started) * 1000)
    return median(taken)


def _percentiles(prefix: str, times: list[float]) -> dict[str, float]:
    return {f"{prefix}p50_ms": round(median(times), 3), f"{prefix}p95_ms": round(quantiles(times, n=20)[-1], 3)}


def _megabytes(path: Path) -> float:
    files = path.rglob("*") if path.is_dir() else [path]
    return round(sum(f.stat().st_size for f in files if f.is_file()) / 1e6, 1)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="5,000 articles instead of 100,000")
    parser.add_argument("--articles", type=int, help="another number of articles")
    given = parser.parse_args()
    count = given.articles or (5_000 if given.quick else 100_000)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="ainews-search-") as folder:
        figures = asyncio.run(measure(count, Path(folder)))
    print(f"{count:,} articles, {_QUERIES} queries of 1 to 3 words, top {_TOP}\n")
    print(f"{'':12}{'p50 ms':>10}{'p95 ms':>10}{'size MB':>10}{'built/s':>10}")
    for name, p in (("tantivy", ""), ("SQLite FTS5", "fts5_")):
        size, rate = figures[f"{p or 'index_'}mb"], figures[f"{p}build_per_s"]
        print(f"{name:12}{figures[f'{p}p50_ms']:>10.3f}{figures[f'{p}p95_ms']:>10.3f}{size:>10.1f}{rate:>10,}")
    print(f"\none more article is found after {figures['update_ms']:.1f} ms; peak memory {figures['peak_mb']:.0f} MB")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
