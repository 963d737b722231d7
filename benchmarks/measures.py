"""What being watched costs: counting one ack, a span, a line's context; and reading the state of a large installation at a scrape.

The installation: 500 feeds in the list, 200 channels whose digests of 5 stories were posted this hour (so all are still open), spending on
each day of the month, and 10,000 entries that wait. The floor of a scrape is one ``PING`` for each command that it sends.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.render import made_up
from digest import measures
from digest.context import work
from digest.factory import Parts, open_parts
from digest.feeds.ports import FeedState
from digest.garbage import seldom_collected
from digest.model import Subscription
from digest.ports import Usage
from digest.publishing.preparing import freeze
from digest.publishing.publication import Name, sent, with_ts
from digest.publishing.schedule import daily, of
from digest.rendering.templates import Templates
from digest.settings import Settings
from digest.tracing import span, tracing
from digest.watching.gauges import Gauges
from digest.watching.status import status_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.publishing.publication import Publication

#: As ``ainews serve`` has it.
SWITCH_S = 0.000_5
NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="Fewer channels, feeds and rounds.")
    quick = parser.parse_args().quick
    found = {**counting(2_000 if quick else 100_000), **asyncio.run(scraping(20 if quick else 200, 50 if quick else 500))}
    for name, value in found.items():
        print(f"{name:<44}{value:>12}")
    print(json.dumps({"benchmark": "measures", **found}))


def counting(rounds: int) -> dict[str, float]:
    """Microseconds of each thing that is done for one request of Slack's."""

    def context() -> None:
        with work("local", "command"):
            pass

    def off() -> None:
        with span("slack command", workspace="local", kind="command"):
            pass

    return {
        "count an ack, us": each_us(lambda: measures.acked("command", 0.012), rounds),
        "count a reply, us": each_us(lambda: measures.replied("answered"), rounds),
        "bind run, workspace and task, us": each_us(context, rounds),
        "a span that nobody asked for, us": each_us(off, rounds),
        "a span that is sent, us": asyncio.run(sent_spans(min(rounds, 2_000))),
    }


async def sent_spans(rounds: int) -> float:
    """To an address where nobody listens; the queue takes them."""

    def on() -> None:
        with span("slack command", workspace="local", kind="command"):
            pass

    async with tracing(Settings.load(otlp_endpoint="http://127.0.0.1:9"), "benchmark"):
        return each_us(on, rounds)


def each_us(work: Callable[[], object], rounds: int) -> float:
    began = time.perf_counter()
    for _ in range(rounds):
        work()
    return round((time.perf_counter() - began) / rounds * 1e6, 2)


async def scraping(channels: int, feeds: int) -> dict[str, float]:
    """Milliseconds of reading the state, and the longest that the event loop was held by it."""
    with tempfile.TemporaryDirectory(prefix="ainews-", dir="/tmp") as folder:
        listed = Path(folder) / "feeds.yaml"
        listed.write_text("feeds:\n" + "".join(f"  - {{name: F{n}, url: 'https://f{n}.example/'}}\n" for n in range(feeds)))
        async with seldom_collected(), open_parts(Settings.load(data_dir=Path(folder), feeds_file=listed)) as parts:
            await fill(parts, channels, feeds)
            taken, held = [], Held()
            sys.setswitchinterval(SWITCH_S)
            watcher = asyncio.create_task(held.watch())
            for _ in range(20):
                began = time.perf_counter()
                await status_of(parts, NOW)
                taken.append((time.perf_counter() - began) * 1e3)
            watcher.cancel()
            gauges = Gauges(parts, lambda: NOW)
            await gauges.current()
            began = time.perf_counter()
            await gauges.current()
            kept = (time.perf_counter() - began) * 1e6
            began = time.perf_counter()
            for _ in range(100):
                await parts.client.ping()
            ping = (time.perf_counter() - began) * 10
    return {
        "read the state, median ms": round(statistics.median(taken), 1),
        "read the state, at most ms": round(max(taken), 1),
        "event loop held meanwhile, at most ms": round(held.most_ms, 1),
        "the same within 10 s, us": round(kept, 1),
        "PING, ms": round(ping, 3),
    }


class Held:
    most_ms = 0.0

    async def watch(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            self.most_ms = max(self.most_ms, (time.perf_counter() - began) * 1e3 - 1)


async def fill(parts: Parts, channels: int, feeds: int) -> None:
    await parts.feed_states.remember([FeedState(f"https://f{n}.example/", checked=NOW, succeeded=NOW) for n in range(feeds)])
    for n in range(NOW.day):
        usage = Usage(10, 1_000, 100, dollars=0.5)
        await parts.spending.settle(NOW.date() - timedelta(days=n), 0, usage, purpose="assess", model="claude-haiku-5-5")
    await parts.client.zadd(parts.keys.candidates_due, {f"{n:012x}": (NOW.timestamp() - n) * 1_000 for n in range(10_000)})
    templates, digest = Templates(None), made_up(5)
    for n in range(channels):
        subscription = Subscription(f"C{n:08}", since=NOW - timedelta(days=9))
        await parts.subscriptions.put(subscription, "U1", NOW - timedelta(days=9))
        name = Name(subscription.channel, NOW.date())
        made = freeze(digest, name, of(daily(subscription), NOW.date()), NOW, templates)
        await parts.ledger.add(made)
        token = await parts.ledger.lease(name, 30) or ""
        await parts.ledger.save(posted(made), token, 30)


def posted(publication: Publication) -> Publication:
    for n in range(len(publication.pieces)):
        publication = with_ts(publication, n, f"1795885091.{n:06}")
    return sent(publication, NOW)


if __name__ == "__main__":
    main()
