"""The door for Slack's signed requests over HTTP. What does not come from Slack, is too big, or was here before goes no further.

401   no signature, a wrong one, one of another time, or none that can be read
400   a body that is no text, or says nothing we know
413   a body of more than 64 KiB
200   everything else, what was sent before included: it has one effect
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Final

import aiohttp
import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestPayloadError
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.slack.once import SIGNATURE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from slack_bolt.app.async_app import AsyncApp
    from slack_bolt.response import BoltResponse

    from bot.slack.once import Once

PATH: Final = "/slack/events"
MAX_BODY: Final = 64 * 1024
#: As Slack recommends, and Bolt does. https://docs.slack.dev/authentication/verifying-requests-from-slack
TOLERANCE_S: Final = 300
_LONGEST_TIMESTAMP: Final = 12
#: Slack gives up after three.
_BODY_WITHIN_S: Final = 5.0

_log = structlog.get_logger(__name__)


def signed_by_slack(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether ``body`` was signed with ``secret`` within five minutes of ``now`` (seconds since 1970). Never raises."""
    stamp, signature = headers.get("X-Slack-Request-Timestamp", ""), headers.get("X-Slack-Signature", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= _LONGEST_TIMESTAMP):
        return False
    if abs(now - int(stamp)) > TOLERANCE_S:
        return False
    expected = "v0=" + hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogateescape"))


class SignedDoor:
    """Hands to ``app`` what Slack signed."""

    def __init__(self, app: AsyncApp, secret: str, once: Once, clock: Callable[[], float] = time.time) -> None:
        self._app = app
        self._secret = secret
        self._once = once
        self._clock = clock

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request."""
        body = await _bounded(request)
        if body is None:
            return web.json_response({"error": "too large"}, status=413)
        if not signed_by_slack(self._secret, request.headers, body, self._clock()):
            return web.json_response({"error": "not signed by Slack"}, status=401)
        signature = request.headers["X-Slack-Signature"]
        asked = _read(request, body, signature)
        if asked is not None and self._once.seen_here(signature):
            _log.info("request_replayed")
            return web.Response(status=200)
        answered = await self._dispatched(asked) if asked is not None else None
        if answered is None:
            return web.json_response({"error": "unreadable"}, status=400)
        # 404 is an event that nobody listens to: Slack must not send it again.
        return web.Response() if answered.status == 404 else await to_aiohttp_response(answered)

    async def _dispatched(self, asked: AsyncBoltRequest) -> BoltResponse | None:
        """What Bolt answers; None where it cannot read it: it reads fields before our listeners do, and takes them to be there."""
        try:
            answered = await self._app.async_dispatch(asked)
        except Exception as error:  # noqa: BLE001 whatever a field that is missing raises
            _log.warning("request_unreadable", reason=type(error).__name__)
            return None
        return answered if answered.status < 500 else None


async def _bounded(request: web.Request) -> bytes | None:
    """The body; None where it is too big, empty where it does not come, or not in the form that its headers say."""
    if (request.content_length or 0) > MAX_BODY:
        return None
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_WITHIN_S):
            async for chunk in request.content.iter_chunked(MAX_BODY):
                body += chunk
                if len(body) > MAX_BODY:
                    return None
    except (RequestPayloadError, HttpProcessingError, aiohttp.ClientError, OSError, TimeoutError):
        return b""  # what did not come whole is not what was signed
    return bytes(body)


def _read(request: web.Request, body: bytes, signature: str) -> AsyncBoltRequest | None:
    """The request for Bolt; None where it has not in it what Slack puts in every request."""
    try:
        asked = AsyncBoltRequest(
            body=body.decode(), query=request.query_string, headers=dict(request.headers), context={SIGNATURE: signature}
        )
    except (ValueError, TypeError, AttributeError):  # no text, no JSON, or JSON that is no object
        return None
    known = isinstance(asked.body, dict) and any(k in asked.body for k in ("type", "command", "payload", "ssl_check"))
    return asked if known else None
