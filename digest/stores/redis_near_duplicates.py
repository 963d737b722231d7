"""Sketches of texts in Redis: the adapter of NearDuplicates. What must be atomic is in ``near.lua``.

The server finds the candidates by their bands, in one round trip for many texts, and gives their sketches; here these are
compared. A band whose articles are gone is harmless: it names a sketch that is no longer there, and expires with its period.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from digest.ports import Copy
from digest.stores.connection import store_errors
from digest.stories.near_duplicates import SAME, degree, packed_bands

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis.asyncio import Redis

    from digest.stores.keys import Keys

#: Sketches in one round trip. The answer to 100 is under a megabyte, and keeps the server busy for some 15 ms.
_TOGETHER: Final = 100
#: Candidates compared with one text, those that share the rarest bands first.
MAX_CANDIDATES: Final = 12
#: Newest ids kept of one band in a period, 6 bytes each: what more texts than that begin or end with is no sign of a copy.
_CROWD: Final = 10
#: Into how many periods the time to keep is divided. Bands are kept up to a period longer than what they name.
_PERIODS: Final = 3


class RedisNearDuplicates:
    """Sketches of one workspace. ``client`` must give bytes. ``least``: the degree from which on two texts are copies."""

    def __init__(self, client: Redis, keys: Keys, *, retention_days: int = 90, least: float = SAME) -> None:
        self._client = client
        self._keys = keys
        self._keep_s = retention_days * 86_400
        self._least = least
        self._script = client.register_script(Path(__file__).with_name("near.lua").read_text(encoding="utf-8"))

    async def add(self, batch: Sequence[tuple[str, bytes]]) -> list[tuple[Copy, ...]]:
        """See ``ports.NearDuplicates``."""
        await self.forget([i for i, sketch in batch if not sketch])
        return await self._found(batch, adding=True)

    async def candidates(self, batch: Sequence[tuple[str, bytes]]) -> list[tuple[Copy, ...]]:
        """See ``ports.NearDuplicates``."""
        return await self._found(batch, adding=False)

    async def forget(self, ids: Sequence[str]) -> None:
        """See ``ports.NearDuplicates``."""
        with store_errors():
            for start in range(0, len(ids), 1000):
                await self._client.unlink(*map(self._keys.near, ids[start : start + 1000]))

    async def _found(self, batch: Sequence[tuple[str, bytes]], *, adding: bool) -> list[tuple[Copy, ...]]:
        found: list[tuple[Copy, ...]] = [()] * len(batch)
        asked = [n for n, (_, sketch) in enumerate(batch) if sketch]
        for start in range(0, len(asked), _TOGETHER):
            places = asked[start : start + _TOGETHER]
            chunk = [batch[n] for n in places]
            with store_errors():
                answers = await self._script(*self._command(chunk, adding=adding))
            for place, (_, sketch), answer in zip(places, chunk, answers, strict=True):
                found[place] = self._copies(sketch, answer)
        return found

    def _command(self, chunk: Sequence[tuple[str, bytes]], *, adding: bool) -> tuple[list[str], list[Any]]:
        """Keys and arguments of ``near.lua``, in its order."""
        k, period_s = self._keys, max(1, self._keep_s // _PERIODS)
        period = int(time.time()) // period_s
        expires = (period + 1) * period_s + self._keep_s
        keys = [k.near_sequence, *(k.near_bands(period - n) for n in range(_PERIODS + 1))]
        args: list[Any] = [int(adding), self._keep_s, MAX_CANDIDATES, _CROWD, k.near(""), expires, _PERIODS + 1]
        for article_id, sketch in chunk:
            found = packed_bands(sketch)
            args.append(b"".join((bytes.fromhex(article_id), bytes((len(found) // 4,)), found, sketch)))
        return keys, args

    def _copies(self, sketch: bytes, answer: Sequence[bytes]) -> tuple[Copy, ...]:
        found = [Copy(i.hex(), degree(sketch, theirs)) for i, theirs in zip(answer[::2], answer[1::2], strict=True)]
        return tuple(sorted((c for c in found if c.degree >= self._least), key=lambda c: (-c.degree, c.article_id)))
