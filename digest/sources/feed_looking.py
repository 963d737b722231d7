"""Tells what is at an address that may be a feed, or a page that names some: what ``feeds.discovery`` looks with.

It runs where it can be stopped, as what was fetched is a stranger's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from digest.errors import SourceError
from digest.feeds.discovery import Looked, discover
from digest.isolation import Isolated, OutOfBounds
from digest.knowledge_base.html_text import line_of_html
from digest.sources.feed_bytes import as_utf8
from digest.sources.feed_ways import DEADLINE_S, MAX_MB, parse_either
from digest.sources.incoming import MAX_NAME_CHARS, one_line

if TYPE_CHECKING:
    from digest.fetching.fetched import Fetched

#: A page says what feeds it has in its head.
_MOST_PAGE_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Given:
    """What was fetched from ``url``, in ``charset`` as its server says."""

    body: bytes
    url: str
    charset: str


def look(given: Given) -> Looked:
    """Whether it is a feed, and if not, why, and which feeds it names."""
    try:
        parsed = parse_either(given.body, url=given.url, charset=given.charset)
    except SourceError as error:
        text, encoding = as_utf8(given.body[:_MOST_PAGE_BYTES], given.charset)
        page = text.decode(encoding or "utf-8", "replace")
        return Looked(False, why=str(error), links=discover(page, given.url))
    title = one_line(line_of_html(parsed.title))[:MAX_NAME_CHARS]
    return Looked(True, title, len(parsed.entries))


class LookingProcess:
    """Does ``look`` in a process of its own, with a deadline and a bound on its memory."""

    def __init__(self) -> None:
        self._isolated = Isolated(look, 1, deadline_s=DEADLINE_S, max_mb=MAX_MB)

    async def __call__(self, fetched: Fetched) -> Looked:
        """What was fetched. Raises SourceError where that takes too long or too much."""
        try:
            return await self._isolated(Given(fetched.body, fetched.final_url, fetched.charset))
        except OutOfBounds as error:
            raise SourceError(f"what is there {error}", where=fetched.url) from error

    async def close(self) -> None:
        """End the process."""
        await self._isolated.close()
