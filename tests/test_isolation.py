from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest

from digest.isolation import Isolated, OutOfBounds


def pid(_: object) -> int:
    return os.getpid()


def asleep(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def pid_after(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def greedy(megabytes: int) -> int:
    return len(bytearray(megabytes << 20))


def dies(_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fails(_: object) -> None:
    raise ValueError("no")


def large(megabytes: int) -> bytes:
    return bytes(megabytes << 20)


def isolated(work, processes: int = 1, *, deadline_s: float = 30.0, max_mb: int = 1024) -> Isolated:
    return Isolated(work, processes, deadline_s=deadline_s, max_mb=max_mb)


async def test_a_process_is_used_again_and_is_not_this_one():
    async with isolated(pid) as work:
        assert await work(None) == await work(None) != os.getpid()


async def test_as_many_work_at_once_as_there_are_processes():
    async with isolated(pid_after, 2) as work:
        found = await asyncio.gather(*(work(0.3) for _ in range(6)))
    assert len(set(found)) == 2


async def test_what_takes_too_long_is_killed_and_the_next_piece_of_work_is_done():
    async with isolated(asleep, deadline_s=0.3) as work:
        begun = time.monotonic()
        with pytest.raises(OutOfBounds, match=r"took longer than 0.3 s"):
            await work(60.0)
        assert time.monotonic() - begun < 10
        assert await work(0.0) == 0.0


async def test_what_takes_too_much_memory_is_refused_and_the_next_piece_of_work_is_done():
    async with isolated(greedy, max_mb=600) as work:
        with pytest.raises(OutOfBounds, match="more memory"):
            await work(2_000)
        assert await work(1) == 1 << 20


async def test_a_process_that_dies_is_told_of_and_replaced():
    async with isolated(dies) as work:
        for _ in range(2):
            with pytest.raises(OutOfBounds, match="crashed"):
                await work(None)


async def test_what_work_raises_is_raised_and_its_process_goes_on():
    async with isolated(fails) as work:
        for _ in range(2):
            with pytest.raises(ValueError, match="no"):
                await work(None)


async def test_an_answer_may_be_large():
    async with isolated(large) as work:
        assert len(await work(20)) == 20 << 20


async def test_who_is_cancelled_leaves_the_others_their_own_answers():
    async with isolated(asleep) as work:
        await work(0.0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await work(0.5)
        assert await work(0.01) == 0.01
