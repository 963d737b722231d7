"""App Home: today's top stories, what somebody saved, which channels get a digest, and how to begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.slack import ids
from bot.slack.command_line import SLASH
from bot.slack.drawing.elements import (
    Json,
    actions,
    blocks,
    button,
    code,
    context,
    divider,
    header,
    paragraph,
    rich,
    section,
    text,
)
from bot.slack.drawing.saving import saved_article
from bot.slack.drawing.stories import found_stories

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from digest.model import AssessedArticle, Story, Subscription

#: A Home has at most 100 blocks: five stories of two, ten saved articles of two, and thirty channels fit.
_CHANNELS: Final = 30


@dataclass(frozen=True, slots=True)
class AtHome:
    """What stands in somebody's Home. ``direct``: their conversation with the bot, and whether it gets a digest; empty where it is not
    known. ``problem``: why something is missing."""

    stories: tuple[Story, ...]
    saved: tuple[AssessedArticle, ...]
    saved_in_all: int
    subscriptions: tuple[Subscription, ...]
    direct: str = ""
    problem: str = ""


def home_view(at_home: AtHome, zone: ZoneInfo) -> Json:
    """The view for ``views.publish``."""
    made: list[Json | None] = []
    if at_home.problem:
        made.append(paragraph(at_home.problem))
    made += found_stories("Top stories today", at_home.stories, zone=zone, votes=False) if at_home.stories else _no_stories()
    made += [divider(), header("Your saved articles")]
    for told in at_home.saved:
        made += saved_article(told, zone)
    made.append(_saved_note(at_home))
    made += [divider(), header("Daily digests"), *_channels(at_home), divider(), *_beginning(at_home)]
    return {"type": "home", "blocks": blocks(made)}


def _no_stories() -> list[Json]:
    return [header("Top stories today"), paragraph("No story of today is held yet.")]


def _saved_note(at_home: AtHome) -> Json | None:
    if not at_home.saved_in_all:
        return context(f"Nothing yet. Every story has a button for it, and {SLASH} save ID does it too.")
    left = at_home.saved_in_all - len(at_home.saved)
    if left <= 0:
        return None
    again = ids.Again("saved", len(at_home.saved)).value()
    return actions(button(f"{left} more", ids.RUN, again, label="Show more of your saved articles"))


def _channels(at_home: AtHome) -> list[Json | None]:
    """Each channel as a link, which Slack shows only to who may see the channel. Direct messages are their owners' alone."""
    shown = [s for s in at_home.subscriptions if not s.channel.startswith("D")]
    lines = [
        section([{"type": "channel", "channel_id": s.channel}, text(f"  {s.at:%H:%M}, {s.time_zone}")])
        for s in shown[:_CHANNELS]
    ]
    more = len(shown) - _CHANNELS
    return [
        rich(*lines) if lines else paragraph("No channel gets a digest yet."),
        context(f"And {more} more." if more > 0 else "", f"To change one, type {SLASH} settings in its channel."),
    ]


def _beginning(at_home: AtHome) -> list[Json | None]:
    private = next((s for s in at_home.subscriptions if s.channel == at_home.direct), None) if at_home.direct else None
    mine = "Change my private digest" if private else "Bring me a private digest"
    buttons = [
        button("What you can ask", ids.RUN, ids.Again("help").value(), label="Show all commands"),
        button("Latest stories", ids.RUN, ids.Again("latest").value(), label="Show the latest stories"),
    ]
    if at_home.direct:
        buttons.append(button(mine, ids.SETTINGS, at_home.direct, label=f"{mine}: open its settings"))
    return [
        header("How to begin"),
        rich(
            section([text("In a channel, type "), code(f"{SLASH} subscribe"), text(" to bring it the digest each day.")]),
            section([text("Ask about a story by replying in its thread, or with "), code(f"{SLASH} ask"), text(".")]),
        ),
        actions(*buttons),
    ]
