"""What Slack sends to an app, as plain values: events, commands and interactions.

The shapes are those that slack_bolt 1.30 reads (``request/payload_utils.py``, ``request/internals.py``) and that
``@slack/types`` 3.2 and ``@slack/bolt`` 5.1 declare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.local_slack import inputs

if TYPE_CHECKING:
    from bot.local_slack.members import Channel
    from bot.local_slack.triggers import Answer
    from bot.local_slack.wire import Json
    from bot.local_slack.workspace import Workspace


def event_callback(workspace: Workspace, event: Json, event_id: str) -> Json:
    """The envelope of an event."""
    app, now = workspace.app, int(workspace.clock.now())
    authorization = {"enterprise_id": None, "team_id": workspace.team_id, "user_id": app.bot_user_id, "is_bot": True,
                     "is_enterprise_install": False}  # fmt: skip
    return {
        "token": app.verification_token, "team_id": workspace.team_id, "context_team_id": workspace.team_id,
        "api_app_id": app.app_id, "event": event, "type": "event_callback",
        "event_id": event_id, "event_time": now, "authorizations": [authorization], "is_ext_shared_channel": False,
        "event_context": f"4-{event_id}",
    }  # fmt: skip


def message_event(channel: Channel, message: Json) -> Json:
    """``message``: something was said in ``channel``."""
    shared = {"subtype": "file_share"} if message.get("files") else {}
    return {**message, **shared, "channel": channel.id, "event_ts": message["ts"], "channel_type": channel.kind}


def message_changed(channel: Channel, after: Json, before: Json, ts: str) -> Json:
    """``message`` of subtype ``message_changed``."""
    return {"type": "message", "subtype": "message_changed", "message": after, "previous_message": before, "channel": channel.id,
            "hidden": True, "ts": ts, "event_ts": ts, "channel_type": channel.kind}  # fmt: skip


def message_deleted(channel: Channel, before: Json, ts: str) -> Json:
    """``message`` of subtype ``message_deleted``."""
    return {"type": "message", "subtype": "message_deleted", "previous_message": before, "channel": channel.id, "hidden": True,
            "deleted_ts": before["ts"], "ts": ts, "event_ts": ts, "channel_type": channel.kind}  # fmt: skip


def app_mention(channel: Channel, message: Json) -> Json:
    """``app_mention``: the bot was named."""
    kept = ("user", "text", "ts", "thread_ts", "team", "blocks", "client_msg_id")
    return {
        "type": "app_mention",
        **{k: message[k] for k in kept if k in message},
        "channel": channel.id,
        "event_ts": message["ts"],
    }


def app_home_opened(workspace: Workspace, user: str, channel: Channel, tab: str) -> Json:
    """``app_home_opened``, with the Home as it was last published."""
    event: Json = {"type": "app_home_opened", "user": user, "channel": channel.id, "tab": tab, "event_ts": workspace.next_ts()}
    home = workspace.views.homes.get(user)
    return {**event, "view": workspace.views.with_state(home)} if home and tab == "home" else event


def link_shared(channel: Channel, message: Json, links: list[Json], *, is_bot_user_member: bool) -> Json:
    """``link_shared``: addresses of the app's domains stand in a message."""
    event: Json = {
        "type": "link_shared", "user": message["user"], "channel": channel.id, "message_ts": message["ts"],
        "is_bot_user_member": is_bot_user_member, "links": links, "source": "conversations_history",
        "unfurl_id": f"{channel.id}-{message['ts']}", "event_ts": message["ts"],
    }  # fmt: skip
    return {**event, "thread_ts": message["thread_ts"]} if "thread_ts" in message else event


def app_uninstalled() -> Json:
    """``app_uninstalled``."""
    return {"type": "app_uninstalled"}


def tokens_revoked(workspace: Workspace) -> Json:
    """``tokens_revoked``, of the bot's token."""
    return {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [workspace.app.bot_user_id]}}


def command(workspace: Workspace, answer: Answer, channel: Channel, name: str, text: str) -> Json:
    """A slash command's form."""
    return {
        "token": workspace.app.verification_token, "team_id": workspace.team_id, "team_domain": workspace.domain,
        "channel_id": channel.id, "channel_name": _shown_name(channel), "user_id": answer.user,
        "user_name": workspace.users[answer.user].name, "command": name, "text": text, "api_app_id": workspace.app.app_id,
        "is_enterprise_install": "false", "response_url": answer.response_url, "trigger_id": answer.trigger_id,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class InMessage:
    """An element stands in a message."""

    channel: Channel
    message: Json


@dataclass(frozen=True, slots=True)
class InView:
    """An element stands in a view."""

    view: Json


def block_actions(
    workspace: Workspace, answer: Answer, block: Json, element: Json, value: Json, where: InMessage | InView
) -> Json:
    """A person used an element."""
    action = {"action_id": element["action_id"], "block_id": block["block_id"], "type": element["type"],
              "action_ts": workspace.next_ts(), **value}  # fmt: skip
    payload = {**_interaction(workspace, answer, "block_actions"), "trigger_id": answer.trigger_id, "actions": [action]}
    if isinstance(where, InView):
        return {**payload, **_in_view(where)}
    typed = {(block["block_id"], element["action_id"]): value}
    state = {"values": inputs.values({"blocks": where.message.get("blocks", [])}, typed)}
    return {**payload, **_in_message(where), "state": state, "response_url": answer.response_url}


def _in_view(where: InView) -> Json:
    return {"container": {"type": "view", "view_id": where.view["id"]}, "view": where.view}


def _in_message(where: InMessage) -> Json:
    message = where.message
    ephemeral = bool(message.get("is_ephemeral"))
    container: Json = {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": where.channel.id,
        "is_ephemeral": ephemeral,
    }
    if "thread_ts" in message:
        container["thread_ts"] = message["thread_ts"]
    shown = {} if ephemeral else {"message": message}  # the app has kept no ephemeral message, nor does Slack send it
    return {"container": container, "channel": _place(where.channel), **shown}


def clicked(element: Json, given: Any) -> Json:
    """What an action says of the element that was used: a button's own text and value, a menu's choice."""
    kind = element["type"]
    if kind in {"button", "icon_button"}:
        return {k: element[k] for k in ("text", "value", "style") if k in element}
    if kind == "feedback_buttons":
        button = element[f"{given}_button"]
        return {"text": button["text"], "value": button["value"]}
    return inputs.value_of(element, given)


def view_submission(workspace: Workspace, answer: Answer, view: Json, urls: list[Json]) -> Json:
    """A person submitted a modal; ``urls`` are lent by a menu with ``response_url_enabled``."""
    return {
        **_interaction(workspace, answer, "view_submission"),
        "trigger_id": answer.trigger_id,
        "view": view,
        "response_urls": urls,
    }


def view_closed(workspace: Workspace, answer: Answer, view: Json, *, is_cleared: bool) -> Json:
    """A person closed a modal that asked to know of it."""
    return {**_interaction(workspace, answer, "view_closed"), "view": view, "is_cleared": is_cleared}


def message_shortcut(workspace: Workspace, answer: Answer, callback_id: str, channel: Channel, message: Json) -> Json:
    """A person chose a shortcut in a message's menu."""
    return {
        **_interaction(workspace, answer, "message_action"), "action_ts": workspace.next_ts(), "callback_id": callback_id,
        "trigger_id": answer.trigger_id, "response_url": answer.response_url, "message_ts": message["ts"],
        "channel": _place(channel), "message": message,
    }  # fmt: skip


def global_shortcut(workspace: Workspace, answer: Answer, callback_id: str) -> Json:
    """A person chose a shortcut of the workspace."""
    return {**_interaction(workspace, answer, "shortcut"), "action_ts": workspace.next_ts(), "callback_id": callback_id,
            "trigger_id": answer.trigger_id}  # fmt: skip


def suggestion(workspace: Workspace, answer: Answer, block: Json, element: Json, typed: str, where: InMessage | InView) -> Json:
    """A person types into a menu whose options the app gives."""
    payload = {**_interaction(workspace, answer, "block_suggestion"), "action_id": element["action_id"],
               "block_id": block["block_id"], "value": typed}  # fmt: skip
    return {**payload, **(_in_view(where) if isinstance(where, InView) else _in_message(where))}


def _interaction(workspace: Workspace, answer: Answer, kind: str) -> Json:
    name = workspace.users[answer.user].name
    return {
        "type": kind, "team": {"id": workspace.team_id, "domain": workspace.domain},
        "user": {"id": answer.user, "username": name, "name": name, "team_id": workspace.team_id},
        "api_app_id": workspace.app.app_id, "token": workspace.app.verification_token, "is_enterprise_install": False,
    }  # fmt: skip


def _place(channel: Channel) -> Json:
    return {"id": channel.id, "name": _shown_name(channel)}


def _shown_name(channel: Channel) -> str:
    return {"im": "directmessage", "group": "privategroup"}.get(channel.kind, channel.name)
