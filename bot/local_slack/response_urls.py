"""What the app says by a ``response_url``, and in the ack of a command: shown to one person, or to the channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.local_slack.messages import said_by_url
from bot.local_slack.wire import Json, Refused, truth

if TYPE_CHECKING:
    from bot.local_slack.members import Channel
    from bot.local_slack.triggers import Answer
    from bot.local_slack.workspace import Workspace


def respond(workspace: Workspace, answer: Answer, body: Json) -> None:
    """Do what ``body`` says: a message, or a change of the one that was clicked. Raises :class:`Refused`."""
    channel = workspace.channels.get(answer.channel or "")
    if channel is None:
        raise Refused("channel_not_found")
    if truth(body.get("delete_original")):
        _take_away(workspace, channel, answer)
    elif truth(body.get("replace_original")):
        answer.messages.append(_replace(workspace, channel, answer, said_by_url(body)))
    else:
        answer.messages.append(_say(workspace, channel, answer, body))
        workspace.tell("answered", answer=answer.id)


def _say(workspace: Workspace, channel: Channel, answer: Answer, body: Json) -> Json:
    message = workspace.by_bot(**said_by_url(body))
    thread = body.get("thread_ts")
    kind = body.get("response_type", "ephemeral")
    if kind not in ("ephemeral", "in_channel"):
        raise Refused("invalid_response_type")
    if kind == "in_channel":
        return workspace.post(channel, message, thread_ts=str(thread) if thread else None)
    return workspace.say_to(channel, answer.user, {**message, **({"thread_ts": thread} if thread else {})})


def _replace(workspace: Workspace, channel: Channel, answer: Answer, found: Json) -> Json:
    blocks = {"blocks": None, "attachments": None}  # here, other than with chat.update, what is not named goes
    if answer.origin_is_ephemeral or answer.origin is None:
        return _replace_ephemeral(workspace, channel, answer, found)
    if answer.origin not in channel.messages:
        raise Refused("message_not_found")
    return workspace.edit(channel, answer.origin, {**blocks, **found}, by=workspace.app.bot_user_id)


def _replace_ephemeral(workspace: Workspace, channel: Channel, answer: Answer, found: Json) -> Json:
    """An ephemeral message in the place of the one that was clicked, or of the last that this address gave."""
    old = answer.origin or next((m["ts"] for m in reversed(answer.messages) if m.get("is_ephemeral")), None)
    for n, (user, message) in enumerate(channel.ephemerals):
        if user == answer.user and message["ts"] == old:
            kept = {k: v for k, v in message.items() if k not in ("blocks", "attachments")}
            channel.ephemerals[n] = (user, {**kept, **found})
            workspace.tell("ephemeral_changed", channel=channel.id, user=user, ts=old, message=channel.ephemerals[n][1])
            return channel.ephemerals[n][1]
    return workspace.say_to(channel, answer.user, workspace.by_bot(**found))


def _take_away(workspace: Workspace, channel: Channel, answer: Answer) -> None:
    if answer.origin is None:
        raise Refused("message_not_found")
    if answer.origin_is_ephemeral:
        channel.ephemerals = [(u, m) for u, m in channel.ephemerals if (u, m["ts"]) != (answer.user, answer.origin)]
        workspace.tell("ephemeral_deleted", channel=channel.id, user=answer.user, ts=answer.origin)
    elif answer.origin in channel.messages:
        workspace.delete(channel, answer.origin)
