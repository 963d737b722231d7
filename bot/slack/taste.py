"""More or less like this, and key insights for all: what a press on a story changes for the channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.slack import ids
from bot.slack.asked import Reply
from bot.slack.client import SLACK_ERRORS
from bot.slack.drawing.articles import insights_blocks
from bot.slack.drawing.elements import actions, blocks, button, paragraph
from bot.slack.drawing.stories import title_of
from digest.rendering import words
from digest.stories.taste import Direction, Vote, aspects
from digest.translating.composing import told_in_its_language

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.services import Team
    from digest.model import AssessedArticle

#: A press again within a day does not say the same again in a thread.
_ONCE_S = 86_400


async def more_or_less(article_id: str, channel: str, person: str, direction: Direction, team: Team) -> Reply:
    """Let the channel have more (1) or less (-1) like an article. Raises NotFound, StoreError."""
    held = await team.parts.lookups.find(article_id)
    about = aspects(held.lead)
    await team.own.votes.cast(channel, Vote(person, article_id, direction, about, team.now()))
    more = direction > 0
    named = words.listed([f"“{a.name}”" for a in about][:4]) or "this"
    said = f"Noted: this channel gets {'more' if more else 'less'} on {named}. It moves stories up or down, and {_FORGET}."
    opposite = button("Less instead" if more else "More instead", ids.LESS if more else ids.MORE, article_id)
    return Reply(said, tuple(blocks([paragraph(said), actions(opposite)])), private=True)


_log = structlog.get_logger(__name__)
_FORGET = "the settings take it back"


async def insights_in_thread(told: AssessedArticle, channel: str, thread: str, team: Team, client: AsyncWebClient) -> Reply:
    """The key insights in the digest's thread, once; where there is no thread, to whoever asked."""
    subscription = await team.subscription(channel)
    if subscription is not None:
        told = await told_in_its_language(told, subscription, team.parts, team.own)
    made = tuple(insights_blocks(told))
    text = f"Key insights: {title_of(told.article)}"
    if not thread:
        return Reply(text, made, private=True)
    name = f"insights:{channel}:{thread}:{told.article.id}"
    if not await team.own.deliveries.first(name, _ONCE_S):
        return Reply("The key insights are in the thread already.", private=True)
    try:
        for message in Reply(text, made).messages():
            await client.chat_postMessage(channel=channel, thread_ts=thread, **message)
    except SLACK_ERRORS as error:  # the bot was taken out of the channel, or Slack is away: at least whoever asked is told
        _log.warning("insights_not_in_thread", reason=str(error))
        await team.own.deliveries.forget(name)
        return Reply(text, made, private=True)
    return Reply("", private=True)
