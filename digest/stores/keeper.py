"""Keeps one embedded server for as long as any program holds it. Run as a script, with nothing but the standard library.

    python -I -S keeper.py BINARY FOLDER SOCKET

Every program that uses the server holds a shared lock on ``FOLDER/holders``, which the kernel gives back however the program
ends. This process starts the server and waits for the exclusive lock: it is granted when the last holder is gone. Then the
server is stopped, and with it this process. Should this process be killed, the kernel stops the server.
"""

import ctypes
import fcntl
import os
import signal
import subprocess
import sys

_PR_SET_PDEATHSIG = 1
_STOP_S = 30


def main(binary: str, folder: str, socket: str) -> int:
    """Start the server, keep it while it is held, stop it. The exit code is the server's where it ended by itself."""
    holders = os.open(os.path.join(folder, "holders"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    server = subprocess.Popen(_command(binary, folder, socket), preexec_fn=_die_with_keeper, cwd=folder)  # noqa: PLW1509, S603
    signal.signal(signal.SIGCHLD, lambda *_: sys.exit(server.wait() or 1))
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


def _command(binary: str, folder: str, socket: str) -> list[str]:
    return [
        binary, "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--dir", folder,
        "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction",
        "--logfile", os.path.join(folder, "server.log"),
    ]  # fmt: skip


def _die_with_keeper() -> None:
    """In the server's process, before it is the server: have the kernel stop it when this process ends (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
