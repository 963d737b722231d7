"""The stories that are counted: those of the articles that a store holds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from digest.stories.group import stories
from digest.stories.telling import events

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from digest.model import Story
    from digest.ports import ArticleStore
    from digest.stories.meaning import Meaning


async def recent_stories(store: ArticleStore, now: datetime, back: timedelta, meaning: Meaning | None = None) -> list[Story]:
    """The stories dated within ``back`` before ``now`` (aware), by when they are dated. Raises StoreError."""
    found = await store.between(now - back, now)
    return await asyncio.to_thread(lambda: stories(found, events(found, meaning)))
