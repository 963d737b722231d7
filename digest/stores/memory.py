"""Articles in this process's memory: what a dry run stores into, and the plainest statement of what a store must do.

The same contract as Redis, without its two reasons to exist: nothing outlives the process, nothing is shared with another.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from digest.codec import load_incoming, prepared
from digest.ports import Changes, Held, Known, Stored
from digest.prepared import Prepared
from digest.stores.held import held
from digest.stores.memory_near_duplicates import MemoryNearDuplicates
from digest.stores.named import ID_CHARS, id_named
from digest.stores.near import copies
from digest.stories.fingerprint import text_fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from digest.model import Assessment, Incoming, Origin
    from digest.ports import Outcome

_Place = tuple[str, str]


class MemoryArticles:
    """ArticleStore, Backlog and ChangeLog over dictionaries."""

    def __init__(self) -> None:
        self._near = MemoryNearDuplicates()
        self._documents: dict[str, dict[_Place, Incoming]] = {}
        self._judged: dict[str, Assessment] = {}
        self._same: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._read: dict[str, dict[str, Known]] = {}
        self._changed: dict[str, int] = {}
        self._waiting: dict[str, None] = {}
        self._sequence = 0
        self._epoch = secrets.token_hex(8)

    async def put(self, batch: Sequence[Incoming | Prepared]) -> list[Stored]:
        """See ``ports.ArticleStore``."""
        copied = await copies([i if isinstance(i, Prepared) else prepared(i) for i in batch], self._near)
        whole = (load_incoming(i.data) if isinstance(i, Prepared) else i for i in batch)
        return [self._put(incoming, copy_of) for incoming, copy_of in zip(whole, copied, strict=True)]

    def _put(self, incoming: Incoming, copy_of: str) -> Stored:
        article_id, origin = incoming.article.id, incoming.origin
        place = (origin.source, origin.key)
        remembered = self._read.get(origin.source, {}).get(origin.key)
        documents = self._documents.get(article_id, {})
        if place in documents and documents[place].origin.revision == origin.revision:
            self._remember(origin, article_id)
            return Stored("unchanged", article_id, self._same.get(article_id, ""))
        if remembered and remembered.article_id != article_id:
            self._leave(remembered.article_id, place)
        outcome: Outcome = "new" if not documents else "updated" if place in documents else "duplicate"
        if outcome == "duplicate" and self._drop_moved(documents):
            outcome = "updated"
        documents = self._documents.setdefault(article_id, {})
        documents[place] = incoming
        if next(iter(documents)) == place:
            self._lead(article_id, incoming, copy_of)
        self._change(article_id)
        self._remember(origin, article_id)
        return Stored(outcome, article_id, self._same.get(article_id, ""))

    def _lead(self, article_id: str, incoming: Incoming, copy_of: str) -> None:
        self._judged.pop(article_id, None)
        for text in [t for t, i in self._texts.items() if i == article_id]:
            del self._texts[text]
        self._same[article_id] = self._original(incoming, copy_of)
        self._waiting.pop(article_id, None)
        if incoming.assessment.missing:
            self._waiting[article_id] = None

    def _original(self, incoming: Incoming, copy_of: str) -> str:
        """The article whose text this one has; empty where that is its own."""
        article_id = incoming.article.id
        first = self._same.get(copy_of) or copy_of
        if not first or first == article_id:
            fingerprint = text_fingerprint(incoming.article.body)
            first = self._texts.setdefault(fingerprint, article_id) if fingerprint else article_id
        return "" if first == article_id else first

    def _leave(self, article_id: str, place: _Place) -> None:
        documents = self._documents.get(article_id, {})
        if documents.pop(place, None) is None:
            return
        if documents:
            self._change(article_id)
        else:
            for held_by_id in (self._documents, self._judged, self._changed, self._waiting, self._same):
                held_by_id.pop(article_id, None)

    def _drop_moved(self, documents: dict[_Place, Incoming]) -> bool:
        lead = next(iter(documents))
        for source, key in [p for p in documents if p[1] not in self._read.get(p[0], {})]:
            del documents[source, key]
        return lead not in documents

    def _remember(self, origin: Origin, article_id: str) -> None:
        self._read.setdefault(origin.source, {})[origin.key] = Known(origin.revision, origin.stamp, article_id)

    def _change(self, article_id: str) -> None:
        self._sequence += 1
        self._changed.pop(article_id, None)
        self._changed[article_id] = self._sequence

    async def judge(self, judged: Sequence[tuple[str, Assessment]]) -> None:
        """See ``ports.ArticleStore``."""
        for article_id, assessment in judged:
            self._waiting.pop(article_id, None)
            if article_id in self._documents:
                self._judged[article_id] = assessment
                self._change(article_id)

    async def get(self, ids: Sequence[str]) -> list[Held | None]:
        """See ``ports.ArticleStore``."""
        return [self._held(i) for i in ids]

    def _held(self, article_id: str) -> Held | None:
        documents = self._documents.get(article_id)
        if not documents:
            return None
        return held(list(documents.values()), self._judged.get(article_id), self._same.get(article_id, ""))

    async def find(self, text: str) -> list[str]:
        """Ids of the articles that ``text`` names: an id, a URL, or the beginning of ids, at least 4 characters of it. A whole id comes
        back whether it is held or not."""
        begins = id_named(text)
        if len(begins) == ID_CHARS or not begins:
            return [begins] if begins else []
        return sorted(i for i in self._documents if i.startswith(begins))

    async def between(self, since: datetime, until: datetime) -> list[Held]:
        """See ``ports.ArticleStore``."""
        found = [h for i in self._documents if (h := self._held(i)) and since < h.lead.article.dated <= until]
        return sorted(found, key=lambda h: (h.lead.article.dated, h.lead.article.id))

    async def known(self, source: str) -> dict[str, Known]:
        """See ``ports.Backlog``."""
        return dict(self._read.get(source, {}))

    async def forget(self, source: str, keys: Sequence[str]) -> None:
        """See ``ports.Backlog``."""
        for key in keys:
            self._read.get(source, {}).pop(key, None)

    async def touch(self, origins: Sequence[tuple[Origin, str]]) -> None:
        """See ``ports.Backlog``."""
        for origin, article_id in origins:
            self._remember(origin, article_id)

    async def unassessed(self, limit: int) -> list[Held]:
        """See ``ports.Backlog``."""
        return [h for i in list(self._waiting)[:limit] if (h := self._held(i))]

    async def changes(self, after: int, limit: int) -> Changes:
        """See ``ports.ChangeLog``."""
        if after > self._sequence:
            self._epoch, after = secrets.token_hex(8), 0
        numbers = [(i, n) for i, n in self._changed.items() if n > after][:limit]
        found = tuple(h for i, _ in numbers if (h := self._held(i)))
        return Changes(self._epoch, numbers[-1][1] if numbers else after, found)

    async def total(self) -> int:
        """See ``ports.ChangeLog``."""
        return len(self._documents)

    async def ids(self) -> frozenset[str]:
        """See ``ports.ChangeLog``."""
        return frozenset(self._documents)

    async def newest(self) -> datetime | None:
        """See ``ports.ChangeLog``."""
        return max((h.lead.article.dated for i in self._documents if (h := self._held(i))), default=None)
