"""A day as readers have it: the digest comes, somebody asks in its thread, and the answer quotes the article."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.publishing.stand import QUICK
from tests.slack.answers import QUESTIONED, answered, replies, words
from tests.slack.conftest import ADA, NEWS, Starts


async def test_a_question_in_the_thread_of_the_digest_is_answered_from_its_article(start: Starts) -> None:
    bot = await start(timing=QUICK)
    channel = bot.slack.workspace.channel(NEWS)
    now = datetime.now(UTC)
    wanted = replace(
        bot.settings.subscription(channel.id), at=(now - timedelta(minutes=2)).time().replace(microsecond=0), stories=9
    )
    await bot.parts.subscriptions.put(wanted, "U0ADA00001", now - timedelta(hours=1))

    def posted(_: Any = None) -> list[dict[str, Any]]:
        return [
            m for m in channel.messages.values() if m.get("metadata", {}).get("event_payload", {}).get("key", "").endswith(":0")
        ]

    await bot.slack.until(lambda _: bool(posted()), timeout_s=30)
    (root,) = posted()

    async def whole() -> bool:
        return all(p.state in ("sent", "verified") for p in await bot.parts.ledger.newest(1))

    while not await whole():
        await bot.slack.clock.sleep(0.05)
    parts = len(replies(bot, root["ts"]))
    await bot.slack.people.say(ADA, NEWS, QUESTIONED, thread_ts=root["ts"])
    said = await answered(bot, root["ts"], parts + 1)
    assert "1.5 percent" in words(said)
    assert len(posted()) == 1
