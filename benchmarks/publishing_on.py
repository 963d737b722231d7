"""Posts digests of what is held to the local Slack, one after the other, by the bot's own desk, until it is killed: what goes on beside what
``benchmarks.commands`` measures. Redis and Slack are those of the settings.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.slack.identity import OneIdentity
from bot.slack.publishing.desks import digest_for, prepared_from, publishing_of
from bot.slack.services import Services
from digest.factory import open_parts
from digest.publishing.publication import Name
from digest.publishing.rounds import by_hand
from digest.publishing.timing import Timing
from digest.settings import Settings

if TYPE_CHECKING:
    from digest.publishing.desk import Desk

CHANNEL = "C0AINEWS01"
#: The local Slack's history does not lag.
TIMING = Timing(settle_s=0.5)
NEWEST = date(2026, 11, 22)


async def publish() -> None:
    """Post them, a day further back each time, and print the name of each once it stands."""
    settings = Settings.load()
    async with open_parts(settings) as parts:
        identity = await OneIdentity(settings).learn()
        made = publishing_of(Services(parts, settings, lambda: datetime.now(UTC)).team("T0LOCAL001"), identity, TIMING)
        subscription = settings.subscription(CHANNEL)
        for days in range(365):
            name = Name(CHANNEL, NEWEST - timedelta(days=days))
            owed = by_hand(subscription, name.day, "daily", made.team.now())
            told = prepared_from(made.team, await digest_for(made.team, subscription, name, owed.due), name, owed)
            await made.desk.take_up(told)
            await _until_it_stands(made.desk, name)
            print(name, flush=True)


async def _until_it_stands(desk: Desk, name: Name) -> None:
    while True:
        found = await desk.advance(name)
        if found is not None and found.root and found.unsent is None:
            return
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(publish())
