"""Files of an inbox as documents: the monitor's, and what people put there as text.

It owns how a text says where it is from. Saved web pages are read by ``fulltext``; what becomes of the files is ``processing``'s.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from digest.knowledge_base.document import Document, decode, parse_document
from digest.knowledge_base.html_text import line_of_html
from digest.knowledge_base.markdown import literal

if TYPE_CHECKING:
    from datetime import datetime

MARKDOWN: Final = (".md", ".markdown")
TEXT: Final = (".txt", ".text")
PAGES: Final = (".html", ".htm", ".xhtml")
SUFFIXES: Final = MARKDOWN + TEXT + PAGES

#: Longest title that is taken from a text's first words.
_MAX_TITLE_CHARS: Final = 120
#: What a line at the top of a text says of it, as the monitor's front matter calls it.
_LABELS: Final = {
    "title": "title", "url": "url", "link": "url", "source": "source", "publisher": "source", "published": "published",
    "date": "published", "category": "category", "topic": "primary_topic", "author": "author", "by": "author",
}  # fmt: skip
_LABEL: Final = re.compile(r"[ \t*]*([A-Za-z ]{3,20}?)[ \t*]*:[ \t*]*(\S.*?)[ \t*]*\Z")
_ADDRESS: Final = re.compile(
    r"^(?:[ \t>*_-]|&gt;)*(?:(?:URL|Link|Source|From|Via|Original)[ \t*]*:)?(?:[ \t*<]|&lt;)*(https?://[^\s<>\"]+?)(?:[ \t>*]|&gt;)*$",
    re.I | re.M,
)
#: How browsers, and the SingleFile extension, note in a saved page where it is from.
_SAVED_FROM: Final = re.compile(
    rb"<!--\s*(?:saved from url=\(\d{4}\)|Page saved with SingleFile\s+url:\s*)(https?://[^\s>]{1,8000})"
)
_SAVED_WITHIN: Final = 4_096


def inbox_document(name: str, data: bytes, *, now: datetime, changed: datetime) -> Document:
    """The document in the markdown or text file ``name``; ``changed`` is when it was last changed. Aware UTC, both.

    What has neither front matter nor labels has its address from a line that is one, and its title from its first words.
    Raises SourceError where it is empty or no text.
    """
    if name.lower().endswith(TEXT):
        text, given = decode(data)
        document = parse_document(_as_document(text), now=now, collected=changed)
    else:
        given = []
        document = parse_document(data, now=now, collected=changed)
    url = document.url or _address(data)
    title = document.title or _first_words(document.body)
    return replace(
        document,
        url=url,
        title=title,
        headline=document.headline or title,
        body=_without(document.body, title, url),
        notes=(*given, *document.notes),
    )


def saved_from(data: bytes) -> str:
    """The address that a browser noted in a page it saved; empty where none did."""
    found = _SAVED_FROM.search(data, 0, _SAVED_WITHIN)
    return found[1].decode("ascii", "ignore") if found else ""


def _as_document(text: str) -> bytes:
    """A text without markup as the monitor would write it: its labels above, what looks like markup escaped.

    A line right above labels, or above a line that is an address, is the title.
    """
    fields: list[str] = []
    lines = text.strip("\n").split("\n")
    if len(lines) > 1 and lines[0].strip() and not _label(lines[0]) and (_label(lines[1]) or _ADDRESS.fullmatch(lines[1])):
        fields.append(f"title: {html.escape(lines[0].strip(), quote=False)}")
        del lines[0]
    while lines and (label := _label(lines[0])):
        name, value = label
        fields.append(f"{name}: {value if name == 'url' else html.escape(value, quote=False)}")
        del lines[0]
    body = literal(html.escape("\n".join(lines), quote=False))
    return "\n".join(("---", *fields, "---", "", body)).encode()


def _label(line: str) -> tuple[str, str] | None:
    found = _LABEL.match(line)
    if found is None or (name := _LABELS.get(found[1].strip().lower())) is None:
        return None
    return name, found[2]


def _address(data: bytes) -> str:
    found = _ADDRESS.search(decode(data)[0])
    return found[1] if found else ""


def _first_words(body: str) -> str:
    first = line_of_html(body.partition("\n")[0])
    if len(first) <= _MAX_TITLE_CHARS:
        return first
    cut = first[:_MAX_TITLE_CHARS]
    return (cut[: cut.rindex(" ")] if " " in cut else cut) + "…"


def _without(body: str, title: str, url: str) -> str:
    """``body`` without a paragraph that is only the address of the whole, and without its title at the beginning."""
    kept = [p for p in body.split("\n\n") if not url or (p.strip(" <>*") != url and p.rpartition(": ")[2] != url)]
    return "\n\n".join(kept[1:] if len(kept) > 1 and kept[0] == title else kept)
