"""The two ways to parse a feed, one after the other, and the bounds of the process that does it, which imports no more than this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from digest.sources.fast_parsing import parse_fast
from digest.sources.feed_parsing import parse_feed

if TYPE_CHECKING:
    from digest.isolation import OutOfBounds
    from digest.sources.entries import ParsedFeed

#: One feed's time with feedparser: the slowest of 70 real feeds takes 0.2 s.
DEADLINE_S: Final = 10.0
#: One process's address space, of which Python and feedparser take some 300 MB at once.
MAX_MB: Final = 1024


def parse_either(data: bytes, *, url: str = "", charset: str = "") -> ParsedFeed:
    """What the feed says, fast if that is possible. It may take long. Raises SourceError as ``parse_feed`` does."""
    return parse_fast(data, url=url, charset=charset) or parse_feed(data, url=url, charset=charset)


def parse_given(given: tuple[bytes, str, str, bool]) -> ParsedFeed:
    """As ``parse_either``, of data, URL and charset; at once by feedparser where the last says that the fast way was tried."""
    data, url, charset, tried = given
    return (parse_feed if tried else parse_either)(data, url=url, charset=charset)


def beyond(error: OutOfBounds) -> str:
    """What is said of a feed that passed a bound."""
    return f"the feed {error} to parse" if str(error).startswith("took") else f"the feed {error}"
