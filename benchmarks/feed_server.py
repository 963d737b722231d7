"""A server of feeds for benchmarks, in a process of its own: each answers after a fixed time, and conditionally."""

from __future__ import annotations

import argparse
import asyncio
import random
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiohttp import web

#: Addresses of this machine, one for each feed: as many hosts as feeds, as in real lists.
_HOSTS: Final = 250
_WORDS: Final = (
    "marketing advertising model campaign agent search customer data brand budget creative platform assistant audience retail"
    " measure privacy automation content insight"
).split()


def feed(number: int, entries: int, now: datetime) -> bytes:
    """A feed of ``entries``, one a day before ``now``, each with an HTML text of some 120 words."""
    chance = random.Random(number)
    items = []
    for n in range(entries):
        words = " ".join(chance.choices(_WORDS, k=120))
        html = f'<p>{words[:400]}</p>\n<p>{words[400:]} <a href="https://p{number}.test/more">and &amp; more</a></p>'
        date = format_datetime(now - timedelta(hours=1 + 24 * n))
        items.append(
            f"<item><title>{escape(' '.join(chance.choices(_WORDS, k=9)).title())}</title>"
            f'<link>https://p{number}.test/{number}/{n}</link><guid isPermaLink="false">{number}-{n}</guid>'
            f"<pubDate>{date}</pubDate><dc:creator>A. Writer</dc:creator><category>AI</category><category>Ads</category>"
            f"<description>{escape(html)}</description></item>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>Publisher {number}</title><link>https://p{number}.test/</link><description>News</description>"
        f"{''.join(items)}</channel></rss>"
    ).encode()


def urls(port: int, feeds: int) -> list[str]:
    """Where the feeds of ``serving`` are, each on a host of its own."""
    return [f"http://127.{1 + n // _HOSTS}.0.{1 + n % _HOSTS}:{port}/{n}" for n in range(feeds)]


@contextmanager
def serving(feeds: int, entries: int, latency_s: float) -> Iterator[int]:
    """The port of a server with that many feeds, each answer ``latency_s`` seconds after its request."""
    command = [sys.executable, "-m", __name__, str(feeds), str(entries), str(latency_s)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


async def _serve(feeds: int, entries: int, latency_s: float) -> None:
    from aiohttp import web

    now = datetime.now(UTC)
    bodies = [feed(n, entries, now) for n in range(feeds)]

    async def answer(request: web.Request) -> web.Response:
        number = int(request.path[1:])
        await asyncio.sleep(latency_s)
        etag = f'"{number}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        return web.Response(body=bodies[number], content_type="application/rss+xml", charset="utf-8", headers={"ETag": etag})

    app = web.Application()
    app.router.add_get("/{number}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "0.0.0.0", 0, backlog=1024)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("feeds", type=int)
    parser.add_argument("entries", type=int)
    parser.add_argument("latency_s", type=float)
    given = parser.parse_args()
    asyncio.run(_serve(given.feeds, given.entries, given.latency_s))
