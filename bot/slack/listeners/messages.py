"""What people write to the bot: directly, or by mentioning it. A command is carried out, anything else is a question.

It never answers bots, itself among them, edits, or what others write to each other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import structlog

from bot.slack.answering import answer, in_words
from bot.slack.asked import Asked, Reply
from bot.slack.client import SLACK_ERRORS
from bot.slack.command_line import Typed, plain_text, read
from bot.slack.commands.asking import ask
from bot.slack.pictures import with_pictures

if TYPE_CHECKING:
    from slack_bolt.app.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.once import Once
    from bot.slack.services import Services, Team

_MENTION: Final = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^<>]*)?>")
#: Commands whose words could as well begin a question ("top stories about…", "show me…") need to stand as they are listed.
_ALONE: Final = frozenset({"latest", "topics", "sources", "saved", "status", "help", "subscribe", "unsubscribe", "digest"})
_MOST_WORDS: Final = 4
#: Subtypes of messages that people write all the same.
_WRITTEN: Final = (None, "", "file_share", "thread_broadcast")

_log = structlog.get_logger(__name__)


def register(app: AsyncApp, services: Services, once: Once) -> None:
    """Add the listeners."""

    @app.event("message")
    async def message(body: dict[str, Any], event: dict[str, Any], client: AsyncWebClient) -> None:
        try:
            if event.get("channel_type") == "im" and is_of_a_person(event):
                await _reply(event, services.team(str(body["team_id"])), client)
        finally:
            await once.finished(str(body.get("event_id")))

    @app.event("app_mention")
    async def mention(body: dict[str, Any], event: dict[str, Any], client: AsyncWebClient) -> None:
        try:
            if is_of_a_person(event):
                await _reply(event, services.team(str(body["team_id"])), client)
        finally:
            await once.finished(str(body.get("event_id")))


def is_of_a_person(event: dict[str, Any]) -> bool:
    """Whether somebody wrote it: no bot, no edit, no notice."""
    return bool(event.get("user")) and not event.get("bot_id") and event.get("subtype") in _WRITTEN


def meant(text: str) -> Typed | None:
    """The command that a message is; None where it is a question."""
    typed = read(text)
    if typed.command is None or not text.strip():
        return None
    few = len(text.split()) <= _MOST_WORDS
    return typed if few and (typed.command.name in _ALONE or typed.words) and not text.rstrip().endswith("?") else None


async def _reply(event: dict[str, Any], team: Team, client: AsyncWebClient) -> None:
    text = plain_text(_MENTION.sub(" ", str(event.get("text") or ""))).strip()
    channel, person, ts = str(event["channel"]), str(event["user"]), str(event["ts"])
    thread = str(event.get("thread_ts") or "")
    typed = meant(text) if text else read("help")
    reply = (
        await in_words(_question(text, team, channel, person), what="question")
        if typed is None
        else await answer(typed, team, channel=channel, person=person, text=text)
    )
    await say(reply, client, channel, thread or ("" if event.get("channel_type") == "im" else ts))


async def _question(text: str, team: Team, channel: str, person: str) -> Reply:
    return await ask(Asked(team.id, channel, person, "ask", text, zone=team.zone(None)), team)


async def say(reply: Reply, client: AsyncWebClient, channel: str, thread: str) -> None:
    """Post ``reply``, into ``thread`` where there is one. What Slack does not take is logged."""
    if reply.modal is not None:
        reply = Reply("Settings open in a channel, by /ainews settings, and from the bot's Home.")
    reply = await with_pictures(reply, client)
    try:
        await client.chat_postMessage(channel=channel, thread_ts=thread or None, **reply.message())
    except SLACK_ERRORS as error:
        _log.warning("reply_not_sent", reason=str(error))
