"""The two ways to parse a feed, one after the other: what a process does, without anything that a process need not import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.sources.fast_parsing import parse_fast
from digest.sources.feed_parsing import parse_feed

if TYPE_CHECKING:
    from digest.sources.entries import ParsedFeed


def parse_either(data: bytes, *, url: str = "", charset: str = "") -> ParsedFeed:
    """What the feed says, fast if that is possible. It may take long. Raises SourceError as ``parse_feed`` does."""
    return parse_fast(data, url=url, charset=charset) or parse_feed(data, url=url, charset=charset)


def parse_given(given: tuple[bytes, str, str, bool]) -> ParsedFeed:
    """As ``parse_either``, of data, URL and charset; at once by feedparser where the last says that the fast way was tried."""
    data, url, charset, tried = given
    return (parse_feed if tried else parse_either)(data, url=url, charset=charset)
