"""The embedded Valkey: a real server of our own, found or started in a data folder, shared by every program that uses
it.

The server belongs to no program but to all that hold it (see ``keeper``): the first starts it, a second finds it and
shares it, and it ends when the last is gone, however that ended. Its data is in an append-only file in the folder;
``server.log`` there says what it did. Talking to it is left to ``connection``.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import structlog

from digest.errors import StoreUnavailable
from digest.stores.ping import Answer, ping
from digest.stores.places import make_among_others, make_private, server_binary, socket_path

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

log = structlog.get_logger(__name__)

_START_S: Final = 15.0
#: A server that says it is loading its file is waited for longer: 1 GB of it takes some 10 s.
_LOAD_S: Final = 300.0
#: Longer than the keeper gives a server to stop (30 s).
_STOP_S: Final = 35.0
#: A snapshot without any key is some 90 bytes. A first start that was killed may leave one, and nothing is lost with it.
_EMPTY_BASE: Final = 256
_LONGEST_LOG: Final = 1_000_000
_AGAIN_S: Final = (0.0, 0.1, 1.0, 5.0, 30.0)


class EmbeddedServer:
    """The server of ``data_dir``. ``start`` and ``stop`` block for as long as it takes, and may be called again, from
    any thread: ``start`` on a server that runs costs one ping, and brings back one that was killed.
    """

    def __init__(self, data_dir: Path, *, silent_s: float = 5.0) -> None:
        """``silent_s``: a server that listens and says nothing for so long is taken to hang."""
        self._folder = (data_dir / "valkey").absolute()
        self.socket: Final = socket_path(self._folder)
        self._silent_s = silent_s
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
                    remedy="Set AINEWS_DATA_DIR to a folder of yours that can be written, or AINEWS_REDIS_URL.",
                ) from error
            except BaseException:
                self._release()
                raise
        return self.url

    def restart(self) -> None:
        """Have a server run that this object held and that has gone; nothing where it let go. Raises
        StoreUnavailable.
        """
        with self._guard:
            if self._holding is not None:
                self._run()

    def stop(self) -> None:
        """Let go of the server. It ends, some 0.1 s later, when nobody else holds it."""
        with self._guard:
            self._release()

    def wait_until_ended(self, timeout_s: float = _STOP_S) -> bool:
        """Whether the server and its keeper are gone within ``timeout_s``. For those who want to take its folder
        away.
        """
        with suppress(FileNotFoundError, StoreUnavailable):
            handle = os.open(self._folder / "running", os.O_RDWR | os.O_CLOEXEC)
            try:
                _lock(handle, fcntl.LOCK_EX, timeout_s, "")
            finally:
                os.close(handle)
            return True
        return not self._folder.exists()

    def _run(self) -> None:
        make_private(self._folder)
        self._hold()
        if self._ping().kind != "ready":
            self._start_once()

    def _ping(self) -> Answer:
        answer = ping(self.socket, timeout_s=self._silent_s)
        if answer.kind == "silent":
            raise _hangs(answer)
        return answer

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
            kind = self._ping().kind
            if kind == "nobody":
                self._launch()
            elif kind == "loading":
                self._await_ready(None, 0)
        finally:
            os.close(starting)

    def _launch(self) -> None:
        binary = server_binary()
        self._check_files()
        if self.socket.parent != self._folder:
            make_among_others(self.socket.parent)
        said = self._shorten_log()
        with open(self._folder / "keeper.log", "wb", opener=_for_us_alone) as output:
            keeper = subprocess.Popen(  # noqa: S603 our own script and the binary of a dependency
                [sys.executable, "-I", "-S", Path(__file__).with_name("keeper.py"), binary, self._folder, self.socket],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, cwd=self._folder,
            )  # fmt: skip
        # It may outlive this program, or end before it: either way somebody has to ask how it ended.
        threading.Thread(target=keeper.wait, daemon=True).start()
        self._await_ready(keeper, said)

    def _check_files(self) -> None:
        """Without the list of its files the server would begin anew, over the data in them."""
        folder = self._folder / "appendonlydir"
        sizes = {f.name: f.stat().st_size for f in folder.glob("appendonly.aof.*")}
        written = [n for n, size in sizes.items() if size > (_EMPTY_BASE if n.endswith(".base.rdb") else 0)]
        if written and "appendonly.aof.manifest" not in sizes:
            raise StoreUnavailable(
                f"The embedded Valkey's files are not whole: {folder / 'appendonly.aof.manifest'} is missing",
                remedy=f"Put it back from a backup, or move {folder} away to begin with an empty store.",
            )

    def _await_ready(self, keeper: subprocess.Popen[bytes] | None, said: int) -> None:
        begun = time.monotonic()
        while (answer := self._ping()).kind != "ready":
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
    try:
        url = await asyncio.to_thread(server.start)
        watch = asyncio.create_task(_watch(server))
        try:
            yield url
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
    finally:
        server.stop()  # of a start that was given up too: it goes on in its thread, and this waits for it


@contextmanager
def throwaway_folder(name: str) -> Iterator[Path]:
    """An empty folder for a server and whatever else, gone when the block ends; with a short path, as sockets ask."""
    with tempfile.TemporaryDirectory(prefix=f"ainews-{name}-") as made:
        try:
            yield Path(made)
        finally:
            EmbeddedServer(Path(made)).wait_until_ended()


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


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _hangs(answer: Answer) -> StoreUnavailable:
    process = f" (process {answer.pid})" if answer.pid else ""
    return StoreUnavailable(
        f"The embedded Valkey runs{process} and does not answer",
        remedy="Wait, or end that process: what it acknowledged is in its file." if answer.pid else "Wait, and try again.",
    )


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
