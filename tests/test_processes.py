from __future__ import annotations

import os
import signal
import time

import pytest

from digest.processes import Elsewhere, OutOfBounds


def pid(_: object) -> int:
    return os.getpid()


def asleep(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def greedy(megabytes: int) -> int:
    return len(bytearray(megabytes << 20))


def dies(home: int) -> str:
    if os.getpid() != home:
        os.kill(os.getpid(), signal.SIGKILL)
    return "done here"


class Stubborn(Exception):
    """Cannot be made again from what it is pickled as."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} {two}")


def fails(_: object) -> None:
    raise Stubborn("one", "two")


@pytest.fixture
def elsewhere():
    made: list[Elsewhere] = []

    def make(work, processes=1, **bounds) -> Elsewhere:
        made.append(Elsewhere(work, processes, **bounds))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_a_process_is_used_again_and_is_not_this_one(elsewhere):
    work = elsewhere(pid)
    assert work(None) == work(None) != os.getpid()


def test_what_takes_too_long_is_killed_and_the_next_piece_of_work_is_done(elsewhere):
    work = elsewhere(asleep, deadline_s=0.3)
    begun = time.monotonic()
    with pytest.raises(OutOfBounds, match=r"took longer than 0.3 s"):
        work(60.0)
    assert time.monotonic() - begun < 10
    assert work(0.0) == 0.0


def test_what_takes_too_much_memory_is_refused_and_the_next_piece_of_work_is_done(elsewhere):
    work = elsewhere(greedy, deadline_s=30, max_mb=600)
    with pytest.raises(OutOfBounds, match="more memory"):
        work(2_000)
    assert work(1) == 1 << 20


def test_a_process_that_dies_within_bounds_is_no_reason_to_do_its_work_here(elsewhere):
    work = elsewhere(dies, deadline_s=30)
    with pytest.raises(OutOfBounds, match="crashed"):
        work(os.getpid())


def test_without_bounds_what_a_dead_process_had_to_do_is_done_here(elsewhere):
    assert elsewhere(dies)(os.getpid()) == "done here"


def test_an_error_that_cannot_be_sent_is_told_in_words(elsewhere):
    with pytest.raises(RuntimeError, match="Stubborn: one two"):
        elsewhere(fails)(None)
