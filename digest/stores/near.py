"""What every store of articles asks of the one that finds copies: of which article each of some is nearly a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.ports import NearDuplicates
    from digest.prepared import Prepared


async def copies(batch: Sequence[Prepared], near: NearDuplicates) -> list[str]:
    """For each of ``batch`` the id of the article, added before it, whose text is most like its own; empty where it is no copy."""
    return [found[0].article_id if found else "" for found in await near.add([(p.article_id, p.sketch) for p in batch])]
