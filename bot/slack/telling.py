"""Tells an answer while it is written: streamed into the thread, or where Slack refuses that, posted and updated; then finished, whatever
happened on the way.

What is streamed are blocks of rich text, in which Slack reads no markup, one for each sentence that was checked. A stream that died
(``message_not_in_streaming_state``, after some minutes) is updated like a message; one that can be neither stopped nor updated is left, and
the whole answer is posted below it. An answer that is too long for one message goes on in the next.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import structlog
from slack_sdk.errors import SlackApiError

from bot.slack.asked import Reply
from bot.slack.client import SLACK_ERRORS
from bot.slack.drawing.answers import sentence_block
from bot.slack.pages import in_messages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slack_sdk.web.async_chat_stream import AsyncChatStream
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.drawing.elements import Json
    from digest.answers.ports import Sentence

#: Seconds between two updates of a message that cannot be streamed: Slack takes about one a second and channel.
UPDATE_EVERY_S: Final = 1.5
#: How often the last update is tried before the answer is posted anew, and seconds between.
_LAST_TRIES: Final = 2
AGAIN_S: Final = 0.5
#: Weight and blocks after which a stream goes on in another message; what stands below an answer still has room.
_STREAM_BLOCKS: Final = 30
#: What Slack says of a stream that is none any more.
_DEAD: Final = "message_not_in_streaming_state"

_log = structlog.get_logger(__name__)

Way = Literal["", "stream", "update", "later"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer goes: ``thread`` is empty for one that is no reply. ``under``: the message that a stream, which has to be a reply,
    replies to."""

    team: str
    channel: str
    person: str
    thread: str
    under: str


@dataclass
class Telling:
    """One answer. ``say`` it sentence by sentence, then ``finish`` it; neither raises."""

    client: AsyncWebClient
    place: Place
    way: Way = ""
    _stream: AsyncChatStream | None = None
    _ts: str = ""
    #: Blocks of the message that is being written, and all that were told.
    _here: list[Json] = field(default_factory=list)
    _told: list[Json] = field(default_factory=list)
    _above: list[Json] = field(default_factory=list)
    _updated: float = 0.0
    _status: bool = False

    @property
    def begun(self) -> bool:
        """Whether something was told."""
        return bool(self._told)

    async def think(self, what: str) -> None:
        """A status line until something is told. Not every workspace has it, and nothing depends on it."""
        self._status = await self._set_status(what)

    def begin_with(self, above: Sequence[Json]) -> None:
        """What stands above the first sentence."""
        self._above = list(above)

    async def say(self, sentence: Sentence) -> None:
        """Tell one sentence more."""
        if (block := sentence_block(sentence)) is None:
            return
        blocks = [*self._above, block]
        self._above = []
        self._told += blocks
        if self.way == "later":
            return
        if len(in_messages([*self._here, *blocks])) > 1 or len(self._here) >= _STREAM_BLOCKS:
            await self._go_on()
        self._here += blocks
        if not self._ts:
            await self._begin(blocks)
        elif self.way == "stream":
            await self._append(blocks)
        elif time.monotonic() - self._updated >= UPDATE_EVERY_S:
            await self._update(self._here, "")

    async def finish(self, reply: Reply, said: Sequence[Json] = (), below: Sequence[Json] = ()) -> None:
        """The end: ``said`` are the blocks of the answer itself, ``below`` what stands below; both together are ``reply``'s."""
        if not self._ts:
            await self._post_all(reply)
        elif list(said) == self._told and await self._end_with(list(below), reply):
            return
        elif list(said) != self._told:
            await self._say_otherwise(reply)
        if self._status:
            await self._set_status("")

    # -- a message that grows ----------------------------------------------------------------------------------------

    async def _begin(self, blocks: list[Json]) -> None:
        if self.way in ("", "stream"):
            stream = await self.client.chat_stream(
                channel=self.place.channel,
                thread_ts=self.place.under,
                recipient_team_id=self.place.team,
                recipient_user_id=self.place.person,
            )
            try:
                await stream.append(chunks=[{"type": "blocks", "blocks": blocks}])
            except SlackApiError as error:  # refused: nothing is there
                _log.info("not_streamed", reason=str(error.response.get("error")))
            except SLACK_ERRORS as error:  # it may be there or not: saying it twice is worse than saying it later
                _log.warning("stream_lost", reason=type(error).__name__)
                self.way = "later"
                return
            else:
                self.way, self._stream, self._ts = "stream", stream, str(stream.ts or "")
                if self._ts:
                    return
        self.way = "update"
        self._ts = await self._post(self._here, "")
        self._updated = time.monotonic()
        if not self._ts:
            self.way = "later"

    async def _append(self, blocks: list[Json]) -> None:
        try:
            if self._stream is not None:
                await self._stream.append(chunks=[{"type": "blocks", "blocks": blocks}])
        except SLACK_ERRORS as error:
            # The message is there. Whether the block is in it does not matter: all of them are put into it.
            _log.info("stream_went_on_as_updates", reason=_reason(error))
            self.way = "update"
            if _reason(error) == _DEAD:
                self._stream = None
            await self._update(self._here, "")

    async def _go_on(self) -> None:
        """End the message that is full, so that the next one begins."""
        if self._ts and not (await self._stop([]) or await self._update(self._here, "")):
            _log.warning("part_of_an_answer_left_open")
        self._here, self._ts, self._stream = [], "", None

    async def _end_with(self, below: list[Json], reply: Reply) -> bool:
        """End the last message with what stands below, which goes on in further messages where there is no room. False where what is
        there could not be ended; then everything was posted anew."""
        first, *more = in_messages([*self._here, *below])
        rest = first[len(self._here) :]
        if not (await self._stop(rest) or await self._update(first, reply.text, _LAST_TRIES)):
            await self._post_all(reply)
            return False
        for blocks in more:
            await self._post(blocks, "")
        return not self._status or await self._set_status("") or True

    async def _say_otherwise(self, reply: Reply) -> None:
        """What was told is not the answer: the message says now what is."""
        await self._stop([])
        first, *more = in_messages(reply.blocks)
        if not await self._update(first, reply.text, _LAST_TRIES):
            await self._post_all(reply)
            return
        for blocks in more:
            await self._post(blocks, "")

    async def _stop(self, blocks: list[Json]) -> bool:
        """Whether the message is now as it should be, by the end of its stream; one of whose blocks that is not known has to be updated."""
        stream, self._stream = self._stream, None
        if stream is None:
            return False
        known = self.way == "stream"
        try:
            await stream.stop(blocks=(blocks or None) if known else None)
        except SLACK_ERRORS as error:
            _log.info("stream_not_stopped", reason=_reason(error))
            return False
        return known

    async def _update(self, blocks: Sequence[Json], text: str, tries: int = 1) -> bool:
        """Whether the message now has ``blocks``. An update may be sent again: it says the same."""
        said = Reply(text or _plain(blocks), tuple(blocks)).update()
        for n in range(tries):
            if n:
                await asyncio.sleep(AGAIN_S)
            try:
                await self.client.chat_update(channel=self.place.channel, ts=self._ts, **said)
            except SLACK_ERRORS as error:
                _log.info("answer_not_updated", reason=_reason(error))
                continue
            self._updated = time.monotonic()
            return True
        return False

    async def _post_all(self, reply: Reply) -> None:
        for n, blocks in enumerate(in_messages(reply.blocks)):
            await self._post(blocks, reply.text if n == 0 else "")

    async def _post(self, blocks: Sequence[Json], text: str) -> str:
        """The name of the message; empty where Slack did not take it."""
        said = Reply(text or _plain(blocks), tuple(blocks)).message()
        try:
            posted = await self.client.chat_postMessage(channel=self.place.channel, thread_ts=self.place.thread or None, **said)
        except SLACK_ERRORS as error:
            _log.warning("answer_not_sent", reason=_reason(error))
            return ""
        return str(posted.get("ts") or "")

    async def _set_status(self, status: str) -> bool:
        try:
            await self.client.assistant_threads_setStatus(
                channel_id=self.place.channel, thread_ts=self.place.under, status=status
            )
        except SLACK_ERRORS as error:
            _log.debug("no_status_line", reason=_reason(error))
            return False
        return True


def _plain(blocks: Sequence[Json]) -> str:
    """The words of ``blocks``, for notifications and screen readers."""
    words: list[str] = []

    def gather(node: Any) -> None:
        if isinstance(node, list):
            for each in node:
                gather(each)
        elif isinstance(node, dict):
            if node.get("type") in ("text", "plain_text"):
                words.append(str(node.get("text")))
            gather(node.get("elements"))

    gather(list(blocks))
    return "".join(words)


def _reason(error: BaseException) -> str:
    return str(error.response.get("error")) if isinstance(error, SlackApiError) else type(error).__name__
