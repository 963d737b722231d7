"""Reads single documents of a folder: what each file gives, beside what is known of it.

It is what the processes run that read a large folder, so it imports no more than that takes. Which files there are is the source's
to know, and what a document says is ``knowledge_base.document``'s.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from digest.codec import prepared
from digest.errors import SourceError
from digest.knowledge_base.document import parse_document
from digest.model import Incoming, Origin, SourceFailure
from digest.ports import Deferred, Unchanged
from digest.sources.files import in_words, last_changed, settled, stamp_of
from digest.sources.incoming import incoming
from digest.stories.near_duplicates import sketch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from digest.knowledge_base.document import Document
    from digest.ports import Found, Known

#: Begins every revision, and is raised whenever documents are read differently: then all of them are read again.
READER: Final = "4-"

#: A file's path within the folder, or why it cannot be read.
Listed = str | SourceFailure


#: Bytes of files that are parsed together.
_TOGETHER_BYTES: Final = 1_000_000


class _Content(NamedTuple):
    origin: Origin
    content: bytes


class _Parsed(NamedTuple):
    origin: Origin
    document: Document


@dataclass(frozen=True, slots=True)
class DocumentReader:
    """Reads single documents. It is a value, so that a process of its own can be given it."""

    name: str
    root: Path
    max_bytes: int
    now: datetime

    def read(self, chunk: list[tuple[Listed, Known | None]]) -> list[Found]:
        """What each of the files listed gives, beside what is known of it.

        Each step is done for many files before the next one is: what a processor keeps at hand of the program then serves for all of
        them, which saves a fifth of the time.
        """
        found: list[Found] = []
        for group in self._groups(chunk):
            parsed = [self._parsed(f) if isinstance(f, _Content) else f for f in group]
            told = [self._told(f) if isinstance(f, _Parsed) else f for f in parsed]
            found += [_with_sketch(f) if isinstance(f, Incoming) else f for f in told]
        return found

    def prepare(self, chunk: list[tuple[Listed, Known | None]]) -> list[Found]:
        """The same, ready to be stored: for where it is handed to another process."""
        return [prepared(found) if isinstance(found, Incoming) else found for found in self.read(chunk)]

    def _groups(self, chunk: list[tuple[Listed, Known | None]]) -> Iterator[list[Found | _Content]]:
        group: list[Found | _Content] = []
        size = 0
        for key, known in chunk:
            found = key if isinstance(key, SourceFailure) else self._content(key, known)
            group.append(found)
            if isinstance(found, _Content):
                size += len(found.content)
            if size > _TOGETHER_BYTES:
                yield group
                group, size = [], 0
        yield group

    def _content(self, key: str, known: Known | None) -> Found | _Content:
        path = self._path(key)
        try:
            if known is not None and known.revision.startswith(READER) and known.stamp == stamp_of(path):
                return Unchanged(Origin(self.name, key, known.revision, known.stamp))
            found = settled(path, self.max_bytes)
        except SourceError as error:
            return SourceFailure(self.name, path, str(error))
        except OSError as error:
            return SourceFailure(self.name, path, f"it cannot be read: {in_words(error)}")
        if found is None:
            return Deferred(path)
        content, stamped = found
        origin = Origin(self.name, key, READER + hashlib.sha256(content).hexdigest()[:16], stamped)
        if known is not None and known.revision == origin.revision:
            return Unchanged(origin, touched=True)
        return _Content(origin, content)

    def _parsed(self, read: _Content) -> _Parsed | SourceFailure:
        origin, content = read
        try:
            document = parse_document(content, now=self.now, collected=last_changed(origin.stamp, self.now))
            if not document.url:
                raise SourceError("it has no URL: its front matter needs a 'url:'")
        except SourceError as error:
            return SourceFailure(self.name, self._path(origin.key), str(error))
        return _Parsed(origin, document)

    def _told(self, parsed: _Parsed) -> Incoming | SourceFailure:
        origin, document = parsed
        try:
            return told_by(document, origin, now=self.now, folder=origin.key.rpartition("/")[0])
        except SourceError as error:
            return SourceFailure(self.name, self._path(origin.key), str(error))

    def _path(self, key: str) -> str:
        return f"{self.root}/{key}"  # to make a Path for each takes half as long as to read the file


def _with_sketch(told: Incoming) -> Incoming:
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
