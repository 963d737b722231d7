from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis

from digest.errors import StoreUnavailable
from digest.stores.embedded import EmbeddedServer

PROGRAM = """
import sys, time
from pathlib import Path
from digest.stores.embedded import EmbeddedServer
import redis
server = EmbeddedServer(Path(sys.argv[1]))
client = redis.Redis(unix_socket_path=server.start().removeprefix("unix://"))
for number in range(int(sys.argv[2])):
    client.rpush("acknowledged", number)
    print(number, flush=True)
print("ready", flush=True)
time.sleep(60)
"""


def program(folder: Path, writes: int = 0) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    started = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), str(writes)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert started.stdout is not None
    while (line := started.stdout.readline().strip()) != "ready":
        assert line, "the program ended before it was ready"
    return started


def servers(folder: Path) -> list[int]:
    """Process ids of servers and keepers of ``folder``."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder / "valkey").encode() in (process / "cmdline").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found


def gone(folder: Path, within_s: float = 10) -> bool:
    deadline = time.monotonic() + within_s
    while servers(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not servers(folder)


def client(server: EmbeddedServer) -> redis.Redis:
    return redis.Redis(unix_socket_path=server.url.removeprefix("unix://"))


linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")


@linux
def test_data_survives_a_killed_program_and_no_server_is_left(short_dir: Path) -> None:
    for round_ in range(3):
        running = program(short_dir, writes=20)
        running.send_signal(signal.SIGKILL)
        running.communicate()
        assert gone(short_dir), f"round {round_}"
    server = EmbeddedServer(short_dir)
    server.start()
    with client(server) as connection:
        assert connection.llen("acknowledged") == 60
    server.stop()
    assert gone(short_dir)


@linux
def test_two_programs_share_one_server_and_the_second_outlives_the_first(short_dir: Path) -> None:
    first = program(short_dir)
    second = EmbeddedServer(short_dir)
    second.start()
    assert len(servers(short_dir)) == 2  # the server and its keeper
    first.kill()
    first.communicate()
    time.sleep(0.5)
    with client(second) as connection:
        assert connection.ping()
    second.stop()
    assert gone(short_dir)


@linux
def test_what_was_acknowledged_survives_a_killed_server(short_dir: Path) -> None:
    server = EmbeddedServer(short_dir)
    server.start()
    with client(server) as connection:
        for number in range(500):
            connection.rpush("acknowledged", number)
        pid = int(connection.info("server")["process_id"])
    os.kill(pid, signal.SIGKILL)
    assert gone(short_dir)
    server.start()
    with client(server) as connection:
        assert connection.llen("acknowledged") == 500
    server.stop()


@linux
def test_a_killed_keeper_takes_its_server_with_it_and_both_can_be_started_again(short_dir: Path) -> None:
    server = EmbeddedServer(short_dir)
    server.start()
    with client(server) as connection:
        connection.set("kept", 1)
        pid = int(connection.info("server")["process_id"])
    keeper = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    os.kill(keeper, signal.SIGKILL)
    assert gone(short_dir)
    server.start()
    with client(server) as connection:
        assert connection.get("kept") == b"1"
    server.stop()


def test_many_that_start_at_once_share_one_server(short_dir: Path) -> None:
    many = [EmbeddedServer(short_dir) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda s: s.start(), many))
    pids = set()
    for each in many:
        with client(each) as connection:
            pids.add(connection.info("server")["process_id"])
    assert len(pids) == 1
    for each in many:
        each.stop()


def test_a_stale_socket_is_no_hindrance(short_dir: Path) -> None:
    (short_dir / "valkey").mkdir()
    (short_dir / "valkey" / "socket").write_text("not a socket")
    server = EmbeddedServer(short_dir)
    server.start()
    with client(server) as connection:
        assert connection.ping()
    server.stop()


def test_a_cut_append_only_file_loses_only_its_broken_end(short_dir: Path) -> None:
    server = EmbeddedServer(short_dir)
    server.start()
    with client(server) as connection:
        for number in range(10):
            connection.rpush("acknowledged", number)
    server.stop()
    assert gone(short_dir) if sys.platform == "linux" else time.sleep(1) is None
    (incremental,) = (short_dir / "valkey" / "appendonlydir").glob("*.incr.aof")
    with incremental.open("r+b") as file:
        file.truncate(incremental.stat().st_size - 5)
    server.start()
    with client(server) as connection:
        assert connection.llen("acknowledged") == 9
    server.stop()


def test_a_long_folder_gets_a_short_socket(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / ("long" * 30))
    assert len(server.start()) < 108
    with client(server) as connection:
        assert connection.ping()
    server.stop()


def test_a_folder_that_cannot_be_made_is_told_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="cannot use") as caught:
        EmbeddedServer(tmp_path / "file").start()
    assert "AINEWS_DATA_DIR" in caught.value.remedy


def test_a_server_that_does_not_start_is_told_with_its_own_words(short_dir: Path) -> None:
    (short_dir / "valkey" / "appendonlydir").mkdir(parents=True)
    (short_dir / "valkey" / "appendonlydir" / "appendonly.aof.manifest").write_text("no manifest at all\n")
    with pytest.raises(StoreUnavailable, match="did not start: .+") as caught:
        EmbeddedServer(short_dir).start()
    assert "server.log" in caught.value.remedy
