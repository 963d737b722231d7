"""Servers for tests: a Valkey with options of the test's choosing, TLS in front of it, and one that answers by heart."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digest.stores.places import server_binary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import trustme


class OneServer:
    """``stores.connection.Server`` of one client, for those who have one."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def client(self, workspace: str) -> Any:
        return self._client

    async def primaries(self) -> list[tuple[str, Any]]:
        return [("", self._client)]

    async def shape(self) -> tuple[str, list[tuple[str, str]]]:
        return "", []

    async def aclose(self) -> None:
        await self._client.aclose()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A Valkey that keeps its files in ``folder``; started again, it reads them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *options: str, first: Callable[[], None] | None = None) -> str:
        """Its URL. ``first`` is run in the server's process before it is the server."""
        path = self.folder / f"s{len(self.processes)}"
        command = [str(server_binary()), "--port", "0", "--unixsocket", str(path), "--dir", str(self.folder), "--save", ""]
        started = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, preexec_fn=first)  # noqa: PLW1509 it takes no lock
        self.processes.append(started)
        until_listening(lambda: _listens(socket.AF_UNIX, str(path)))
        return f"unix://{path}"

    def kill(self) -> None:
        self.processes[-1].kill()
        self.processes[-1].wait()

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


def until_listening(listens: Callable[[], bool]) -> None:
    for _ in range(1000):
        if listens():
            return
        time.sleep(0.01)
    raise AssertionError("the server did not start")


def _listens(family: int, address: object) -> bool:
    with socket.socket(family) as probe:
        return probe.connect_ex(address) == 0  # type: ignore[arg-type]


def with_files_no_longer_than(size: int) -> Callable[[], None]:
    """What a disk does that is full: a file may grow to ``size`` bytes, and further writes fail."""

    def limit() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    return limit


def with_room_again(process: int) -> None:
    import resource

    assert sys.platform == "linux"
    resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@asynccontextmanager
async def tls_before(url: str, certificate: trustme.LeafCert, *, clients: trustme.CA | None = None) -> AsyncIterator[int]:
    """The port of a TLS front to the server at ``url``, as stunnel makes one: the embedded server is built without TLS.
    ``clients``: whose certificates it asks for.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        clients.configure_trust(context)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):
            behind, answer = await asyncio.open_unix_connection(url.removeprefix("unix://"))
            await asyncio.gather(_pour(reader, answer), _pour(behind, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


@asynccontextmanager
async def answering(said: bytes) -> AsyncIterator[str]:
    """The URL of one that speaks the protocol, greets as Redis does, and answers ``said`` to everything else. For replies
    that no single real server can be brought to.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            while True:
                words = [await _word(reader) for _ in range(int((await reader.readuntil(b"\r\n"))[1:]))]
                greeting = {b"HELLO": b"%1\r\n$5\r\nproto\r\n:3\r\n", b"CLIENT": b"+OK\r\n"}
                writer.write(greeting.get(words[0].upper(), said + b"\r\n"))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    finally:
        server.close()


async def _word(reader: asyncio.StreamReader) -> bytes:
    length = int((await reader.readuntil(b"\r\n"))[1:])
    return (await reader.readexactly(length + 2))[:-2]


@asynccontextmanager
async def losing(port: int, word: bytes) -> AsyncIterator[int]:
    """The port of one that passes everything on to the server at ``port`` and back, but closes instead of passing back what comes
    after ``word`` was sent: the reply is lost, and what was asked is done."""

    serving = set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task())  # type: ignore[arg-type]
        behind, answer = await asyncio.open_connection("127.0.0.1", port)
        back = asyncio.create_task(_pour(behind, writer))
        with suppress(OSError, asyncio.CancelledError):
            while data := await reader.read(65_536):
                if word in data:
                    back.cancel()
                    await asyncio.wait([back])
                    answer.write(data)
                    await behind.read(65_536)
                    break
                answer.write(data)
        back.cancel()
        await asyncio.wait([back])
        for side in (answer, writer):
            side.close()
            with suppress(OSError):
                await side.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        if serving:
            await asyncio.wait(serving, timeout=10)  # whoever is connected has closed by now
