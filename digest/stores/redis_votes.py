"""Votes in Redis: the adapter of Votes, a hash for each channel, with when they were cast beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from digest.stores.connection import store_errors
from digest.stores.keys import VOTES_TTL_S, Keys
from digest.stores.memory_subscribing import milliseconds, newest_first
from digest.subscribing.ports import VOTES_KEPT
from digest.subscribing.stored import dump_vote, load_vote

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from digest.stories.taste import Vote

#: US, between a person and an article in a field, as in those of articles.
_BETWEEN: Final = "\x1f"


class RedisVotes:
    """Votes of one workspace's channels. ``client`` must give bytes."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        self._client = client
        self._keys = keys
        self._cast = client.register_script((Path(__file__).parent / "vote.lua").read_text(encoding="utf-8"))

    async def cast(self, channel: str, vote: Vote) -> None:
        """See ``subscribing.ports.Votes``."""
        stored = dump_vote(vote) if vote.direction else b""
        field = f"{vote.person}{_BETWEEN}{vote.article_id}"
        with store_errors():
            await self._cast(self._both(channel), [field, stored, milliseconds(vote.at), VOTES_KEPT, VOTES_TTL_S])

    async def votes(self, channel: str) -> list[Vote]:
        """See ``subscribing.ports.Votes``."""
        with store_errors():
            found = cast("list[bytes]", await self._client.hvals(self._keys.votes(channel)))
        return newest_first([load_vote(raw) for raw in found])

    async def forget(self, channel: str, person: str | None = None) -> int:
        """See ``subscribing.ports.Votes``."""
        votes, at = self._both(channel)
        with store_errors():
            fields = [f.decode() for f in cast("list[bytes]", await self._client.hkeys(votes))]
            taken_back = [f for f in fields if person is None or f.partition(_BETWEEN)[0] == person]
            if not taken_back:
                return 0
            async with self._client.pipeline(transaction=True) as pipe:
                pipe.hdel(votes, *taken_back)
                pipe.zrem(at, *taken_back)
                gone, _ = await pipe.execute()
        return int(gone)

    def _both(self, channel: str) -> list[str]:
        return [self._keys.votes(channel), self._keys.votes_at(channel)]
