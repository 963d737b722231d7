"""What feeds may do to the monitor, all at once: each ends as a failure of that feed alone, in words, and the good one is read."""

from __future__ import annotations

import asyncio
import gzip
import resource
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from digest.codec import load_incoming
from digest.feeds.feed import Feed
from digest.feeds.ports import FeedRead, FeedState
from digest.fetching.fetched import Limits
from digest.fetching.fetcher import Fetcher
from digest.sources import feed_entries
from digest.sources.feed_entries import FeedProcesses
from digest.sources.feed_reader import ManyFeeds
from tests.feed_server import item, rss
from tests.fetching.hostile import redirect, reply, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
GOOD = rss(item(1), item(2)).encode()
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1};" * 10}">' for n in range(1, 10)).replace("&lol0;", "&lol;")
    + "]>"
)
EXTERNAL = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def with_prolog(prolog: str, text: str) -> bytes:
    return (prolog + rss(item(1, text=text)).partition("?>")[2]).replace("&amp;", "&").encode()


async def drip() -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n\r\n"
    while True:
        yield b"<"
        await asyncio.sleep(0.05)


async def endless() -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<rss><channel>"
    while True:
        yield b"<item><title>more</title></item>" * 2000


def bomb() -> bytes:
    return gzip.compress(bytes(80_000_000))


#: Path to answer, and what is said of it; None where its entries come, whatever else is wrong with it.
FEEDS = {
    "/good": (reply(GOOD), None),
    "/empty": (reply(b""), "empty"),
    "/junk": (reply(b"certainly not XML"), "neither RSS nor Atom"),
    "/html": (reply(b"<!doctype html><html><body>Hello</body></html>"), "an HTML page"),
    "/json": (reply(b'{"version": "https://jsonfeed.org/version/1.1"}'), "JSON"),
    "/truncated": (reply(GOOD[: len(GOOD) - 60]), None),
    "/wrong-encoding": (reply(GOOD.replace(b'"utf-8"', b'"utf-16"')), None),
    "/undefined-entity": (reply(GOOD.replace(b"Marketers", b"&bogus; Marketers")), None),
    "/controls": (reply(GOOD.replace(b"Marketers", b"\x00\x08 Marketers")), None),
    "/laughs": (reply(with_prolog(LAUGHS, "&lol9;")), None),
    "/external": (reply(with_prolog(EXTERNAL, "&x;")), None),
    "/bad-date": (reply(GOOD.replace(b"Sun, 22 Nov 2026", b"Sun, 99 Foo 20260")), None),
    "/gzip-in-gzip": (reply(gzip.compress(gzip.compress(GOOD)), "Content-Encoding: gzip, gzip"), "compressed 2 times"),
    "/gzip-file": (reply(gzip.compress(GOOD), "Content-Type: application/gzip"), "compressed file"),
    "/bomb": (reply(bomb(), "Content-Encoding: gzip"), "larger than"),
    "/endless": (endless, "larger than"),
    "/drip": (drip, "did not answer in full"),
    "/circle": (redirect("/circle"), "in a circle"),
    "/to-metadata": (redirect("http://169.254.169.254/latest/meta-data/"), "not public"),
    "/to-private": (redirect("http://10.1.2.3/"), "not public"),
    "/to-file": (redirect("file:///etc/passwd"), "only http and https"),
    "/404": (reply(status="404 Not Found"), "404"),
    "/garbage-http": (b"\x00\x01\x02 what?\r\n\r\n", "not valid HTTP"),
}


async def read_all(paths: list[str], *, max_bytes: int = 3_000_000) -> dict[str, FeedRead]:
    def answer(path: str):
        given = FEEDS[path][0]
        return given if isinstance(given, bytes) else given()

    async with (
        serving(answer) as server,
        Fetcher(Limits(timeout_s=4, max_bytes=max_bytes), allow_hosts=["127.0.0.1"]) as fetcher,
    ):
        processes = FeedProcesses(2)
        reader = ManyFeeds(fetcher, processes, per_host=20, clock=lambda: NOW)
        feeds = [Feed(path, server.url(path)) for path in paths]
        pairs = [(f, FeedState(f.url)) for f in feeds]
        try:
            return {r.feed.name: r async for reads in reader.read(pairs, NOW - timedelta(days=7)) for r in reads}
        finally:
            await processes.close()


async def test_whatever_a_feed_does_is_its_own_failure_and_the_good_one_is_read():
    found = await read_all(list(FEEDS))
    assert set(found) == set(FEEDS)
    for path, (_, words) in FEEDS.items():
        read = found[path]
        if words is None:
            assert read.state.error == "", path
            assert read.entries, path
        else:
            assert words in read.state.error, path
            assert read.entries == (), path
            assert len(read.failures) == 1, path
    assert len(found["/good"].entries) == 2
    articles = {path: [load_incoming(e.data).article for e in read.entries] for path, read in found.items()}
    texts = " ".join(a.body + a.title for some in articles.values() for a in some)
    assert "root:" not in texts
    assert len(texts) < 20_000
    assert articles["/truncated"][0].published
    assert len(found["/bad-date"].entries) == 2


async def test_fifty_thousand_entries_are_read_within_bounds(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(feed_entries, "DEADLINE_S", 60.0)
    many = rss(*(item(n) for n in range(50_000))).encode()
    monkeypatch.setitem(FEEDS, "/many", (reply(many), None))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = await read_all(["/many", "/good"], max_bytes=40_000_000)
    assert len(found["/good"].entries) == 2
    read = found["/many"]
    assert len(read.entries) == 50_000 or "longer than" in read.state.error
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 600_000
