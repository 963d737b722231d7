"""``latest``, ``top``, ``search``, ``topic(s)``, ``source(s)``, ``show``, ``why`` and ``help``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from bot.slack import ids
from bot.slack.asked import Asked, Reply
from bot.slack.command_line import COMMANDS, SLASH, number
from bot.slack.drawing.articles import article_blocks, why_blocks
from bot.slack.drawing.elements import button
from bot.slack.drawing.helping import help_blocks
from bot.slack.drawing.stories import found_stories, nothing, title_of
from bot.slack.drawing.tallies import tally_blocks
from digest.rendering import words
from digest.stories.taste import taste

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from bot.slack.services import Team
    from digest.lookups.lookups import Page, Period
    from digest.lookups.tallies import Tally

_EACH: Final = 5
_MOST: Final = 10
_PERIODS: Final = {"today": "today", "week": "this week", "month": "this month"}


async def latest(asked: Asked, team: Team) -> Reply:
    """``latest [N]``."""
    count, _ = number(asked.words, default=_EACH, most=_MOST)
    page = await team.parts.lookups.latest(count, asked.offset)
    return _page(asked, page, "Latest stories", "Nothing has been collected yet.")


async def top(asked: Asked, team: Team) -> Reply:
    """``top [N] [today|week|month]``."""
    count, rest = number(asked.words, default=_EACH, most=_MOST)
    period = rest.lower().removeprefix("this ").removeprefix("the ").strip() or "week"
    if period not in _PERIODS:
        return Reply(f"Say {SLASH} top {count} today, week or month.")
    page = await team.parts.lookups.top(count, cast("Period", period), asked.offset)
    return _page(asked, page, f"Top stories {_PERIODS[period]}", f"No story of {period} is held yet.")


async def search(asked: Asked, team: Team) -> Reply:
    """``search WORDS``."""
    if not asked.words:
        return Reply(f"Say what to search for: {SLASH} search performance max score:>7 since:7d.")
    page = await team.parts.lookups.search(asked.words, count=_EACH, offset=asked.offset, time_zone=asked.zone.key)
    return _page(asked, page, f"Stories on “{asked.words}”", f"Nothing is found for “{asked.words}”.")


async def topic(asked: Asked, team: Team) -> Reply:
    """``topic NAME``; without a name the topics."""
    if not asked.words:
        return await topics(asked, team)
    page = await team.parts.lookups.topic(asked.words, count=_EACH, offset=asked.offset)
    return _page(asked, page, f"Topic: {asked.words}", f"No story is on the topic “{asked.words}”.")


async def source(asked: Asked, team: Team) -> Reply:
    """``source NAME``; without a name the publishers."""
    if not asked.words:
        return await sources(asked, team)
    page = await team.parts.lookups.source(asked.words, count=_EACH, offset=asked.offset)
    return _page(asked, page, f"Publisher: {asked.words}", f"No story is by a publisher called “{asked.words}”.")


async def topics(asked: Asked, team: Team) -> Reply:
    """``topics``."""
    return _tallies(asked, "Topics", "topic", await team.parts.lookups.topics())


async def sources(asked: Asked, team: Team) -> Reply:
    """``sources``."""
    return _tallies(asked, "Publishers", "source", await team.parts.lookups.sources())


async def show(asked: Asked, team: Team) -> Reply:
    """``show ID``."""
    if not asked.words:
        return Reply(f"Say which article: {SLASH} show ID, or its address. Every story of {SLASH} latest has a button for it.")
    held = await team.parts.lookups.find(asked.words)
    made = article_blocks(held.lead, await team.parts.lookups.around(held), asked.zone)
    return Reply(title_of(held.lead.article), tuple(made))


async def why(asked: Asked, team: Team) -> Reply:
    """``why ID``."""
    if not asked.words:
        return Reply(f"Say which article: {SLASH} why ID, or its address.")
    held = await team.parts.lookups.find(asked.words)
    wanted = taste(await team.own.votes.votes(asked.channel), team.now())
    reasons = await team.parts.lookups.why(held, wanted)
    return Reply(f"Why {held.lead.article.title} stands where it does", tuple(why_blocks(held.lead, reasons, asked.zone)))


async def help_(asked: Asked, team: Team) -> Reply:
    """``help``."""
    said = "; ".join(f"{SLASH} {c.usage}: {c.about}" for c in COMMANDS)
    return Reply(said, tuple(help_blocks(COMMANDS)))


def _page(asked: Asked, page: Page, title: str, why_empty: str) -> Reply:
    if not page.stories:
        told = " ".join([*page.notes, why_empty])
        return Reply(told, tuple(nothing(title, told, page.try_next)))
    shown = asked.offset + len(page.stories)
    left = page.total - shown
    more = None
    if left > 0:
        again = ids.Again(asked.typed, shown)
        more = button(f"Show {min(left, len(page.stories))} more", ids.RUN, again.value(), label=f"Show more: {title}")
    counted = (
        f"{asked.offset + 1}–{shown} of {page.total:,}"
        if asked.offset or left > 0
        else words.count(page.total, "story", "stories")
    )
    made = found_stories(title, page.stories, zone=asked.zone, notes=[*page.notes, counted], more=more)
    named = "; ".join(s.lead.article.title for s in page.stories)
    return Reply(f"{title}: {named}", tuple(made))


def _tallies(asked: Asked, title: str, command: str, found: Sequence[Tally]) -> Reply:
    if not found:
        return Reply(f"No {command} yet: nothing has been collected.")
    made = tally_blocks(title, command, found, asked.offset, asked.typed)
    return Reply(f"{title}: {', '.join(t.name for t in found[:20])}", tuple(made))


ANSWERS: Final[Mapping[str, Callable[[Asked, Team], Awaitable[Reply]]]] = {
    "latest": latest, "top": top, "search": search, "topic": topic, "topics": topics, "source": source, "sources": sources,
    "show": show, "why": why, "help": help_,
}  # fmt: skip
