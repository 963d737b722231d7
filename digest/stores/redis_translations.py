"""What was translated, in Redis: a JSON string for each article, language and wording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import orjson

from digest.stores.connection import store_errors
from digest.stores.keys import TRANSLATION_TTL_S
from digest.translating.ports import Bullets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis.asyncio import Redis

    from digest.stores.keys import Keys


class RedisTranslations:
    """``translating.ports.Translations`` in Redis."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    async def get(self, names: Sequence[str]) -> list[Bullets | None]:
        """See ``translating.ports.Translations``."""
        if not names:
            return []
        with store_errors():
            held = cast("list[bytes | None]", await self._client.mget([self._keys.translation(n) for n in names]))
        return [_bullets(h) if h else None for h in held]

    async def put(self, name: str, bullets: Bullets) -> None:
        """See ``translating.ports.Translations``."""
        kept = orjson.dumps({"summary": bullets.summary, "key_insights": bullets.key_insights})
        with store_errors():
            await self._client.set(self._keys.translation(name), kept, ex=TRANSLATION_TTL_S)


def _bullets(kept: bytes) -> Bullets | None:
    """None for what another version kept in another way."""
    try:
        held: Any = orjson.loads(kept)
        return Bullets(tuple(map(str, held["summary"])), tuple(map(str, held["key_insights"])))
    except (ValueError, TypeError, KeyError):
        return None
