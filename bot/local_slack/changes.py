"""What changed in the workspace, told to whoever watches: tests that wait, and a page that draws."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator


@dataclass(frozen=True, slots=True)
class Change:
    """One change: its kind (``message_posted``, ``view_opened``, …), when, and where."""

    kind: str
    at: float
    details: dict[str, Any] = field(default_factory=dict)


class Changes:
    """The watchers. Telling them never waits, and a slow one holds up nobody."""

    def __init__(self) -> None:
        self._watchers: list[Callable[[Change], None]] = []

    def tell(self, change: Change) -> None:
        """Every watcher hears of ``change``, in the order in which they came."""
        for watcher in tuple(self._watchers):
            watcher(change)

    def watch(self, watcher: Callable[[Change], None]) -> None:
        """``watcher`` is called at every change from now on."""
        self._watchers.append(watcher)

    @contextmanager
    def watched_by(self, watcher: Callable[[Change], None]) -> Iterator[None]:
        """``watcher`` is called at every change while the block runs."""
        self._watchers.append(watcher)
        try:
            yield
        finally:
            self._watchers.remove(watcher)

    async def follow(self) -> AsyncIterator[Change]:
        """Every change from now on."""
        waiting: asyncio.Queue[Change] = asyncio.Queue()
        with self.watched_by(waiting.put_nowait):
            while True:
                yield await waiting.get()

    async def until(self, holds: Callable[[], bool], timeout_s: float = 5.0) -> None:
        """Return as soon as ``holds`` is true; it is asked again at every change. Raises ``TimeoutError``."""
        changed = asyncio.Event()
        with self.watched_by(lambda _: changed.set()):
            async with asyncio.timeout(timeout_s):
                while not holds():
                    changed.clear()
                    await changed.wait()
