"""What a process of our own does: it reads pickled work from a pipe and writes what came of it, until the pipe ends.

The pipe ends when the program does, however it ends, so that no process is left behind. Who gives it work, ``processes`` and
``isolation``, starts it by ``command``.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from typing import IO, Any, Final

#: Before each message: its length in bytes, big-endian.
SIZE_BYTES: Final = 8
#: What work leaves behind dies by its count nearly always; to look through all of it as often as Python does takes a thirtieth of
#: the time.
_SELDOM: Final = (50_000, 20, 20)


def command() -> tuple[list[str], dict[str, str]]:
    """How to start one, and its environment: the same modules are found in the same places, and what lies in the working directory
    is not the program (``-P``)."""
    path = os.pathsep.join(p for p in sys.path if p)
    return [sys.executable, "-P", "-c", f"from {__name__} import main; main()"], {**os.environ, "PYTHONPATH": path}


def dumped(value: object) -> bytes:
    """``value`` as a message."""
    body = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    return len(body).to_bytes(SIZE_BYTES, "big") + body


def loaded(pipe: IO[bytes]) -> Any:
    """The next message. Raises EOFError where there is none, or not all of it."""
    size = int.from_bytes(_exactly(pipe, SIZE_BYTES), "big")
    return pickle.loads(_exactly(pipe, size))  # noqa: S301 another process of this program wrote it


def main() -> None:
    """The process: its work and its most memory first, then what to do the work on, one after the other."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program that is interrupted ends us
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints is no answer
    given = sys.stdin.buffer
    try:
        work, max_mb = loaded(given)
        if max_mb is not None:
            _bound(max_mb)
        _answer(answers, (True, None))
        gc.freeze()
        gc.set_threshold(*_SELDOM)
        while True:
            value = loaded(given)
            try:
                answer = (True, work(value))
            except Exception as error:  # noqa: BLE001 it is raised where the work was asked for
                answer = (False, _portable(error))
            _answer(answers, answer)
    except (EOFError, BrokenPipeError):
        os._exit(0)  # nothing is left to be tidied, and the pipe is gone


def _bound(max_mb: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (max_mb << 20, max_mb << 20))


def _answer(answers: IO[bytes], answer: object) -> None:
    answers.write(dumped(answer))
    answers.flush()


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    found = pipe.read(size)
    if len(found) < size:
        raise EOFError
    return found


def _portable(error: Exception) -> Exception:
    """``error``, or what it says where it cannot be sent to another process."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 made here
    except Exception:  # noqa: BLE001 exceptions of others refuse in many ways
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
