"""From the bytes of a feed to what it says, by feedparser, the reference for what is tolerated.

feedparser is handed nothing but bytes that were read already: a string it would open as a path or a URL. Its cleaning
of HTML is off, since only the text is kept. It blocks and may take long: call it off the event loop.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, Final

from digest.errors import SourceError
from digest.knowledge_base.dates import parse_date
from digest.sources.entries import Entry, ParsedFeed, When, article_link, feed_language, is_text_type
from digest.sources.feed_bytes import prepared
from digest.sources.feed_dates import of_parts

if TYPE_CHECKING:
    from datetime import datetime

_HTML: Final = re.compile(rb"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_FEED: Final = re.compile(rb"<(?:rss|feed|rdf:RDF|\w+:(?:rss|feed|RDF))[\s>]", re.IGNORECASE)
_PLACE: Final = re.compile(r"^<unknown>:(\d+):(\d+): ")
#: What feedparser counts as a defect and no reader needs to know.
_HARMLESS: Final = ("CharacterEncodingOverride", "NonXMLContentType")


def parse_feed(data: bytes, *, url: str = "", charset: str = "") -> ParsedFeed:
    """What the feed in ``data`` says. ``url`` is where it was found, ``charset`` what the server said of it.

    Raises SourceError, in words for people, where it is no feed, or broken with no entry to be had. An empty feed is
    one.
    """
    if not data.strip():
        raise SourceError("it is empty", where=url)
    try:
        parsed = _parsed(data, url, charset)
    except (SourceError, MemoryError):  # the latter is for whoever bounds the memory
        raise
    except Exception as error:  # feedparser raises many kinds on what is malformed; all mean the same to us
        raise SourceError(f"the feed could not be parsed ({type(error).__name__})", where=url) from error
    defect, version = _defect(parsed), _text(parsed, "version")
    if not parsed.entries and (defect or not version):
        raise SourceError(_instead(data, defect), where=url)
    feed, guess = parsed.feed, _Guesses()
    return ParsedFeed(
        title=_text(feed, "title"),
        base=url or _text(feed, "link"),
        language=feed_language(_text(feed, "language")),
        entries=tuple(_entry(e, guess, atom=version.startswith("atom")) for e in parsed.entries),
        notes=(f"its feed is broken: {defect}",) if defect else (),
    )


def _parsed(data: bytes, url: str, charset: str) -> Any:
    data, known = prepared(data, charset)
    headers = {"content-type": f"application/xml; charset={known}"} if known else {}
    if url:
        headers["content-location"] = url
    try:
        return _read(data, headers)
    except ValueError:  # one address that is none (``http://[``) fails the whole feed; spelt otherwise, its entry alone
        return _read(data.replace(b"//[", b"//%5B"), headers)


def _read(data: bytes, headers: dict[str, str]) -> Any:
    import feedparser

    return feedparser.parse(io.BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False)


def _defect(parsed: Any) -> str:
    error = parsed.get("bozo_exception") if parsed.get("bozo") else None
    if error is None or type(error).__name__ in _HARMLESS:
        return ""
    return _PLACE.sub(r"line \1: ", " ".join(str(error).split()))[:200]


def _instead(data: bytes, defect: str) -> str:
    """What was found where a feed should be."""
    start = data[:20_000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if _HTML.search(start) and not _FEED.search(start):
        return "it is an HTML page, not a feed"
    if start.startswith((b"{", b"[")):
        return "it is JSON, not an RSS or Atom feed"
    if start.startswith(b"\x1f\x8b"):
        return "it is a compressed file, not a feed"
    if not start.startswith(b"<") and b"\x00" not in data[:4]:
        return "it is neither RSS nor Atom, nor XML at all"
    return f"it has no entries, and is broken: {defect}" if defect else "it is neither RSS nor Atom"


class _Guesses:
    """Reads dates that feedparser does not. One takes up to 30 ms: of a feed full of nonsense it tries only some."""

    def __init__(self) -> None:
        self._left = 200

    def __call__(self, text: str) -> datetime | None:
        self._left -= 1
        return parse_date(text) if self._left >= 0 else None


def _entry(entry: Any, guess: _Guesses, *, atom: bool) -> Entry:
    linked = bool(_list(entry, "links"))
    return Entry(
        id=_text(entry, "id"),
        link=article_link(*(_text(entry, name) for name in ("feedburner_origlink", "link", "id")), linked=linked),
        title=_text(entry, "title"),
        title_is_text=atom and _text(dict.get(entry, "title_detail"), "type") == "text/plain",
        publisher=_text(dict.get(entry, "source"), "title"),
        dates=tuple(_when(entry, name, guess) for name in ("published", "updated") if _text(entry, name)),
        bodies=tuple(_bodies(entry)),
        categories=tuple(filter(None, (_text(tag, "term") or _text(tag, "label") for tag in _list(entry, "tags")))),
        author=_text(entry, "author"),
        linked=linked,
    )


def _text(mapping: Any, name: str) -> str:
    """A text by its own name: feedparser's dictionaries answer for ``updated`` with ``published``, and warn."""
    found = dict.get(mapping, name) if isinstance(mapping, dict) else None
    return found if isinstance(found, str) else ""


def _list(mapping: Any, name: str) -> list[Any]:
    """A list likewise. An element that is called as feedparser calls a list makes it a text."""
    found = dict.get(mapping, name)
    return found if isinstance(found, list) else []


def _when(entry: Any, name: str, guess: _Guesses) -> When:
    text = _text(entry, name)
    return When(text, of_parts(dict.get(entry, f"{name}_parsed")) or guess(text))


def _bodies(entry: Any) -> list[str]:
    contents = [c for c in _list(entry, "content") if is_text_type(_text(c, "type"))]
    return [text for text in (*(_text(c, "value") for c in contents), _text(entry, "summary")) if text]
