"""Files an assessed article: as a processed document of a knowledge base, or as a monitor's file in an inbox.

It owns which of an article's fields a document has, and what the files are called. Formats are ``writing``'s, places ``folder``'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from digest.knowledge_base.document import Document
from digest.knowledge_base.folder import Filed, KnowledgeBaseFolder, file_stem, file_under
from digest.knowledge_base.writing import monitor_file

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from digest.model import Article, Assessment, Judge


class Files(Protocol):
    """Somewhere assessed articles are kept as files."""

    def file(self, document: Document, now: datetime) -> Filed:
        """Keep ``document``, unless it is there already. Raises SourceError where it cannot be written."""


def document_of(article: Article, assessment: Assessment, *, category: str = "") -> Document:
    """The document that tells ``article``. ``category`` stands in where the assessment has none."""
    by = assessment.provenance
    return Document(
        title=article.title,
        headline=article.headline,
        url=article.url,
        publisher=article.publisher,
        published=article.published,
        collected=article.collected,
        score=assessment.score,
        topic=assessment.topic,
        reason=assessment.reason,
        summary=assessment.summary,
        key_insights=assessment.key_insights,
        tags=assessment.tags,
        category=assessment.category or category,
        source_type=article.source_type,
        body=article.body,
        notes=(),
        assessed_by=_ours(by.score or by.topic),
        summarised_by=_ours(by.summary or by.key_insights or by.tags),
        excerpt_only=article.excerpt_only,
        author=article.author,
        tier=article.tier,
        page_read=article.page_read,
    )


def _ours(judge: Judge) -> Judge:
    return "" if judge == "source" else judge


def monitor_name(document: Document) -> str:
    """What the monitor calls its file: ``DATE_ai_SLUG.md``."""
    day, _, name = file_stem(document).partition("_")
    return f"{day}_ai_{name}.md"


class FiledAsDocuments:
    """Keeps articles as processed documents of the knowledge base under ``root``."""

    def __init__(self, root: Path) -> None:
        self._folder = KnowledgeBaseFolder(root)

    def file(self, document: Document, now: datetime) -> Filed:
        """See ``Files``."""
        return self._folder.add(document, original=monitor_name(document), on=now.date(), now=now)


class FiledInInbox:
    """Keeps articles as the monitor's files in the folder ``inbox``, for whatever processes that.

    A file that was there and is gone was processed; the monitor's own memory sees that it is not written again. Summary, insights and
    tags are left to the processor.
    """

    def __init__(self, inbox: Path) -> None:
        self._inbox = inbox

    def file(self, document: Document, now: datetime) -> Filed:
        """See ``Files``."""
        text = monitor_file(document)
        return file_under(self._inbox, monitor_name(document).removesuffix(".md"), text, document, now)
