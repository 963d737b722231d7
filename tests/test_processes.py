from __future__ import annotations

import os
import signal

import pytest

from digest.processes import Elsewhere


def pid(_: object) -> int:
    return os.getpid()


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

    def make(work) -> Elsewhere:
        made.append(Elsewhere(work, 1))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_a_process_is_used_again_and_is_not_this_one(elsewhere):
    work = elsewhere(pid)
    assert work(None) == work(None) != os.getpid()


def test_what_a_dead_process_had_to_do_is_done_here(elsewhere):
    assert elsewhere(dies)(os.getpid()) == "done here"


def test_an_error_that_cannot_be_sent_is_told_in_words(elsewhere):
    with pytest.raises(RuntimeError, match="Stubborn: one two"):
        elsewhere(fails)(None)


def group(_: object) -> int:
    return os.getpgrp()


def test_an_interrupt_at_the_terminal_is_for_the_program_alone(elsewhere) -> None:
    assert elsewhere(group)(None) != os.getpgrp()
