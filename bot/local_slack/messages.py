"""A message's content as an app sends it: judged, and as Slack keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.local_slack.blocks import MARKDOWN_TEXT, accept
from bot.local_slack.wire import Json, Refused, as_kept

if TYPE_CHECKING:
    from bot.local_slack.calls import Call

LONGEST_TEXT: Final = 40_000
#: ``chat.update`` takes less than ``chat.postMessage``.
LONGEST_UPDATE: Final = 4_000


def content(call: Call, *, longest: int = LONGEST_TEXT) -> Json:
    """Text, blocks, attachments and metadata of ``call``. Raises :class:`Refused`."""
    found: Json = {"text": as_kept(call.get("text"))}
    if len(call.get("text")) > longest:
        raise Refused("msg_too_long")
    if call.args.get("markdown_text") is not None:
        found |= _of_markdown(call)
    blocks = call.structure("blocks", "invalid_blocks_format")
    if blocks is not None:
        found["blocks"] = accept(blocks, "message")
    attachments = call.structure("attachments", "invalid_attachments")
    if attachments is not None:
        found["attachments"] = attached(attachments)
    if (metadata := call.structure("metadata", "invalid_metadata_format")) is not None:
        found["metadata"] = judged_metadata(metadata)
    return found


def said_by_url(body: Json) -> Json:
    """The content of an answer by ``response_url``, or in an ack. Raises :class:`Refused`."""
    found: Json = {"text": as_kept(str(body.get("text") or ""))}
    if body.get("blocks"):
        found["blocks"] = accept(body["blocks"], "message")
    if body.get("attachments"):
        found["attachments"] = attached(body["attachments"])
    if not has_content(found):
        raise Refused("no_text")
    return found


def has_content(found: Json) -> bool:
    """Whether there is anything to show."""
    return bool(str(found.get("text", "")).strip() or found.get("blocks") or found.get("attachments"))


def attached(attachments: Any) -> list[Json]:
    """Attachments, whose blocks are judged as a message's. Raises :class:`Refused`."""
    if not isinstance(attachments, list) or not all(isinstance(a, dict) for a in attachments):
        raise Refused("invalid_attachments")
    if len(attachments) > 100:
        raise Refused("too_many_attachments")
    return [
        {"id": n, **attachment, **({"blocks": accept(attachment["blocks"], "message")} if "blocks" in attachment else {})}
        for n, attachment in enumerate(attachments, 1)
    ]


def judged_metadata(metadata: Any) -> Json | None:
    """``event_type`` and ``event_payload``; an empty object takes it away. Raises :class:`Refused`."""
    if metadata == {}:
        return None
    if not isinstance(metadata, dict):
        raise Refused("invalid_metadata_format")
    if not isinstance(metadata.get("event_type"), str) or not isinstance(metadata.get("event_payload"), dict):
        raise Refused("invalid_metadata_schema")
    if len(str(metadata)) > 8_000:
        raise Refused("metadata_too_large")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}


def _of_markdown(call: Call) -> Json:
    if call.args.get("text") or call.args.get("blocks"):
        raise Refused("markdown_text_conflict")
    text = call.get("markdown_text")
    if len(text) > MARKDOWN_TEXT:
        raise Refused("msg_too_long")
    return {"text": text, "blocks": accept([{"type": "markdown", "text": text}], "message")} if text.strip() else {"text": ""}


def shown(message: Json, *, metadata: bool = False) -> Json:
    """A copy of ``message`` as methods return it: metadata only where it was asked for."""
    return {k: v for k, v in message.items() if metadata or k != "metadata"}
