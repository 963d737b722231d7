"""``subscribe``, ``unsubscribe`` and ``settings``: what a channel gets, and who may say so."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time
from typing import TYPE_CHECKING, Final

from bot.slack import ids
from bot.slack.asked import Asked, Reply
from bot.slack.command_line import SLASH
from bot.slack.drawing.elements import actions, blocks, button, paragraph
from bot.slack.drawing.settings_view import settings_view
from bot.slack.drawing.zones import zone_named
from digest.publishing.schedule import daily, next_due
from digest.rendering import words
from digest.stories.taste import taste

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.slack.services import Team
    from digest.model import Subscription

_TIME: Final = re.compile(r"(?:at\s+)?(\d{1,2})(?::|\.|h)?(\d{2})?\s*(am|pm)?\b", re.IGNORECASE)


async def subscribe(asked: Asked, team: Team) -> Reply:
    """``subscribe [TIME] [ZONE]``."""
    if not team.may_change(asked.person):
        return not_allowed(team)
    known = await team.subscription(asked.channel)
    wanted = known or team.settings.subscription(asked.channel)
    at, zone, problem = time_and_zone(asked.words)
    if problem:
        return Reply(problem, private=True)
    wanted = replace(wanted, at=at or wanted.at, time_zone=zone or wanted.time_zone)
    changed = await team.own.subscriptions.put(wanted, asked.person, team.now())
    begun = "already gets" if known and not changed else "gets"
    said = f"This {'conversation' if asked.direct else 'channel'} {begun} {in_words(wanted)}. {_next(wanted, team)}"
    if not asked.direct and known is None:
        said += " Invite the bot to the channel if it is not in it yet: it can only post where it is a member."
    row = actions(
        button("Settings", ids.SETTINGS, label="Open the settings of this channel's digest"),
        button("Preview", ids.RUN, ids.Again("digest").value(), label="Preview this channel's next digest"),
    )
    return Reply(said, tuple(blocks([paragraph(said), row])), private=True)


async def unsubscribe(asked: Asked, team: Team) -> Reply:
    """``unsubscribe``."""
    if not team.may_change(asked.person):
        return not_allowed(team)
    there = await team.own.subscriptions.remove(asked.channel, asked.person, team.now())
    if not there:
        return Reply(f"There is no daily digest here. {SLASH} subscribe begins one.", private=True)
    return Reply(f"There will be no more daily digests here. {SLASH} subscribe brings them back.", private=True)


async def settings(asked: Asked, team: Team) -> Reply:
    """``settings``."""
    known = await team.subscription(asked.channel)
    changes = await team.own.subscriptions.changes(asked.channel, 5)
    shown = known or team.settings.subscription(asked.channel)
    allowed = team.may_change(asked.person)
    wants = taste(await team.own.votes.votes(asked.channel), team.now())
    view = settings_view(shown, known is not None, changes, may_change=allowed, model=team.has_model, wants=wants)
    return Reply("The settings could not be opened. Please try again.", modal=view, private=True)


def not_allowed(team: Team) -> Reply:
    """What is said to who may not change a subscription."""
    admins = ", ".join(f"<@{a}>" for a in team.settings.admins)
    ask = f" Ask {admins}." if admins else " Whoever runs the bot names them in AINEWS_ADMINS."
    return Reply(f"Only admins of this bot may change what a channel gets.{ask}", private=True)


def in_words(subscription: Subscription) -> str:
    """``the 5 stories that matter most, daily at 09:00 (Europe/Paris)``."""
    days = days_in_words(subscription.days)
    return (
        f"the {words.count(subscription.stories, 'story', 'stories')} that matter most, {days} at "
        f"{subscription.at:%H:%M} ({subscription.time_zone})"
    )


def days_in_words(days: tuple[int, ...]) -> str:
    """``daily``, ``Monday to Friday``, ``on Mondays and Thursdays``."""
    held = sorted(set(days))
    if held == list(range(7)):
        return "daily"
    if len(held) > 2 and held == list(range(held[0], held[-1] + 1)):
        return f"{_DAYS[held[0]]} to {_DAYS[held[-1]]}"
    return "on " + words.listed([f"{_DAYS[d]}s" for d in held]) if held else "never"


_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def time_and_zone(said: str) -> tuple[time | None, str, str]:
    """The time of day and the IANA zone in ``said`` (``8:30 Europe/Berlin``), where given; or what is wrong with it."""
    rest = said.strip()
    at = None
    if found := _TIME.match(rest):
        hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
        if half:
            hour = hour % 12 + (12 if half == "pm" else 0)
        if hour > 23 or minute > 59:
            return None, "", f"{found[0].strip()} is no time of day. Say {SLASH} subscribe 08:30 Europe/Berlin."
        at, rest = time(hour, minute), rest[found.end() :].strip()
    if not rest:
        return at, "", ""
    zone = zone_named(rest)
    if zone is None:
        return None, "", f"“{rest}” is no time zone that is known. Say {SLASH} subscribe 08:30 Europe/Berlin."
    return at, zone, ""


def _next(subscription: Subscription, team: Team) -> str:
    due = next_due(daily(subscription), team.now())
    if due is None:
        return "No digest is due within two months."
    local = due.due.astimezone(team.zone(subscription))
    return f"The next comes on {local:%A}, {words.day(local.date())}, at {local:%H:%M}."


ANSWERS: Final[Mapping[str, Callable[[Asked, Team], Awaitable[Reply]]]] = {
    "subscribe": subscribe, "unsubscribe": unsubscribe, "settings": settings,
}  # fmt: skip
