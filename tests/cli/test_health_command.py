"""``ainews health``: asked of a process that runs, of one that is not ready, and of none."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from bot.cli import app
from tests.stores.servers import Server, free_port

ROOT = Path(__file__).parents[2]


def asked(*arguments: str) -> tuple[int, str]:
    ran = CliRunner().invoke(app, ["health", *arguments])
    return ran.exit_code, ran.stdout + ran.stderr


def test_collecting_at_an_interval_answers_until_its_store_is_gone_and_ends_by_a_signal(
    short_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(short_dir)
    (short_dir / "kb").mkdir()
    for name, value in {
        "REDIS_URL": server.start(), "DATA_DIR": short_dir, "METRICS_PORT": free_port(), "METRICS_HOST": "0.0.0.0",
        "KNOWLEDGE_BASE": short_dir / "kb", "LOG_FORMAT": "json", "LOG_LEVEL": "info",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"AINEWS_{name}", str(value))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    code, said = asked()
    assert code == 1
    assert "not ready: process: nothing that runs ainews answers at 127.0.0.1:" in said
    command = [sys.executable, "-c", "from bot.cli import main; main()", "collect", "--every", "1h"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(200):
            if asked()[0] == 0:
                break
            time.sleep(0.1)
        code, said = asked("--json")
        assert code == 0
        assert orjson.loads(said)["status"] == "ready"
        assert asked()[1].startswith("ready, up for ")
        server.kill()
        code, said = asked()
        assert code == 1
        assert "not ready: store: it" in said
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    finally:
        process.kill()
        process.communicate()
        server.stop()


def test_without_a_port_there_is_nothing_to_ask() -> None:
    ran = CliRunner().invoke(app, ["health"])
    assert ran.exit_code != 0
    assert "no port to ask at" in str(ran.exception)
