"""Where an adapter keeps what it is given: every test of a contract runs on one server, on a cluster, and in memory."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest

from digest.stores.connection import connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis.asyncio import Redis

    from digest.stores.keys import Keys

OF_REDIS = {"redis_client", "redis_url"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for Redis itself has nothing to do in memory."""
    if "where" in metafunc.fixturenames:
        itself = OF_REDIS & inspect.signature(metafunc.function).parameters.keys()
        metafunc.parametrize("where", ["server", "cluster"] if itself else ["server", "cluster", "memory"])


@pytest.fixture
def redis_url(request: pytest.FixtureRequest, where: str) -> str:
    """Of the server, or of the cluster; empty for memory."""
    if where == "memory":
        return ""
    if where == "cluster":
        url: str = request.getfixturevalue("valkey_cluster").url
        return url
    return str(request.getfixturevalue("valkey_url"))


@pytest.fixture
async def redis_client(redis_url: str, keys: Keys) -> AsyncIterator[Redis]:
    """A client as the program makes it, in memory one that nobody uses; replies are bytes."""
    client = connect(redis_url or "redis://127.0.0.1:1", timeout_s=5.0, workspace=keys.workspace)
    yield client
    await client.aclose()
