"""``digest [DATE]``: what a channel got on a day, or what it would get now."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from bot.slack import ids
from bot.slack.asked import Asked, Reply
from bot.slack.command_line import SLASH
from bot.slack.drawing.editions import edition_blocks
from bot.slack.drawing.elements import actions, blocks, button, context
from digest.factory import digest_of
from digest.publishing.schedule import daily, next_due
from digest.rendering import words
from digest.rendering.slack import render_slack
from digest.rendering.slack_limits import BLOCKS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from bot.slack.services import Team
    from digest.model import Subscription

#: Editions are kept for a year.
_KEPT: Final = 366


async def digest(asked: Asked, team: Team) -> Reply:
    """``digest [DATE]``."""
    today = team.now().astimezone(asked.zone).date()
    if not asked.words or asked.words.lower() in ("next", "preview"):
        return await preview(await team.subscription_or_default(asked.channel), team)
    day = day_of(asked.words, today)
    if day is None:
        return Reply(f"“{asked.words}” is no date. Say {SLASH} digest {today.isoformat()}, or yesterday.")
    return await _edition(asked, team, day)


async def preview(subscription: Subscription, team: Team) -> Reply:
    """What ``subscription`` would get now."""
    now = team.now()
    day = now.astimezone(team.zone(subscription)).date()
    made = await digest_of(team.parts, subscription, day=day, until=now, team=team.own)
    message = render_slack(made, team.parts.templates)
    said = _preview_note(subscription, now, team)
    settings = actions(button("Settings", ids.SETTINGS, label="Open the settings of this channel's digest"))
    shown = message.blocks[: BLOCKS - 2]
    more = len(shown) < len(message.blocks) or message.replies
    below = blocks([context(said, "What would stand in its thread is not shown here." if more else ""), settings])
    count = words.count(len(made.chosen), "story", "stories")
    return Reply(f"Preview of the digest: {count}", (*shown, *below))


async def _edition(asked: Asked, team: Team, day: date) -> Reply:
    issued = await team.own.editions.issued(asked.channel, _KEPT)
    of_day = sorted((e for e in issued if e.day == day), key=lambda e: e.kind != "daily")
    found = next(iter(of_day), None)
    if found is None:
        newest = f" The newest is of {words.day(issued[0].day)}." if issued else ""
        return Reply(f"This channel had no digest on {words.day(day)}.{newest}")
    leads = await team.parts.articles.get([s.id for s in found.stories])
    return Reply(f"The digest of {words.day(day)}", tuple(edition_blocks(found, leads, asked.zone)))


def day_of(said: str, today: date) -> date | None:
    """The date that ``said`` names, as ``today`` sees it; None where it names none."""
    said = said.strip().lower()
    if said in ("today", "yesterday"):
        return today - timedelta(days=said == "yesterday")
    try:
        return date.fromisoformat(said)
    except ValueError:
        pass
    import dateparser

    found = dateparser.parse(said, settings={"PREFER_DATES_FROM": "past", "RELATIVE_BASE": _noon(today)}, languages=["en"])
    return found.date() if found else None


def _noon(today: date) -> datetime:
    from datetime import datetime, time

    return datetime.combine(today, time(12))


def _preview_note(subscription: Subscription, now: datetime, team: Team) -> str:
    due = next_due(daily(subscription), now)
    if due is None:
        return "This is what the digest would be now."
    local = due.due.astimezone(team.zone(subscription))
    return f"This is what the digest would be now. The next is due on {local:%A}, {words.day(local.date())}, at {local:%H:%M}."


ANSWERS: Final[Mapping[str, Callable[[Asked, Team], Awaitable[Reply]]]] = {"digest": digest}
