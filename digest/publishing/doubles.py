"""Which of several messages of one piece stays. Pure.

The one that people answered stays, then the one with the most replies, then the oldest: what somebody has seen and used is not taken away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.publishing.ports import Posted


def kept(posted: Iterable[Posted]) -> dict[int, Posted]:
    """Of each piece, by its number, the message that stays; strays never do."""
    chosen: dict[int, Posted] = {}
    for number in sorted({p.piece for p in posted}):
        same = [p for p in posted if p.piece == number and not p.stray]
        if same:
            chosen[number] = min(same, key=_order)
    return chosen


def doubles(posted: Sequence[Posted]) -> tuple[Posted, ...]:
    """Those that go: what stands twice, and what stands outside its thread."""
    staying = {p.ts for p in kept(posted).values()}
    return tuple(p for p in posted if p.ts not in staying)


def _order(posted: Posted) -> tuple[bool, int, str]:
    return posted.people == 0, -posted.replies, posted.ts
