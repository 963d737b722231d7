"""How soon look-ups are answered over a month of articles, how long they hold the event loop, and what the stories take in memory.

    python -m benchmarks.lookups [--quick] [--articles N]

10,000 made-up articles of the last 31 days, or 2,000, lie in a real Valkey; every fourth tells again what the one before told, at another
publisher. A process of its own looks them up as ``ainews serve`` does: first from nothing, then again and again, and after one more
article was stored. ``held``: the longest time that a task which only wants to run every millisecond had to wait. Of what is asked
several times the median is told, and the longest ``held``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import psutil
import structlog

from benchmarks.synthetic import articles, vocabulary
from bot.slack.warming import warm
from digest.lookups.lookups import Lookups
from digest.lookups.recent import DAYS
from digest.model import Incoming, Origin, article_id
from digest.search.index import TantivyIndex
from digest.stores.connection import connect
from digest.stores.embedded import EmbeddedServer
from digest.stores.keys import Keys
from digest.stores.redis_articles import RedisArticles

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from digest.model import AssessedArticle

_WORKSPACE: Final = "lookups"
_TOGETHER: Final = 200
_AGAIN_EVERY: Final = 4
_ROUNDS: Final = 5
#: After this long the store is asked again for what changed.
_LATER_S: Final = 1.05


@dataclass(frozen=True)
class Taken:
    """Milliseconds until the answer, and that the event loop was held."""

    ms: float
    held_ms: float


def month(count: int) -> Iterator[Incoming]:
    """``count`` articles, their dates spread evenly over the month."""
    now, before = datetime.now(UTC), None
    for number, made in enumerate(articles(count)):
        told = made
        if before is not None and number % _AGAIN_EVERY == 0:
            told = _again(made, before)
        at = now - timedelta(days=(DAYS - 0.1) * number / count)
        yield incoming(replace(told, article=replace(told.article, published=at, collected=at)))
        before = made


def _again(made: AssessedArticle, before: AssessedArticle) -> AssessedArticle:
    """What ``before`` told, by who wrote ``made``: its headline turned round, and its text from the second paragraph on."""
    words, body = before.article.headline.split(), before.article.body.split("\n\n")
    headline = " ".join(words[len(words) // 2 :] + words[: len(words) // 2])
    return replace(made, article=replace(made.article, headline=headline, body="\n\n".join(body[1:] or body)))


def incoming(told: AssessedArticle) -> Incoming:
    return Incoming(Origin("benchmark", told.article.url, "1"), told.article, told.assessment)


async def fill(url: str, count: int) -> None:
    client = connect(url)
    store, batch = RedisArticles(client, Keys(_WORKSPACE)), list[Incoming]()
    for made in month(count):
        batch.append(made)
        if len(batch) == _TOGETHER:
            await store.put(batch)
            batch.clear()
    await store.put(batch)
    await client.aclose()


async def timed(ask: Callable[[], Awaitable[Any]]) -> Taken:
    worst = 0.0

    async def waiting() -> None:
        nonlocal worst
        while True:
            begun = time.perf_counter()
            try:
                await asyncio.sleep(0.001)
            finally:  # also where the answer is there before it runs again
                worst = max(worst, time.perf_counter() - begun - 0.001)

    probe = asyncio.create_task(waiting())
    await asyncio.sleep(0.005)
    begun = time.perf_counter()
    await ask()
    took = time.perf_counter() - begun
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    return Taken(took * 1000, worst * 1000)


async def measure(url: str, folder: Path) -> dict[str, Any]:
    """In a process of its own: the figures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    client = connect(url)
    store = RedisArticles(client, Keys(_WORKSPACE))
    index = TantivyIndex(folder / "index", store)
    await index.follow()
    lookups = Lookups(store, index)
    rss = psutil.Process().memory_info().rss
    first = await timed(lambda: warm(lookups))
    grown = psutil.Process().memory_info().rss - rss
    page = await lookups.latest()
    held = await lookups.find(page.stories[0].lead.article.id)
    name, common = page.stories[0].lead.article.publisher, vocabulary()[60]
    asked: dict[str, Callable[[], Awaitable[Any]]] = {
        "latest": lookups.latest,
        "top month": lambda: lookups.top(5, "month"),
        "topics": lookups.topics,
        "topic": lambda: lookups.topic("marketing"),
        "topic unknown": lambda: lookups.topic("zyxwvut marketin"),
        "source": lambda: lookups.source(name),
        "search": lambda: lookups.search(common),
        "search score:>8": lambda: lookups.search(f"{common} score:>8"),
        "score:>8 since:7d": lambda: lookups.search("score:>8 since:7d"),
        "why": lambda: lookups.why(held),
    }
    rows = {"first of all": first}
    for what, ask in asked.items():
        rows[what] = _middle([await timed(ask) for _ in range(_ROUNDS)])
    rows["nothing changed"] = _middle([await _later(lookups) for _ in range(_ROUNDS)])
    rows["one article more"] = _middle([await _later(lookups, store, told) for told in articles(_ROUNDS, seed=1)])
    await client.aclose()
    return {
        "articles": await _total(url), "stories": page.total, "memory_mb": round(grown / 1e6, 1),
        "rows": {what: [round(t.ms, 1), round(t.held_ms, 1)] for what, t in rows.items()},
    }  # fmt: skip


async def _total(url: str) -> int:
    client = connect(url)
    try:
        return await RedisArticles(client, Keys(_WORKSPACE)).total()
    finally:
        await client.aclose()


async def _later(lookups: Lookups, store: RedisArticles | None = None, told: AssessedArticle | None = None) -> Taken:
    """The next answer after a second, and after ``told`` was stored."""
    now = datetime.now(UTC)
    if store is not None and told is not None:
        url = f"{told.article.url}new"
        named = replace(told.article, url=url, canonical_url=url, id=article_id(url), published=now, collected=now)
        await store.put([incoming(replace(told, article=named))])
    await asyncio.sleep(_LATER_S)
    return await timed(lookups.latest)


def _middle(taken: list[Taken]) -> Taken:
    return Taken(median(t.ms for t in taken), max(t.held_ms for t in taken))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lookups", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="2,000 articles instead of 10,000")
    parser.add_argument("--articles", type=int, help="another number of articles")
    parser.add_argument("--measure", nargs=2, metavar=("URL", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(asyncio.run(measure(given.measure[0], Path(given.measure[1])))))
        return
    count = given.articles or (2_000 if given.quick else 10_000)
    with tempfile.TemporaryDirectory(prefix="an-", dir="/tmp") as folder:
        server = EmbeddedServer(Path(folder) / "valkey")
        url = server.start()
        try:
            asyncio.run(fill(url, count))
            ran = subprocess.run(
                [sys.executable, "-m", "benchmarks.lookups", "--measure", url, folder], stdout=subprocess.PIPE, check=True
            )
        finally:
            server.stop()
            server.wait_until_ended()
    figures = json.loads(ran.stdout)
    print(f"{count:,} articles of 31 days, {figures['stories']:,} stories, {figures['memory_mb']:.0f} MB\n")
    print(f"{'':20}{'ms':>10}{'held ms':>10}")
    for what, (ms, held_ms) in figures["rows"].items():
        print(f"{what:20}{ms:>10,.1f}{held_ms:>10.1f}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
