"""Does work in processes of their own, which end when this one does, however it ends.

The standard library's pool and loky's were tried: the one runs the program's main module again in each process, whoever wrote
that, and processes of both stayed behind when the program was killed. Here a process reads what to do from a pipe: when the
program is gone the pipe ends, and so does the process.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

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
                self._popen = self._start()
                self._send(self._work)
            self._send(given)
            assert self._popen.stdout is not None  # noqa: S101 tells the type checker
            answer: tuple[bool, Any] = pickle.load(self._popen.stdout)  # noqa: S301 our own process wrote it
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            self.end()
            raise _Died from error
        return answer

    def end(self) -> None:
        if self._popen is None:
            return
        with self._popen:  # closes the pipes and waits
            self._popen.kill()
        self._popen = None

    def _send(self, value: object) -> None:
        assert self._popen is not None  # noqa: S101 tells the type checker
        assert self._popen.stdin is not None  # noqa: S101 tells the type checker
        pickle.dump(value, self._popen.stdin, protocol=pickle.HIGHEST_PROTOCOL)
        self._popen.stdin.flush()

    @staticmethod
    def _start() -> subprocess.Popen[bytes]:
        # -P: what lies in the working directory is not the program. The same modules are found in the same places.
        path = os.pathsep.join(p for p in sys.path if p)
        return subprocess.Popen(  # noqa: S603 its own interpreter and its own code
            [sys.executable, "-P", "-c", f"from {__name__} import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )


def main() -> None:
    """The process: work first, then what to do it on, one after the other, to the end of the input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program that is interrupted ends us
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints is no answer
    given = sys.stdin.buffer
    try:
        work = pickle.load(given)  # noqa: S301 the program that started this process wrote it
        while True:
            value = pickle.load(given)  # noqa: S301
            try:
                answer = (True, work(value))
            except Exception as error:  # noqa: BLE001 it is raised where the work was asked for
                answer = (False, error)
            pickle.dump(answer, answers, protocol=pickle.HIGHEST_PROTOCOL)
            answers.flush()
    except (EOFError, BrokenPipeError):
        os._exit(0)  # nothing is left to be tidied, and the pipe is gone
