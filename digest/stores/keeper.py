"""Keeps one embedded server for as long as any program holds it. Run as a script, with nothing but the standard
library.

    python -I -S keeper.py BINARY FOLDER SOCKET

Every program that uses the server holds a shared lock on ``FOLDER/holders``, which the kernel gives back however the
program ends. This process starts the server and waits for the exclusive lock: it is granted when the last holder is
gone. Then the server is stopped, and with it this process. Should this process be killed, the kernel stops the server
(Linux).

``FOLDER/running`` is locked by this process and, through the descriptor it inherits, by the server: while either is
alive, no second server can write the same files. What goes wrong is said on standard error, in one line.
"""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_STOP_S = 30
_FREE_S = 10
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC


def main(binary: str, folder: str, socket: str) -> int:
    """Start the server, keep it while it is held, stop it. The exit code is the server's where it ended by itself."""
    os.umask(0o077)
    running = os.open(os.path.join(folder, "running"), _FLAGS, 0o600)
    if not _taken(running):
        sys.stderr.write("an earlier server still has its files open, and does not answer\n")
        return 1
    holders = os.open(os.path.join(folder, "holders"), _FLAGS, 0o600)
    server = subprocess.Popen(  # noqa: S603 the binary of a dependency
        _command(binary, folder, socket),
        cwd=folder,
        pass_fds=(running,),
        preexec_fn=_ending_with(os.getpid()),  # noqa: PLW1509 this process has one thread
    )
    signal.signal(signal.SIGCHLD, lambda *_: _ended(server))
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    if server.poll() is not None:  # it ended before the handler was there
        return server.returncode or 1
    fcntl.flock(holders, fcntl.LOCK_EX)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    server.terminate()
    try:
        server.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    return 0


def _ended(server: "subprocess.Popen[bytes]") -> None:
    """Exit if the server has; the same signal tells that it was stopped or goes on."""
    if (code := server.poll()) is not None:
        sys.exit(code or 1)


def _taken(handle: int) -> bool:
    """Take the lock that says a server runs. One whose keeper was killed may be closing its files: that is waited
    for.
    """
    deadline = time.monotonic() + _FREE_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        else:
            return True


def _command(binary: str, folder: str, socket: str) -> list[str]:
    """No TCP at all, every write in the append-only file, and nothing evicted: a full store refuses instead."""
    return [
        binary, "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--daemonize", "no",
        "--dir", folder, "--appendonly", "yes", "--appendfsync", "everysec", "--aof-load-truncated", "yes",
        "--save", "", "--maxmemory-policy", "noeviction", "--logfile", os.path.join(folder, "server.log"),
    ]  # fmt: skip


def _ending_with(keeper: int) -> Callable[[], None]:
    """What the server's process does before it is the server: have the kernel stop it when this process ends
    (Linux).
    """
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def before() -> None:
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != keeper:  # it ended before that was asked for
            os._exit(1)

    return before


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
