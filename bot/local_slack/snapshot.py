"""A workspace as JSON: to look at, to keep in a file, and to go on from."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from bot.local_slack.members import Channel, User
from bot.local_slack.wire import Json, micros

if TYPE_CHECKING:
    from bot.local_slack.workspace import Workspace


def described(channel: Channel) -> Json:
    """A channel with all that was said in it; ephemeral messages say for whom they are."""
    said = [{"user": user, "message": message} for user, message in channel.ephemerals]
    return {
        **asdict(channel),
        "members": sorted(channel.members),
        "messages": list(channel.messages.values()),
        "ephemerals": said,
    }


def taken(workspace: Workspace) -> Json:
    """All of ``workspace`` but files and what is lent for a while."""
    return {
        "team_id": workspace.team_id,
        "now": workspace.clock.now(),
        "users": [asdict(user) for user in workspace.users.values()],
        "channels": [described(channel) for channel in workspace.channels.values()],
        "homes": workspace.views.homes,
        "modals": {
            user: [workspace.views.with_state(v) for v in stack] for user, stack in workspace.views.open.items() if stack
        },
        "assistant": [{"channel": c, "thread_ts": t, **state} for (c, t), state in workspace.assistant.items()],
    }


def restore(workspace: Workspace, snapshot: Json) -> None:
    """Put people, channels, messages and Homes of ``snapshot`` in the place of the workspace's own."""
    workspace.users = {each["id"]: User(**each) for each in snapshot["users"]}
    workspace.channels = {each["id"]: _channel(each) for each in snapshot["channels"]}
    workspace.views.homes = dict(snapshot["homes"])
    stamps = [micros(ts) for channel in workspace.channels.values() for ts in channel.messages]
    workspace.go_on_after(max(stamps, default=0))


def _channel(each: Json) -> Channel:
    return Channel(**{
        **each,
        "members": set(each["members"]),
        "messages": {message["ts"]: message for message in each["messages"]},
        "ephemerals": [(said["user"], said["message"]) for said in each["ephemerals"]],
    })  # fmt: skip
