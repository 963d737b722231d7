"""The real documents and labelled sets, where this machine has them: ``AINEWS_DATA``, else ``../shared/data``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_ROOT = Path(os.environ.get("AINEWS_DATA") or Path(__file__).parents[2] / "shared" / "data")


def data(name: str) -> Path:
    """The file or folder ``name`` of the data; skips the test, saying so, where it is not there."""
    path = _ROOT / name
    if not path.exists():
        pytest.skip(f"SKIPPED FOR WANT OF DATA: {path} is not there (set AINEWS_DATA)")
    return path
