"""What people write to the bot: directly, by mentioning it, or as a question in the thread of a digest. A command is carried out, anything
else is a question.

It never answers bots, itself among them, edits, what others write to each other, or what is no question to it: in the thread of a digest,
unmentioned, that is what neither asks nor begins like something one asks for, and what is addressed to somebody else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import structlog

from bot.slack.answering import answer
from bot.slack.asked import Reply
from bot.slack.client import SLACK_ERRORS
from bot.slack.command_line import Typed, plain_text, read
from bot.slack.conversing import Question, converse
from bot.slack.pictures import with_pictures
from bot.slack.telling import Place
from bot.slack.threads import edition_of_thread
from digest.errors import StoreError

if TYPE_CHECKING:
    from slack_bolt.app.async_app import AsyncApp
    from slack_bolt.context.async_context import AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.once import Once
    from bot.slack.services import Services, Team
    from digest.model import Edition

_MENTION: Final = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^<>]*)?>")
#: Commands whose words could as well begin a question ("top stories about…", "show me…") need to stand as they are listed.
_ALONE: Final = frozenset({"latest", "topics", "sources", "saved", "status", "help", "subscribe", "unsubscribe", "digest"})
_MOST_WORDS: Final = 4
#: Subtypes of messages that people write all the same.
_WRITTEN: Final = (None, "", "file_share", "thread_broadcast")
#: A question mark in any script, or how people begin what they ask for in English.
_MARK: Final = re.compile("[?\uff1f\u061f\u2047\u037e]\\s*(?:$|[\\s\"'\u201d\u2019)])")
_ASKS: Final = re.compile(
    r"^\W*(?:(?:and|but|so|ok|okay|hi|hey|please)\b[\s,]*)*(?:story\s+|no\.?\s*|#)?(?:\d{1,2}\s*[:.)–-]\s*)?(?:who|whom|whose|what|whats|what's|when|"
    r"where|which|why|how|is|are|was|were|does|do|did|can|could|will|would|should|has|have|had|tell|explain|summari[sz]e|describe|list|compare|"
    r"give|show|say more|more on|more about|elaborate|define|quote)\b",
    re.IGNORECASE,
)

_log = structlog.get_logger(__name__)


def register(app: AsyncApp, services: Services, once: Once) -> None:
    """Add the listeners."""

    @app.event("message")
    async def message(body: dict[str, Any], event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        try:
            team = services.team(str(body["team_id"]))
            if not is_of_a_person(event):
                return
            if event.get("channel_type") == "im":
                await _reply(event, team, client)
            elif (edition := await _asked_in_thread(event, str(context.bot_user_id or ""), team)) is not None:
                await _reply(event, team, client, edition, question=True)
        finally:
            await once.finished(str(body.get("event_id")))

    @app.event("app_mention")
    async def mention(body: dict[str, Any], event: dict[str, Any], client: AsyncWebClient) -> None:
        try:
            team = services.team(str(body["team_id"]))
            if is_of_a_person(event):
                await _reply(event, team, client, await _edition(event, team))
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


def asks(text: str) -> bool:
    """Whether ``text``, as Slack sends it, is a question that is addressed to nobody in particular."""
    return not _MENTION.match(text.strip()) and bool(_MARK.search(text) or _ASKS.match(plain_text(text)))


async def _asked_in_thread(event: dict[str, Any], bot: str, team: Team) -> Edition | None:
    """The edition in whose thread ``event`` asks something of nobody in particular; None where it is not for us, or a mention tells too."""
    text, thread = str(event.get("text") or ""), event.get("thread_ts")
    if team.settings.thread_questions != "all" or not thread or thread == event.get("ts"):
        return None
    if (bot and f"<@{bot}" in text) or not asks(text):
        return None
    return await _edition(event, team)


async def _edition(event: dict[str, Any], team: Team) -> Edition | None:
    thread = str(event.get("thread_ts") or "")
    try:
        return await edition_of_thread(team.own.editions, str(event["channel"]), thread) if thread else None
    except StoreError as error:
        _log.warning("thread_unknown", reason=str(error))
        return None


async def _reply(
    event: dict[str, Any], team: Team, client: AsyncWebClient, edition: Edition | None = None, *, question: bool = False
) -> None:
    """Answer what ``event`` says. ``question``: it is one, whatever command it looks like."""
    text = plain_text(_MENTION.sub(" ", str(event.get("text") or ""))).strip()
    channel, person, ts = str(event["channel"]), str(event["user"]), str(event["ts"])
    thread = str(event.get("thread_ts") or "") or ("" if event.get("channel_type") == "im" else ts)
    typed = None if question else meant(text) if text else read("help")
    if typed is None:
        place = Place(team.id, channel, person, thread, thread or ts)
        # Answers of a direct message stand below each other: each says what it answers.
        failed = await converse(Question(text, edition, shown=not thread), place, team, client)
        if failed is not None:
            await say(failed, client, channel, thread)
    else:
        await say(await answer(typed, team, channel=channel, person=person, text=text), client, channel, thread)


async def say(reply: Reply, client: AsyncWebClient, channel: str, thread: str) -> None:
    """Post ``reply``, into ``thread`` where there is one. What Slack does not take is logged."""
    if reply.modal is not None:
        reply = Reply("Settings open in a channel, by /ainews settings, and from the bot's Home.")
    reply = await with_pictures(reply, client)
    try:
        await client.chat_postMessage(channel=channel, thread_ts=thread or None, **reply.message())
    except SLACK_ERRORS as error:
        _log.warning("reply_not_sent", reason=str(error))
