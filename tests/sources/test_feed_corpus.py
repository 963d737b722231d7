"""Real feeds, where this machine has them: none may raise, and their text must be text."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

from digest.errors import SourceError
from digest.model import Incoming, SourceFailure
from digest.settings import Settings
from digest.sources.feed import FeedSource
from digest.sources.feed_parsing import parse_feed
from tests.data import data

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = Settings()
_MARKUP = re.compile(r"</?(?:p|div|br|a|img|span|li|ul|b|i|em|strong)\b[^>]*>|&(?:amp|lt|gt|nbsp|quot|#\d+);")


async def read(path: Path) -> list:
    return [found async for found in FeedSource(str(path), SETTINGS).read({})]


async def test_every_real_feed_comes_through_or_is_reported():
    found = {path: await read(path) for path in sorted(data("feeds").iterdir())}
    articles = [x.article for f in found.values() for x in f if isinstance(x, Incoming)]
    failures = [x for f in found.values() for x in f if isinstance(x, SourceFailure)]
    assert all(found.values())
    assert sum(any(isinstance(x, Incoming) for x in f) for f in found.values()) >= 0.95 * len(found)
    assert [a.title for a in articles if _MARKUP.search(a.title)] == []
    assert all(f.where and f.reason and len(f.where) < 400 for f in failures)
    assert len(failures) < 0.03 * len(articles)


async def test_reading_a_real_feed_twice_gives_the_same_keys_and_revisions():
    for path in sorted(data("feeds").iterdir())[:10]:
        first, again = await read(path), await read(path)
        assert [x.origin for x in first if isinstance(x, Incoming)] == [x.origin for x in again if isinstance(x, Incoming)]


@pytest.mark.parametrize("seed", range(3))
def test_a_damaged_feed_is_parsed_or_refused_in_words(seed):
    chance = random.Random(seed)
    feeds = [p.read_bytes() for p in sorted(data("feeds").iterdir()) if p.stat().st_size < 30_000]
    for _ in range(40):
        feed = bytearray(chance.choice(feeds))
        for _ in range(chance.randint(1, 20)):
            at = chance.randrange(len(feed))
            match chance.randrange(4):
                case 0:
                    feed[at] = chance.randrange(256)
                case 1:
                    del feed[at : at + chance.randint(1, 200)]
                case 2:
                    feed[at:at] = feed[at : at + 50]
                case 3:
                    feed[at:at] = chance.choice(
                        [b"<![CDATA[", b"&bogus;", b"<!ENTITY x 'y'>", b"\x00", b"</item>", b"<b", b"&#xD800;", b"]]>"]
                    )
            if not feed:
                break
        try:
            parse_feed(bytes(feed))
        except SourceError as error:
            assert str(error)
