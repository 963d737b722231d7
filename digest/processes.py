"""Does work in processes of their own, which end when this one does, however it ends.

What may take forever or all memory, such as parsing what strangers wrote, is given a deadline and a bound on its memory; past
either its process is killed, and the next piece of work gets a new one.

The standard library's pool and loky's were tried: the one runs the program's main module again in each process, whoever wrote
that, and processes of both stayed behind when the program was killed. Here a process reads what to do from a pipe: when the
program is gone the pipe ends, and so does the process.
"""

from __future__ import annotations

import os
import pickle
import queue
import resource
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

C = TypeVar("C")
T = TypeVar("T")


class OutOfBounds(Exception):
    """Work took longer or more memory than it was allowed, in words that follow "it"."""


class Elsewhere(Generic[C, T]):
    """``work`` done in one of up to ``processes``, each started when it is first needed; to be called from as many threads.

    ``work``, what it is given and what it gives must be such that they can be pickled. Where a process dies, its work is done in
    this one instead, and all that follows on its thread; unless bounds are given: ``deadline_s`` for one piece of work, its
    process's start not counted, and ``max_mb`` for a process's address space, of which Python and its libraries take some 300 at
    once (kept where the system does so; macOS does not). Then it is OutOfBounds, and nothing is done here.
    """

    def __init__(
        self, work: Callable[[C], T], processes: int, *, deadline_s: float | None = None, max_mb: int | None = None
    ) -> None:
        self._work = work
        self._bounded = deadline_s is not None or max_mb is not None
        self._idle: queue.SimpleQueue[_Process | None] = queue.SimpleQueue()
        for _ in range(processes):
            self._idle.put(_Process(work, deadline_s, max_mb))

    def __call__(self, given: C) -> T:
        """What ``work`` gives or raises."""
        process = self._idle.get()
        try:
            if process is None:
                return self._work(given)
            done, result = process.do(given)
        except _Died as death:
            if self._bounded:
                raise OutOfBounds(str(death)) from death
            process = None
            return self._work(given)
        finally:
            self._idle.put(process)
        if not done:
            if self._bounded and isinstance(result, MemoryError):
                raise OutOfBounds(_TOO_BIG)
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


_TOO_BIG: Final = "took more memory than it may"
_CRASHED: Final = "crashed the process that worked on it"


class _Died(Exception):
    """The process is no more; why, in words that follow "it"."""


class _Process:
    def __init__(self, work: object, deadline_s: float | None, max_mb: int | None) -> None:
        self._work = work
        self._deadline_s = deadline_s
        self._max_mb = max_mb
        self._popen: subprocess.Popen[bytes] | None = None

    def do(self, given: object) -> tuple[bool, Any]:
        """Whether it was done, and the result or else the exception."""
        late = threading.Event()
        try:
            popen = self._popen or self._begun()
            with _killed_after(popen, self._deadline_s, late):
                self._send(given)
                assert popen.stdout is not None  # noqa: S101 tells the type checker
                answer: tuple[bool, Any] = pickle.load(popen.stdout)  # noqa: S301 our own process wrote it
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            self.end()
            raise _Died(f"took longer than {self._deadline_s:g} s" if late.is_set() else _CRASHED) from error
        if not answer[0] and isinstance(answer[1], MemoryError):
            self.end()  # what is left of it may hold no more
        return answer

    def _begun(self) -> subprocess.Popen[bytes]:
        """The process, started and ready: it has imported what ``work`` needs."""
        self._popen = self._start()
        self._send((self._work, self._max_mb))
        assert self._popen.stdout is not None  # noqa: S101 tells the type checker
        pickle.load(self._popen.stdout)  # noqa: S301 our own process wrote it
        return self._popen

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


@contextmanager
def _killed_after(popen: subprocess.Popen[bytes], deadline_s: float | None, late: threading.Event) -> Iterator[None]:
    """Kills ``popen`` and sets ``late`` unless what is inside ends in time."""
    if deadline_s is None:
        yield
        return

    def kill() -> None:
        late.set()
        popen.kill()

    timer = threading.Timer(deadline_s, kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def main() -> None:
    """The process: work first, then what to do it on, one after the other, to the end of the input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program that is interrupted ends us
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints is no answer
    given = sys.stdin.buffer
    try:
        work, max_mb = pickle.load(given)  # noqa: S301 the program that started this process wrote it
        if max_mb is not None:
            resource.setrlimit(resource.RLIMIT_AS, (max_mb << 20, max_mb << 20))
        _answer(answers, None)
        while True:
            value = pickle.load(given)  # noqa: S301
            try:
                answer = (True, work(value))
            except Exception as error:  # noqa: BLE001 it is raised where the work was asked for
                answer = (False, _portable(error))
            _answer(answers, answer)
    except (EOFError, BrokenPipeError):
        os._exit(0)  # nothing is left to be tidied, and the pipe is gone


def _portable(error: Exception) -> Exception:
    """``error``, or what it says where it cannot be sent to another process."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 made here
    except Exception:  # noqa: BLE001 exceptions of others refuse in many ways
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _answer(answers: IO[bytes], answer: object) -> None:
    pickle.dump(answer, answers, protocol=pickle.HIGHEST_PROTOCOL)
    answers.flush()
