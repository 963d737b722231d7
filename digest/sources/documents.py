"""Reads single documents of a folder: what each file gives, beside what is known of it.

It is what the processes run that read a large folder, so it imports no more than that takes. Which files there are is the source's
to know, and what a document says is ``knowledge_base.document``'s.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from digest.codec import prepared
from digest.errors import SourceError
from digest.knowledge_base.document import parse_document
from digest.model import Incoming, Origin, SourceFailure
from digest.ports import Deferred, Unchanged
from digest.sources.files import in_words, last_changed, settled, stamp_of
from digest.sources.incoming import incoming
from digest.stories.near_duplicates import sketch

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from digest.knowledge_base.document import Document
    from digest.ports import Found, Known

#: Begins every revision, and is raised whenever documents are read differently: then all of them are read again.
READER: Final = "4-"

#: A file's path within the folder, or why it cannot be read.
Listed = str | SourceFailure


@dataclass(frozen=True, slots=True)
class DocumentReader:
    """Reads single documents. It is a value, so that a process of its own can be given it."""

    name: str
    root: Path
    max_bytes: int
    now: datetime

    def read(self, chunk: list[tuple[Listed, Known | None]]) -> list[Found]:
        """What each of the files listed gives, beside what is known of it."""
        return [key if isinstance(key, SourceFailure) else self._document(key, known) for key, known in chunk]

    def prepare(self, chunk: list[tuple[Listed, Known | None]]) -> list[Found]:
        """The same, ready to be stored: for where it is handed to another process."""
        return [prepared(found) if isinstance(found, Incoming) else found for found in self.read(chunk)]

    def _document(self, key: str, known: Known | None) -> Found:
        path = f"{self.root}/{key}"  # to make a Path for each takes half as long as to read the file
        try:
            if known is not None and known.revision.startswith(READER) and known.stamp == stamp_of(path):
                return Unchanged(Origin(self.name, key, known.revision, known.stamp))
            found = settled(path, self.max_bytes)
            if found is None:
                return Deferred(path)
            content, stamped = found
            revision = READER + hashlib.sha256(content).hexdigest()[:16]
            if known is not None and known.revision == revision:
                return Unchanged(Origin(self.name, key, revision, stamped), touched=True)
            return self._incoming(content, key, revision, stamped)
        except SourceError as error:
            return SourceFailure(self.name, path, str(error))
        except OSError as error:
            return SourceFailure(self.name, path, f"it cannot be read: {in_words(error)}")

    def _incoming(self, content: bytes, key: str, revision: str, stamp: str) -> Incoming:
        document = parse_document(content, now=self.now, collected=last_changed(stamp, self.now))
        if not document.url:
            raise SourceError("it has no URL: its front matter needs a 'url:'")
        told = told_by(document, Origin(self.name, key, revision, stamp), now=self.now, folder=key.rpartition("/")[0])
        return Incoming(told.origin, told.article, told.assessment, sketch(told.article.body))


def told_by(document: Document, origin: Origin, *, now: datetime, folder: str = "") -> Incoming:
    """The article that ``document`` tells, which was read at ``origin``. Raises SourceError as ``incoming`` does."""
    return incoming(
        source=origin.source,
        key=origin.key,
        revision=origin.revision,
        stamp=origin.stamp,
        now=now,
        url=document.url,
        title=document.title,
        headline=document.headline,
        publisher=document.publisher,
        published=document.published,
        collected=document.collected,
        body=document.body,
        source_type=document.source_type,
        folder=folder,
        notes=document.notes,
        excerpt_only=document.excerpt_only,
        author=document.author,
        tier=document.tier,
        page_read=document.page_read,
        score=document.score,
        topic=document.topic,
        reason=document.reason,
        summary=document.summary,
        key_insights=document.key_insights,
        tags=document.tags,
        category=document.category or folder,
        judge=document.assessed_by or "source",
        summary_judge=document.summarised_by or "source",
    )
