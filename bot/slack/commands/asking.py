"""``ask QUESTION``: answered from the knowledge base, or from one article."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.slack.asked import Asked, Reply
from bot.slack.command_line import SLASH
from bot.slack.drawing.answers import answer_blocks
from digest.answers.ports import LONGEST_QUESTION, Asker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.slack.services import Team


async def ask(asked: Asked, team: Team) -> Reply:
    """``ask QUESTION``."""
    if not asked.words:
        return Reply(f"Say what you want to know: {SLASH} ask what does Performance Max cost on Waze?")
    question = asked.words[:LONGEST_QUESTION]
    who = Asker(team.id, asked.channel, asked.person)
    answer, articles = await team.parts.questions.of_everything(question, who=who)
    return Reply(answer.text, tuple(answer_blocks(question, answer, articles)))


ANSWERS: Final[Mapping[str, Callable[[Asked, Team], Awaitable[Reply]]]] = {"ask": ask}
