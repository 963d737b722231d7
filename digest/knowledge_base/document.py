"""One knowledge-base document: from bytes to its fields, in both dialects.

The *monitor's file* has front matter (source, url, published, relevance_score, primary_topic), a heading, the feed's text
under ``## Summary`` and ``## Scoring Analysis``. The *processed document* wraps such a file under ``## Full Content`` and adds
its own title, tags, ``## Summary`` and ``## Key Insights``. This module knows where each field stands and what is boilerplate;
what a field means is for others. Front matter is read by ``front_matter``, HTML by ``html_text``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from digest.errors import SourceError
from digest.knowledge_base import front_matter, outline
from digest.knowledge_base.dates import MOST_AHEAD, parse_date
from digest.knowledge_base.front_matter import Value, list_of, text_of
from digest.knowledge_base.html_text import is_printable, line_of_html, text_of_html
from digest.knowledge_base.markdown import has_signs, html_of_line, html_of_markdown
from digest.knowledge_base.scores import parse_score

if TYPE_CHECKING:
    from digest.model import Judge

_HEADING: Final = re.compile(r"\s*#[ \t]+([^\n]+)(?:\n|\Z)")
#: What may close a heading; the sign of "C#" does not.
_CLOSING: Final = re.compile(r"[ \t]+#+\Z")
_BULLET: Final = re.compile(r"[ \t]*(?:[-*+•]|\d{1,2}[.)])[ \t]+")
_COMMENT: Final = re.compile(r"\s#\s.*\Z")


@dataclass(frozen=True, slots=True)
class Document:
    """The fields of one document. A text that is not given is empty, a score that is not given or malformed is None.

    ``title`` is the document's own, ``headline`` the publisher's; each falls back on the other. ``published`` and
    ``collected`` are aware UTC. ``body`` is clean text, paragraphs parted by an empty line. ``notes`` say, in words, what
    was given and could not be understood. ``assessed_by``: which of this program's assessors scored it, and
    ``summarised_by`` wrote summary, insights and tags; empty where whoever wrote the document did. ``excerpt_only``: why ``body`` is only an excerpt of the article, in words; empty where it is not known to be.
    ``tier``: that of its feed, 1 to 3; 0 where it has none. ``page_read``: when ``body`` was read from the article's web page.
    """

    title: str
    headline: str
    url: str
    publisher: str
    published: datetime | None
    collected: datetime
    score: float | None = None
    topic: str = ""
    reason: str = ""
    summary: tuple[str, ...] = ()
    key_insights: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    category: str = ""
    source_type: str = "article"
    body: str = ""
    notes: tuple[str, ...] = ()
    assessed_by: Judge = ""
    summarised_by: Judge = ""
    excerpt_only: str = ""
    author: str = ""
    tier: int = 0
    page_read: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Monitored:
    """The monitor's file: its fields by name, its heading, its text as it stands and its analysis."""

    fields: dict[str, Value]
    heading: str
    content: str
    topic: str
    reason: str


def parse_document(data: bytes, *, now: datetime, collected: datetime | None = None) -> Document:
    """The document in ``data``, in either dialect.

    ``now`` (aware UTC) tells which dates lie in the future. ``collected`` (else ``now``) stands in for when it was collected
    where the document does not say. Raises SourceError where ``data`` is empty, is no text, or has front matter without an end. Fields that are
    missing are not an error here.
    """
    text, notes = decode(data)
    if ("`" in text and "```" in text) or ("~" in text and "~~~" in text):  # one character is found far faster than three
        text = outline.unwrapped(text)
    outer, rest = _split(text)
    rest = "\n" + rest
    head, content = _around(rest, outer)
    if content is None:
        return _document({}, {}, _monitored(outer, rest), notes, now, collected or now)
    return _document(outer, _sections(head), _monitored(*_inner(content)), notes, now, collected or now)


def _around(rest: str, outer: dict[str, Value]) -> tuple[str, str | None]:
    """What the processor wrote above the file, and the file; None where ``rest`` is the file itself."""
    processed = outline.is_processed(outer)
    if full := outline.full_content(rest, processed=processed):
        return rest[: full.start()], outline.without_processor_footer(rest, full.end())
    end = outline.end_of_sections(rest) if processed else None
    return ("", None) if end is None else (rest[:end], outline.without_processor_footer(rest, end))


def decode(data: bytes) -> tuple[str, list[str]]:
    """The text of ``data`` with line ends made ``\\n``, and notes. UTF-8 and UTF-16 by their marks, then UTF-8, then
    Windows-1252, which is noted. Raises SourceError for nothing and for what is no text."""
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise SourceError("the file is empty")
    notes: list[str] = []
    try:
        text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        if _is_binary(data):
            raise SourceError("the file is binary, not text") from None
        text = data.decode("cp1252", errors="replace")
        notes.append("not UTF-8: read as Windows-1252")
    if "\x00" in text:
        raise SourceError("the file is binary, not text")
    if "\ufeff" in text:  # of a file that was put into another
        text = text.replace("\ufeff", "")
    return (text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text), notes


def _is_binary(data: bytes) -> bool:
    head = data[:8192]
    odd = sum(b < 9 or 13 < b < 32 for b in head)
    return b"\x00" in head or odd > len(head) // 50


def _inner(content: str) -> tuple[dict[str, Value], str]:
    try:
        return _split(outline.unwrapped(content))
    except SourceError:
        return {}, content


def _split(text: str) -> tuple[dict[str, Value], str]:
    """Front matter, of which ``relevance-score`` and ``Relevance Score`` are fields too, and what is below."""
    fields, rest = front_matter.split(text) or ({}, text)
    if not front_matter.USUAL_NAMES.issuperset(fields):
        fields = {name.replace("-", "_").replace(" ", "_"): value for name, value in fields.items()}
    return fields, rest


def _monitored(fields: dict[str, Value], rest: str) -> _Monitored:
    """Take the monitor's file apart: heading, meta lines, text, analysis."""
    heading = _HEADING.match(rest)
    meta, at = outline.meta(rest, heading.end() if heading else 0)
    at = outline.after_summary_heading(rest, at)
    analysis = outline.analysis(rest, at)
    content = "\n" + (rest[at : analysis.start()] if analysis else rest[at:])
    below, original = outline.without_monitor_footer(rest[analysis.end() :] if analysis else "")
    content, address = outline.without_monitor_footer(content)
    labels = outline.labelled(below)
    given: dict[str, Value] = {_FIELD_OF_META.get(k, k): v for k, v in meta.items() if v}
    if original or address:
        given.setdefault("url", original or address)
    merged = {**given, **{k: v for k, v in fields.items() if v}}
    title = _CLOSING.sub("", heading[1].rstrip()) if heading else ""
    return _Monitored(merged, title, content, labels.get("primary topic", ""), labels.get("reason", ""))


_FIELD_OF_META: Final = {"relevance score": "relevance_score", "original url": "url", "primary topic": "primary_topic"}


def _sections(head: str) -> dict[str, tuple[str, ...]]:
    """The bullets under each heading of the processed part."""
    return {name: _bullets(body) for name, body in outline.sections(head).items() if name in ("summary", "key insights")}


def _bullets(section: str) -> tuple[str, ...]:
    """The bullets of a section, each on one line. Text without bullets is one for each paragraph."""
    found: list[str] = []
    fresh = True
    for line in section.split("\n"):
        if line.startswith("- "):  # as nearly all are written
            found.append(line[2:].strip())
            fresh = False
            continue
        mark = _BULLET.match(line)
        text = line[mark.end() :].strip() if mark else line.strip()
        if not text or text == "---":
            fresh = True
        elif mark or fresh or not found:
            found.append(text)
            fresh = False
        else:
            found[-1] += " " + text
    if has_signs(section):
        return tuple(filter(None, map(line_of_html, map(html_of_line, found))))
    plain = "<" not in section and "&" not in section and "  " not in section and is_printable(section.replace("\n", ""))
    return tuple(filter(None, found if plain else map(line_of_html, found)))


def _document(
    outer: dict[str, Value],
    sections: dict[str, tuple[str, ...]],
    file: _Monitored,
    notes: list[str],
    now: datetime,
    stand_in: datetime,
) -> Document:
    fields = file.fields
    headline = line_of_html(html_of_line(file.heading)) or line_of_html(text_of(fields.get("title")))
    title = _line(outer.get("title")) or headline
    given = _first(fields.get("url"), outer.get("url"), fields.get("link"), outer.get("link"))
    url = _AROUND_URL.sub(r"\1", given) if given[:1] in ("<", "[") else given
    dated = _first(fields.get("published"), outer.get("published")) or _first(
        *(of.get(name) for name in _PUBLISHED for of in (fields, outer))
    )
    published = _published(dated, now, notes)
    collected = _collected((fields.get("fetched"), outer.get("date_added"), fields.get("date_added")), now, stand_in)
    return Document(
        title=title,
        headline=headline or title,
        url=url,
        publisher=_publisher(fields.get("source"), fields.get("publisher"), outer.get("publisher"), outer.get("source")),
        published=published,
        collected=collected,
        score=_score(_first(fields.get("relevance_score"), outer.get("relevance_score")), notes),
        topic=_line(fields.get("primary_topic") or file.topic or outer.get("primary_topic")),
        reason=line_of_html(html_of_line(file.reason)),
        summary=sections.get("summary", ()),
        key_insights=sections.get("key insights", ()),
        tags=list_of(outer.get("tags") or fields.get("tags")),
        category=_line(fields.get("category") or outer.get("category")),
        source_type=_first(outer.get("source_type"), fields.get("source_type")) or "article",
        body=text_of_html(html_of_markdown(file.content)),
        notes=tuple(notes),
        assessed_by=_judge(fields.get("assessed_by")),
        summarised_by=_judge(outer.get("summarised_by")),
        excerpt_only=_line(fields.get("excerpt_only")),
        author=_line(fields.get("author")),
        tier=_TIERS.get(text_of(fields.get("source_tier")).strip(), 0),
        page_read=parse_date(text_of(read)) if (read := fields.get("page_read")) else None,
    )


def _line(value: Value | None) -> str:
    return line_of_html(text_of(value)) if value else ""


#: How front matter calls the day of publication otherwise.
_PUBLISHED: Final = ("date", "published_at", "published_date", "pub_date", "pubdate")
#: An address in angle brackets, or as a link in markdown.
_AROUND_URL: Final = re.compile(r"\A(?:<|\[[^\]\n]*\]\(<?)(https?://[^\s<>]+?)(?:>?\)|>)\Z", re.IGNORECASE)
#: What the processor writes as source is the name of the file that it read.
_FILE_NAME: Final = re.compile(r"\S+\.(?:md|markdown|txt|text|html?|eml|json)\Z", re.IGNORECASE)


def _publisher(*values: Value | None) -> str:
    """The first of ``values`` that names somebody, and neither a file nor an address."""
    for value in values:
        name = _line(value)
        if name and "://" not in name and not ("." in name and _FILE_NAME.match(name)):
            return name
    return ""


#: The tiers of feeds; anything else says nothing.
_TIERS: Final = {"1": 1, "2": 2, "3": 3}


def _judge(value: Value | None) -> Judge:
    text = text_of(value)
    return "claude" if text == "claude" else "offline" if text == "offline" else ""


def _first(*values: Value | None) -> str:
    """The first of ``values`` that says something, without a comment behind it."""
    for value in values:
        if value and (text := text_of(value).strip()):
            return _COMMENT.sub("", text).strip() if "#" in text else text
    return ""


def _published(text: str, now: datetime, notes: list[str]) -> datetime | None:
    if not text:
        return None
    instant = parse_date(text)
    if instant is None:
        notes.append(f"'{text[:40]}' is no date: its time of collection stands in")
    elif instant - now > MOST_AHEAD:
        notes.append(f"'{text[:40]}' lies in the future: its time of collection stands in")
        instant = None
    return instant


_A_DAY: Final = timedelta(hours=24)


def _collected(candidates: tuple[Value | None, ...], now: datetime, stand_in: datetime) -> datetime:
    for given in candidates:
        instant = parse_date(text_of(given)) if given else None
        if instant is not None and instant - now <= _A_DAY:
            return instant
    return stand_in


def _score(text: str, notes: list[str]) -> float | None:
    score = parse_score(text)
    if text and score is None:
        notes.append(f"'{text[:40]}' is no score from 0 to 10: unscored")
    return score
