"""Questions about an article from a modal: answered into the digest's thread, or to whoever asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.slack.answering import PATIENCE_S, in_words
from bot.slack.asked import Reply
from bot.slack.client import SLACK_ERRORS
from bot.slack.conversing import Question, converse
from bot.slack.drawing.answers import answer_blocks
from bot.slack.telling import Place
from digest.answers.ports import Asker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.drawing.ask_view import AskedAbout
    from bot.slack.responding import Responder
    from bot.slack.services import Team
    from digest.answers.ports import Answer
    from digest.model import Article
    from digest.ports import Held

_log = structlog.get_logger(__name__)


async def ask_of_article(
    about: AskedAbout, question: str, person: str, team: Team, responder: Responder, client: AsyncWebClient
) -> None:
    """Answer ``question`` where ``about`` says. Never raises: what fails is told to whoever asked."""
    if about.thread:
        place = Place(team.id, about.channel, person, about.thread, about.thread)
        asked = Question(question, article=about.article, shown=True)
        reply = await converse(asked, place, team, client)
        if reply is not None and about.response_url:
            await responder.send(about.response_url, reply)
        return
    work = _answered(about.article, question, Asker(team.id, about.channel, person), team)
    reply = await in_words(work, what="question", deadline_s=PATIENCE_S, watch=team.watch)
    if about.response_url:
        await responder.send(about.response_url, reply)
        return
    try:  # asked from Home, which has no response URL
        for message in reply.messages():
            await client.chat_postMessage(channel=person, **message)
    except SLACK_ERRORS as error:
        _log.warning("answer_not_sent", reason=str(error))


async def _answered(article_id: str, question: str, who: Asker, team: Team) -> Reply:
    async with team.lanes.turn(team.lanes.slow):
        held = await team.parts.lookups.find(article_id)
        answer, articles = await team.parts.questions.of_article(held, question, who=who)
    return await answer_reply(question, answer, articles, [held], team)


async def answer_reply(question: str, answer: Answer, articles: dict[str, Article], held: Sequence[Held], team: Team) -> Reply:
    """An answer that is sent as a whole. ``held``: what was asked; empty for everything."""
    elsewhere = None
    if answer.abstained and held:
        elsewhere, more = await team.parts.questions.elsewhere(held, question)
        articles = {**articles, **more}
    made = answer_blocks(question, answer, articles, elsewhere=elsewhere)
    return Reply(answer.text, tuple(made))
