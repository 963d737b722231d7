"""From the bytes of an article's page to its text: what the processes do that read pages.

It owns which text of a page is the article's, in which charset it is, and what else of a page is worth knowing. It fetches nothing.
The text is found by trafilatura, which takes its time on some pages and all memory on others: it belongs where it can be stopped.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin

from digest.errors import SourceError
from digest.fulltext.page import Extracted
from digest.knowledge_base.dates import parse_date
from digest.knowledge_base.html_text import without_boilerplate
from digest.sources.feed_bytes import as_utf8
from digest.sources.incoming import one_line
from digest.stories.urls import canonical_url, split_http

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from digest.fulltext.page import Page

#: Most characters of an article that are kept. The longest of 175 real documents has 20,295.
MAX_TEXT_CHARS: Final = 200_000
#: What a page says of its charset stands in its first kilobyte (HTML standard, 4.2.5.4); some put scripts before it.
_HEAD_BYTES: Final = 8_192
_META_CHARSET: Final = re.compile(rb"""<meta[^>]{1,300}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
#: Names under which pages mean a larger charset than they say (Encoding standard, 4.2).
_MEANT: Final = {
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252", "iso-8859-9": "cp1254",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949", "big5": "big5hkscs", "tis-620": "cp874", "iso-8859-11": "cp874",
}  # fmt: skip
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}\Z")
_PUBLISHED: Final = re.compile(r'"datePublished"\s*:\s*"([^"]{4,40})"')
#: Where pages say when they were published, the surest first.
_DATES: Final = (
    "//meta[@property='article:published_time' or @property='og:article:published_time']/@content",
    "//*[@itemprop='datePublished']/@content | //*[@itemprop='datePublished']/@datetime",
    "//meta[@name='date' or @name='pubdate' or @name='parsely-pub-date' or @name='DC.date.issued' or @name='dcterms.created']/@content",
)
#: trafilatura's elements that begin and end a paragraph; ``lb`` is a line break.
_BLOCKS: Final = frozenset({"body", "p", "head", "list", "item", "quote", "code", "table", "row", "lb", "div", "ab"})
_LIBRARIES: Final = ("trafilatura", "htmldate", "courlan", "justext")


def extract(html: bytes, *, url: str = "", charset: str = "") -> Extracted:
    """The article on the page ``html``, found at ``url``, in ``charset`` as the server says. Nothing is fetched.

    Raises SourceError where there is no text, or the page cannot be read.
    """
    import trafilatura
    from lxml.etree import LxmlError

    _hush()
    try:
        tree = trafilatura.load_html(_whole(decoded(html, charset)))
        if tree is None:
            raise SourceError("it is no page of HTML", where=url)
        head = _head(tree, url)
        found = trafilatura.bare_extraction(
            tree, url=head.url or None, with_metadata=True, include_comments=False, include_tables=True,
            date_extraction_params={"original_date": True, "extensive_search": False},
        )  # fmt: skip
    except (LxmlError, RecursionError, ValueError, TypeError, AttributeError, LookupError) as error:
        raise SourceError(f"it cannot be read as a page ({type(error).__name__})", where=url) from error
    if found is None or isinstance(found, dict):
        raise SourceError("there is no text on it that could be found", where=url)
    title = one_line(found.title or "")
    text = _text(found.body, title)
    if not any(c.isalpha() for c in text):
        raise SourceError("there is no text on it that could be found", where=url)
    return Extracted(
        title=title,
        url=head.url,
        publisher=head.publisher or one_line(found.sitename or "").lstrip("@"),
        published=head.published or parse_date(found.date or ""),
        text=text,
        language=head.language,
        author=one_line(found.author or ""),
    )


def extracted(page: Page) -> Extracted:
    """``extract`` of a page: the work of a process."""
    return extract(page.html, url=page.url, charset=page.charset)


def decoded(html: bytes, charset: str = "") -> str:
    """The text of ``html``, in the charset that its mark, the server (``charset``) or the page itself names, where that fits.

    What is valid UTF-8 beyond ASCII is UTF-8, whatever anybody says. Of what is neither this nor what is claimed, UTF-8 with some
    bytes broken is kept, anything else read as Windows-1252. Raises SourceError for charsets that no page is in.
    """
    found = _META_CHARSET.search(html, 0, _HEAD_BYTES)
    for claim in (charset, found[1].decode() if found else ""):
        data, known = as_utf8(html, _MEANT.get(claim.lower(), claim))
        if known:
            return data.decode("utf-8", "replace")
    text = html.decode("utf-8", "replace")
    beyond_ascii = sum(1 for c in text if c > "\x7f")
    return text if text.count("\ufffd") * 2 <= beyond_ascii else html.decode("cp1252", "replace")


@dataclass(frozen=True, slots=True)
class _Head:
    """What a page says of itself outside its text."""

    url: str
    publisher: str
    published: datetime | None
    language: str


def _head(tree: Any, url: str) -> _Head:
    language = one_line(tree.get("lang") or "")
    return _Head(
        url=_own_url(tree, url),
        publisher=one_line(next(iter(tree.xpath("//meta[@property='og:site_name']/@content")), "")),
        published=next((d for d in map(parse_date, _dates(tree)) if d is not None), None),
        language=language if _LANGUAGE.match(language) else "",
    )


def _dates(tree: Any) -> Iterator[str]:
    for path in _DATES:
        yield from tree.xpath(path)[:3]
    for script in tree.xpath("//script[@type='application/ld+json']/text()")[:10]:
        yield from _PUBLISHED.findall(script)[:3]
    yield from tree.xpath("//time[@pubdate]/@datetime | //article//time/@datetime")[:3]


def _own_url(tree: Any, url: str) -> str:
    """The address a page gives for itself; ``url`` where it gives none, or only that of its whole site."""
    given = tree.xpath("//link[@rel='canonical']/@href")[:1] + tree.xpath("//meta[@property='og:url']/@content")[:1]
    for link in given:
        try:
            own = urljoin(url, one_line(link))
            canonical_url(own)
            if split_http(own).path.strip("/") or not url or not split_http(url).path.strip("/"):
                return own
        except ValueError:
            continue
    return url if url.startswith(("http://", "https://")) else ""


def _whole(text: str) -> str:
    """``text`` such that trafilatura takes it for a page: it looks for ``html`` at the beginning, where others have comments."""
    return text if "html" in text[:50].lower() else f"<!doctype html>\n{text}"


def _text(body: Any, title: str) -> str:
    paragraphs = list(_paragraphs(body))
    if paragraphs and paragraphs[0] == title:
        del paragraphs[0]
    text = without_boilerplate("\n\n".join(paragraphs))
    if len(text) <= MAX_TEXT_CHARS:
        return text
    cut = text[:MAX_TEXT_CHARS]
    return cut[: cut.rindex("\n\n")] if "\n\n" in cut else cut


def _paragraphs(body: Any) -> Iterator[str]:
    """The paragraphs of what trafilatura found, in order: list items, quotes and rows of tables are some too."""
    from lxml.etree import iterwalk

    said: list[str] = []
    for event, element in iterwalk(body, events=("start", "end")):
        if element.tag in _BLOCKS:
            if paragraph := one_line(" ".join("".join(said).split())):
                yield paragraph
            said.clear()
        if event == "start":
            said += [" | "] if element.tag == "cell" and "".join(said).strip() else []
            said.append(element.text or "")
        else:
            said.append(element.tail or "")


def _hush() -> None:
    """What these libraries log of bad pages is told by what is raised: unless somebody asked for it, it is not shown."""
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
