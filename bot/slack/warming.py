"""What the first answer would have to wait for, read while the bot starts: the stories of a month. And how seldom a process that holds
so much looks through it for garbage.
"""

from __future__ import annotations

import asyncio
import gc
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import structlog

from digest.errors import AinewsError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from digest.lookups.lookups import Lookups

#: Some thousand objects are made in it, which a collection looks through in a few milliseconds.
_EVERY_S: Final = 0.5

#: Python looks through everything whenever what is new has grown by a quarter, which here is every few seconds: half a second in which
#: nothing is acked. What is young is looked through as ever, and dies by its count nearly always.
_THRESHOLDS: Final = (20_000, 20, 1_000_000)
_THOROUGHLY_EVERY_S: Final = 3_600.0

_log = structlog.get_logger(__name__)


async def warm(lookups: Lookups) -> None:
    """Read them. What is read stays for as long as the bot runs, so it is taken out of what is searched for garbage: with 10,000
    articles every thorough search stopped all answers for 160 to 200 ms."""
    reading = asyncio.ensure_future(lookups.warm())
    try:
        while not reading.done():
            gc.freeze()
            await asyncio.wait([reading], timeout=_EVERY_S)
        _log.info("stories_read", stories=reading.result())
    except AinewsError as error:  # the first who asks finds out whether it still is so
        _log.warning("stories_not_read", reason=str(error))
    finally:
        reading.cancel()
        gc.freeze()


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
