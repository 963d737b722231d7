"""Writes documents so that ``document`` reads the same values back: the monitor's file and the processed document around it.

It owns the wording of both formats and what must be quoted or escaped in them. Front matter is valid YAML always; where a file
goes and what becomes of one that is there already is for others.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import format_datetime
from html import unescape
from typing import TYPE_CHECKING, Final

import yaml

from digest.knowledge_base.html_text import ENCODED_TWICE
from digest.knowledge_base.markdown import literal

if TYPE_CHECKING:
    from digest.knowledge_base.document import Document

#: How a paragraph may not begin, as it would be taken for a part of the document: a heading, a rule, a label, a footer.
_STRUCTURE: Final = re.compile(r"[#*-]")
#: What a reader that expects HTML would take for markup or an entity.
_MARKUP: Final = re.compile(r"<[a-zA-Z/!?]|&")
_CLOSING_HASHES: Final = re.compile(r"#+\Z")
_FETCHED_BY: Final = "AI news monitor"


def monitor_file(document: Document, *, fetched_by: str = _FETCHED_BY) -> str:
    """``document`` in the monitor's dialect, as it lies in an inbox: what the feed said, and how it was scored.

    Summary, insights and tags are no part of it. An unscored document has no ``relevance_score``, only one that this program
    scored has ``assessed_by``, only one whose page could not be read ``excerpt_only``, and ``author``, ``source_tier`` and ``page_read`` stand
    where they are known: the dialect of others has none of these.
    """
    published = _instant(document.published)
    score = "" if document.score is None else _number(document.score)
    fields = [
        ("source", _scalar(_escaped(document.publisher))),
        ("url", _scalar(document.url)),
        ("author", _scalar(_escaped(document.author))),
        ("source_tier", str(document.tier or "")),
        ("published", published),
        ("relevance_score", score),
        ("primary_topic", _scalar(_escaped(document.topic))),
        ("fetched", document.collected.isoformat()),
        ("category", _scalar(_escaped(document.category))),
        ("assessed_by", document.assessed_by),
        ("excerpt_only", _scalar(_escaped(document.excerpt_only))),
        ("page_read", document.page_read.isoformat() if document.page_read else ""),
    ]
    labels = [
        ("Source", _escaped(document.publisher)),
        ("URL", document.url),
        ("Published", published),
        ("Relevance Score", f"{score}/10" if score else ""),
    ]
    return "\n".join((
        *_front_matter(fields), "",
        f"# {_CLOSING_HASHES.sub(lambda m: '&#35;' * len(m[0]), literal(_escaped(document.headline)))}", "",
        *(f"**{name}**: {value}" for name, value in labels if value), "",
        "## Summary", "",
        _body(document.body), "",
        "## Scoring Analysis", "",
        f"**Primary Topic**: {_escaped(document.topic)}",
        f"**Reason**: {literal(_escaped(document.reason))}", "",
        "---", "",
        f"*Article fetched by {fetched_by}*",
        "*Full content will be processed by knowledge base system*", "",
        f"**Original URL**: {document.url}", "",
    ))  # fmt: skip


def processed_document(document: Document, *, inner: str, original: str, on: date) -> str:
    """``document`` as the knowledge base keeps it, with the monitor's file ``inner`` whole inside it.

    ``original`` is the name of that file and ``on`` the day it was processed.
    """
    fields = [
        ("title", _scalar(_escaped(document.title))),
        ("source", _scalar(original)),
        ("date_added", on.isoformat()),
        ("last_updated", on.isoformat()),
        ("tags", f"[{', '.join(_listed(tag) for tag in document.tags)}]"),
        ("source_type", _scalar(document.source_type)),
        ("summarised_by", document.summarised_by),
    ]
    return "\n".join((
        *_front_matter(fields), "",
        "## Summary", "",
        *(f"- {literal(_escaped(bullet))}" for bullet in document.summary), "",
        "## Key Insights", "",
        *(f"- {literal(_escaped(bullet))}" for bullet in document.key_insights), "",
        "## Full Content", "",
        inner.rstrip("\n"), "", "",
        "---", "",
        f"*Processed from inbox on {on.isoformat()}*",
        f"*Original file: {original}*", "",
    ))  # fmt: skip


def _front_matter(fields: list[tuple[str, str]]) -> list[str]:
    return ["---", *(f"{name}: {value}" for name, value in fields if value), "---"]


def _scalar(text: str) -> str:
    """``text`` as YAML reads it back as text: plain where it may be, else in double quotes."""
    return text if not text or _read_by_yaml(text) == text else _quoted(text)


def _listed(text: str) -> str:
    """The same within ``[`` and ``]``, where a quotation mark in the middle is legal and confuses simpler readers."""
    return text if _read_by_yaml(f"[{text}]") == [text] and not {'"', "'"} & set(text) else _quoted(text)


def _read_by_yaml(value: str) -> object:
    try:
        return yaml.safe_load(f"k: {value}\n").get("k")
    except (yaml.YAMLError, ValueError, AttributeError):
        return None


def _quoted(text: str) -> str:
    quoted: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=float("inf"))
    return quoted.rstrip("\n")


def _escaped(text: str) -> str:
    """One line of ``text`` as a reader that expects HTML gives it back."""
    if not _MARKUP.search(text):
        return text
    if "<" not in text and unescape(text) == text:
        return text
    text = ENCODED_TWICE.sub(lambda entity: f"&amp;{entity[0][1:]}", text)
    return re.sub(r"&(?=[#\w])", "&amp;", text).replace("<", "&lt;")


def _body(body: str) -> str:
    return literal("\n\n".join(_paragraph(p) for p in body.split("\n\n")))


def _paragraph(text: str) -> str:
    escaped = _escaped(text)
    return f"&#{ord(escaped[0])};{escaped[1:]}" if _STRUCTURE.match(escaped) else escaped


def _instant(instant: datetime | None) -> str:
    """RFC 2822, as feeds and the monitor write it; ISO 8601 where that would lose a fraction of a second."""
    if instant is None:
        return ""
    return instant.isoformat() if instant.microsecond else format_datetime(instant.astimezone(UTC))


def _number(score: float) -> str:
    return str(int(score)) if score == int(score) else repr(score)
