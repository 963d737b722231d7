"""What ``python -m benchmarks.feeds --corpus`` prints of a folder of files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.feed_samples import FAST

ROOT = Path(__file__).parents[2]


def printed(folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.feeds", "--corpus", str(folder), "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_every_file_is_counted_what_is_no_feed_is_refused_and_nothing_raises(tmp_path: Path) -> None:
    for name, feed in FAST.items():
        for folder in ("one", "another"):
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / f"{name.replace('/', '-')}.xml").write_text(feed, encoding="utf-8")
    (tmp_path / "page.html").write_text("<!doctype html><html><body>No feed</body></html>", encoding="utf-8")
    (tmp_path / "empty").write_bytes(b"")
    found = printed(tmp_path)
    assert found["files"] == 2 * len(FAST) + 2
    assert (found["agree"], found["raised"], found["refused"]) == (found["files"], 0, 2)
    assert found["entries_per_s"] > 0
    assert found["feedparser_entries_per_s"] > 0


def test_a_folder_without_feeds_gives_figures_too(tmp_path: Path) -> None:
    found = printed(tmp_path)
    assert (found["files"], found["agree"], found["raised"], found["entries_per_s"]) == (0, 0, 0, 0)


def test_what_is_no_folder_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as error:
        printed(tmp_path / "none")
    assert error.value.returncode == 2
    assert "is no folder" in error.value.stderr
