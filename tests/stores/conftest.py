"""A server with options of the test's choosing, killed when the test is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.stores.servers import Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def server(short_dir: Path) -> Iterator[Server]:
    started = Server(short_dir)
    yield started
    started.stop()
