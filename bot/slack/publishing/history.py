"""What stands of our digests in a channel of Slack, read from its history: for remembering it again.

Whose messages count, and which keys, is as in ``channels``. The ids of stories' articles are the values of their buttons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from slack_sdk.errors import SlackApiError

from bot.slack import ids
from bot.slack.client import SLACK_ERRORS
from bot.slack.publishing.outcomes import of_read, reason_of
from digest.errors import PublishError
from digest.publishing.ports import Posted
from digest.publishing.publication import EVENT_TYPE, Name
from digest.publishing.recovering import Standing
from digest.stores.named import ID_CHARS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from bot.slack.publishing.channels import SlackChannels

#: A thread of ours without its first message.
_GONE: Final = frozenset({"thread_not_found", "message_not_found"})


class SlackHistory:
    """``bot_id``: whose messages count. ``workspace``: with which every key begins."""

    def __init__(self, channels: SlackChannels, *, bot_id: str, workspace: str) -> None:
        self._channels = channels
        self._bot_id = bot_id
        self._workspace = workspace

    async def standing(self, channel: str, since: datetime) -> list[Standing]:
        """All messages of digests posted after ``since``, those in their threads too, the oldest first. Raises PublishError where the
        history cannot be read."""
        oldest = f"{since.timestamp():.6f}"
        found: dict[str, Standing] = {}
        try:
            async for message in self._channels.pages("conversations.history", channel=channel, oldest=oldest):
                for each in self._of(message, channel, ""):
                    found[each.posted.ts] = each
            for root in [s.posted.ts for s in found.values() if s.posted.piece == 0]:
                for each in await self._thread(channel, root):
                    found[each.posted.ts] = each
        except SLACK_ERRORS as error:
            raise PublishError(
                f"The history of {channel} cannot be read: {of_read(error).reason}", remedy="See `ainews doctor --slack`."
            ) from error
        return [found[ts] for ts in sorted(found)]

    async def _thread(self, channel: str, root: str) -> list[Standing]:
        try:
            pages = self._channels.pages("conversations.replies", channel=channel, ts=root)
            return [each async for m in pages if m.get("ts") != root for each in self._of(m, channel, root)]
        except SlackApiError as error:
            if reason_of(error) in _GONE:
                return []
            raise

    def _of(self, message: Mapping[str, Any], channel: str, root: str) -> Iterator[Standing]:
        metadata = message.get("metadata") or {}
        key = str((metadata.get("event_payload") or {}).get("key") or "")
        if message.get("bot_id") != self._bot_id or metadata.get("event_type") != EVENT_TYPE:
            return
        name, _, number = key.removeprefix(f"{self._workspace}:").rpartition(":")
        if not key.startswith(f"{self._workspace}:{channel}:") or not number.isdigit():
            return
        try:
            named = Name.of(name)
        except ValueError:
            return
        others = [u for u in message.get("reply_users") or () if u != message.get("user")]
        replies = int(message.get("reply_count") or 0)
        posted = Posted(str(message["ts"]), int(number), replies, len(others), stray=number != "0" and not root)
        blocks = tuple(message.get("blocks") or ())
        yield Standing(named, posted, str(message.get("text") or ""), blocks, tuple(_leads(blocks)))


def _leads(blocks: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Ids of articles, with a title where a button tells one, in the order of their first buttons."""
    seen: dict[str, str] = {}
    for block in blocks:
        for element in block.get("elements") or () if block.get("type") == "actions" else ():
            action = str(element.get("action_id") or "").partition(":")[0]
            value = str(element.get("value") or "")
            if action in ids.STORY_ACTIONS and len(value) == ID_CHARS:
                title = str(element.get("accessibility_label") or "").partition(" about ")[2] if action == ids.ASK else ""
                seen[value] = seen.get(value) or title
    yield from seen.items()
