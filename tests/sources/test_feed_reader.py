from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from digest.codec import load_incoming
from digest.feeds.feed import Feed
from digest.feeds.ports import FeedRead, FeedState
from digest.fetching.fetched import Limits
from digest.fetching.fetcher import Fetcher
from digest.model import Incoming
from digest.sources.feed_entries import FeedBytes, FeedEntries, entries_of
from digest.sources.feed_reader import ManyFeeds
from tests.feed_server import NOW, FeedServer, Here, feed_server, item, rss

SINCE = NOW - timedelta(days=7)


@asynccontextmanager
async def reading(*, timeout_s: float = 5.0, reads=None, **options):
    async with Fetcher(Limits(timeout_s=timeout_s, max_bytes=200_000), allow_hosts=["127.0.0.1", "localhost"]) as fetcher:
        reader = ManyFeeds(fetcher, Here(reads), clock=lambda: NOW, **options)

        async def read(*feeds: Feed | tuple[Feed, FeedState]) -> list[FeedRead]:
            pairs = [f if isinstance(f, tuple) else (f, FeedState(f.url)) for f in feeds]
            found = {r.feed.url: r async for reads in reader.read(pairs, SINCE) for r in reads}
            return [found[f.url] for f, _ in pairs]

        yield read


def articles(read: FeedRead) -> list[Incoming]:
    return [load_incoming(e.data) for e in read.entries]


def listed(server: FeedServer, path: str = "/a", **fields) -> Feed:
    return Feed("The Paper", server.url(path), **fields)


async def test_entries_come_as_articles_of_the_listed_publisher_and_category():
    async with feed_server(a=rss(item(1), item(2), title="Something else")) as server, reading() as read:
        [found] = await read(listed(server, category="Trade press"))
    assert [i.article.url for i in articles(found)] == ["https://paper.test/1", "https://paper.test/2"]
    assert {i.article.publisher for i in articles(found)} == {"The Paper"}
    assert {i.assessment.category for i in articles(found)} == {"Trade press"}
    assert {i.origin.source for i in articles(found)} == {f"feed:{found.feed.url}"}
    assert (found.state.entries, found.state.succeeded, found.failures) == (2, NOW, ())


async def test_entries_too_old_are_counted_and_undated_ones_are_taken():
    undated = "<item><title>No date</title><link>https://paper.test/9</link></item>"
    async with feed_server(a=rss(item(1, days_old=8), item(2, days_old=6), undated)) as server, reading() as read:
        [found] = await read(listed(server))
    assert [i.article.url for i in articles(found)] == ["https://paper.test/2", "https://paper.test/9"]
    assert found.old == 1


async def test_a_feed_is_asked_for_what_changed_only():
    async with feed_server(a=rss(item(1))) as server, reading() as read:
        [first] = await read(listed(server))
        [again] = await read((first.feed, first.state))
        server.feeds["/a"] = rss(item(1), item(2))
        [changed] = await read((again.feed, again.state))
    assert (first.unchanged, again.unchanged, changed.unchanged) == (False, True, False)
    assert (again.entries, again.state.entries, again.state.etag) == ((), 1, first.state.etag)
    assert len(changed.entries) == 2
    assert "if-none-match" not in server.asked[0][1]
    assert server.asked[1][1]["if-none-match"] == first.state.etag


async def test_what_a_server_sends_again_unasked_is_not_read_again():
    async with feed_server(a=rss(item(1))) as server, reading() as read:
        server.forgetful = True
        [first] = await read(listed(server))
        [again] = await read((first.feed, first.state))
        server.feeds["/a"] = rss(item(1), item(2))
        [changed] = await read((again.feed, again.state))
        server.headers["/a"] = {"Content-Type": "application/rss+xml; charset=iso-8859-1"}
        [respelt] = await read((changed.feed, changed.state))
    assert [r.unchanged for r in (first, again, changed, respelt)] == [False, True, False, False]
    assert (again.entries, again.state.entries, again.state.succeeded) == ((), 1, again.state.checked)
    assert len(changed.entries) == 2


async def test_last_modified_is_sent_back_as_it_came():
    async with feed_server(a=rss(item(1))) as server, reading() as read:
        server.headers["/a"] = {"Last-Modified": "Mon, 02 Nov 2026 09:00:00 GMT"}
        [first] = await read(listed(server))
        await read((first.feed, first.state))
    assert server.asked[1][1]["if-modified-since"] == "Mon, 02 Nov 2026 09:00:00 GMT"


async def test_a_feed_that_moved_for_good_is_asked_at_its_new_place():
    async with feed_server(new=rss(item(1))) as server, reading() as read:
        server.moved["/a"] = (301, "/new")
        [first] = await read(listed(server))
        await read((first.feed, first.state))
    assert first.state.moved_to == server.url("/new")
    assert [path for path, _ in server.asked] == ["/a", "/new", "/new"]


async def test_a_move_to_what_is_no_feed_is_not_remembered():
    async with feed_server() as server, reading() as read:
        server.feeds["/login"] = "<!doctype html><html><title>Log in</title></html>"
        server.moved["/a"] = (301, "/login")
        [found] = await read(listed(server))
    assert found.state.moved_to == ""
    assert [f.reason for f in found.failures] == ["it is an HTML page, not a feed"]


async def test_one_feeds_failure_is_a_value_and_never_stops_the_others():
    async with feed_server(good=rss(item(1)), junk="not a feed", empty="") as server, reading(timeout_s=0.5) as read:
        server.statuses |= {"/busy": 503, "/gone": 410}
        server.headers["/busy"] = {"Retry-After": "7200"}
        feeds = [listed(server, p) for p in ("/junk", "/empty", "/busy", "/gone", "/nowhere", "/good")]
        private, dead = Feed("Private", "http://10.0.0.1/feed"), Feed("Dead", "http://127.0.0.1:9/feed")
        found = await read(*feeds, private, dead)
    errors = [r.state.error for r in found]
    assert errors[5] == ""
    assert len(found[5].entries) == 1
    assert all(e and len(r.failures) == 1 for e, r in zip(errors, found, strict=True) if r.feed.url != feeds[5].url)
    assert "503" in errors[2]
    assert found[2].state.next_try == NOW + timedelta(hours=2)
    assert "remove it from the list" in errors[3]
    assert "not public (private)" in errors[6]
    assert "AINEWS_FETCH_ALLOW_HOSTS" in found[6].failures[0].reason
    assert found[7].state.failures == 1


async def test_a_parser_that_breaks_costs_one_feed():
    def breaks(given: FeedBytes) -> FeedEntries:
        if given.url.endswith("/bad"):
            raise RuntimeError("a defect")
        return entries_of(given)

    async with feed_server(bad=rss(item(1)), good=rss(item(2))) as server, reading(reads=breaks) as read:
        bad, good = await read(listed(server, "/bad"), listed(server, "/good"))
    assert bad.state.error == "it could not be read (RuntimeError)"
    assert len(good.entries) == 1


async def test_a_bad_entry_is_a_failure_and_the_others_come():
    bad = "<item><title>No link</title><pubDate>Sun, 22 Nov 2026 09:00:00 GMT</pubDate></item>"
    script = "<item><title>Script</title><link>javascript:alert(1)</link></item>"
    async with feed_server(a=rss(item(1), bad, script, item(2))) as server, reading() as read:
        [found] = await read(listed(server))
    assert len(found.entries) == 2
    assert sorted(f.where.partition(", ")[2] for f in found.failures) == ["entry 'No link'", "entry 'Script'"]
    assert found.state.error == ""


@pytest.mark.parametrize(("options", "most"), [({"concurrency": 3, "per_host": 9}, 3), ({"concurrency": 9, "per_host": 2}, 2)])
async def test_no_more_are_asked_at_once_than_allowed(options, most):
    async with feed_server(**{f"f{n}": rss(item(n)) for n in range(12)}) as server, reading(**options) as read:
        server.wait_s = 0.05
        found = await read(*(listed(server, f"/f{n}") for n in range(12)))
    assert server.most == most
    assert sum(len(r.entries) for r in found) == 12


async def test_who_stops_early_leaves_nothing_running():
    async with feed_server(**{f"f{n}": rss(item(n)) for n in range(30)}) as server:
        server.wait_s = 0.02
        async with Fetcher(allow_hosts=["127.0.0.1"]) as fetcher:
            reader = ManyFeeds(fetcher, Here(), concurrency=2, clock=lambda: NOW)
            results = reader.read([(f, FeedState(f.url)) for n in range(30) if (f := listed(server, f"/f{n}"))], SINCE)
            await anext(results)
            await results.aclose()
        asked = len(server.asked)
    assert asked < 10
