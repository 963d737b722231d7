"""What every command does that writes documents: nothing in the knowledge base is judged anew, and what is new is held at once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from digest.collected import Collected
    from digest.factory import Parts


async def keeping(parts: Parts, write: Callable[[], Awaitable[Sequence[str]]]) -> Collected:
    """Take in the knowledge base as it is, then ``write``, which gives the paths of new documents; then take in those too.

    The page that lists the documents is kept current; that it cannot be written is a failure in the result, and no more. Raises
    StoreError.
    """
    from digest import pipeline
    from digest.factory import sources
    from digest.knowledge_base.index_page import index_written

    root = parts.settings.knowledge_base_folder
    root.mkdir(parents=True, exist_ok=True)
    places = sources(parts.settings, knowledge_bases=[root])
    before = await pipeline.collect(places, parts.articles, parts.assessor)
    if not any(Path(d).is_relative_to(root) for d in await write()):
        return before
    failure = await asyncio.to_thread(index_written, root)
    collected = await pipeline.collect(places, parts.articles, parts.assessor)
    collected.failures += [failure] if failure else []
    return collected
