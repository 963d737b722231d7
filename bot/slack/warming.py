"""What the first answer would have to wait for, read while the bot starts: the stories of a month."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Final

import structlog

from digest.errors import AinewsError

if TYPE_CHECKING:
    from digest.lookups.lookups import Lookups

#: Some thousand objects are made in it, which a collection looks through in a few milliseconds.
_EVERY_S: Final = 0.5

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
