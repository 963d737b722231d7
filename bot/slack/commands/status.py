"""``status``: feeds, the last run, the next digest, and what models have cost today."""

from __future__ import annotations

import asyncio
from datetime import UTC
from typing import TYPE_CHECKING, Final

from bot.slack.asked import Asked, Reply
from bot.slack.command_line import SLASH
from bot.slack.drawing.elements import blocks, bullets, header, rich
from digest.feeds.listing import feeds_in_use
from digest.publishing.schedule import daily, next_due
from digest.rendering import words
from digest.translating.composing import ledger_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from bot.slack.services import Team
    from digest.model import Subscription
    from digest.ports import Usage


async def status(asked: Asked, team: Team) -> Reply:
    """``status``."""
    now = team.now()
    subscription = await team.subscription(asked.channel)
    said = [
        *await _articles(team, now), *await _feeds(team), _digest(subscription, team, now), await _spending(team, now),
        *await _spending_here(subscription, team, now),
    ]  # fmt: skip
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


def _digest(subscription: Subscription | None, team: Team, now: datetime) -> str:
    if subscription is None:
        return f"No daily digest here: {SLASH} subscribe begins one"
    due = next_due(daily(subscription), now)
    if due is None:
        return "No digest is due within two months"
    local = due.due.astimezone(team.zone(subscription))
    return f"Next digest on {local:%A}, {words.day(local.date())}, at {local:%H:%M} ({subscription.time_zone})"


async def _spending(team: Team, now: datetime) -> str:
    spent = await team.parts.spending.spent(now.astimezone(UTC).date())
    return f"Models today: {_dollars(spent, team.settings.daily_cap_usd)}"


async def _spending_here(subscription: Subscription | None, team: Team, now: datetime) -> list[str]:
    """What the channel's own wishes cost, where it has some: its language, and what it asks."""
    if subscription is None:
        return []
    spent = await ledger_of(team.parts, team.own, subscription).spent(now.astimezone(UTC).date())
    if not spent and subscription.budget_usd is None:
        return []
    return [f"For this channel: {_dollars(spent, subscription.budget_usd)}"]


def _dollars(spent: Mapping[str, Usage], most: float | None) -> str:
    calls = sum(u.calls for u in spent.values())
    said = f"${sum(u.dollars for u in spent.values()):.2f} in {words.count(calls, 'call')}"
    return said if most is None else f"{said} of at most ${most:.2f}"


def ago(then: datetime, now: datetime) -> str:
    """``12 minutes ago``."""
    minutes = max(0, int((now - then).total_seconds() // 60))
    if minutes < 60:
        return f"{words.count(minutes, 'minute')} ago"
    if minutes < 48 * 60:
        return f"{words.count(minutes // 60, 'hour')} ago"
    return f"{words.count(minutes // 1440, 'day')} ago"


ANSWERS: Final[Mapping[str, Callable[[Asked, Team], Awaitable[Reply]]]] = {"status": status}
