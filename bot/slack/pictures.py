"""Pictures of a reply, brought to Slack before the message that shows them; where Slack does not take them, their tables stay."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import structlog

from bot.slack.client import SLACK_ERRORS

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.asked import Picture, Reply
    from bot.slack.drawing.elements import Json

#: Slack's limit on an image's alternative text.
_ALT: Final = 2_000

_log = structlog.get_logger(__name__)


async def with_pictures(reply: Reply, client: AsyncWebClient) -> Reply:
    """``reply`` with its pictures in place of the blocks they stand for; ``reply`` itself where it has none, or Slack refuses one.
    Never raises."""
    if not reply.pictures:
        return reply
    try:
        images = {picture.instead_of: await _image(picture, client) for picture in reply.pictures}
    except (*SLACK_ERRORS, KeyError) as error:  # a token without files:write is no reason to say nothing
        _log.warning("picture_not_taken", reason=str(error) or type(error).__name__)
        return reply
    blocks = tuple(images.get(str(block.get("block_id")), block) for block in reply.blocks)
    return replace(reply, blocks=blocks, pictures=())


async def _image(picture: Picture, client: AsyncWebClient) -> Json:
    """The block that shows ``picture``, which is uploaded and shared nowhere else. Raises one of SLACK_ERRORS, KeyError."""
    name = "-".join(picture.title.lower().split())[:60] or "chart"
    taken = await client.files_upload_v2(
        file=picture.png, filename=f"{name}.png", title=picture.title, alt_txt=picture.alt[:_ALT]
    )
    return {
        "type": "image",
        "block_id": picture.instead_of,
        "slack_file": {"id": str(taken["files"][0]["id"])},
        "alt_text": picture.alt[:_ALT],
    }
