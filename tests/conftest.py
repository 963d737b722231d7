"""What every test gets: a clean environment, no network beyond this machine, and a real Valkey with keys of its own.

The network is blocked by an audit hook, under every library: another name does not resolve and another address is
unreachable, as on a machine without a network. Subprocesses are not covered; they get the clean environment only.
"""

from __future__ import annotations

import errno
import ipaddress
import logging
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

from digest.context import unless_said
from digest.stores.connection import connect
from digest.stores.embedded import EmbeddedServer
from digest.stores.keys import Keys
from tests.stores.clusters import Cluster

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from redis.asyncio import Redis

# Timings belong to benchmarks: a slow machine must not fail a property.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")

_OURS = ("AINEWS_", "OTEL_", "ANTHROPIC_", "SLACK_", "AWS_", "CLOUD_ML_", "GOOGLE_", "XDG_")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
#: Where the tests' own data is, which is no setting of the program.
_KEPT = ("AINEWS_DATA", "AINEWS_REFRESH_DOCS")
_LOOKUPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
_DIALS = ("socket.connect", "socket.sendto", "socket.sendmsg")


def _is_local(host: object) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host).split("%")[0]).is_loopback
    except ValueError:
        return False


def _is_literal(host: object) -> bool:
    try:
        ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host).split("%")[0])
    except ValueError:
        return False
    return True


def _only_this_machine(event: str, args: tuple[Any, ...]) -> None:
    if event in _LOOKUPS:
        if not (_is_local(args[0]) or _is_literal(args[0])):
            raise socket.gaierror(socket.EAI_NONAME, f"tests look up no names: {args[0]!r}")
    elif event in _DIALS:
        handle, address = args[0], args[1]
        if handle.family in (socket.AF_INET, socket.AF_INET6) and address is not None and not _is_local(address[0]):
            raise OSError(errno.ENETUNREACH, f"tests stay on this machine: {address!r}")


sys.addaudithook(_only_this_machine)

# Who starts the tests in the background has them ignore Ctrl-C or a closed terminal, and every process they start would too.
for _number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.default_int_handler if _number == signal.SIGINT else signal.SIG_DFL)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No setting from outside, no ``.env``, and the user's folders are empty ones of this test."""
    for name in os.environ:
        if (name.startswith(_OURS) or name.upper() in _PROXIES) and name not in _KEPT:
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    (home / "cwd").mkdir()
    monkeypatch.chdir(home / "cwd")


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A command that a test ran within its process sets up logging, towards a standard error that is closed after it."""
    yield
    unless_said("local")
    structlog.reset_defaults()
    root = logging.getLogger()
    root.handlers = [h for h in root.handlers if type(h).__name__ != "OfLibraries"]


@pytest.fixture
def short_dir() -> Iterator[Path]:
    """A folder with a short path, for servers of a test's own: sockets' paths are bounded."""
    folder = Path(tempfile.mkdtemp(prefix="an-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def valkey() -> Iterator[EmbeddedServer]:
    """One embedded server for all tests of this process, in a short path: sockets' paths are bounded."""
    folder = Path(tempfile.mkdtemp(prefix="ainews-", dir="/tmp"))
    server = EmbeddedServer(folder)
    server.start()
    yield server
    server.stop()
    server.wait_until_ended()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def valkey_url(valkey: EmbeddedServer) -> str:
    """``unix://`` URL of a real Valkey with an append-only file."""
    return valkey.url


@pytest.fixture(scope="session")
def valkey_cluster() -> Iterator[Cluster]:
    """Three nodes without replicas for all tests of this process that ask for it; it takes two seconds to be there."""
    folder = Path(tempfile.mkdtemp(prefix="ainews-", dir="/tmp"))
    made = Cluster(folder)
    yield made
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def keys() -> Keys:
    """Keys of a workspace that is this test's alone."""
    return Keys(f"test-{secrets.token_hex(6)}")


@pytest.fixture
async def redis_client(valkey_url: str) -> AsyncIterator[Redis]:
    """A client as the program makes it; replies are bytes."""
    client = connect(valkey_url, timeout_s=5.0)
    yield client
    await client.aclose()
