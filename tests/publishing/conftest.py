"""What most tests of publishing begin with."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from digest.stores.keys import Keys
from tests.publishing.stand import Stand, stand


@pytest.fixture
async def here(redis_client: Redis, keys: Keys) -> AsyncIterator[Stand]:
    """A channel, its ledger, and that posting once is proved."""
    async with stand(redis_client, keys) as made:
        await made.proved()
        yield made
