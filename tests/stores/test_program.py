"""The whole program over a server that fails: one sentence on standard error, and nothing lost of what was acknowledged."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import redis

from benchmarks.synthetic import articles, document
from tests.stores.servers import Server

ROOT: Final = Path(__file__).parents[2]
COUNT: Final = 400


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    for number, made in enumerate(articles(COUNT)):
        (folder / f"{number}.md").write_text(document(made), encoding="utf-8")
    return folder


def ainews(*arguments: str, url: str, data: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "AINEWS_REDIS_URL": url, "AINEWS_DATA_DIR": str(data)}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments], capture_output=True, text=True, check=False, env=environment, timeout=120
    )


def collected(documents: Path, url: str, data: Path) -> dict[str, Any]:
    run = ainews("collect", "--knowledge-base", str(documents), "--json", url=url, data=data)
    assert run.returncode == 0, run.stderr
    report: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return report


def articles_in(url: str) -> int:
    with redis.Redis(unix_socket_path=url.removeprefix("unix://")) as client:
        return int(client.zcard("ainews:{local}:dated"))


def test_a_store_that_fills_up_ends_in_one_sentence_and_with_room_the_rest_is_taken_up(
    server: Server, documents: Path, tmp_path: Path
) -> None:
    url = server.start("--maxmemory", "2500kb", "--maxmemory-policy", "noeviction")
    run = ainews("collect", "--knowledge-base", str(documents), "--json", url=url, data=tmp_path)
    assert run.returncode == 1
    assert run.stderr.strip().splitlines()[-1].startswith("Error: Redis refuses to write: it is full; what it acknowledged")
    assert "Traceback" not in run.stderr
    held = articles_in(url)
    assert 0 < held < COUNT
    with redis.Redis(unix_socket_path=url.removeprefix("unix://")) as client:
        client.config_set("maxmemory", 0)
    report = collected(documents, url, tmp_path)
    assert report["failed"] == 0
    assert articles_in(url) == COUNT


def test_a_server_that_is_killed_while_the_program_collects_ends_in_one_sentence_and_the_next_run_completes_it(
    server: Server, documents: Path, tmp_path: Path
) -> None:
    url = server.start("--appendonly", "yes")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "AINEWS_REDIS_URL": url, "AINEWS_DATA_DIR": str(tmp_path)}
    collecting = subprocess.Popen(
        [sys.executable, "-m", "bot", "collect", "--knowledge-base", str(documents), "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    while collecting.poll() is None and not articles_in(url):
        pass
    server.processes[-1].send_signal(signal.SIGKILL)
    said = collecting.communicate(timeout=60)[1]
    assert "Traceback" not in said
    if collecting.returncode:  # it may have been through already
        assert said.strip().splitlines()[-1].startswith("Error: Redis cannot be used now: ")
        assert collecting.returncode == 1
    again = server.start("--appendonly", "yes")
    report = collected(documents, again, tmp_path)
    assert report["failed"] == 0
    assert articles_in(again) == COUNT


@pytest.mark.parametrize("command", [("collect",), ("search", "word"), ("doctor",)], ids=lambda c: c[0])
def test_every_command_tells_a_wrong_password_without_repeating_it(
    server: Server, tmp_path: Path, command: tuple[str, ...]
) -> None:
    url = server.start("--requirepass", "right").replace("unix://", "unix://:wr0ng-secret@")
    (tmp_path / "news").mkdir()
    more = ("--knowledge-base", str(tmp_path / "news")) if command == ("collect",) else ()
    run = ainews(*command, *more, url=url, data=tmp_path)
    told = f"{run.stdout}{run.stderr}"
    assert run.returncode == 1, told
    assert "password is wrong" in " ".join(told.split())
    assert "wr0ng" not in told
    assert "Traceback" not in told
