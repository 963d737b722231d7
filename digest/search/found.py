"""What a search gives a person: the articles that are still held, page by page.

The index follows the store's changes, but that an article expired is no change: what is found and no longer held is dropped
from the index here, and the page filled up with what comes next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.ports import ArticleStore, Held, Hit, SearchIndex


async def search_held(
    index: SearchIndex, store: ArticleStore, words: str, *, limit: int = 10, offset: int = 0
) -> list[tuple[Hit, Held]]:
    """Up to ``limit`` articles about ``words`` with what is held of each, best first, after the ``offset`` best."""
    found: list[tuple[Hit, Held]] = []
    at = offset
    while len(found) < limit:
        hits = await index.search(words, limit=limit - len(found), offset=at)
        held = await store.get([h.article_id for h in hits])
        there = [(hit, h) for hit, h in zip(hits, held, strict=True) if h is not None]
        gone = [hit.article_id for hit, h in zip(hits, held, strict=True) if h is None]
        found += there
        if not gone:
            break
        dropped = await index.drop(gone)
        at += len(there) if dropped else len(hits)
    return found
