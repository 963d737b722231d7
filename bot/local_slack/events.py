"""Which changes of the workspace the app is told of: those its manifest subscribes to, where its bot is a member."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from bot.local_slack import payloads
from bot.local_slack.members import KINDS
from bot.local_slack.messages import shown

if TYPE_CHECKING:
    from bot.local_slack.changes import Change
    from bot.local_slack.delivery import Delivery
    from bot.local_slack.members import Channel
    from bot.local_slack.wire import Json
    from bot.local_slack.workspace import Workspace

_LINKS: Final = re.compile(r"<(https?://[^>|\s]+)")


class Subscriptions:
    """Watches a workspace and tells the app by ``delivery``; nothing waits for the app."""

    def __init__(self, workspace: Workspace, delivery: Delivery) -> None:
        self._workspace = workspace
        self._delivery = delivery

    def hear(self, change: Change) -> None:
        """One change of the workspace."""
        for event in self._events(change):
            self._delivery.event_soon(event)

    def wants(self, event: str) -> bool:
        """Whether the manifest subscribes to ``event``."""
        return event in self._workspace.app.events

    def _events(self, change: Change) -> list[Json]:
        if change.kind not in ("message_posted", "message_changed", "message_deleted"):
            return []
        channel = self._workspace.channels[change.details["channel"]]
        if self._workspace.app.bot_user_id not in channel.members:
            return []
        events = self._of_message(change, channel) if self.wants(f"message.{KINDS[channel.kind]}") else []
        if change.kind == "message_posted":
            events += self._of_text(channel, change.details["message"])
        return events

    def _of_message(self, change: Change, channel: Channel) -> list[Json]:
        if change.kind == "message_posted":
            return [payloads.message_event(channel, shown(change.details["message"]))]
        before = shown(change.details["previous"])
        if change.kind == "message_deleted":
            return [payloads.message_deleted(channel, before, self._workspace.next_ts())]
        return [payloads.message_changed(channel, shown(change.details["message"]), before, self._workspace.next_ts())]

    def _of_text(self, channel: Channel, message: Json) -> list[Json]:
        if "bot_id" in message:
            return []
        events: list[Json] = []
        if self.wants("app_mention") and f"<@{self._workspace.app.bot_user_id}>" in message["text"] and channel.kind != "im":
            events.append(payloads.app_mention(channel, message))
        links = [link for url in _LINKS.findall(message["text"]) if (link := self._of_ours(url))]
        if links and self.wants("link_shared"):
            events.append(payloads.link_shared(channel, message, links, is_bot_user_member=True))
        return events

    def _of_ours(self, url: str) -> Json | None:
        url = url.replace("&amp;", "&")
        host = urlsplit(url).hostname or ""
        domain = next((d for d in self._workspace.app.unfurl_domains if host == d or host.endswith(f".{d}")), None)
        return {"domain": domain, "url": url} if domain else None
