"""Doing the same again at an interval, until somebody stops the program."""

from __future__ import annotations

import asyncio
import re
import signal
from typing import TYPE_CHECKING, Final

import typer

from bot.cli.app import USAGE, err, failed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_INTERVAL: Final = re.compile(r"(\d+)\s*(s|m|h|d)\Z")
_UNIT_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds(text: str) -> float:
    """``30s``, ``15m``, ``2h`` or ``1d`` in seconds; ends with exit code 2 where it is none."""
    found = _INTERVAL.match(text.strip())
    if found is None or int(found[1]) == 0:
        err().print(f"'{text}' is no interval. Write a number with s, m, h or d, such as 15m.", markup=False)
        raise typer.Exit(USAGE)
    return int(found[1]) * _UNIT_S[found[2]]


async def again_and_again(work: Callable[[], Awaitable[None]], interval_s: float) -> None:
    """Do ``work`` until SIGTERM or Ctrl-C, which end it after what is under way, and a second time at once. A failure is told, and it is
    tried again next time."""
    from digest.errors import AinewsError

    stop, me = asyncio.Event(), asyncio.current_task()

    def end() -> None:
        if stop.is_set() and me is not None:
            me.cancel()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end)
    while not stop.is_set():
        try:
            await work()
        except AinewsError as error:
            failed(error)
        except asyncio.CancelledError:
            if me is None or not stop.is_set():
                raise
            me.uncancel()
        try:
            async with asyncio.timeout(interval_s):
                await stop.wait()
        except TimeoutError:
            continue
