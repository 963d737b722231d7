"""``ainews playground`` and ``ainews site`` as they are typed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def ainews(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **env}, check=False, timeout=120
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_playground_prints_its_link_and_leaves_nothing_behind_when_told_to_end(short_dir: Path, number: int) -> None:
    env = {**os.environ, "TMPDIR": str(short_dir), "SLACK_BOT_TOKEN": "xoxb-real", "AINEWS_REDIS_URL": "redis://127.0.0.1:1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "playground", "--no-open"], cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        link = re.fullmatch(r"The playground: (http://127\.0\.0\.1:\d+)/\?token=[\w-]{20,}\n", process.stdout.readline())
        assert link
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(link[1])
        assert refused.value.code == 403
        refused.value.close()
    finally:
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert list(short_dir.iterdir()) == []


def test_a_site_of_an_issued_digest_is_written_and_the_second_time_nothing_changes(tmp_path: Path, short_dir: Path) -> None:
    env = {"AINEWS_DATA_DIR": str(short_dir / "demo"), "AINEWS_WORKSPACE": "demo"}
    assert ainews("demo", AINEWS_DATA_DIR=str(short_dir)).returncode == 0
    done = ainews("site", str(tmp_path / "out"), "--address", "https://news.example", **env)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 day, 5 stories and ")
    assert "https://news.example/days/" in (tmp_path / "out" / "feed.xml").read_text()
    assert len(json.loads((tmp_path / "out" / ".ainews-site.json").read_text())) > 10
    again = ainews("site", str(tmp_path / "out"), "--address", "https://news.example", **env)
    assert ": 0 files written" in again.stdout


def test_a_site_for_what_is_no_address_is_refused_and_without_editions_it_says_so(tmp_path: Path, short_dir: Path) -> None:
    env = {"AINEWS_DATA_DIR": str(short_dir)}
    assert ainews("site", str(tmp_path), "--address", "javascript:1", **env).returncode == 2
    done = ainews("site", str(tmp_path / "empty"), **env)
    assert done.returncode == 0
    assert "No edition has been issued yet" in done.stderr
