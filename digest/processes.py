"""Does work in processes of their own, which end when this one does, however it ends.

The standard library's pool and loky's were tried: the one runs the program's main module again in each process, whoever wrote
that, and processes of both stayed behind when the program was killed. What a process does is ``worker``'s; work that may take forever
is ``isolation``'s.
"""

from __future__ import annotations

import fcntl
import pickle
import queue
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from digest import worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

#: An answer that fits in can be left there, and the process goes on; Linux allows anybody a megabyte, other systems have their own.
_PIPE_BYTES: Final = 1 << 20

C = TypeVar("C")
T = TypeVar("T")


class Elsewhere(Generic[C, T]):
    """``work`` done in one of up to ``processes``, each started when it is first needed; to be called from as many threads.

    ``work``, what it is given and what it gives must be such that they can be pickled. Where a process dies, its work is done in
    this one instead, and all that follows on its thread.
    """

    def __init__(self, work: Callable[[C], T], processes: int) -> None:
        self._work = work
        self._idle: queue.SimpleQueue[_Process | None] = queue.SimpleQueue()
        for _ in range(processes):
            self._idle.put(_Process(work))

    def __call__(self, given: C) -> T:
        """What ``work`` gives or raises."""
        process = self._idle.get()
        try:
            if process is None:
                return self._work(given)
            done, result = process.do(given)
        except _Died:
            process = None
            return self._work(given)
        finally:
            self._idle.put(process)
        if not done:
            raise result
        answer: T = result
        return answer

    def close(self) -> None:
        """End the processes that are idle. Waits for them."""
        while True:
            try:
                process = self._idle.get_nowait()
            except queue.Empty:
                return
            if process is not None:
                process.end()


class _Died(Exception):
    """The process is no more."""


class _Process:
    def __init__(self, work: object) -> None:
        self._work = work
        self._popen: subprocess.Popen[bytes] | None = None

    def do(self, given: object) -> tuple[bool, Any]:
        """Whether it was done, and the result or else the exception."""
        try:
            if self._popen is None:
                command, environment = worker.command()
                self._popen = subprocess.Popen(  # noqa: S603 its own interpreter and its own code
                    command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                    process_group=0,  # Ctrl-C is for the program, which ends this; while starting, this would show a traceback
                )  # fmt: skip
                _enlarge(self._popen.stdout)
                self._ask((self._work, None))
            return self._ask(given)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            self.end()
            raise _Died from error

    def end(self) -> None:
        if self._popen is None:
            return
        with self._popen:  # closes the pipes and waits
            self._popen.kill()
        self._popen = None

    def _ask(self, given: object) -> tuple[bool, Any]:
        assert self._popen is not None  # noqa: S101 tells the type checker
        assert self._popen.stdin is not None  # noqa: S101
        assert self._popen.stdout is not None  # noqa: S101
        self._popen.stdin.write(worker.dumped(given))
        self._popen.stdin.flush()
        answer: tuple[bool, Any] = worker.loaded(self._popen.stdout)
        return answer


def _enlarge(pipe: IO[bytes] | None) -> None:
    """Where the system knows how, and lets us."""
    with suppress(AttributeError, OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)  # type: ignore[arg-type]
