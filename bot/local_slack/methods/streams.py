"""``chat.startStream``, ``chat.appendStream``, ``chat.stopStream``: a message that grows while it is read.

slack_sdk's ``AsyncChatStream`` sends ``chunks``; a plain ``markdown_text`` does as well. A stream dies some minutes after it
began and then refuses with ``message_not_in_streaming_state``; while it lives, the message can be neither updated nor deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.local_slack.blocks import MARKDOWN_TEXT, accept
from bot.local_slack.calls import Call, invalid, method
from bot.local_slack.judging import Problem
from bot.local_slack.messages import judged_metadata, shown
from bot.local_slack.methods.chat import own_message, postable
from bot.local_slack.wire import Json, Refused

if TYPE_CHECKING:
    from bot.local_slack.members import Channel

#: Undocumented: users report about five minutes in all, and less where nothing is appended (vercel/chat#607).
STREAM_LIFETIME_S: Final = 300.0


@method("chat.startStream", "chat:write", tier=2)
def start_stream(call: Call) -> Json:
    """Begin a message in a thread."""
    channel = postable(call)
    thread_ts = call.need("thread_ts")
    if channel.kind != "im" and not (call.get("recipient_user_id") and call.get("recipient_team_id")):
        raise Refused("missing_recipient_user_id" if not call.get("recipient_user_id") else "missing_recipient_team_id")
    if call.workspace.root_of(channel, thread_ts) is None:
        raise Refused("thread_not_found")
    text, blocks = _grown(call, "", [])
    begun = {"text": text, "blocks": blocks, "streaming_state": "in_progress", "streamed_at": call.workspace.clock.now()}
    posted = call.workspace.post(channel, call.workspace.by_bot(**begun), thread_ts=thread_ts)
    return {"channel": channel.id, "ts": posted["ts"]}


@method("chat.appendStream", "chat:write", tier=4)
def append_stream(call: Call) -> Json:
    """More of a message."""
    channel, message = _streaming(call)
    if not call.args.get("markdown_text") and not call.args.get("chunks"):
        raise invalid(Problem("/markdown_text", "missing required field: markdown_text"))
    text, blocks = _grown(call, message["text"], message["blocks"])
    call.workspace.edit(channel, message["ts"], {"text": text, "blocks": blocks}, kind="message_streamed")
    return {"channel": channel.id, "ts": message["ts"]}


@method("chat.stopStream", "chat:write", tier=2)
def stop_stream(call: Call) -> Json:
    """The end of a message, with blocks below it where they are given."""
    channel, message = _streaming(call)
    text, blocks = _grown(call, message["text"], message["blocks"])
    below = call.structure("blocks", "invalid_blocks_format")
    ended: Json = {"text": text, "blocks": blocks + (accept(below, "message") if below else []), "streaming_state": "completed"}
    if (metadata := call.structure("metadata", "invalid_metadata_format")) is not None:
        ended["metadata"] = judged_metadata(metadata)
    after = call.workspace.edit(channel, message["ts"], {**ended, "streamed_at": None})
    return {"channel": channel.id, "ts": message["ts"], "message": shown(after, metadata=True)}


def _streaming(call: Call) -> tuple[Channel, Json]:
    channel = call.channel()
    message = own_message(call, channel, call.need("ts"), "message_not_owned_by_app")
    if message.get("streaming_state") != "in_progress":
        raise Refused("message_not_in_streaming_state")
    if call.workspace.clock.now() - message["streamed_at"] > STREAM_LIFETIME_S:
        call.workspace.edit(channel, message["ts"], {"streaming_state": "errored", "streamed_at": None})
        raise Refused("message_not_in_streaming_state")
    return channel, message


def _grown(call: Call, text: str, blocks: list[Json]) -> tuple[str, list[Json]]:
    """Text and blocks with what ``call`` adds: its markdown goes on in the last markdown block. Raises :class:`Refused`."""
    chunks = call.structure("chunks", "invalid_chunks")
    if chunks is not None and not isinstance(chunks, list):
        raise Refused("invalid_chunks")
    adding: list[Any] = list(chunks or ())
    if call.get("markdown_text"):
        adding.insert(0, {"type": "markdown_text", "text": call.get("markdown_text")})
    blocks = [dict(block) for block in blocks]
    for chunk in adding:
        kind = chunk.get("type") if isinstance(chunk, dict) else None
        if kind == "markdown_text" and isinstance(chunk.get("text"), str):
            if len(chunk["text"]) > MARKDOWN_TEXT:
                raise Refused("msg_too_long")
            text += chunk["text"]
            _write_on(blocks, chunk["text"])
        elif kind == "blocks":
            blocks += accept(chunk.get("blocks"), "message")
        elif kind == "task_update":
            _put_task(blocks, chunk)
        elif kind != "plan_update":
            raise Refused("invalid_chunks")
    if len(text) > MARKDOWN_TEXT:
        raise Refused("msg_too_long")
    return text, blocks


def _write_on(blocks: list[Json], text: str) -> None:
    if blocks and blocks[-1]["type"] == "markdown":
        blocks[-1]["text"] += text
    elif text:
        blocks += accept([{"type": "markdown", "text": text}], "message")


def _put_task(blocks: list[Json], chunk: Json) -> None:
    fields = {k: v for k, v in chunk.items() if k in ("title", "status", "details", "output", "sources")}
    card = accept([{"type": "task_card", "task_id": str(chunk.get("id", "")), **fields}], "message")[0]
    for n, block in enumerate(blocks):
        if block["type"] == "task_card" and block["task_id"] == card["task_id"]:
            blocks[n] = {**block, **card}
            return
    blocks.append(card)
