"""A publisher's server for tests: feeds by path, answered conditionally as real servers do, with every request remembered."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from aiohttp import web

from digest.sources.feed_entries import FeedBytes, FeedEntries, entries_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TEXT = "Marketers can now plan, buy and measure advertising campaigns with AI agents, the company says."


def rss(*entries: str, title: str = "The Paper") -> str:
    """A feed of ``entries``, made by ``item``."""
    head = f"<title>{title}</title><link>https://paper.test/</link>"
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{head}{"".join(entries)}</channel></rss>'


def item(number: int, *, title: str = "", text: str = TEXT, days_old: float = 1.0, host: str = "paper.test") -> str:
    """One entry of its own address, published ``days_old`` before ``NOW``."""
    date = format_datetime(NOW - timedelta(days=days_old))
    title = escape(title or f"AI agents buy advertising, part {number}")
    return (
        f"<item><title>{title}</title><link>https://{host}/{number}</link><guid>https://{host}/{number}</guid>"
        f"<pubDate>{date}</pubDate><description>{escape(text)}</description></item>"
    )


@dataclass
class FeedServer:
    """``feeds`` by path; ``statuses``, ``headers`` and ``moved`` by path too. One that is ``forgetful`` knows no conditions. ``most`` were answered at once."""

    port: int = 0
    feeds: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    moved: dict[str, tuple[int, str]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    wait_s: float = 0.0
    forgetful: bool = False
    most: int = 0
    now: Counter[str] = field(default_factory=Counter)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """The address of ``path``."""
        return f"http://{host}:{self.port}{path}"

    async def answer(self, request: web.Request) -> web.Response:
        """One answer: a redirect, a status, 304 for what has not changed, or the feed."""
        path = request.path
        self.asked.append((path, {k.lower(): v for k, v in request.headers.items()}))
        self.now["all"] += 1
        self.most = max(self.most, self.now["all"])
        try:
            await asyncio.sleep(self.wait_s)
        finally:
            self.now["all"] -= 1
        headers = dict(self.headers.get(path, {}))
        if path in self.moved:
            status, to = self.moved[path]
            return web.Response(status=status, headers={"Location": to, **headers})
        if path in self.statuses:
            return web.Response(status=self.statuses[path], headers=headers)
        if path not in self.feeds:
            return web.Response(status=404)
        etag = f'"{hash(self.feeds[path])}"'
        if request.headers.get("If-None-Match") == etag and not self.forgetful:
            return web.Response(status=304, headers={"ETag": etag, **headers})
        headers.setdefault("Content-Type", "application/rss+xml; charset=utf-8")
        return web.Response(body=self.feeds[path].encode(), headers={"ETag": etag, **headers})


@asynccontextmanager
async def feed_server(**feeds: str) -> AsyncIterator[FeedServer]:
    """A server of ``feeds``, each under ``/NAME``."""
    server = FeedServer(feeds={f"/{name}": text for name, text in feeds.items()})
    app = web.Application()
    app.router.add_get("/{path:.*}", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.port = runner.addresses[0][1]
    try:
        yield server
    finally:
        await runner.cleanup()


class Here:
    """Reads what was fetched in this process, by ``read``."""

    def __init__(self, read: Callable[[FeedBytes], FeedEntries] | None = None) -> None:
        self._read = read or entries_of

    async def start(self) -> None:
        """Nothing has to be started."""

    async def __call__(self, given: FeedBytes) -> FeedEntries:
        """See ``feed_reader.Entries``."""
        return self._read(given)
