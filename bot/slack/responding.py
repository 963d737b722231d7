"""Answers by a command's or a button's response URL, which works in channels that the bot is not a member of."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import aiohttp
import orjson
import structlog

if TYPE_CHECKING:
    from bot.slack.asked import Reply

#: Of one answer, not of its turn: in a rush, answers wait for one of a hundred connections, and none is to be lost by that.
_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=10)
_TRIES: Final = 2

_log = structlog.get_logger(__name__)


class Responder:
    """Holds one session for all answers. To be closed."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def send(self, url: str, reply: Reply, *, share: bool = False, replace: bool = False) -> bool:
        """Say ``reply`` to whoever asked, or with ``share`` to the channel; ``replace``: instead of what the URL belongs to. False
        where Slack did not take it, which is logged."""
        kind = "in_channel" if reply.shared(share) else "ephemeral"
        for number, message in enumerate(reply.messages()):
            said = {**message, "response_type": kind, "replace_original": replace and not number}
            if not await self._post(url, orjson.dumps(said)):
                return False
        return True

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()

    async def _post(self, url: str, body: bytes) -> bool:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=False)
        for attempt in range(_TRIES):
            try:
                async with self._session.post(
                    url, data=body, headers={"Content-Type": "application/json; charset=utf-8"}
                ) as answer:
                    if answer.status == 200:
                        return True
                    _log.warning("answer_refused", status=answer.status, said=(await answer.text())[:200])
                    return False
            except (aiohttp.ClientConnectorError, aiohttp.ServerDisconnectedError) as error:
                # Saying it twice is worse than not at all only for what changes something: an answer changes nothing.
                _log.info("answer_not_sent", attempt=attempt, reason=type(error).__name__)
            except (aiohttp.ClientError, TimeoutError) as error:
                _log.warning("answer_lost", reason=type(error).__name__)
                return False
            await asyncio.sleep(0.5)
        return False
