"""So many are answered at once, so many wait, and whoever would come after those is told at once."""

from __future__ import annotations

import asyncio

from bot.slack.answering import in_words
from bot.slack.asked import Reply
from bot.slack.services import Lanes


async def test_who_would_wait_too_long_is_told_so_at_once_and_the_others_are_answered() -> None:
    lanes, go = Lanes(), asyncio.Event()

    async def work() -> Reply:
        async with lanes.turn(lanes.quick):
            await go.wait()
            return Reply("answered")

    asked = [asyncio.create_task(in_words(work(), what="latest")) for _ in range(4 + Lanes.MOST_WAITING + 10)]
    async with asyncio.timeout(5):
        while sum(t.done() for t in asked) < 10:
            await asyncio.sleep(0.01)
    told = {t.result().text for t in asked if t.done()}
    assert told == {"Too much is being asked right now. Please try again in a minute."}
    async with lanes.turn(lanes.slow):
        pass  # questions have a lane of their own
    go.set()
    answers = [r.text for r in await asyncio.gather(*asked)]
    assert answers.count("answered") == 4 + Lanes.MOST_WAITING
    assert (await in_words(work(), what="latest")).text == "answered"


async def test_who_gave_up_waiting_leaves_the_place_to_others() -> None:
    lanes, go = Lanes(), asyncio.Event()

    async def work() -> Reply:
        async with lanes.turn(lanes.quick):
            await go.wait()
            return Reply("answered")

    held = [asyncio.create_task(work()) for _ in range(4)]
    await asyncio.sleep(0)
    for _ in range(Lanes.MOST_WAITING + 5):
        assert "too long" in (await in_words(work(), what="latest", deadline_s=0.0)).text
    waiting = asyncio.create_task(work())
    await asyncio.sleep(0)
    go.set()
    assert (await waiting).text == "answered"
    await asyncio.gather(*held)
