from __future__ import annotations

import asyncio
import os
import signal
import sys

import psutil
import pytest

from digest.errors import SourceError
from digest.sources.fast_parsing import parse_fast
from digest.sources.feed_parser import FeedParser
from digest.sources.feed_parsing import parse_feed
from tests.feed_samples import SAMPLES, rss

ORDINARY = rss("<title>A</title><link>https://paper.test/a</link>").encode()
#: Not well-formed, so feedparser's alone; it takes seconds.
SLOW = rss(*["<title>A & b</title><link>https://paper.test/a</link>" * 4] * 8_000).encode()
LARGE = rss("<title>A & b</title><description>" + "some words " * 5_000_000 + "</description>").encode()
BROKEN = rss("<title>A & b</title><link>https://paper.test/a</link>").encode()


def children() -> list[psutil.Process]:
    return [p for p in psutil.Process().children() if p.status() != psutil.STATUS_ZOMBIE]


async def test_what_comes_of_a_feed_does_not_depend_on_the_way():
    async with FeedParser() as parser:
        for sample in SAMPLES.values():
            feed = sample.encode()
            try:
                expected = parse_feed(feed, url="https://p.test/f", charset="utf-8")
            except SourceError as refusal:
                with pytest.raises(SourceError) as raised:
                    await parser.parse(feed, url="https://p.test/f", charset="utf-8")
                assert (str(raised.value), raised.value.where) == (str(refusal), refusal.where)
            else:
                assert await parser.parse(feed, url="https://p.test/f", charset="utf-8") == expected


async def test_no_process_is_started_for_what_goes_the_fast_way_and_none_is_left():
    before = children()
    async with FeedParser() as parser:
        await parser.parse(ORDINARY)
        assert children() == before
        await asyncio.gather(*(parser.parse(BROKEN) for _ in range(8)))
        assert len(children()) <= len(before) + 2
    assert children() == before


async def test_a_very_large_feed_goes_the_fast_way_in_a_process():
    item = f"<title>A</title><description>{'long ' * 2_000}</description>"
    feed = rss(*[item] * 250).encode()
    async with FeedParser() as parser:
        assert await parser.parse(feed) == parse_fast(feed)


async def test_a_feed_that_takes_too_long_is_refused_in_words_and_the_next_is_parsed():
    async with FeedParser(processes=1, deadline_s=0.3) as parser:
        with pytest.raises(SourceError, match=r"^the feed took longer than 0.3 s to parse$") as raised:
            await parser.parse(SLOW, url="https://p.test/f")
        assert raised.value.where == "https://p.test/f"
        assert (await parser.parse(BROKEN)).entries


async def test_others_are_parsed_while_one_takes_long():
    async with FeedParser(processes=2, deadline_s=30) as parser:
        slow = asyncio.create_task(parser.parse(SLOW))
        assert (await parser.parse(BROKEN)).entries
        assert (await parser.parse(ORDINARY)).entries
        assert not slow.done()
        assert len((await slow).entries) == 8_000


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not keep to a limit of memory")
async def test_a_feed_that_takes_too_much_memory_is_refused_in_words_and_the_next_is_parsed():
    async with FeedParser(processes=1, max_mb=400) as parser:
        with pytest.raises(SourceError, match=r"^the feed took more memory than it may"):
            await parser.parse(LARGE)
        assert (await parser.parse(BROKEN)).entries


async def test_a_process_that_dies_costs_its_feed_and_no_other():
    before = {p.pid for p in children()}
    async with FeedParser(processes=1, deadline_s=60) as parser:
        slow = asyncio.create_task(parser.parse(SLOW))
        while not (started := {p.pid for p in children()} - before):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)
        os.kill(started.pop(), signal.SIGKILL)
        with pytest.raises(SourceError, match=r"^the feed crashed the process that worked on it$"):
            await slow
        assert (await parser.parse(BROKEN)).entries
