"""Finds the feed of a site: in what its page says, in what it links to, and in the places where feeds usually are.

Pure where it reads a page, and given what it needs to ask: nothing is taken for a feed before it has been read as one. A page is
a stranger's, so it is read in time linear in its size, and may not send us to hosts that have no public name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar
from urllib.parse import urljoin, urlsplit

from digest.errors import SourceError
from digest.sources.incoming import MAX_NAME_CHARS, one_line
from digest.stories.urls import canonical_url, split_http

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from selectolax.lexbor import LexborNode

#: Requests for one search, the page itself included.
MOST_REQUESTS: Final = 8
#: Feeds that a page may name; sites with one for each author name thousands.
MOST_FOUND: Final = 50
WELL_KNOWN: Final = ("feed", "rss", "rss.xml", "atom.xml", "feed.xml", "index.xml")

#: A page says in its head what feeds it has; a megabyte is ten usual pages.
_MOST_CHARS: Final = 1_000_000
_FEED_TYPES: Final = ("application/rss+xml", "application/atom+xml", "application/rdf+xml")
#: Where a tag begins that is neither looked at nor hides what looks like one. Made text of, nothing is nested, which is what takes
#: parsers of HTML quadratic time: 200 KB of ``<div>`` took 9 s. (Taken out, ``<div<b>>`` would leave a tag.)
_OTHER_TAG: Final = re.compile(r"<(?=/?(?!(?:a|base|link|script|style|textarea|title)\b)[a-z])", re.IGNORECASE)
_MARKUP: Final = re.compile(r"<[^<>]*>")
#: Links of a page that are looked at.
_MOST_LINKS: Final = 5_000
_FEED_PATH: Final = re.compile(
    r"(?:^|/)(?:feeds?|rss|atom)/?$|(?:^|[/._-])(?:feed|rss|atom|index)\.xml$|\.(?:rss|atom|rdf)$", re.I
)
_FEED_QUERY: Final = re.compile(r"[?&](?:feed|format|type)=(?:rss2?|atom|rdf)\b", re.IGNORECASE)
_COMMENTS: Final = re.compile(r"\bcomments?\b", re.IGNORECASE)
_FEED_SCHEME: Final = re.compile(r"feed:(?://(?=https?:))?", re.IGNORECASE)
_LOCAL_NAMES: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa")

P = TypeVar("P", bound="Page")


class Page(Protocol):
    """What was fetched: ``final_url`` is where it was found, ``moved_to`` where it is for good if that is elsewhere."""

    @property
    def final_url(self) -> str: ...  # noqa: D102
    @property
    def moved_to(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that a page names; whether it is one is not known. ``title`` may be empty."""

    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Proven:
    """A feed that was read: its own ``title``, which may be empty, and how many ``entries`` it has."""

    url: str
    title: str
    entries: int


@dataclass(frozen=True, slots=True)
class Looked:
    """What is at an address: a feed, by its ``title`` and ``entries``; or none, because of ``why``, and the feeds it names."""

    is_feed: bool
    title: str = ""
    entries: int = 0
    why: str = ""
    links: tuple[Found, ...] = ()


def discover(html: str, base_url: str) -> tuple[Found, ...]:
    """The feeds that a page at ``base_url`` names, the likeliest first: those in its head, then links that look like one.

    Comments come last, and addresses that are not http(s), or without a public name and not the page's own, not at all.
    """
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(_OTHER_TAG.sub("&lt;", html[:_MOST_CHARS]))
    base = _joined(base_url, _attribute(tree.css_first("base[href]"), "href")) or base_url
    alternate, anchors = tree.css("link[rel][href]")[:_MOST_LINKS], tree.css("a[href]")[:_MOST_LINKS]
    named = [(_attribute(n, "href"), _attribute(n, "title")) for n in alternate if _is_alternate(n)]
    linked = [(_attribute(n, "href"), _text(n)) for n in anchors if _looks_like_feed(n)]
    found = dict[str, Found]()
    for href, title in [*named, *linked]:
        url = _joined(base, href)
        if url and _may_follow(url, base_url):
            found.setdefault(canonical_url(url), Found(url, one_line(title)[:MAX_NAME_CHARS]))
        if len(found) >= MOST_FOUND:
            break
    return tuple(sorted(found.values(), key=_is_of_comments))


def well_known(url: str) -> tuple[str, ...]:
    """Where the feed of the site of ``url`` may be: under its own path first, then at the places usual on its host."""
    parts = split_http(url)
    path = parts.path.rstrip("/")
    deep = [f"{path}/{WELL_KNOWN[0]}"] if path and "." not in path.rpartition("/")[2] else []
    return tuple(parts._replace(path=p, query="", fragment="").geturl() for p in [*deep, *(f"/{name}" for name in WELL_KNOWN)])


async def find_feeds(
    url: str, fetch: Callable[[str], Awaitable[P]], look: Callable[[P], Awaitable[Looked]]
) -> tuple[Proven, ...]:
    """The feeds of the site of ``url``, each read as one, the likeliest first; at least one, by at most ``MOST_REQUESTS`` requests.

    An address that is a feed is the answer itself. ``fetch`` raises SourceError. Raises SourceError where there is none, telling what
    is there instead.
    """
    search = _Search(fetch, look)
    page = await search.look(url)
    if page is not None and page.is_feed:
        return search.proven
    for link in page.links if page else ():
        await search.look(link.url, link.title)
    for place in well_known(search.place) if not search.proven else ():
        if await search.look(place) and search.proven:
            break
    if search.proven:
        return tuple(sorted(search.proven, key=_is_of_comments))
    raise SourceError(
        f"no feed was found at {url}: {search.why or 'there is none'}", where=url, remedy="Give the address of the feed itself."
    )


class _Search(Generic[P]):
    """What was asked and found so far."""

    def __init__(self, fetch: Callable[[str], Awaitable[P]], look: Callable[[P], Awaitable[Looked]]) -> None:
        self._fetch = fetch
        self._look = look
        self._asked: set[str] = set()
        self._found: dict[str, Proven] = {}
        #: Where the page was found, once it was; and why it is no feed.
        self.place = ""
        self.why = ""

    @property
    def proven(self) -> tuple[Proven, ...]:
        """The feeds found, in the order they were."""
        return tuple(self._found.values())

    async def look(self, url: str, title: str = "") -> Looked | None:
        """What is at ``url``; None where that is not to be had, was asked before, or would be one request too many."""
        if url in self._asked or len(self._asked) >= MOST_REQUESTS:
            return None
        first = not self._asked
        self._asked.add(url)
        try:
            fetched = await self._fetch(url)
            looked = await self._look(fetched)
        except SourceError as error:
            if first:
                self._failed_first(url, error)
            return None
        place = fetched.moved_to or url
        if first:
            self.place, self.why = fetched.final_url, looked.why
        if looked.is_feed:
            self._found.setdefault(canonical_url(place), Proven(place, looked.title or title, looked.entries))
        return looked

    def _failed_first(self, url: str, error: SourceError) -> None:
        """A server that refuses a page may still serve its feed; one that cannot be reached will not. Raises ``error`` then."""
        if getattr(error, "status", None) is None:
            raise error
        self.place, self.why = url, str(error)


def _is_alternate(link: LexborNode) -> bool:
    kind = _attribute(link, "type").partition(";")[0].strip().lower()
    return "alternate" in _attribute(link, "rel").lower().split() and kind in _FEED_TYPES


def _looks_like_feed(anchor: LexborNode) -> bool:
    href = _attribute(anchor, "href")
    if href[:5].lower() == "feed:" or _attribute(anchor, "type").strip().lower() in _FEED_TYPES:
        return True
    return bool(_FEED_PATH.search(href.partition("?")[0].partition("#")[0]) or _FEED_QUERY.search(href))


def _attribute(node: LexborNode | None, name: str) -> str:
    return ((node.attributes.get(name) if node else "") or "").strip()


def _text(anchor: LexborNode) -> str:
    return _MARKUP.sub(" ", anchor.text(deep=True)[:1_000])


def _without_feed_scheme(href: str) -> str:
    """``feed:https://…`` and ``feed://…``, which browsers once took to a reader, as what they mean."""
    found = _FEED_SCHEME.match(href)
    return href[found.end() :] if found else href


def _joined(base: str, href: str) -> str:
    """``href`` as an http(s) address without a fragment; empty where it is none."""
    try:
        url = urljoin(base, _without_feed_scheme(href))
        parts = split_http(url)
        canonical_url(url)
    except ValueError:
        return ""
    return "" if "@" in parts.netloc else parts._replace(fragment="").geturl()


def _may_follow(url: str, page: str) -> bool:
    """Whether a page may send us to ``url``: its own host, or one with a public name. The fetcher checks addresses besides."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == urlsplit(page).hostname:
        return True
    last = host.rpartition(".")[2]
    return "." in host and not last.isdigit() and not last.startswith("0x") and not host.endswith(_LOCAL_NAMES)


def _is_of_comments(feed: Found | Proven) -> bool:
    return bool(_COMMENTS.search(feed.title) or _COMMENTS.search(urlsplit(feed.url).path))
