"""``status``: feeds, the last run, the next digest, and what models have cost today."""

from __future__ import annotations

import asyncio
from datetime import UTC
from typing import TYPE_CHECKING, Final

from bot.slack.asked import Asked, Reply
from bot.slack.command_line import SLASH
from bot.slack.drawing.elements import blocks, bullets, header, rich
from digest.feeds.listing import feeds_in_use
from digest.publishing.schedule import next_due
from digest.rendering import words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from bot.slack.services import Team


async def status(asked: Asked, team: Team) -> Reply:
    """``status``."""
    now = team.now()
    lines = [*await _articles(team, now), *await _feeds(team), await _digest(asked, team, now), await _spending(team, now)]
    said = [line for line in lines if line]
    return Reply(f"Status: {'; '.join(said)}", tuple(blocks([header("Status"), rich(bullets(said))])))


async def _articles(team: Team, now: datetime) -> list[str]:
    total = await team.parts.articles.total()
    newest = await team.parts.articles.newest()
    if newest is None:
        return ["No article has been collected yet."]
    return [f"{words.count(total, 'article')} held, the newest {ago(newest, now)}"]


async def _feeds(team: Team) -> list[str]:
    feeds = await asyncio.to_thread(feeds_in_use, team.settings)
    states = [s for s in await team.parts.feed_states.states([f.url for f in feeds]) if s.checked]
    if not states:
        return ["The monitor has read no feed"]
    last = max((s.succeeded for s in states if s.succeeded), default=None)
    bad = sum(1 for s in states if s.failures)
    read = f", last read {ago(last, team.now())}" if last else ""
    return [f"{words.count(len(states), 'feed')}{read}" + (f", {bad} failing" if bad else "")]


async def _digest(asked: Asked, team: Team, now: datetime) -> str:
    subscription = await team.subscription(asked.channel)
    if subscription is None:
        return f"No daily digest here: {SLASH} subscribe begins one"
    due = next_due(team.schedule(subscription), now)
    if due is None:
        return "No digest is due within two months"
    local = due.due.astimezone(team.zone(subscription))
    return f"Next digest on {local:%A}, {words.day(local.date())}, at {local:%H:%M} ({subscription.time_zone})"


async def _spending(team: Team, now: datetime) -> str:
    spent = await team.parts.spending.spent(now.astimezone(UTC).date())
    dollars = sum(u.dollars for u in spent.values())
    calls = sum(u.calls for u in spent.values())
    cap = team.settings.daily_cap_usd
    return f"Models today: ${dollars:.2f} in {words.count(calls, 'call')}" + (
        f" of at most ${cap:.2f}" if cap is not None else ""
    )


def ago(then: datetime, now: datetime) -> str:
    """``12 minutes ago``."""
    minutes = max(0, int((now - then).total_seconds() // 60))
    if minutes < 60:
        return f"{words.count(minutes, 'minute')} ago"
    if minutes < 48 * 60:
        return f"{words.count(minutes // 60, 'hour')} ago"
    return f"{words.count(minutes // 1440, 'day')} ago"


ANSWERS: Final[Mapping[str, Callable[[Asked, Team], Awaitable[Reply]]]] = {"status": status}
