"""What a page is shown of the workspace: all of it at first, and then each part that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.local_slack import snapshot
from bot.playground.running import CHANNEL, PERSON
from bot.slack.command_line import COMMANDS, SLASH
from bot.slack.manifest import manifest

if TYPE_CHECKING:
    from bot.local_slack.changes import Change
    from bot.local_slack.wire import Json
    from bot.local_slack.workspace import Workspace
    from bot.playground.running import Playground


def everything(playground: Playground) -> Json:
    """The whole workspace, who looks at it, and what can be typed and chosen."""
    workspace, settings = playground.slack.workspace, playground.settings
    shortcuts = manifest(settings)["features"].get("shortcuts", [])
    return {
        **snapshot.taken(workspace),
        "kind": "everything",
        "channels": [snapshot.described(channel) for channel in workspace.channels.values()],
        "bot": workspace.app.bot_user_id,
        "me": workspace.user(PERSON).id,
        "channel": workspace.channel(CHANNEL).id,
        "time_zone": settings.time_zone,
        "sample": playground.of_sample,
        "slash": SLASH,
        "commands": [{"name": c.name, "usage": c.usage, "about": c.about, "takes": c.takes} for c in COMMANDS],
        "shortcuts": [{"name": s["name"], "callback_id": s["callback_id"]} for s in shortcuts if s["type"] == "message"],
    }


def parts_of(change: Change, workspace: Workspace) -> list[Json]:
    """What of the workspace is to be shown anew after ``change``."""
    details = change.details
    if change.kind.startswith("message_") or change.kind.startswith("reaction_"):
        return _messages(workspace, details)
    if change.kind.startswith("ephemeral"):
        channel = workspace.channels[details["channel"]]
        return [{"kind": "ephemerals", "channel": channel.id,
                 "ephemerals": [{"user": user, "message": message} for user, message in channel.ephemerals]}]  # fmt: skip
    if change.kind == "home_published":
        return [{"kind": "home", "user": details["user"], "view": details["view"]}]
    if change.kind.startswith("view_"):
        stack = [workspace.views.with_state(view) for view in workspace.views.open.get(details["user"], [])]
        return [{"kind": "modals", "user": details["user"], "stack": stack}]
    if change.kind == "assistant_thread":
        threads = [{"channel": c, "thread_ts": t, **state} for (c, t), state in workspace.assistant.items()]
        return [{"kind": "assistant", "threads": threads}]
    return []


def _messages(workspace: Workspace, details: dict[str, Any]) -> list[Json]:
    """The message as it now is, and the root of its thread, whose count may have changed."""
    channel = workspace.channels[details["channel"]]
    message = channel.messages.get(details["ts"])
    thread = (message or details.get("previous") or {}).get("thread_ts")
    stamps = [details["ts"], *([thread] if thread and thread != details["ts"] else [])]
    shown: list[Json] = [
        {"kind": "message", "channel": channel.id, "ts": ts, "message": channel.messages.get(ts)} for ts in stamps
    ]
    about = {**snapshot.described(channel), "messages": [], "ephemerals": []}
    return [{"kind": "channel", "channel": about}, *shown]
