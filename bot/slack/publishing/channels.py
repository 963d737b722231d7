"""The channels of one workspace of Slack: the adapter of ``publishing.ports.Channels``.

A call is made once, with no retry of the client's: what it means is told by ``outcomes``. Only messages of this bot count, as anybody
can write a key beside a message.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import structlog
from slack_sdk.errors import SlackApiError

from bot.slack.client import SLACK_ERRORS
from bot.slack.publishing.outcomes import of_post, of_read, reason_of
from digest.publishing.ports import NotSent, Posted, Read, Refused, Sent, Unknown, Unreadable
from digest.publishing.publication import EVENT_TYPE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import datetime

    from slack_sdk.web.async_client import AsyncWebClient

    from digest.publishing.publication import Name, Piece

_PAGE: Final = 200
#: What a thread is answered whose first message is gone.
_GONE: Final = frozenset({"thread_not_found", "message_not_found"})
_PROOF_TEXT: Final = "Checking that the daily digest can be posted here once, and once only. This message goes at once."

_log = structlog.get_logger(__name__)


class SlackChannels:
    """``client`` must retry nothing. ``bot_id``: whose messages count. ``workspace``: with which every key begins. ``proof_s``: waits
    before looks for a message in a history that may lag."""

    def __init__(
        self, client: AsyncWebClient, *, bot_id: str, workspace: str, proof_s: Sequence[float] = (0.0, 1.0, 3.0)
    ) -> None:
        self._proof_s = proof_s
        self._client = client
        self._bot_id = bot_id
        self._workspace = workspace

    async def read(self, name: Name, since: datetime, roots: Sequence[str] = ()) -> Read | Unreadable:
        """See ``publishing.ports.Channels``."""
        keys = f"{self._workspace}:{name}:"
        oldest = f"{since.timestamp():.6f}"
        try:
            found = [
                self._posted(m, keys, "")
                async for m in self.pages("conversations.history", channel=name.channel, oldest=oldest)
            ]
            for root in roots:
                found += await self._thread(name.channel, root, keys)
        except SLACK_ERRORS as error:
            return of_read(error)
        posted = {p.ts: p for p in found if p is not None}
        return Read(tuple(posted[ts] for ts in sorted(posted)))

    async def _thread(self, channel: str, root: str, keys: str) -> list[Posted | None]:
        try:
            pages = self.pages("conversations.replies", channel=channel, ts=root)
            return [self._posted(m, keys, root) async for m in pages if m.get("ts") != root]
        except SlackApiError as error:
            if reason_of(error) in _GONE:
                return []
            raise

    async def pages(self, method: str, **arguments: Any) -> AsyncIterator[Mapping[str, Any]]:
        """The messages that ``method`` gives, page after page. Raises what the client raises."""
        cursor = ""
        while True:
            more = {"cursor": cursor} if cursor else {}
            params = {**arguments, **more, "limit": _PAGE, "include_all_metadata": "true"}
            answer = await self._client.api_call(method, http_verb="GET", params=params)
            for message in answer["messages"]:
                yield message
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    def _posted(self, message: Mapping[str, Any], keys: str, root: str) -> Posted | None:
        metadata = message.get("metadata") or {}
        key = str((metadata.get("event_payload") or {}).get("key") or "")
        if message.get("bot_id") != self._bot_id or metadata.get("event_type") != EVENT_TYPE or not key.startswith(keys):
            return None
        number = key.removeprefix(keys)
        if not number.isdigit():
            return None
        others = [u for u in message.get("reply_users") or () if u != message.get("user")]
        return Posted(
            str(message["ts"]), int(number), int(message.get("reply_count") or 0), len(others), stray=number != "0" and not root
        )

    async def post(self, name: Name, number: int, piece: Piece, root: str = "") -> Sent | NotSent | Unknown | Refused:
        """See ``publishing.ports.Channels``."""
        try:
            answer = await self._client.chat_postMessage(
                channel=name.channel, text=piece.text, blocks=list(piece.blocks), thread_ts=root or None,
                metadata=self._metadata(name, number), unfurl_links=False, unfurl_media=False,
            )  # fmt: skip
        except (*SLACK_ERRORS, AssertionError) as error:
            return of_post(error)
        ts = answer.get("ts")
        if not isinstance(ts, str) or not ts:
            return Unknown("Slack's answer names no message")
        return Sent(ts, stray=bool(root) and not (answer.get("message") or {}).get("thread_ts"))

    async def change(self, name: Name, number: int, piece: Piece) -> bool:
        """See ``publishing.ports.Channels``."""
        try:
            await self._client.chat_update(
                channel=name.channel,
                ts=piece.ts,
                text=piece.text,
                blocks=list(piece.blocks),
                metadata=self._metadata(name, number),
            )
        except SlackApiError as error:
            _log.warning("not_corrected", publication=str(name), piece=number, reason=reason_of(error))
            return False
        except SLACK_ERRORS as error:
            _log.warning("not_corrected", publication=str(name), piece=number, reason=type(error).__name__)
            return False
        return True

    async def remove(self, channel: str, ts: str) -> bool:
        """See ``publishing.ports.Channels``."""
        try:
            await self._client.chat_delete(channel=channel, ts=ts)
        except SlackApiError as error:
            return reason_of(error) in _GONE
        except SLACK_ERRORS:
            return False
        return True

    async def permalink(self, channel: str, ts: str) -> str:
        """See ``publishing.ports.Channels``."""
        try:
            return str((await self._client.chat_getPermalink(channel=channel, message_ts=ts))["permalink"])
        except (*SLACK_ERRORS, KeyError):
            return ""

    async def prove(self, channel: str) -> str:
        """See ``publishing.ports.Channels``."""
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": f"{self._workspace}:proof"}}
        try:
            answer = await self._client.chat_postMessage(channel=channel, text=_PROOF_TEXT, metadata=metadata)
            ts, where = str(answer["ts"]), str(answer["channel"])
        except (*SLACK_ERRORS, KeyError) as error:
            failed = of_post(error)
            return f"the trial by which it is proved that nothing is posted twice could not be made: {failed.reason}"
        try:
            return await self._read_back(where, ts)
        finally:
            await self.remove(where, ts)

    async def _read_back(self, channel: str, ts: str) -> str:
        problem = "Slack does not show the bot's own message in the channel's history"
        for wait_s in self._proof_s:
            await asyncio.sleep(wait_s)
            try:
                answer = await self._client.conversations_history(
                    channel=channel, oldest=ts, latest=ts, inclusive=True, include_all_metadata=True, limit=1
                )
            except SLACK_ERRORS as error:
                problem = f"the channel's history cannot be read: {of_read(error).reason}"
                continue
            mine = next((m for m in answer["messages"] if m.get("ts") == ts), None)
            if mine is None:
                continue
            if mine.get("bot_id") != self._bot_id:
                return "Slack names another bot as who posted: the token is of another app than was asked"
            if (mine.get("metadata") or {}).get("event_type") == EVENT_TYPE:
                return ""
            problem = "Slack does not give back the metadata of a message, by which a digest is known again"
        return problem

    def _metadata(self, name: Name, number: int) -> dict[str, Any]:
        return {"event_type": EVENT_TYPE, "event_payload": {"key": name.key(self._workspace, number)}}
