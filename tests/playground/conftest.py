"""A playground over the sample, and the server of its page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.playground.page_server import PageServer
from bot.playground.running import Playground, playing
from digest.settings import Settings


@pytest.fixture
async def playground(short_dir: Path) -> AsyncIterator[Playground]:
    """A playground in which today's digest has come."""
    async with playing(Settings.load(data_dir=short_dir, assessor="offline")) as played:
        await played.begin()
        yield played


@pytest.fixture
async def page_server(playground: Playground) -> AsyncIterator[PageServer]:
    """The server of its page."""
    async with PageServer(playground) as server:
        yield server
