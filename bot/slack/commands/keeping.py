"""``save`` and ``saved``: what somebody keeps for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.slack import ids
from bot.slack.asked import Asked, Reply
from bot.slack.command_line import SLASH
from bot.slack.drawing.elements import actions, blocks, button, paragraph
from bot.slack.drawing.saving import saved_blocks
from bot.slack.drawing.stories import title_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.slack.services import Team

_EACH: Final = 10


async def save(asked: Asked, team: Team) -> Reply:
    """``save ID``."""
    if not asked.words:
        return Reply(f"Say which article: {SLASH} save ID, or its address.", private=True)
    held = await team.parts.lookups.find(asked.words)
    return await keep(held.lead.article.id, title_of(held.lead.article), asked.person, team)


async def keep(article_id: str, title: str, person: str, team: Team) -> Reply:
    """Put an article on somebody's shelf."""
    new = await team.own.shelf.save(person, article_id, team.now())
    said = f"Saved: {title}" if new else f"You have saved this already: {title}"
    list_button = button("Your saved articles", ids.RUN, ids.Again("saved").value(), label="Show your saved articles")
    undo = button("Undo", ids.DROP, article_id, label=f"Remove {title} from your saved articles")
    row = actions(*((undo, list_button) if new else (list_button,)))
    return Reply(said, tuple(blocks([paragraph(said), row])), private=True)


async def drop(article_id: str, person: str, team: Team) -> Reply:
    """Take an article off somebody's shelf."""
    there = await team.own.shelf.drop(person, article_id)
    return Reply("Removed from your saved articles." if there else "It is not among your saved articles.", private=True)


async def saved(asked: Asked, team: Team) -> Reply:
    """``saved``."""
    found, total = await team.own.shelf.saved(asked.person, limit=_EACH, offset=asked.offset)
    if not total:
        return Reply(
            f"You have saved nothing yet. Every story has a button for it, and {SLASH} save ID does it too.", private=True
        )
    held = await team.parts.articles.get(found)
    made = saved_blocks([h.lead for h in held if h], zone=asked.zone, offset=asked.offset, shown=len(found), total=total)
    named = "; ".join(h.lead.article.title for h in held if h)
    return Reply(f"Your saved articles: {named}", tuple(made), private=True)


ANSWERS: Final[Mapping[str, Callable[[Asked, Team], Awaitable[Reply]]]] = {"save": save, "saved": saved}
