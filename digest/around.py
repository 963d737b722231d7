"""What stands around an article: the story it is in, and the nearest other stories, told earlier or later.

Which articles tell one event, and which are alike, is ``stories.telling``'s; here is where to look for them.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from digest.pipeline import EVENT_DAYS
from digest.stories.group import stories
from digest.stories.telling import MOST_RELATED, events, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.model import AssessedArticle, Story
    from digest.ports import ArticleStore, Held, SearchIndex
    from digest.stories.meaning import Meaning

#: Articles that the index finds for the headline, of which the nearest are kept.
_LOOKED_AT: Final = 60


@dataclass(frozen=True, slots=True)
class Around:
    """``story``: all that tell the article's event, it among them. ``related``: one article of each of the nearest other stories, the
    nearest first."""

    story: Story
    related: tuple[AssessedArticle, ...] = ()


async def around(
    held: Held,
    store: ArticleStore,
    index: SearchIndex,
    *,
    story: Story | None = None,
    count: int = MOST_RELATED,
    meaning: Meaning | None = None,
) -> Around:
    """What stands around ``held``, which is in ``story`` where that is known. Raises StoreError and SearchError."""
    story = story or await story_of(held, store, meaning=meaning)
    hits = await index.search(held.lead.article.headline, limit=_LOOKED_AT)
    others = [h for h in await store.get([h.article_id for h in hits]) if h is not None]
    return Around(story, await asyncio.to_thread(nearest, held.lead, others, story, count, meaning))


async def story_of(held: Held, store: ArticleStore, *, meaning: Meaning | None = None) -> Story:
    """The story that ``held`` is in, among what is dated within a week of it. Raises StoreError."""
    article, week = held.lead.article, timedelta(days=EVENT_DAYS)
    near = await store.between(article.dated - week, article.dated + week)
    found = near if any(h.lead.article.id == article.id for h in near) else [*near, held]
    return await asyncio.to_thread(_story_of, article.id, found, meaning)


def _story_of(article_id: str, found: Sequence[Held], meaning: Meaning | None) -> Story:
    return next(s for s in stories(found, events(found, meaning)) if any(a.article.id == article_id for a in s.articles))
