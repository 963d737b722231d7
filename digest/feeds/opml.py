"""A list of feeds as OPML: what other readers write is read, and what is written they can read.

A folder is a category, nested ones joined by a slash; tier and interval are attributes of our own. XML is read by expat, without
document types, and so without entities. Where a file is no well-formed XML, which is told, listparser finds what can be found.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from digest.feeds.entry import MOST_FEEDS, Problem, Raw, interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.feeds.feed import Feed

#: What names our two attributes: OPML 2.0 asks for a namespace for what it does not define.
NAMESPACE: Final = "urn:ainews:feeds"
#: Folders in folders; people have two or three.
_MAX_DEPTH: Final = 32
#: An address with ``&`` written bare is the commonest fault of OPML.
_BARE_AMPERSAND: Final = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)")
_OWN: Final = {"tier": "tier", "ainews:tier": "tier", "interval": "interval", "ainews:interval": "interval"}


class NotOpml(ValueError):
    """The data is no OPML that is read; the message says what it is instead."""


def read(data: bytes) -> tuple[list[Raw], list[Problem]]:
    """The entries of ``data`` with their lines, and a problem where it is no well-formed XML. Raises NotOpml."""
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = _BARE_AMPERSAND.sub(b"&amp;", data)
    outlines = _Outlines()
    try:
        outlines.parse(data)
    except expat.ExpatError as error:
        if not outlines.is_opml:
            raise NotOpml(f"line {error.lineno}: it is not OPML: {expat.ErrorString(error.code)}") from error
        problem = Problem(error.lineno, f"it is no well-formed XML from here on: {expat.ErrorString(error.code)}")
        return _salvaged(data), [problem]
    return outlines.found, []


def written(feeds: Sequence[Feed], title: str = "Feeds of ainews") -> str:
    """An OPML file of ``feeds``: those without a category, then a folder for each category in the order of its first feed."""
    folders: dict[str, list[Feed]] = {"": []}
    for feed in feeds:
        folders.setdefault(feed.category, []).append(feed)
    lines = [_outline(f, "    ") for f in folders.pop("")]
    for category, listed in folders.items():
        name = quoteattr(category)
        lines += [f"    <outline text={name} title={name}>", *(_outline(f, "      ") for f in listed), "    </outline>"]
    return "\n".join([
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<opml version="2.0" xmlns:ainews="{NAMESPACE}">',
        "  <head>", f"    <title>{title}</title>", "  </head>",
        "  <body>", *lines, "  </body>",
        "</opml>", "",
    ])  # fmt: skip


def _outline(feed: Feed, indent: str) -> str:
    name = quoteattr(feed.name)
    own = f'ainews:tier="{feed.tier}"' + (f' ainews:interval="{interval(feed.interval_s)}"' if feed.interval_s else "")
    return f'{indent}<outline type="rss" text={name} title={name} xmlUrl={quoteattr(feed.url)} {own}/>'


class _Outlines:
    """Collects outlines from expat's events."""

    def __init__(self) -> None:
        self.found: list[Raw] = []
        self.is_opml = False
        self._folders: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._document_type

    def parse(self, data: bytes) -> None:
        """Read all of ``data``. Raises ExpatError, NotOpml."""
        self._parser.Parse(data, True)

    def _document_type(self, *_: Any) -> None:
        raise NotOpml(f"line {self._parser.CurrentLineNumber}: a document type is not taken")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2].lower()
        if not self.is_opml:
            if tag in ("rss", "feed", "rdf"):
                raise NotOpml("it is a feed, not a list of feeds: ainews feeds add takes its address")
            if tag != "opml":
                raise NotOpml(f"it is XML, but no OPML: it begins with <{tag[:40]}>")
            self.is_opml = True
        if tag != "outline":
            return
        given = {name.lower(): value for name, value in attributes.items()}
        if given.get("xmlurl", "").strip():
            self._feed(given)
        self._folders.append("" if "xmlurl" in given else _name(given))
        if len(self._folders) > _MAX_DEPTH:
            raise NotOpml(f"line {self._parser.CurrentLineNumber}: folders are nested more than {_MAX_DEPTH} deep")

    def _end(self, tag: str) -> None:
        if tag.rpartition(":")[2].lower() == "outline":
            self._folders.pop()

    def _feed(self, given: dict[str, str]) -> None:
        if len(self.found) > MOST_FEEDS:
            return  # one too many is kept, so that it is told
        category = "/".join(filter(None, self._folders)) or given.get("category", "").split(",")[0].strip("/ ")
        own = {key: given[name].strip() for name, key in _OWN.items() if given.get(name, "").strip()}
        self.found.append(_raw(_name(given), given["xmlurl"], category, self._parser.CurrentLineNumber, own))


def _name(given: dict[str, str]) -> str:
    return given.get("text", "").strip() or given.get("title", "").strip()


def _raw(name: str, url: str, category: str, line: int, own: dict[str, str] | None = None) -> Raw:
    fields = {"name": name or _host(url), "url": url, "category": category, **(own or {})}
    return Raw({k: v for k, v in fields.items() if v or k in ("name", "url")}, line)


def _host(url: str) -> str:
    try:
        return (urlsplit(url.strip()).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _salvaged(data: bytes) -> list[Raw]:
    """What listparser, which reads XML as browsers read HTML, finds in broken OPML."""
    import listparser

    if data.lower().count(b"<outline") > 2 * MOST_FEEDS:
        return []
    # In plain ASCII: read as HTML, the declaration of an encoding would not count.
    text = data.decode("utf-8-sig", "replace").encode("ascii", "xmlcharrefreplace")
    feeds = listparser.parse(text).feeds
    return [_raw(f.title, f.url, "/".join(filter(None, f.categories[0])) if f.categories else "", 0) for f in feeds]
