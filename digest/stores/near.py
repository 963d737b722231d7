"""What every store of articles asks of the one that finds copies: of which article each of some is nearly a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.stories.near_duplicates import sketch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.model import Incoming
    from digest.ports import NearDuplicates


async def copies(batch: Sequence[Incoming], near: NearDuplicates) -> list[str]:
    """For each of ``batch`` the id of the article, added before it, whose text is most like its own; empty where it is no copy."""
    sketches = [(i.article.id, sketch(i.article.body) if i.sketch is None else i.sketch) for i in batch]
    return [found[0].article_id if found else "" for found in await near.add(sketches)]
