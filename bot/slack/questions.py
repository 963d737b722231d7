"""Questions about an article from Slack: answered into the digest's thread, or to whoever asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.slack.answering import in_words
from bot.slack.asked import Reply
from bot.slack.client import SLACK_ERRORS
from bot.slack.drawing.answers import answer_blocks

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.drawing.ask_view import AskedAbout
    from bot.slack.responding import Responder
    from bot.slack.services import Team

_log = structlog.get_logger(__name__)


async def ask_of_article(
    about: AskedAbout, question: str, person: str, team: Team, responder: Responder, client: AsyncWebClient
) -> None:
    """Answer ``question`` where ``about`` says. Never raises: what fails is told to whoever asked."""
    reply = await in_words(_answered(about.article, question, team), what="question", watch=team.watch)
    if about.thread and not reply.private:
        try:
            for message in reply.messages():
                await client.chat_postMessage(channel=about.channel, thread_ts=about.thread, **message)
            return
        except SLACK_ERRORS as error:
            _log.warning("answer_not_in_thread", reason=str(error))
    if about.response_url:
        await responder.send(about.response_url, reply)
        return
    try:  # asked from Home, which has no response URL
        for message in reply.messages():
            await client.chat_postMessage(channel=person, **message)
    except SLACK_ERRORS as error:
        _log.warning("answer_not_sent", reason=str(error))


async def _answered(article_id: str, question: str, team: Team) -> Reply:
    async with team.lanes.turn(team.lanes.slow):
        held = await team.parts.lookups.find(article_id)
        answer, articles = await team.parts.questions.of_article(held, question)
    return Reply(answer.text, tuple(answer_blocks(question, answer, articles)))
