"""``ainews subscriptions``: what channels asked for, when each is next due, and who changed it last."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from bot.cli.app import out, print_json, run, settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.model import Subscription
    from digest.publishing.schedule import Owed
    from digest.settings import Settings
    from digest.stories.taste import Aspect
    from digest.subscribing.ports import Change

#: Changes and aspects that are told of each channel.
_CHANGES: Final = 3
_WANTED: Final = 6


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(subscriptions)


def subscriptions(
    as_json: Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")] = False,
) -> None:
    """List what channels asked for, when the next digest of each is due, what its votes say, and who changed it last."""
    now = datetime.now(UTC)
    found = run(_subscriptions(settings(), now))
    if as_json:
        print_json({"subscriptions": [_described(*one, now) for one in found]})
        return
    for one in found:
        _show(*one, now)
    if not found:
        out().print("No channel has subscribed.")


_Found = tuple["Subscription", "Sequence[Change]", "Sequence[tuple[Aspect, float]]"]


async def _subscriptions(loaded: Settings, now: datetime) -> list[_Found]:
    from digest.factory import open_parts
    from digest.stories.taste import taste

    async with open_parts(loaded) as parts:
        return [
            (
                s,
                await parts.subscriptions.changes(s.channel, _CHANGES),
                taste(await parts.votes.votes(s.channel), now).strongest(_WANTED),
            )
            for s in await parts.subscriptions.every()
        ]


def _next(subscription: Subscription, now: datetime) -> Owed | None:
    from digest.publishing.schedule import daily, next_due

    return next_due(daily(subscription), now)


def _show(subscription: Subscription, changes: Sequence[Change], wanted: Sequence[tuple[Aspect, float]], now: datetime) -> None:
    from digest.rendering.cleaning import one_line
    from digest.subscribing.differences import described

    owed, console = _next(subscription, now), out()
    due = "nothing within two months" if owed is None else f"{owed.day:%a %Y-%m-%d} ({owed.due:%H:%M} UTC)"
    lines = [("next", due), *described(subscription)]
    if wanted:
        lines.append(("votes", ", ".join(f"{a.name} {points:+.2f}" for a, points in wanted)))
    lines += [("changed", f"{c.at:%Y-%m-%d %H:%M} UTC by {c.who}: {'; '.join(c.what)}") for c in changes]
    console.print(one_line(subscription.channel), style="bold", markup=False, soft_wrap=True)
    for name, told in lines:
        console.print(f"  {name:<17} {one_line(told)}", markup=False, soft_wrap=True)


def _described(
    subscription: Subscription, changes: Sequence[Change], wanted: Sequence[tuple[Aspect, float]], now: datetime
) -> dict[str, Any]:
    s, owed = subscription, _next(subscription, now)
    return {
        "channel": s.channel,
        "next": {"day": owed.day, "due": owed.due} if owed else None,
        "at": f"{s.at:%H:%M}",
        "time_zone": s.time_zone,
        "days": s.days,
        "weekly": s.weekly,
        "weekly_at": f"{s.weekly_at:%H:%M}",
        "since": s.since,
        "quiet": s.quiet,
        "topics": s.topics,
        "exclude": s.exclude,
        "threshold": s.threshold,
        "stories": s.stories,
        "per_publisher": s.per_publisher,
        "max_age_h": s.max_age_h,
        "layout": s.layout,
        "language": s.language or None,
        "budget_usd": s.budget_usd,
        "votes": [{"kind": a.kind, "name": a.name, "points": round(points, 3)} for a, points in wanted],
        "changes": [{"at": c.at, "who": c.who, "what": c.what} for c in changes],
    }
