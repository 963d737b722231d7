"""What a feed says, whichever parser read it: the values between the bytes of a feed and its articles.

A parser fills these; turning an entry into an article is the same for all of them and done here. Text is still as the
feed has it, HTML included.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urljoin

from digest.errors import SourceError
from digest.knowledge_base.html_text import line_of_html, text_of_html
from digest.sources.incoming import incoming, one_line, plausible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from digest.model import Incoming

#: Feeds put whole sentences among their categories; a tag is a word or a few.
MAX_TAG_CHARS: Final = 40
_MAX_KEY_CHARS: Final = 500
_TITLE_WORDS: Final = 12
_WEB: Final = ("http://", "https://")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}\Z")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_MAIL_THEN_NAME: Final = re.compile(r"\s*\S+@\S+\s+\((.+)\)\s*\Z", re.DOTALL)
_MAIL: Final = re.compile(r"[\s,;]*[(<]?(?:\S+@[^\s)>]+|\(hidden)[)>]?")
_FEED_WORDS: Final = re.compile(r"[\s\-–—:|»(\[]*\b(?:rss|atom|rss feed|atom feed|feed)[\])]?\s*\Z", re.IGNORECASE)


class When(NamedTuple):
    """A date of an entry: as written, and as the parser understood it, if it did."""

    text: str
    instant: datetime | None = None


class Entry(NamedTuple):
    """One entry as its feed has it. ``bodies``: content and summary, any of them HTML. ``dates``: the best first.

    A tuple, as a frozen dataclass takes three times as long to make, and there are thousands.
    """

    id: str = ""
    link: str = ""
    title: str = ""
    title_is_text: bool = False
    publisher: str = ""
    dates: tuple[When, ...] = ()
    bodies: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    author: str = ""
    #: Whether it names any link. Where it names none, ``link`` is its id, which need be no address.
    linked: bool = True


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed. ``notes`` say what was wrong with it as a whole; ``base`` resolves links that are relative."""

    title: str = ""
    base: str = ""
    language: str = ""
    entries: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()


def cleaned(entry: Entry) -> tuple[str, str]:
    """The title of ``entry`` on one line, and its longest text, both without HTML: what is costly of making it an article."""
    return _line_of_title(entry), _longest(entry.bodies)


def article_link(original: str, link: str, identity: str, *, linked: bool) -> str:
    """The article's address: the publisher's own where a service counts clicks, else the link, else an id that is one.

    ``linked`` is whether the entry names any link: feedparser calls any id one where there is no other.
    """
    link = link.strip()
    named = link if linked else ""
    if not original and named.startswith(_WEB):
        return named
    return next((a for a in (original.strip(), named, identity.strip(), link) if a.startswith(_WEB)), link)


def is_text_type(media_type: str) -> bool:
    """Whether content of this type is text that people read."""
    return not media_type or media_type.startswith("text/") or media_type == "application/xhtml+xml"


def feed_language(text: str) -> str:
    """``text``, if it is a language tag."""
    return text if _LANGUAGE.match(text) else ""


def keys(entries: Sequence[Entry]) -> list[str]:
    """A key for each entry: its id, or its link where it has none or shares it. Entries of the same key are one."""
    uses = Counter(e.id for e in entries)
    return [_key(e.link if not e.id or uses[e.id] > 1 else e.id) for e in entries]


def article_of(
    entry: Entry,
    feed: ParsedFeed,
    *,
    source: str,
    key: str,
    now: datetime,
    publisher: str = "",
    category: str = "",
    tier: int = 0,
) -> Incoming:
    """The article an entry tells. ``publisher``, ``category`` and ``tier`` are the operator's and go before the feed's own.

    Raises SourceError where the entry has no link that can be taken, or neither title nor text.
    """
    notes = list(feed.notes)
    title, body = cleaned(entry)
    publisher = publisher or _aggregated(entry) or _name(feed.title)
    title = without_publisher(title or _first_words(body, notes), publisher)
    url = _absolute(entry, feed.base)
    published = _published(entry.dates, now, notes)
    tags = _tags(entry.categories, notes)
    content = "\x1f".join((url, title, publisher, published.isoformat() if published else "", body, *tags))
    return incoming(
        source=source,
        key=key,
        revision=hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:16],
        url=url,
        title=title,
        publisher=publisher,
        published=published,
        now=now,
        body=body,
        language=feed.language,
        notes=notes,
        tags=tags,
        category=category,
        author=_byline(entry.author),
        tier=tier,
    )


def _byline(author: str) -> str:
    """The name in what a feed says of an author, who is not to be written to: ``a@b.test (A. Writer)`` is A. Writer."""
    if "(" not in author and "@" not in author:
        return line_of_html(author) if author else ""
    if found := _MAIL_THEN_NAME.match(author):
        author = found[1]
    return line_of_html(_MAIL.sub("", author))


def called(entry: Entry) -> str:
    """What to call an entry in a failure, so that it can be found in the feed."""
    name = one_line(line_of_html(entry.title)) or one_line(entry.link or entry.id) or "without title"
    return name if len(name) <= 80 else name[:79] + "…"


def _key(identity: str) -> str:
    identity = one_line(identity)
    return identity if len(identity) <= _MAX_KEY_CHARS else hashlib.sha256(identity.encode()).hexdigest()


def _longest(bodies: Sequence[str]) -> str:
    """The longest of the texts. Text is no longer than its HTML: what is shorter than a text that was found is not read."""
    longest = ""
    for body in dict.fromkeys(bodies):
        if len(body) > len(longest):
            text = text_of_html(body)
            longest = text if len(text) > len(longest) else longest
    return longest


def _line_of_title(entry: Entry) -> str:
    return one_line(unescape(entry.title) if entry.title_is_text else line_of_html(entry.title))


def _first_words(body: str, notes: list[str]) -> str:
    """The first words of the text, in place of a title; empty where there are none."""
    if not body:
        return ""
    notes.append("it has no title; these are its first words")
    paragraph = body.partition("\n\n")[0].split()
    words = paragraph if len(paragraph) > 2 else body.split()  # "Somebody wrote:" tells nothing
    return " ".join(words[:_TITLE_WORDS]) + ("…" if len(words) > _TITLE_WORDS else "")


def without_publisher(title: str, publisher: str) -> str:
    """``title`` without the name of the publisher that search engines and site generators put behind it."""
    if publisher and title.lower().endswith(publisher.lower()):
        before = title[: -len(publisher)].rstrip()
        if before.endswith(("-", "|", "–", "—")) and before[:-1].endswith(" "):
            return before[:-1].rstrip() or title
    return title


def _aggregated(entry: Entry) -> str:
    """Who an aggregator says it has the entry from. Some software writes the entry's own title there."""
    if not entry.publisher:
        return ""
    name = _name(entry.publisher)
    return "" if name.lower() == one_line(line_of_html(entry.title)).lower() else name


@lru_cache(maxsize=1024)
def _name(title: str) -> str:
    """A feed's title as its publisher's name: on one line, without the word "feed" behind it."""
    name = one_line(line_of_html(title))
    return _FEED_WORDS.sub("", name) or name


def _absolute(entry: Entry, base: str) -> str:
    link = entry.link.strip()
    if not link or not (entry.linked or link[:8].lower().startswith(_WEB)):
        raise SourceError("it has no link")
    if not _SCHEME.match(link):
        try:
            link = urljoin(base, link)
        except ValueError as error:
            raise SourceError("its link is not valid") from error
    if not _SCHEME.match(link):
        raise SourceError("its link is relative, and the feed does not say to what")
    return link


def _published(dates: Sequence[When], now: datetime, notes: list[str]) -> datetime | None:
    for date in dates:
        if date.instant is not None and plausible(date.instant, now):
            return date.instant
        shown = one_line(date.text)
        notes.append(f"the date '{shown if len(shown) <= 40 else shown[:39] + '…'}' makes no sense")
    return None


def _tags(categories: Sequence[str], notes: list[str]) -> tuple[str, ...]:
    if not categories:
        return ()
    lines = [one_line(line_of_html(part)) for category in categories for part in category.split(",")]
    found = [line for line in dict.fromkeys(lines) if line and not line.startswith(("http://", "https://"))]
    short = [line for line in found if len(line) <= MAX_TAG_CHARS]
    if len(short) < len(found):
        notes.append(f"categories longer than {MAX_TAG_CHARS} characters are no tags: {len(found) - len(short)} left out")
    return tuple(short)
