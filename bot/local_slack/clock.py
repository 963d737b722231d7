"""Slack's clock: it can be set, run faster, and stand still."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress


class Clock:
    """Seconds since 1970, by which messages are stamped and lifetimes are counted.

    ``scale`` seconds pass in one real second; 0 stands still.
    """

    def __init__(self, start: float | None = None, scale: float = 1.0) -> None:
        self._base = time.time() if start is None else start
        self._origin = time.monotonic()
        self.scale = scale
        self._changed = asyncio.Event()

    def now(self) -> float:
        """The instant, in seconds since 1970."""
        return self._base + (time.monotonic() - self._origin) * self.scale

    def set(self, instant: float, scale: float | None = None) -> None:
        """Make it ``instant`` now; it runs on from there."""
        self._base, self._origin = instant, time.monotonic()
        self.scale = self.scale if scale is None else scale
        self._changed.set()  # whoever sleeps counts again
        self._changed = asyncio.Event()

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass at once."""
        self.set(self.now() + seconds)

    async def sleep(self, seconds: float) -> None:
        """Wait until ``seconds`` have passed on this clock, however they pass."""
        wake = self.now() + seconds
        while (left := wake - self.now()) > 0:
            changed = self._changed
            with suppress(TimeoutError):
                async with asyncio.timeout(left / self.scale if self.scale else None):
                    await changed.wait()
