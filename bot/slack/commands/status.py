"""``status``: feeds, the last run, the next digest, what models have cost and will have cost."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final

from bot.slack.asked import Asked, Reply
from bot.slack.command_line import SLASH
from bot.slack.drawing.elements import blocks, bullets, header, rich
from digest.publishing.schedule import daily, next_due
from digest.rendering import words
from digest.translating.composing import ledger_of
from digest.watching.status import status_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from bot.slack.services import Team
    from digest.model import Subscription
    from digest.ports import Usage
    from digest.watching.spending import Spent
    from digest.watching.status import Status


async def status(asked: Asked, team: Team) -> Reply:
    """``status``."""
    now = team.now()
    subscription = await team.subscription(asked.channel)
    found = await status_of(team.parts, now)
    said = [
        _articles(found, now), _feeds(found, now), _digest(subscription, team, now), *_spending(found.spent),
        *await _spending_here(subscription, team, now),
    ]  # fmt: skip
    return Reply(f"Status: {'; '.join(said)}", tuple(blocks([header("Status"), rich(bullets(said))])))


def _articles(found: Status, now: datetime) -> str:
    if found.newest is None:
        return "No article has been collected yet."
    return f"{words.count(found.articles, 'article')} held, the newest {ago(found.newest, now)}"


def _feeds(found: Status, now: datetime) -> str:
    feeds = found.feeds
    if not feeds.asked:
        return "The monitor has read no feed"
    bad = feeds.by_health.get("failing", 0)
    read = f", last read {ago(feeds.succeeded, now)}" if feeds.succeeded else ""
    return words.count(feeds.asked, "feed") + read + (f", {bad} failing" if bad else "")


def _digest(subscription: Subscription | None, team: Team, now: datetime) -> str:
    if subscription is None:
        return f"No daily digest here: {SLASH} subscribe begins one"
    due = next_due(daily(subscription), now)
    if due is None:
        return "No digest is due within two months"
    local = due.due.astimezone(team.zone(subscription))
    return f"Next digest on {local:%A}, {words.day(local.date())}, at {local:%H:%M} ({subscription.time_zone})"


def _spending(spent: Spent) -> list[str]:
    said = [f"Models today: {_dollars(spent.today, spent.cap)}"]
    if spent.month or spent.forecast.month:
        forecast = f"${spent.forecast.day:.2f} by midnight UTC, ${spent.forecast.month:.2f} by the month's end"
        said.append(f"This month: ${spent.month:.2f}; forecast: {forecast}")
    return said


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
