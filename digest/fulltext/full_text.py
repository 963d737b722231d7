"""The whole text of articles of which a feed gave an excerpt: their pages, fetched as politely as a guest does.

No page is asked for that robots.txt does not allow, none used that was redirected to from elsewhere and is not allowed there; of one
host only one page at a time, with a pause between. Whatever fails leaves the excerpt, and why. Fetching is ``fetching``'s, finding the text on a page ``extraction``'s.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import structlog

from digest.errors import SourceError
from digest.fulltext.excerpts import is_excerpt, is_of
from digest.fulltext.page import Page
from digest.fulltext.robots import Robots
from digest.stories.urls import canonical_host, split_http

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.fetching.fetched import Fetched, Fetches
    from digest.fulltext.page import Extracted, ReadsPages
    from digest.model import Article

_log = structlog.get_logger(__name__)

#: Seconds between two pages of one host where it asks for none, and the most that it may ask for.
PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 10.0
#: For one article, its turn at its host included; then it stays an excerpt.
PATIENCE_S: Final = 300.0
#: By how much a page's text must be longer than what the feed gave. Where only the beginning is for everybody, "subscribe to read on"
#: and what else stands around it makes up the difference.
LEAST_GAIN_CHARS: Final = 200
#: Pages fetched at once, of as many hosts.
AT_ONCE: Final = 8
_MOST_HOSTS: Final = 2_000
_PAGES: Final = ("text/html", "application/xhtml+xml")
_ACCEPT: Final = {"Accept": "text/html, application/xhtml+xml;q=0.9"}
_MEDIA_TYPE: Final = re.compile(r"[\w.+-]{1,40}/[\w.+-]{1,40}\Z", re.ASCII)
_NAMES: Final = {"application/pdf": "a PDF", "text/plain": "plain text", "application/json": "JSON"}


@dataclass(slots=True)
class _Host:
    """A host: who fetches from it, and from when on the next may (seconds of the monotonic clock)."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0


class FullText:
    """Reads articles' pages by ``fetcher`` and ``pages``. Safe to use concurrently, in one event loop."""

    def __init__(
        self,
        fetcher: Fetches,
        pages: ReadsPages,
        *,
        pause_s: float = PAUSE_S,
        patience_s: float = PATIENCE_S,
        at_once: int = AT_ONCE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._fetcher = fetcher
        self._pages = pages
        self._robots = Robots(fetcher)
        self._pause_s = pause_s
        self._clock = clock
        self._patience_s = patience_s
        self._slots = asyncio.Semaphore(at_once)
        self._hosts: dict[str, _Host] = {}

    async def read(self, url: str) -> Extracted:
        """The article at ``url``. Raises SourceError, FetchError among them, in words for people: why it could not be read.

        The address that a page gives for itself is believed only on the host where it was found: it could name any article of anybody's.
        """
        try:
            host = self._host(split_http(url).hostname or "")
            async with host.lock:
                answer = await self._fetched(url, host)
        except ValueError as error:
            raise SourceError(str(error), where=url) from error
        _check_is_page(answer)
        page = await self._pages(Page(answer.body, answer.final_url, answer.charset))
        return page if _of_one_host(page.url, answer.final_url) else replace(page, url=answer.final_url)

    async def completed(self, article: Article) -> Article:
        """``article`` with its page's text in place of an excerpt, or as it was and why; unchanged where its body is no excerpt,
        or was looked at before."""
        if not is_excerpt(article.body) or article.excerpt_only:
            return article
        try:
            async with asyncio.timeout(self._patience_s):
                page = await self.read(article.url)
            _check_gain(article, page)
        except TimeoutError:
            return _left(article, f"its host gave no turn in {self._patience_s:g} s")
        except SourceError as error:
            return _left(article, str(error))
        now = self._clock().replace(microsecond=0)
        return replace(article, body=page.text, language=article.language or page.language, page_read=now)

    async def _fetched(self, url: str, host: _Host) -> Fetched:
        async with self._slots:
            await self._check_allowed(url)
            asked_s = (await self._robots.rules(url)).delay_s
        await asyncio.sleep(max(0.0, host.free_at - time.monotonic()))
        try:
            async with self._slots:
                answer = await self._fetcher.fetch(url, _ACCEPT)
                if answer.final_url != url:
                    await self._check_allowed(answer.final_url)
        finally:
            host.free_at = time.monotonic() + min(max(asked_s, self._pause_s), LONGEST_PAUSE_S)
        return answer

    async def _check_allowed(self, url: str) -> None:
        if reason := await self._robots.refusal(url):
            raise SourceError(reason, where=url, remedy=(await self._robots.rules(url)).remedy)

    def _host(self, name: str) -> _Host:
        if len(self._hosts) >= _MOST_HOSTS:
            now = time.monotonic()
            self._hosts = {n: h for n, h in self._hosts.items() if h.lock.locked() or h.free_at > now}
        return self._hosts.setdefault(name.lower(), _Host())


def _left(article: Article, reason: str) -> Article:
    _log.info("excerpt_only", article=article.id, reason=reason)
    return replace(article, excerpt_only=reason)


def _check_is_page(answer: Fetched) -> None:
    """Raises SourceError, in words, where what was fetched is no page; some servers say of a PDF that it is one."""
    kind = "application/pdf" if answer.body.startswith(b"%PDF-") else answer.content_type
    if kind in _PAGES or (not kind and b"<" in answer.body[:1024]):
        return
    named = kind if _MEDIA_TYPE.match(kind) else "of no known type"
    told = f"it is {_NAMES.get(kind, named)}, not a page"
    raise SourceError(told, where=answer.final_url, remedy="Give the address of the article's page.")


def _of_one_host(own: str, found: str) -> bool:
    try:
        one, other = (canonical_host(split_http(url).hostname or "") for url in (own, found))
    except ValueError:
        return False
    return one == other


def _check_gain(article: Article, page: Extracted) -> None:
    if len(page.text) < len(article.body) + LEAST_GAIN_CHARS:
        raise SourceError("its page shows hardly more than the feed gave", where=article.url)
    if not is_of(f"{article.headline}\n{article.body}", page.text):
        raise SourceError("its page shows something else", where=article.url)
