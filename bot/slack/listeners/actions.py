"""Buttons and menus: of stories, of look-ups, of the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import structlog

from bot.slack import ids
from bot.slack.answering import answer, in_words
from bot.slack.client import SLACK_ERRORS
from bot.slack.command_line import read
from bot.slack.commands.keeping import drop, keep
from bot.slack.drawing.ask_view import ask_view
from bot.slack.drawing.stories import title_of
from bot.slack.listeners.opening import open_modal
from bot.slack.services import team_of
from bot.slack.taste import insights_in_thread, more_or_less

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from slack_bolt.app.async_app import AsyncApp
    from slack_bolt.context.ack.async_ack import AsyncAck
    from slack_bolt.context.async_context import AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.asked import Reply
    from bot.slack.once import Once
    from bot.slack.responding import Responder
    from bot.slack.services import Services, Team

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button as it was pressed. ``message_ts``: of the message it is in; ``seen_by_all``: whether that is in the channel for all."""

    action: str
    value: str
    person: str
    channel: str
    message_ts: str
    thread_ts: str
    seen_by_all: bool
    response_url: str
    trigger: str
    in_view: bool


def pressed(body: dict[str, Any], action: dict[str, Any]) -> Pressed:
    """What Slack tells of a press. A menu's option, and feedback on an answer, name their action in their value."""
    container = body.get("container") or {}
    message = body.get("message") or {}
    name, value = str(action.get("action_id", "")).partition(":")[0], str(action.get("value") or "")
    if name == ids.MENU:
        value = str((action.get("selected_option") or {}).get("value") or "")
    if name in (ids.MENU, ids.FEEDBACK):
        name, _, value = value.partition("|")
    return Pressed(
        action=name,
        value=value,
        person=str(body["user"]["id"]),
        channel=str((body.get("channel") or {}).get("id") or container.get("channel_id") or ""),
        message_ts=str(container.get("message_ts") or message.get("ts") or ""),
        thread_ts=str(message.get("thread_ts") or container.get("thread_ts") or ""),
        seen_by_all=container.get("type") == "message" and not container.get("is_ephemeral", False),
        response_url=str(body.get("response_url") or ""),
        trigger=str(body.get("trigger_id") or ""),
        in_view=bool(body.get("view")),
    )


def register(app: AsyncApp, services: Services, once: Once, responder: Responder) -> None:
    """Add the listeners."""

    async def story(
        ack: AsyncAck, context: AsyncBoltContext, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient
    ) -> None:
        await ack()
        if await once.replayed(context):
            return
        press = pressed(body, action)
        team = services.team(team_of(body))
        if press.action == ids.ASK:
            await open_modal(client, press.trigger, await _question(press, team))
            return
        if (work := _STORY.get(press.action)) is not None:
            reply = await in_words(work(press, team, client), what=press.action, watch=team.watch)
            await _say(reply, press, responder, client)

    async def run(
        ack: AsyncAck, context: AsyncBoltContext, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient
    ) -> None:
        await ack()
        if await once.replayed(context):
            return
        press = pressed(body, action)
        try:
            again = ids.again(press.value)
        except ValueError:
            _log.warning("button_with_another_value", value=press.value[:100])
            return
        team = services.team(team_of(body))
        reply = await answer(
            read(again.text), team, channel=press.channel, person=press.person, offset=again.offset, text=again.text
        )
        if reply.modal is None or not await open_modal(client, press.trigger, reply.modal):
            await _say(reply, press, responder, client, replace=bool(again.offset))

    async def settings(
        ack: AsyncAck, context: AsyncBoltContext, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient
    ) -> None:
        await ack()
        if await once.replayed(context):
            return
        press = pressed(body, action)
        channel = press.value or press.channel
        reply = await answer(read("settings"), services.team(team_of(body)), channel=channel, person=press.person)
        if reply.modal is None or not await open_modal(client, press.trigger, reply.modal):
            await _say(reply, press, responder, client)

    async def opened(ack: AsyncAck) -> None:
        await ack()  # a button that is a link: Slack tells, and there is nothing to do

    for name in (*ids.STORY_ACTIONS, ids.MENU, ids.FEEDBACK):
        app.action(ids.named(name))(story)
    app.action(ids.named(ids.RUN))(run)
    app.action(ids.named(ids.SETTINGS))(settings)
    app.action(ids.named(ids.LINK))(opened)


async def _say(reply: Reply, press: Pressed, responder: Responder, client: AsyncWebClient, *, replace: bool = False) -> None:
    """To whoever pressed: by the response URL, or, from Home, which has none, in a direct message."""
    if not reply.text:
        return
    if press.response_url:
        await responder.send(press.response_url, reply, replace=replace and not press.seen_by_all)
        return
    try:
        for message in reply.messages():
            await client.chat_postMessage(channel=press.person, **message)
    except SLACK_ERRORS as error:
        _log.warning("answer_not_sent", reason=str(error))


async def _show(press: Pressed, team: Team, client: AsyncWebClient) -> Reply:
    return await answer(read(f"show {press.value}"), team, channel=press.channel, person=press.person)


async def _why(press: Pressed, team: Team, client: AsyncWebClient) -> Reply:
    return await answer(read(f"why {press.value}"), team, channel=press.channel, person=press.person)


async def _save(press: Pressed, team: Team, client: AsyncWebClient) -> Reply:
    held = await team.parts.lookups.find(press.value)
    return await keep(held.lead.article.id, title_of(held.lead.article), press.person, team)


async def _drop(press: Pressed, team: Team, client: AsyncWebClient) -> Reply:
    return await drop(press.value, press.person, team)


async def _more(press: Pressed, team: Team, client: AsyncWebClient) -> Reply:
    return await more_or_less(press.value, press.channel, press.person, 1, team)


async def _less(press: Pressed, team: Team, client: AsyncWebClient) -> Reply:
    return await more_or_less(press.value, press.channel, press.person, -1, team)


async def _insights(press: Pressed, team: Team, client: AsyncWebClient) -> Reply:
    held = await team.parts.lookups.find(press.value)
    thread = (press.thread_ts or press.message_ts) if press.seen_by_all else ""
    return await insights_in_thread(held.lead, press.channel, thread, team, client)


async def _question(press: Pressed, team: Team) -> dict[str, Any]:
    thread = (press.thread_ts or press.message_ts) if press.seen_by_all else ""
    return ask_view(press.value, press.channel, thread, press.response_url)


_STORY: Final[Mapping[str, Callable[[Pressed, Team, AsyncWebClient], Awaitable[Reply]]]] = {
    ids.SHOW: _show, ids.WHY: _why, ids.SAVE: _save, ids.DROP: _drop, ids.MORE: _more, ids.LESS: _less, ids.INSIGHTS: _insights,
}  # fmt: skip
