"""Publications in the memory of this process: a ``publishing.ports.Ledger`` that needs no server."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.publishing.publication import Name, Publication


class MemoryLedger:
    """``now`` in seconds, for leases."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._held: dict[Name, Publication] = {}
        self._leases: dict[Name, tuple[str, float]] = {}
        self._proved: set[str] = set()
        self._life = secrets.token_hex(8)

    async def life(self) -> str:
        """See ``publishing.ports.Ledger``."""
        return self._life

    async def add(self, publication: Publication) -> Publication:
        """See ``publishing.ports.Ledger``."""
        return self._held.setdefault(publication.name, publication)

    async def get(self, name: Name) -> Publication | None:
        """See ``publishing.ports.Ledger``."""
        return self._held.get(name)

    async def lease(self, name: Name, ttl_s: float) -> str | None:
        """See ``publishing.ports.Ledger``."""
        if name in self._leases and self._leases[name][1] > self._now():
            return None
        token = secrets.token_hex(12)
        self._leases[name] = (token, self._now() + ttl_s)
        return token

    async def save(self, publication: Publication, token: str, ttl_s: float) -> bool:
        """See ``publishing.ports.Ledger``."""
        name = publication.name
        if not self._holds(name, token):
            return False
        self._leases[name] = (token, self._now() + ttl_s)
        self._held[name] = publication
        return True

    async def release(self, name: Name, token: str) -> None:
        """See ``publishing.ports.Ledger``."""
        if self._holds(name, token):
            del self._leases[name]

    async def open(self) -> list[Name]:
        """See ``publishing.ports.Ledger``."""
        return [p.name for p in sorted(self._held.values(), key=lambda p: (p.due, str(p.name))) if not p.closed]

    async def newest(self, limit: int, channel: str = "") -> list[Publication]:
        """See ``publishing.ports.Ledger``."""
        found = [p for p in self._held.values() if not channel or p.name.channel == channel]
        return sorted(found, key=lambda p: (p.due, str(p.name)), reverse=True)[:limit]

    async def proved(self, bot: str) -> bool:
        """See ``publishing.ports.Ledger``."""
        return bot in self._proved

    async def remember_proof(self, bot: str) -> None:
        """See ``publishing.ports.Ledger``."""
        self._proved.add(bot)

    def _holds(self, name: Name, token: str) -> bool:
        held = self._leases.get(name)
        return held is not None and held[0] == token and held[1] > self._now()
