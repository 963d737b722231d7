"""How seldom a process that makes or holds much looks through it for garbage."""

from __future__ import annotations

import asyncio
import gc
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: Python looks through everything whenever what is new has grown by a quarter, which in the bot is every few seconds: half a second in which
#: nothing is acked. What is young is looked through as ever, and dies by its count nearly always.
_THRESHOLDS: Final = (20_000, 20, 1_000_000)
_THOROUGHLY_EVERY_S: Final = 3_600.0


@asynccontextmanager
async def seldom_collected() -> AsyncIterator[None]:
    """Look through everything once an hour only, and what outlived that never again. For the whole process, while the context is open."""
    before = gc.get_threshold()
    gc.set_threshold(*_THRESHOLDS)
    collecting = asyncio.create_task(_thoroughly())
    try:
        yield
    finally:
        collecting.cancel()
        gc.set_threshold(*before)


async def _thoroughly() -> None:
    while True:
        await asyncio.sleep(_THOROUGHLY_EVERY_S)
        gc.collect()
        gc.freeze()
