"""Entries that wait to be assessed, in this process's memory: implements ``feeds.ports.Candidates`` for a rehearsal."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from digest.codec import load_incoming
from digest.feeds.ports import Candidate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from digest.feeds.ports import Admitted, Packed
    from digest.model import Incoming


class MemoryCandidates:
    """Candidates over dictionaries. ``held`` says whether an article of that id is in the store beside it."""

    def __init__(self, held: Callable[[str], bool] = lambda _: False) -> None:
        self._held = held
        self._waiting: dict[str, tuple[datetime, Candidate]] = {}
        self._seen: dict[str, float | None] = {}

    async def admit(self, batch: Sequence[Packed], now: datetime) -> list[Admitted]:
        """See ``feeds.ports.Candidates``."""
        return [self._admitted(load_incoming(entry.data), now) for entry in batch]

    def _admitted(self, incoming: Incoming, now: datetime) -> Admitted:
        article_id = incoming.article.id
        if article_id in self._seen:
            return "seen"
        if self._held(article_id):
            return "held"
        if article_id in self._waiting:
            return "waiting"
        self._waiting[article_id] = (now, Candidate(incoming, now))
        return "new"

    async def claim(self, limit: int, now: datetime, lease_s: float, ids: Sequence[str] = ()) -> list[Candidate]:
        """See ``feeds.ports.Candidates``."""
        due = await self.due(len(self._waiting), now)
        found = [self._waiting[i][1] for i in ([i for i in ids if i in due] if ids else due)[:limit]]
        await self.postpone(found, now + timedelta(seconds=lease_s))
        return found

    async def due(self, limit: int, now: datetime) -> list[str]:
        """See ``feeds.ports.Candidates``."""
        return [i for _, i in sorted((at, i) for i, (at, _) in self._waiting.items() if at <= now)[:limit]]

    async def due_at(self, article_id: str) -> datetime | None:
        """See ``feeds.ports.Candidates``."""
        return self._waiting[article_id][0] if article_id in self._waiting else None

    async def get(self, ids: Sequence[str]) -> list[Candidate | None]:
        """See ``feeds.ports.Candidates``."""
        return [self._waiting[i][1] if i in self._waiting else None for i in ids]

    async def postpone(self, candidates: Sequence[Candidate], until: datetime) -> None:
        """See ``feeds.ports.Candidates``."""
        self._waiting.update({c.incoming.article.id: (until, c) for c in candidates})

    async def settle(self, scores: Sequence[tuple[str, float | None]]) -> None:
        """See ``feeds.ports.Candidates``."""
        for article_id, score in scores:
            self._waiting.pop(article_id, None)
            self._seen[article_id] = score

    async def score(self, article_id: str) -> float | None:
        """See ``feeds.ports.Candidates``."""
        return self._seen.get(article_id)

    async def count(self) -> int:
        """See ``feeds.ports.Candidates``."""
        return len(self._waiting)
