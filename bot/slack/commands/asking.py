"""``ask QUESTION``: answered from the knowledge base, or from one article."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.slack.asked import Asked, Reply
from bot.slack.command_line import SLASH
from bot.slack.drawing.answers import answer_blocks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.slack.services import Team

_LONGEST: Final = 2_000


async def ask(asked: Asked, team: Team) -> Reply:
    """``ask QUESTION``."""
    if not asked.words:
        return Reply(f"Say what you want to know: {SLASH} ask what does Performance Max cost on Waze?")
    answer, articles = await team.parts.questions.of_everything(asked.words[:_LONGEST])
    return Reply(answer.text, tuple(answer_blocks(asked.words[:_LONGEST], answer, articles)))


ANSWERS: Final[Mapping[str, Callable[[Asked, Team], Awaitable[Reply]]]] = {"ask": ask}
