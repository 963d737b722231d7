"""Refreshing many feeds at once, as ``ainews monitor`` does, against what the latency alone would take, and beside reader."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from benchmarks.feed_server import serving, urls

LATENCY_S: Final = 0.1
CONCURRENCY: Final = 50
#: Feeds that are refreshed before the time is taken: as many as start every process, which a monitor that goes on has running.
_BEFORE: Final = 40


def refresh_figures(feeds: int, entries: int, reader_feeds: int, *, runs: int) -> dict[str, Any]:
    """Seconds of a cold refresh and of one where nothing had changed, both in the median of ``runs``, and their ratio to the ideal."""
    with serving(feeds + _BEFORE, entries, LATENCY_S) as port:
        listed = urls(port, feeds + _BEFORE)
        taken = [asyncio.run(_refreshed(listed)) for _ in range(runs)]
        reader_s = _by_reader(listed[:reader_feeds])
    cold, unchanged = (sorted(r[name] for r in taken)[runs // 2] for name in ("cold_s", "unchanged_s"))
    ideal, reader_ideal = LATENCY_S * feeds / CONCURRENCY, LATENCY_S * reader_feeds / CONCURRENCY
    return {
        "feeds": feeds,
        "stored": taken[0]["stored"],
        "ideal_s": round(ideal, 3),
        "cold_s": round(cold, 3),
        "cold_ratio": round(cold / ideal, 3),
        "unchanged_s": round(unchanged, 3),
        "unchanged_ratio": round(unchanged / ideal, 3),
        "reader_feeds": reader_feeds,
        "reader_cold_s": round(reader_s, 3),
        "reader_cold_ratio": round(reader_s / reader_ideal, 2),
    }


async def _refreshed(listed: list[str]) -> dict[str, float]:
    """One run over a fresh store: feeds asked, parsed, their entries stored as candidates, their states remembered."""
    from digest.factory import open_parts
    from digest.feeds.feed import Feed
    from digest.monitored import Monitored
    from digest.reaching import open_monitor
    from digest.settings import Settings

    data = Path(tempfile.mkdtemp(prefix="an-"))
    hosts = tuple(u.split("/")[2].split(":")[0] for u in listed)
    settings = Settings.load(data_dir=data, assessor="offline", fetch_allow_hosts=hosts, feed_concurrency=CONCURRENCY)
    every = [Feed(f"Publisher {n}", url) for n, url in enumerate(listed)]
    before, feeds = every[:_BEFORE], every[_BEFORE:]
    try:
        async with open_parts(settings) as parts, open_monitor(parts, processes=2) as monitor:
            first = Monitored()
            await monitor.refresh(before, first, at_once=True)
            taken = []
            for _ in range(2):
                run = Monitored()
                begun = time.perf_counter()
                await monitor.refresh(feeds, run, at_once=True)
                taken.append((time.perf_counter() - begun, run))
            (cold_s, cold), (unchanged_s, unchanged) = taken
            stored = await parts.candidates.count()
    finally:
        shutil.rmtree(data, ignore_errors=True)
    if cold.failed or unchanged.unchanged != len(feeds) or stored != first.new + cold.new:
        raise RuntimeError(f"the refresh went wrong: {cold.counts()}, then {unchanged.counts()}")
    return {"cold_s": cold_s, "unchanged_s": unchanged_s, "stored": cold.new}


def _by_reader(listed: list[str]) -> float:
    """The same cold refresh by lemon24's reader, with as many workers, into a file of SQLite."""
    from reader import make_reader

    with tempfile.TemporaryDirectory() as folder:
        reader = make_reader(str(Path(folder) / "reader.sqlite"))
        for url in listed:
            reader.add_feed(url)
        begun = time.perf_counter()
        for result in reader.update_feeds_iter(workers=CONCURRENCY):
            if isinstance(result.value, Exception):
                raise result.value
        taken = time.perf_counter() - begun
        reader.close()
    return taken
