"""What the index finds for a search with filters. The index knows words alone, so that the best matches are looked at in turn until
enough of them pass."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from digest.pipeline import EVENT_DAYS
from digest.ports import Hit

if TYPE_CHECKING:
    from digest.lookups.filters import Asked
    from digest.lookups.recent import Recent
    from digest.model import Story
    from digest.ports import ArticleStore, Held, SearchIndex

#: Matches read at a time: more than anybody pages through, and few enough that others do not wait.
_TOGETHER: Final = 60
#: Matches looked at before it is said that there may be more: with a filter that hardly any pass, half a second.
_MOST: Final = 2_000
_EVER: Final = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Matches:
    """``rank``: by article its place among what matches, from 0. ``at_hand``: by article the story it is in, where that is known.
    ``held``: those others that are of the time asked for, or within a week of it, so that they may be of a story that is. ``more``:
    whether others match too."""

    rank: dict[str, int]
    at_hand: dict[str, Story]
    held: tuple[Held, ...]
    more: bool


async def matches(index: SearchIndex, store: ArticleStore, recent: Recent, wanted: Asked) -> Matches:
    """What matches the words of ``wanted``, until 60 articles pass its filters. Raises SearchError and StoreError."""
    held: list[Held] = []
    rank: dict[str, int] = {}
    at_hand: dict[str, Story] = {}
    at, passing, more = 0, 0, True
    while more and passing < _TOGETHER and at < _MOST:
        hits = await index.search(wanted.words, limit=_TOGETHER, offset=at)
        for place, hit in enumerate(hits, at):
            rank.setdefault(hit.article_id, place)
        more, at = len(hits) == _TOGETHER, at + len(hits)
        known = await recent.of(hit.article_id for hit in hits)
        at_hand |= known
        found = [h for h in await store.get([h.article_id for h in hits if h.article_id not in known]) if h is not None]
        passing += sum(map(wanted.takes, known.values())) + sum(wanted.passes(h.lead) for h in found)
        held += [h for h in found if wanted.dated(h.lead, timedelta(days=EVENT_DAYS))]
    return Matches(rank, at_hand, tuple(held), more)


async def articles(
    index: SearchIndex, store: ArticleStore, wanted: Asked, *, limit: int = 10, offset: int = 0
) -> list[tuple[Hit, Held]]:
    """Up to ``limit`` articles that match and pass, the best first, after the ``offset`` best; without words the newest. Raises
    SearchError and StoreError."""
    if not wanted.words:
        held = await store.between(*_EVER)
        passing = [(Hit(h.lead.article.id, 0.0), h) for h in reversed(held) if wanted.passes(h.lead)]
        return passing[offset : offset + limit]
    found: list[tuple[Hit, Held]] = []
    at, more = 0, True
    while more and len(found) < offset + limit:
        hits = await index.search(wanted.words, limit=_TOGETHER, offset=at)
        more, at = len(hits) == _TOGETHER, at + len(hits)
        there = zip(hits, await store.get([hit.article_id for hit in hits]), strict=True)
        found += [(hit, h) for hit, h in there if h is not None and wanted.passes(h.lead)]
    return found[offset : offset + limit]
