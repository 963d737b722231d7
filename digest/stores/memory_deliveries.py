"""Deliveries in memory: for where there is no Redis, and in its place while it is away. Bounded; nothing outlives the process."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST: Final = 10_000


class MemoryDeliveries:
    """``workspaces.ports.Deliveries``; the newest ten thousand are known."""

    def __init__(self) -> None:
        self._until: OrderedDict[str, float] = OrderedDict()
        self._open: dict[str, tuple[float, bytes]] = {}
        self._at: dict[str, tuple[float, str]] = {}

    async def first(self, name: str, ttl_s: int) -> bool:
        """See ``workspaces.ports.Deliveries``."""
        return self.first_now(name, ttl_s)

    def first_now(self, name: str, ttl_s: int) -> bool:
        """``first``, for who cannot wait."""
        now = time.monotonic()
        known = self._until.get(name, 0.0) > now
        if not known:
            self._until[name] = now + ttl_s
            self._until.move_to_end(name)
        while len(self._until) > _MOST:
            self._until.popitem(last=False)
        return not known

    async def forget(self, name: str) -> None:
        """See ``workspaces.ports.Deliveries``."""
        self._until.pop(name, None)

    async def begin(self, name: str, body: bytes) -> bool:
        """See ``workspaces.ports.Deliveries``."""
        taken = self.first_now(name, 86_400)
        if taken and len(self._open) < _MOST:
            self._open[name] = (time.monotonic(), body)
        return taken

    async def body(self, name: str) -> bytes | None:
        """See ``workspaces.ports.Deliveries``."""
        return self._open[name][1] if name in self._open else None

    async def hold(self, name: str, who: str, ttl_s: float) -> bool:
        """See ``workspaces.ports.Deliveries``."""
        until, held = self._at.get(name, (0.0, who))
        if held != who and until > time.monotonic():
            return False
        self._at[name] = (time.monotonic() + ttl_s, who)
        return True

    async def let_go(self, name: str, who: str) -> None:
        """See ``workspaces.ports.Deliveries``."""
        if name in self._at and self._at[name][1] == who:
            del self._at[name]

    async def finish(self, name: str) -> None:
        """See ``workspaces.ports.Deliveries``."""
        self._open.pop(name, None)

    async def keep(self, names: Sequence[str]) -> None:
        """See ``workspaces.ports.Deliveries``."""
        for name in names:
            if name in self._open:
                self._open[name] = (time.monotonic(), self._open[name][1])

    async def take_over(self, older_than_s: float) -> list[tuple[str, bytes]]:
        """See ``workspaces.ports.Deliveries``."""
        now = time.monotonic()
        before = now - older_than_s
        found = sorted((begun, name, body) for name, (begun, body) in self._open.items() if begun <= before)
        for _, name, body in found:
            self._open[name] = (now, body)
        return [(name, body) for _, name, body in found]
