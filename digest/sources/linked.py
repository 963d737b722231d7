"""The article at a link that somebody gives, and the documents that are made of such articles.

It owns what of a page goes into an article, and what the store is told of a document: the same as whoever reads the knowledge
base later, so that it is known by then. What becomes of a link is ``adding``'s.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import structlog

from digest.errors import SourceError
from digest.knowledge_base.filing import FiledAsDocuments, FiledInInbox, document_of
from digest.knowledge_base.index_page import write_index
from digest.model import Incoming, SourceFailure
from digest.sources.documents import DocumentReader
from digest.sources.entries import without_publisher
from digest.sources.incoming import incoming

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from digest.fulltext.full_text import FullText
    from digest.fulltext.page import Extracted
    from digest.model import Article
    from digest.ports import Held

#: What the store calls what came by a link and is in no document of the knowledge base.
SOURCE: Final = "link"
#: A page with less text is none with an article: a notice, a form, a frame for a script. Of 175 real documents, most of them with
#: no more than a feed's excerpt of one or two sentences, 161 have more.
LEAST_TEXT_CHARS: Final = 100
_TITLE_WORDS: Final = 12

_log = structlog.get_logger(__name__)


class LinkedPages:
    """Implements ``adding.Pages`` by ``full_text``. ``clock`` gives the present, aware UTC."""

    def __init__(self, full_text: FullText, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._full_text = full_text
        self._clock = clock

    async def read(self, url: str) -> Incoming:
        """See ``adding.Pages``."""
        page = await self._full_text.read(url)
        if len(page.text) < LEAST_TEXT_CHARS:
            raise SourceError("there is hardly any text on it", where=url)
        return article_on(page, now=self._clock())

    async def completed(self, article: Article) -> Article:
        """See ``adding.Pages``."""
        return await self._full_text.completed(article)


def article_on(page: Extracted, *, now: datetime) -> Incoming:
    """The article that ``page`` shows; its first words are the title of one without. Raises SourceError as ``incoming`` does."""
    notes, title = list[str](), without_publisher(page.title, page.publisher)
    if not title:
        words = page.text.split()
        title = " ".join(words[:_TITLE_WORDS]) + ("…" if len(words) > _TITLE_WORDS else "")
        notes.append("it has no title; these are its first words")
    said = "\x1f".join((page.url, title, page.publisher, page.published.isoformat() if page.published else "", page.text))
    return incoming(
        source=SOURCE,
        key=page.url,
        revision=hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16],
        url=page.url,
        title=title,
        publisher=page.publisher,
        published=page.published,
        now=now,
        body=page.text,
        language=page.language,
        author=page.author,
        notes=notes,
        page_read=now,
    )


class KnowledgeBaseDocuments:
    """Implements ``adding.Documents``: documents of the knowledge base under ``root``, which the store holds as ``held_as``, and its
    index page. ``category`` names the folder of an article that has none. ``clock`` gives the present, aware UTC."""

    def __init__(
        self,
        root: Path,
        *,
        held_as: str,
        category: Callable[[Article], str] = lambda _: "",
        max_bytes: int = 5_000_000,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._root = root.expanduser().absolute()
        self._files = FiledAsDocuments(self._root)
        self._held_as = held_as
        self._category = category
        self._max_bytes = max_bytes
        self._clock = clock

    async def has(self, held: Held) -> bool:
        """See ``adding.Documents``."""
        paths = [self._root / o.key for o in held.origins if o.source == self._held_as]
        return await asyncio.to_thread(lambda: any(path.is_file() for path in paths))

    async def keep(self, incoming: Incoming) -> tuple[Incoming, str]:
        """See ``adding.Documents``."""
        return await asyncio.to_thread(self._kept, incoming)

    def _kept(self, incoming: Incoming) -> tuple[Incoming, str]:
        article, now = incoming.article, self._clock()
        filed = self._files.file(document_of(article, incoming.assessment, category=self._category(article)), now)
        reader = DocumentReader(self._held_as, self._root, self._max_bytes, now)
        (read,) = reader.read([(os.path.relpath(filed.path, self._root), None)])
        if not isinstance(read, Incoming):
            reason = read.reason if isinstance(read, SourceFailure) else "somebody is writing it"
            raise SourceError(f"its document cannot be read: {reason}", where=str(filed.path))
        if filed.new:
            self._list()
        return read, str(filed.path) if filed.new else ""

    def _list(self) -> None:
        """Keep the index page current. That it cannot be written costs no article: whoever files the next document tells it."""
        try:
            write_index(self._root, max_bytes=self._max_bytes)
        except SourceError as error:
            _log.warning("index_page_not_written", reason=str(error))


class InboxFiles:
    """Implements ``adding.Documents`` where somebody else makes the documents: files in ``inbox``. Until theirs are collected the store
    holds articles as they came. ``held_as``: what their knowledge base is called."""

    def __init__(
        self,
        inbox: Path,
        *,
        held_as: str,
        category: Callable[[Article], str] = lambda _: "",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._files = FiledInInbox(inbox.expanduser().absolute())
        self._held_as = held_as
        self._category = category
        self._clock = clock

    async def has(self, held: Held) -> bool:
        """See ``adding.Documents``. What was left in an inbox may be anywhere by now, and counts."""
        return any(o.source in (SOURCE, self._held_as) for o in held.origins)

    async def keep(self, incoming: Incoming) -> tuple[Incoming, str]:
        """See ``adding.Documents``."""
        article = incoming.article
        document = document_of(article, incoming.assessment, category=self._category(article))
        filed = await asyncio.to_thread(self._files.file, document, self._clock())
        origin = replace(incoming.origin, source=SOURCE, key=article.url)
        return replace(incoming, origin=origin), str(filed.path) if filed.new else ""
