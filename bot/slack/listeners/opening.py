"""Opens modals: within three seconds of what asked for it, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from slack_sdk.errors import SlackApiError

from bot.slack.client import SLACK_ERRORS

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

_log = structlog.get_logger(__name__)


async def open_modal(client: AsyncWebClient, trigger: str, view: dict[str, Any], *, push: bool = False) -> bool:
    """Open ``view``, or with ``push`` put it on top of the one that is open. False where Slack would not."""
    try:
        if push:
            await client.views_push(trigger_id=trigger, view=view)
        else:
            await client.views_open(trigger_id=trigger, view=view)
    except SlackApiError as error:
        _log.warning("modal_not_opened", reason=str(error.response.get("error")), said=error.response.get("response_metadata"))
        return False
    except SLACK_ERRORS as error:
        _log.warning("modal_not_opened", reason=type(error).__name__)
        return False
    return True
