"""What ``python -m benchmarks.stories`` prints, with a meaning and without."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TITLES = (
    ("Pizza chain Sbarro files for bankruptcy", "sbarro"),
    ("Sbarro pizza chain bankrupt again", "sbarro"),
    ("Icahn and eBay keep trading punches", "ebay"),
    ("EBay rejects Icahn board nominees", "ebay"),
)


def printed(file: Path, *options: str) -> dict[str, Any]:
    lines = [json.dumps({"id": n, "title": title, "story": story}) for n, (title, story) in enumerate(TITLES)]
    file.write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.stories", str(file), *options], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_it_can_be_measured_as_if_there_were_no_meaning(tmp_path: Path) -> None:
    found = printed(tmp_path / "titles.jsonl", "--no-meaning")
    assert found["meaning"] is False
    assert "without_meaning" not in found


@pytest.mark.skipif(find_spec("wordllama") is None, reason="SKIPPED FOR WANT OF wordllama: pip install 'ainews[semantic]'")
def test_with_the_extra_both_are_printed_and_without_is_what_it_is_without(tmp_path: Path) -> None:
    found, without = (printed(tmp_path / "titles.jsonl", *o) for o in ((), ("--no-meaning",)))
    assert found["meaning"] is True
    assert {
        "bcubed_precision",
        "bcubed_recall",
        "bcubed_f1",
        "pair_f1",
        "clusters",
        "articles_per_s",
        "baselines",
    } <= found.keys()
    for key in ("bcubed_precision", "bcubed_recall", "bcubed_f1", "pair_f1", "clusters"):
        assert found["without_meaning"][key] == without[key]
