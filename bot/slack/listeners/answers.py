"""Buttons of answers: which story was meant, and the passages in their articles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from bot.slack import ids
from bot.slack.client import SLACK_ERRORS
from bot.slack.conversing import Question, converse
from bot.slack.drawing.answers import passages_of, passages_view
from bot.slack.drawing.which import chosen, chosen_reply
from bot.slack.listeners.opening import open_modal
from bot.slack.telling import Place
from bot.slack.threads import edition_of_thread
from digest.answers.questions import text_of
from digest.errors import StoreError

if TYPE_CHECKING:
    from slack_bolt.app.async_app import AsyncApp
    from slack_bolt.context.ack.async_ack import AsyncAck
    from slack_bolt.context.async_context import AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.once import Once
    from bot.slack.services import Services, Team
    from digest.model import Article

_log = structlog.get_logger(__name__)


def register(app: AsyncApp, services: Services, once: Once) -> None:
    """Add the listeners."""

    @app.action(ids.named(ids.WHICH))
    async def which(
        ack: AsyncAck, context: AsyncBoltContext, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient
    ) -> None:
        await ack()
        if not await once.replayed(context):
            await _which(body, str(action.get("value") or ""), services.team(_team_of(body)), client)

    @app.action(ids.named(ids.PASSAGES))
    async def passages(
        ack: AsyncAck, context: AsyncBoltContext, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient
    ) -> None:
        await ack()
        if not await once.replayed(context):
            await _passages(body, str(action.get("value") or ""), services.team(_team_of(body)), client)


async def _which(body: dict[str, Any], value: str, team: Team, client: AsyncWebClient) -> None:
    """Answer the question of whichever story was chosen, and put that in the place of the question back."""
    message = body.get("message") or {}
    channel, person = str((body.get("channel") or {}).get("id") or ""), str(body["user"]["id"])
    thread, ts = str(message.get("thread_ts") or ""), str(message.get("ts") or "")
    try:
        index, question = chosen(value)
        edition = await edition_of_thread(team.own.editions, channel, thread)
    except (ValueError, StoreError) as error:
        _log.warning("choice_not_carried_out", reason=str(error))
        return
    if edition is None or (index is not None and index >= len(edition.stories)):
        _log.warning("choice_of_another_thread", channel=channel)
        return
    title = "all stories" if index is None else edition.stories[index].title
    try:
        await client.chat_update(channel=channel, ts=ts, **chosen_reply(title, question).update())
    except SLACK_ERRORS as error:
        _log.info("question_back_not_replaced", reason=str(error))
    asked = Question(question, edition, story=index, all_stories=index is None)
    await converse(asked, Place(team.id, channel, person, thread, thread), team, client)


async def _passages(body: dict[str, Any], value: str, team: Team, client: AsyncWebClient) -> None:
    try:
        wanted = passages_of(value)
        held = await team.parts.articles.get(list(dict.fromkeys(article for article, *_ in wanted)))
    except (ValueError, StoreError) as error:
        _log.warning("passages_not_shown", reason=str(error))
        return
    texts: dict[str, tuple[Article, str]] = {}
    for each in held:
        if each is not None:
            texts[each.lead.article.id] = (each.lead.article, text_of(each.lead.article))
    await open_modal(client, str(body.get("trigger_id") or ""), passages_view(wanted, texts))


def _team_of(body: dict[str, Any]) -> str:
    return str((body.get("team") or {}).get("id") or (body.get("user") or {}).get("team_id") or "")
