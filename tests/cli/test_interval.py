"""Doing the same at an interval, and how that ends."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from bot.cli.interval import again_and_again
from digest.errors import SourceError


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


async def test_a_failure_is_told_and_it_is_tried_again_until_it_is_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    done = 0

    async def work() -> None:
        nonlocal done
        done += 1
        if done == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        raise SourceError(f"failure {done}")

    await again_and_again(work, 0.001)
    assert done == 3
    assert "Failure 2." in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_stopped_once_what_is_under_way_is_done_and_stopped_twice_it_is_not(number: signal.Signals) -> None:
    begun, ended, may_end = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await may_end.wait()
        finally:
            ended.set()

    going = asyncio.create_task(again_and_again(work, 60))
    await begun.wait()
    os.kill(os.getpid(), number)
    await asyncio.sleep(0.05)
    assert not going.done()
    os.kill(os.getpid(), number)
    await going
    assert ended.is_set()
    assert not may_end.is_set()
