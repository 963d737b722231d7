"""Publications in Redis: the adapter of ``publishing.ports.Ledger``. It may be lost: the channels' history is the truth."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import structlog

from digest.publishing.publication import Name
from digest.publishing.stored import dump_publication, load_publication
from digest.stores.connection import store_errors
from digest.stores.keys import PROOF_TTL_S, PUBLICATION_TTL_S, Keys

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from digest.publishing.publication import Publication

#: Stores one unless there is one of its name, and answers with what was there.
_ADD: Final = """
local there = redis.call('GET', KEYS[1])
if there then return there end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
if ARGV[5] == '0' then redis.call('ZADD', KEYS[3], ARGV[4], ARGV[3]) end
return false
"""
_log = structlog.get_logger(__name__)
_RELEASE: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class RedisLedger:
    """Of one workspace. ``client`` must give bytes."""

    def __init__(self, client: Redis, keys: Keys) -> None:
        self._client = client
        self._keys = keys
        self._add = client.register_script(_ADD)
        self._release = client.register_script(_RELEASE)
        self._save = client.register_script((Path(__file__).parent / "publication.lua").read_text(encoding="utf-8"))

    async def life(self) -> str:
        """See ``publishing.ports.Ledger``. A server's ``run_id`` is another after every start, and on a replica that took over."""
        key, new = self._keys.publications_life, secrets.token_hex(8)
        with store_errors():
            was = cast("bytes | None", await self._client.set(key, new, nx=True, get=True))
            server = await self._client.info("server")
        return f"{was.decode() if was else new}:{server.get('run_id', '')}"

    async def add(self, publication: Publication) -> Publication:
        """See ``publishing.ports.Ledger``."""
        k, name = self._keys, str(publication.name)
        due, closed = publication.due.timestamp(), int(publication.closed)
        with store_errors():
            there = await self._add(
                [k.publication(name), k.publications, k.publications_open],
                [dump_publication(publication), PUBLICATION_TTL_S, name, due, closed],
            )
            held = _loaded(cast("bytes | None", there)) if there else publication
            if held is None:  # damaged: what the channel holds of it is adopted
                await self._client.set(k.publication(name), dump_publication(publication), ex=PUBLICATION_TTL_S)
        return held or publication

    async def get(self, name: Name) -> Publication | None:
        """See ``publishing.ports.Ledger``."""
        with store_errors():
            raw = cast("bytes | None", await self._client.get(self._keys.publication(str(name))))
        return _loaded(raw)

    async def lease(self, name: Name, ttl_s: float) -> str | None:
        """See ``publishing.ports.Ledger``."""
        token = secrets.token_hex(12)
        with store_errors():
            taken = await self._client.set(self._keys.publication_lease(str(name)), token, nx=True, px=_ms(ttl_s))
        return token if taken else None

    async def save(self, publication: Publication, token: str, ttl_s: float) -> bool:
        """See ``publishing.ports.Ledger``."""
        k, name = self._keys, str(publication.name)
        with store_errors():
            saved = await self._save(
                [k.publication(name), k.publication_lease(name), k.publications, k.publications_open],
                [
                    token, _ms(ttl_s), dump_publication(publication), PUBLICATION_TTL_S, name, publication.due.timestamp(),
                    int(publication.closed),
                ],
            )  # fmt: skip
        return bool(saved)

    async def release(self, name: Name, token: str) -> None:
        """See ``publishing.ports.Ledger``."""
        with store_errors():
            await self._release([self._keys.publication_lease(str(name))], [token])

    async def open(self) -> list[Name]:
        """See ``publishing.ports.Ledger``."""
        k = self._keys
        with store_errors():
            newest = cast("list[tuple[bytes, float]]", await self._client.zrevrange(k.publications, 0, 0, withscores=True))
            old = (newest[0][1] if newest else 0.0) - PUBLICATION_TTL_S
            async with self._client.pipeline(transaction=False) as pipe:
                pipe.zremrangebyscore(k.publications, "-inf", old)
                pipe.zremrangebyscore(k.publications_open, "-inf", old)
                pipe.zrange(k.publications_open, 0, -1)
                names = (await pipe.execute())[-1]
        return [Name.of(n.decode()) for n in names]

    async def newest(self, limit: int, channel: str = "") -> list[Publication]:
        """See ``publishing.ports.Ledger``."""
        with store_errors():
            names = cast("list[bytes]", await self._client.zrevrange(self._keys.publications, 0, -1))
            wanted = [n for n in names if not channel or Name.of(n.decode()).channel == channel][:limit]
            raw = await self._client.mget([self._keys.publication(n.decode()) for n in wanted]) if wanted else []
        return [held for r in cast("list[bytes | None]", raw) if (held := _loaded(r)) is not None]

    async def proved(self, bot: str) -> bool:
        """See ``publishing.ports.Ledger``."""
        with store_errors():
            return bool(await self._client.exists(self._keys.proved(bot)))

    async def remember_proof(self, bot: str) -> None:
        """See ``publishing.ports.Ledger``."""
        with store_errors():
            await self._client.set(self._keys.proved(bot), b"1", ex=PROOF_TTL_S)


def _loaded(raw: bytes | None) -> Publication | None:
    """What was stored; None where there is nothing, or nothing that can be read."""
    if not raw:
        return None
    try:
        return load_publication(raw)
    except ValueError as error:
        _log.error("publication_damaged", reason=str(error)[:200])
        return None


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1_000))
