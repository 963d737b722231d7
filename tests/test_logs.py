"""Log lines: each of a run says which run, workspace and task it is of; libraries' lines look the same; no secret is in any."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.logs import configure_logging
from digest.settings import Settings
from tests.otlp import receiving
from tests.stores.servers import free_port

ROOT = Path(__file__).parents[1]
KEY = "sk-ant-0123456789-a-key"


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_every_line_of_a_run_carries_its_run_workspace_and_task_and_no_secret(valkey_url: str, tmp_path: Path) -> None:
    articles = tmp_path / "articles.jsonl"
    articles.write_text('{"url": "https://x.example/1", "title": "One", "body": "Text of it."}\nno json\n')
    with receiving() as receiver:
        environment = {
            **os.environ, "PYTHONPATH": str(ROOT), "AINEWS_REDIS_URL": valkey_url, "AINEWS_WORKSPACE": "logged", "AINEWS_DATA_DIR": str(tmp_path),
            "AINEWS_LOG_FORMAT": "json", "AINEWS_LOG_LEVEL": "debug", "ANTHROPIC_API_KEY": KEY, "AINEWS_ASSESS_RETRIES": "0",
            "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{free_port()}/{KEY}", "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
            "OTEL_EXPORTER_OTLP_HEADERS": "api-key=0123456789abcdef",
        }  # fmt: skip
        command = [sys.executable, "-c", "from bot.cli import main; main()", "collect", "--jsonl", str(articles), "--json"]
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert ran.returncode == 3, ran.stderr
        found = lines(ran.stderr)
        assert {"collected", "run_ended", "assessment.fell_back"} <= {line["event"] for line in found}
        [(run, workspace, task)] = {(line.get("run"), line.get("workspace"), line.get("task")) for line in found}
        assert (workspace, task) == ("logged", "collect")
        assert run
        assert all(line["timestamp"] and line["level"] for line in found)
        assert "0123456789" not in ran.stderr
        [root] = receiver.named("run collect")
        assert root.attributes["run"] == run, "a trace is found by what the log says"
        assert {s.parent for s in receiver.spans if s.name.startswith("collect ")} == {root.id}
        [call] = receiver.named("model call")
        assert (call.failed, call.attributes["purpose"]) == (True, "assess")


def test_a_secret_is_taken_out_of_whatever_wrote_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    configure_logging(
        Settings.load(
            log_format="json",
            slack_bot_token="xoxb-very-secret",
            redis_url="rediss://:pass%40word1@h.example/0",
            token_key="key-one-1,key-two-2",
            data_dir=tmp_path,
        )
    )
    log = structlog.get_logger()
    log.warning("a", token="xoxb-very-secret", where="rediss://:pass%40word1@h.example/0", of="pass@word1", host="h.example")
    logging.getLogger("some.library").error("it sent %s", "key-two-2")
    try:
        raise ValueError("Bearer xoxb-very-secret")
    except ValueError:
        log.exception("b")
    said = capsys.readouterr().err
    assert "secret" in said
    for secret in ("xoxb-very", "word1", "key-two"):
        assert secret not in said
    first, second, third = lines(said)
    assert first["host"] == "h.example"
    assert (second["event"], second["logger"], second["level"]) == ("it sent [secret]", "some.library", "error")
    assert "ValueError" in third["exception"]


def test_for_people_lines_of_libraries_come_from_warnings_on(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    configure_logging(Settings.load(log_level="debug", data_dir=tmp_path))
    configure_logging(Settings.load(log_level="debug", data_dir=tmp_path))
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("some.library").warning("100%% odd")
    said = capsys.readouterr().err
    assert said.count("odd") == 1
    assert "chatter" not in said
    structlog.get_logger().debug("ours", key=1)
    assert "ours" in capsys.readouterr().err
