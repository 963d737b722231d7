"""Streams, by the real client's own helper."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.local_slack.server import LocalSlack

NEWS = "C0AINEWS01"
TO = {"recipient_team_id": "T0LOCAL001", "recipient_user_id": "U0ADA00001"}


async def test_a_stream_grows_and_ends_with_blocks_below(client: AsyncWebClient, slack: LocalSlack) -> None:
    asked = await slack.people.say("ada", "ai-news", "what is new?")
    grown: list[str] = []
    with slack.workspace.changes.watched_by(
        lambda c: grown.append(c.details["message"]["text"]) if c.kind == "message_streamed" else None
    ):
        stream = await client.chat_stream(channel=NEWS, thread_ts=asked["ts"], buffer_size=4, **TO)
        for piece in ("**Two** ", "models ", "came."):
            await stream.append(markdown_text=piece)
        ended = await stream.stop(blocks=[{"type": "divider"}])
    message = slack.workspace.channel(NEWS).messages[ended["ts"]]
    assert grown == ["**Two** models ", "**Two** models came."]
    assert [b["type"] for b in message["blocks"]] == ["markdown", "divider"]
    assert message["blocks"][0]["text"] == "**Two** models came."
    assert message["streaming_state"] == "completed"
    assert message["thread_ts"] == asked["ts"]


async def test_a_stream_that_was_left_alone_is_dead_and_can_be_updated(client: AsyncWebClient, slack: LocalSlack) -> None:
    asked = await slack.people.say("ada", "dm", "what is new?")
    channel = slack.workspace.direct("U0ADA00001").id
    ts = (await client.chat_startStream(channel=channel, thread_ts=asked["ts"], markdown_text="One"))["ts"]
    with pytest.raises(SlackApiError, match="streaming_state_conflict"):
        await client.chat_update(channel=channel, ts=ts, text="meanwhile")
    with pytest.raises(SlackApiError, match="cant_delete_message"):
        await client.chat_delete(channel=channel, ts=ts)
    slack.clock.advance(301)
    with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
        await client.chat_appendStream(channel=channel, ts=ts, markdown_text="two")
    with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
        await client.chat_stopStream(channel=channel, ts=ts)
    await client.chat_update(channel=channel, ts=ts, text="One, two", blocks=[])
    assert slack.workspace.channels[channel].messages[ts]["text"] == "One, two"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"markdown_text": "x" * 12_001, **TO}, "msg_too_long"),
        ({"chunks": [{"type": "surprise"}], **TO}, "invalid_chunks"),
        ({"markdown_text": "x"}, "missing_recipient_user_id"),
        ({"markdown_text": "x", "recipient_user_id": "U0ADA00001"}, "missing_recipient_team_id"),
    ],
)
async def test_what_no_stream_may_hold_is_refused(
    client: AsyncWebClient, slack: LocalSlack, arguments: Any, error: str
) -> None:
    asked = await slack.people.say("ada", "ai-news", "what is new?")
    with pytest.raises(SlackApiError, match=error):
        await client.chat_startStream(channel=NEWS, thread_ts=asked["ts"], **arguments)


async def test_tasks_of_a_stream_are_kept_by_their_id(client: AsyncWebClient, slack: LocalSlack) -> None:
    asked = await slack.people.say("ada", "ai-news", "what is new?")
    stream = await client.chat_stream(channel=NEWS, thread_ts=asked["ts"], **TO)
    await stream.append(chunks=[{"type": "task_update", "id": "1", "title": "Searching", "status": "in_progress"}])
    await stream.append(chunks=[{"type": "task_update", "id": "1", "title": "Searched", "status": "complete"}])
    ended = await stream.stop(markdown_text="Done.")
    blocks = slack.workspace.channel(NEWS).messages[ended["ts"]]["blocks"]
    assert [(b["type"], b.get("status")) for b in blocks] == [("task_card", "complete"), ("markdown", None)]
