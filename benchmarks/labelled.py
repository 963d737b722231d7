"""Knowledge-base documents as labelled data: one for each canonical URL, and where the data lies.

What is learned or measured must not have a copy of one document on both sides; this is the only place that decides it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from digest.errors import SourceError
from digest.knowledge_base.document import parse_document
from digest.model import Article, article_id
from digest.stories.urls import canonical_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.knowledge_base.document import Document

_NOW: Final = datetime(2026, 11, 23, tzinfo=UTC)
DATA: Final = Path(os.environ.get("AINEWS_DATA") or Path(__file__).parents[2] / "shared" / "data")


def documents(folder: Path) -> list[Document]:
    """The documents below ``folder``, in the order of their paths, the first with text of each canonical URL.

    Whether a document has a score, a summary or insights is not asked. What cannot be read is left out.
    """
    kept: dict[str, Document] = {}
    for path in sorted(folder.rglob("*.md")):
        try:
            document = parse_document(path.read_bytes(), now=_NOW)
            key = canonical_url(document.url)
        except (SourceError, ValueError, OSError):
            continue
        if not (document.body or document.headline):
            continue
        held = kept.setdefault(key, document)
        if not held.summary and document.summary:  # the monitor's file and the processed one are copies: the latter says more
            kept[key] = replace(document, score=held.score if held.score is not None else document.score)
    return list(kept.values())


def bare(document: Document, *, given_title: bool = False) -> Article:
    """The document as an article of which only the text is known: the publisher's headline and the body.

    ``given_title``: also the title that the knowledge base gave it, which was written by somebody who knew the score.
    """
    title = document.title if given_title else document.headline
    url = canonical_url(document.url)
    return Article(
        id=article_id(url), url=document.url, canonical_url=url, title=title, headline=document.headline, publisher="",
        published=document.published, collected=document.collected, body=document.body,
    )  # fmt: skip


def publishers(found: Sequence[Document]) -> list[str]:
    """Each document's publisher, for a division in which no publisher is on both sides."""
    return [d.publisher for d in found]
