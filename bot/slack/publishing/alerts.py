"""Tells whoever runs the bot: in the log, in a measure, and in a channel where one is set."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import structlog

from bot.slack.client import SLACK_ERRORS
from digest import measures
from digest.rendering.slack_buttons import plain
from digest.rendering.slack_text import neutral

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from digest.publishing.ports import Alert

#: Told in the channel once it can be reached again.
_WAITING: Final = 50

_log = structlog.get_logger(__name__)


class OperatorAlerts:
    """``publishing.ports.Alerts``. ``channel``: empty for none."""

    def __init__(self, client: AsyncWebClient, channel: str) -> None:
        self._client = client
        self._channel = channel
        self._waiting: deque[Alert] = deque(maxlen=_WAITING)

    async def tell(self, alert: Alert) -> None:
        """See ``publishing.ports.Alerts``."""
        measures.alerted(alert.kind)
        _log.error("alert", kind=alert.kind, about=alert.about, words=alert.words, remedy=alert.remedy)
        if self._channel:
            self._waiting.append(alert)
            await self.pass_on()

    async def pass_on(self) -> None:
        """Say in the channel what waits to be said there, the oldest first, until Slack does not take one."""
        while self._waiting:
            alert = self._waiting[0]
            said = f"{alert.words} {alert.remedy}".strip()
            try:
                await self._client.chat_postMessage(
                    channel=self._channel, text=neutral(said), blocks=[{"type": "section", "text": plain(said)}],
                    unfurl_links=False, unfurl_media=False,
                )  # fmt: skip
            except SLACK_ERRORS as error:
                _log.warning("alert_not_said", channel=self._channel, reason=str(error)[:200])
                return
            self._waiting.popleft()
