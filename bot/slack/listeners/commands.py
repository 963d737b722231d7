"""``/ainews``: acked at once, answered by the command's response URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.slack.answering import answer
from bot.slack.command_line import SLASH, read
from bot.slack.listeners.opening import open_modal
from bot.slack.pictures import with_pictures

if TYPE_CHECKING:
    from slack_bolt.app.async_app import AsyncApp
    from slack_bolt.context.ack.async_ack import AsyncAck
    from slack_bolt.context.async_context import AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.once import Once
    from bot.slack.responding import Responder
    from bot.slack.services import Services


def register(app: AsyncApp, services: Services, once: Once, responder: Responder) -> None:
    """Add the listener."""

    @app.command(SLASH)
    async def asked(ack: AsyncAck, context: AsyncBoltContext, command: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        if await once.replayed(context):
            return
        typed = read(str(command.get("text") or ""))
        team = services.team(str(command["team_id"]))
        reply = await answer(typed, team, channel=str(command["channel_id"]), person=str(command["user_id"]))
        if reply.modal is not None and await open_modal(client, str(command["trigger_id"]), reply.modal):
            return
        url, drawn = str(command["response_url"]), await with_pictures(reply, client)
        if not await responder.send(url, drawn, share=typed.share) and drawn is not reply:
            await responder.send(url, reply, share=typed.share)  # Slack took a picture and then not the message with it
