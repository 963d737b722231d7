"""Refreshing many feeds at once, and parsing them, beside an ideal, other parsers and another reader, in one run.

    python -m benchmarks.feeds [--quick]
    python -m benchmarks.feeds --corpus DIR [--quick]

Without a corpus a local server, a process of its own, answers for 500 feeds of ten entries (as many as WordPress lists), one entry
a day, each feed on a host of its own and 100 ms after it is asked. Measured is what ``ainews monitor`` does at a concurrency of 50:

    cold       every feed is fetched and parsed, and what is of the last seven days stored as candidates in the embedded Valkey
    unchanged  the same again: every server answers 304
    ideal      the latency alone: 100 ms * feeds / concurrency
    reader     lemon24's library, cold, with 50 workers, into a file of SQLite; fewer feeds, as it takes long

Processes that parse have been started before, as they have where the monitor goes on at an interval. Then the same feeds are parsed
by ours, feedparser and fastfeedparser. With a corpus its files are: see ``feed_parsing``.
"""

from __future__ import annotations

import argparse
import json
import logging
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.feed_parsing import RUNS, files, measure, parse_speed, show
from benchmarks.feed_server import feed
from benchmarks.refreshing import refresh_figures


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.feeds", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--corpus", type=Path, help="a folder of feeds, one a file, to be parsed instead")
    parser.add_argument("--quick", action="store_true", help="fewer feeds, and one run of each instead of three")
    given = parser.parse_args()
    if given.corpus and not given.corpus.is_dir():
        parser.error(f"{given.corpus} is no folder")
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    print(json.dumps(_corpus(given.corpus, quick=given.quick) if given.corpus else _served(quick=given.quick)))


def _corpus(folder: Path, *, quick: bool) -> dict[str, Any]:
    figures = measure({str(path.relative_to(folder)): path.read_bytes() for path in files(folder)}, runs=1 if quick else RUNS)
    differing = figures.pop("differing")
    show(figures, differing)
    return figures


def _served(*, quick: bool) -> dict[str, Any]:
    feeds, entries = (100, 10) if quick else (500, 10)
    refreshed = refresh_figures(feeds, entries, feeds // 5 if quick else 180, runs=1 if quick else RUNS)
    _show_refresh(refreshed)
    parsed = parse_speed([feed(n, entries, datetime.now(UTC)) for n in range(100)], runs=1 if quick else RUNS)
    show({"files": 100, "compared": 0, "agree": 0, **parsed}, {})
    return {**refreshed, **parsed}


def _show_refresh(r: dict[str, Any]) -> None:
    print(f"{r['feeds']} feeds, {r['stored']:,} entries stored; the latency alone is {r['ideal_s']:.2f} s\n")
    print(f"{'':<34} {'s':>7} {'of the ideal':>13}")
    for name, took, ratio in (
        ("cold", "cold_s", "cold_ratio"),
        ("unchanged", "unchanged_s", "unchanged_ratio"),
        (f"reader, {r['reader_feeds']} feeds cold", "reader_cold_s", "reader_cold_ratio"),
    ):
        print(f"{name:<34} {r[took]:>7.2f} {r[ratio]:>12.2f}x")
    print()


if __name__ == "__main__":
    main()
