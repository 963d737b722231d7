"""The benchmark of summaries runs on any folder of documents and ends in one line of JSON with the agreed keys."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documents import FIELDS, MONITORED, PROCESSED

ROOT = Path(__file__).parents[2]
KEYS = {
    f"{system}{kind}{group}" for system in ("", "lead3_", "random_") for kind in ("rouge1", "rougeL") for group in ("", "_long")
} | {
    "rouge2", "rouge2_long", "spearman", "roc_area", "spearman_held_out", "roc_area_held_out", "documents", "documents_long",
}  # fmt: skip


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.summaries", str(folder), "--quick"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def write_documents(folder: Path, count: int) -> None:
    for n in range(count):
        about = "Google Ads lets an AI agent write ads for marketers" if n % 2 else "A lake is home to herons"
        sentences = " ".join(f"{about} in town {k}, they said on day {k}." for k in range(9 if n % 4 < 2 else 2))
        given = FIELDS | {
            "url": f"https://news.example/{n}",
            "score": "9" if n % 2 else "6",
            "headline": f"{about} {n}",
            "publisher": f"P{n % 5}",
        }
        monitored = MONITORED.format(**given | {"content": sentences})
        (folder / f"{n}.md").write_text(PROCESSED.format(**given, monitored=monitored))


def test_it_reports_the_agreed_keys_and_finds_what_is_plain(tmp_path: Path) -> None:
    write_documents(tmp_path, 24)
    done = run(tmp_path)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures.keys() >= KEYS
    assert (figures["documents"], figures["documents_long"]) == (24, 12)
    assert figures["roc_area"] == 1.0
    assert all(0 <= figures[k] <= 1 for k in KEYS if "rouge" in k)


@pytest.mark.parametrize("folder", ["", "gone"])
def test_a_folder_without_documents_is_told_in_one_line(folder: str, tmp_path: Path) -> None:
    done = run(tmp_path / folder)
    assert done.returncode == 1
    assert "0 documents with a summary" in done.stderr
    assert "Traceback" not in done.stderr
