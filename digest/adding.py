"""A link that somebody gives becomes an article like any other: read, judged, filed as a document, stored, each once.

It knows the order of the steps, which link is meant, and what to say where it cannot be added. A document is written before the
store is told of it, as it is when a file is processed: whoever is killed in between leaves nothing that adding it again does not put
right. What somebody adds is kept whatever its score. An article that is held, but in no document, gets one; what was judged of it stays.
Reading pages, judging and filing are somebody else's.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol
from weakref import WeakValueDictionary

import structlog

from digest import measures
from digest.errors import AinewsError, FetchError, SourceError, StoreError
from digest.model import Incoming, article_id
from digest.ports import ArticleStore, Backlog
from digest.stories.urls import canonical_url, split_http, unwrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.model import Article, AssessedArticle
    from digest.ports import Assessor, Held

_log = structlog.get_logger(__name__)

#: Seconds for a page, its site's robots.txt and its turn at its host included: each of the two fetches may take 20.
PATIENCE_S: Final = 60.0
#: Links added at once.
_TOGETHER: Final = 8
_LINK: Final = re.compile(r"https?://[^\s<>\"|]+", re.IGNORECASE)
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]{0,20}):", re.IGNORECASE)
_AFTER_LINK: Final = ".,;:!?'”’»…*_~`"
_BRACKETS: Final = {")": "(", "]": "[", "}": "{"}
_MAX_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a link. ``new``: its article was held nowhere. ``updated``: it was held, but in no document; now it is in one.
    ``held``: it was in one already. ``document``: path of the file written now; empty where none was."""

    outcome: Literal["new", "updated", "held"]
    held: Held
    document: str = ""

    @property
    def lead(self) -> AssessedArticle:
        """The article as it is held."""
        return self.held.lead


class Pages(Protocol):
    """Something that reads articles' pages."""

    async def read(self, url: str) -> Incoming:
        """The article at ``url``, of which nothing is judged. Raises SourceError, FetchError among them, in words."""

    async def completed(self, article: Article) -> Article:
        """``article`` with its page's text in place of an excerpt, or as it was and why."""


class Documents(Protocol):
    """Where articles are kept as files."""

    async def has(self, held: Held) -> bool:
        """Whether one of the files tells ``held``: one that was taken away does not."""

    async def keep(self, incoming: Incoming) -> tuple[Incoming, str]:
        """File the article, unless it is there; what the store is to hold of it, and the path of a file that was written now.

        Raises SourceError where it cannot be filed.
        """


class Store(ArticleStore, Backlog, Protocol):
    """What adding needs of the store."""


class LinkAdder:
    """Adds links, several at once where they come so. ``patience_s`` bounds the reading of one page."""

    def __init__(
        self, pages: Pages, documents: Documents, store: Store, assessor: Assessor, *, patience_s: float = PATIENCE_S
    ) -> None:
        self._pages = pages
        self._documents = documents
        self._store = store
        self._assessor = assessor
        self._patience_s = patience_s
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._places = asyncio.Semaphore(_TOGETHER)

    async def add(self, text: str) -> Added:
        """Add the first link in ``text``. Of any number of calls for one article one is told ``new``.

        Raises AinewsError, with what to do: SourceError where there is no link, its page cannot be read (FetchError where it is
        not reached), has no article, or cannot be filed; StoreError.
        """
        url = link_in(text)
        name = article_id(canonical_url(url))
        turn = self._turns.setdefault(name, asyncio.Lock())
        async with self._places, turn:  # of two who add one link the second finds it held, and no model is asked twice
            added = await self._added(url, name)
        _log.info("link_added", outcome=added.outcome, article=added.lead.article.id, document=added.document)
        return added

    async def add_each(self, texts: Sequence[str]) -> list[Added | AinewsError]:
        """``add`` each, in that order; what cannot be added is the error. Raises StoreError: then all fail alike."""
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._or_error(text)) for text in texts]
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from errors
        return [t.result() for t in tasks]

    async def _or_error(self, text: str) -> Added | AinewsError:
        try:
            return await self.add(text)
        except StoreError:
            raise
        except AinewsError as error:
            return error

    async def _added(self, url: str, name: str) -> Added:
        held = await self._held(name)
        if held is None:
            incoming = await self._read(url)
            held = await self._held(incoming.article.id)  # the page may say that it belongs elsewhere
            if held is None:
                return await self._kept(incoming)
        if await self._documents.has(held):
            return Added("held", held)
        lead, origin = held.lead, held.origins[0]
        whole = await self._pages.completed(lead.article)
        return await self._kept(Incoming(origin, whole, lead.assessment), instead_of_held=True)

    async def _kept(self, incoming: Incoming, *, instead_of_held: bool = False) -> Added:
        """Judge what is missing, file it, and have the store follow the document: where it held the article by something else, the
        document leads from now on, as it does when the store is rebuilt."""
        known = incoming.assessment
        assessment = await self._assessor.assess(incoming.article, known) if known.missing else known
        measures.assessed(assessment)
        filed, document = await self._documents.keep(Incoming(incoming.origin, incoming.article, assessment))
        if instead_of_held:
            await self._store.forget(incoming.origin.source, [incoming.origin.key])
        (stored,) = await self._store.put([filed])
        held = await self._held(stored.article_id)
        if held is None:
            raise StoreError("the article is not held although it was stored", remedy="Add its link again.")
        if instead_of_held:
            return Added("updated", held, document)
        return Added("new" if stored.outcome == "new" else "held", held, document)

    async def _held(self, name: str) -> Held | None:
        (held,) = await self._store.get([name])
        return held

    async def _read(self, url: str) -> Incoming:
        try:
            async with asyncio.timeout(self._patience_s):
                return await self._pages.read(unwrapped(url))
        except TimeoutError as error:
            told = f"the page could not be read within {self._patience_s:g} s"
            raise SourceError(told, where=url, remedy="Try again later.") from error
        except FetchError as error:
            told, remedy = f"the page cannot be reached: {error}", error.remedy or _remedy(error.status)
            raise FetchError(told, where=url, remedy=remedy, status=error.status, retry_after_s=error.retry_after_s) from error
        except SourceError as error:
            raise SourceError(f"the page cannot be added: {error}", where=url, remedy=error.remedy or _SAVE_IT) from error


def link_in(text: str) -> str:
    """The first web address in ``text``, without what punctuation stands behind it.

    Raises SourceError, with what to do, where there is none that can be fetched. No user name or password is repeated in it.
    """
    found = _LINK.search(text)
    if found is None:
        raise _no_link(text)
    url = _trimmed(found[0])
    try:
        parts = split_http(url)
        canonical_url(url)
    except ValueError as error:
        raise SourceError(f"that is no link: {error}", remedy="Copy the address of the article's page.") from error
    if "@" in parts.netloc:
        told = "the link holds a user name or password, with which nothing is fetched"
        raise SourceError(told, remedy="Give the link without them.")
    return url


def _no_link(text: str) -> SourceError:
    line = " ".join("".join(c if c.isprintable() else " " for c in text[:400]).split())
    scheme = _SCHEME.match(line)
    if not line:
        return SourceError("there is no link", remedy="Give the address of the article's page.")
    if scheme is not None and scheme[1].lower() not in ("http", "https"):
        return SourceError(
            f"only http and https are fetched, not {scheme[1].lower()}", remedy="Give the address of the article's page."
        )
    shown = line if len(line) <= _MAX_SHOWN else line[: _MAX_SHOWN - 1] + "…"
    return SourceError(f"there is no link in “{shown}”", remedy="A link begins with https://.")


def _trimmed(link: str) -> str:
    """``link`` without the punctuation of the sentence it stands in; brackets stay where they are closed in it."""
    while link:
        last = link[-1]
        opening = _BRACKETS.get(last)
        if last not in _AFTER_LINK and (opening is None or link.count(opening) >= link.count(last)):
            break
        link = link[:-1]
    return link


_SAVE_IT: Final = "A page that you can read can be saved from the browser and filed with: ainews process FOLDER."


def _remedy(status: int | None) -> str:
    if status in (401, 402, 403, 451):
        return f"It is not open to everybody. {_SAVE_IT}"
    if status in (404, 410):
        return "Check the link: there is no such page."
    return "Check the link, or try again later."
