"""Slack's end of HTTP: requests to the app's address, signed as Slack signs them."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp

from bot.local_slack.delivery import ACK_WITHIN_S, Ack

if TYPE_CHECKING:
    from bot.local_slack.app import SlackApp
    from bot.local_slack.wire import Json


def signed(secret: str, body: str, timestamp: int) -> dict[str, str]:
    """The headers that prove ``body`` to be Slack's, in version v0."""
    mac = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(timestamp), "X-Slack-Signature": f"v0={mac}"}


def encoded(kind: str, payload: Json) -> tuple[str, str]:
    """The body of a request and its content type: events are JSON, commands a form, interactions a form with ``payload``."""
    if kind == "events_api":
        return json.dumps(payload), "application/json"
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(fields), "application/x-www-form-urlencoded"


class SignedHttp:
    """The app at ``request_url``. Signatures carry this machine's time, because the app compares with its own."""

    def __init__(self, app: SlackApp, ack_within_s: float = ACK_WITHIN_S) -> None:
        self._app = app
        self.ack_within_s = ack_within_s
        self._session: aiohttp.ClientSession | None = None
        self.request_url: str | None = None

    @property
    def open(self) -> bool:
        """Whether the app has an address."""
        return self.request_url is not None

    async def deliver(self, kind: str, payload: Json, attempt: int, reason: str | None) -> Ack:
        """Send one request; what is not 200 in time is no ack."""
        body, content_type = encoded(kind, payload)
        headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
                   **signed(self._app.signing_secret, body, int(time.time()))}  # fmt: skip
        if attempt:
            headers |= {
                "X-Slack-Retry-Num": str(attempt),
                "X-Slack-Retry-Reason": "http_timeout" if reason == "timeout" else reason or "",
            }
        began = time.monotonic()
        try:
            waiting = aiohttp.ClientTimeout(total=self.ack_within_s)
            async with self._client().post(
                str(self.request_url), data=body.encode(), headers=headers, timeout=waiting
            ) as answer:
                text = await answer.text()
        except TimeoutError:
            return Ack("operation_timeout", after_s=time.monotonic() - began)
        except (aiohttp.ClientError, ValueError):
            return Ack("dispatch_failed", after_s=time.monotonic() - began)
        return _ack(answer, text, time.monotonic() - began)

    async def verify(self) -> bool:
        """Slack's question before it takes an address: whether the app sends the challenge back."""
        challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
        payload = {"token": self._app.verification_token, "challenge": challenge, "type": "url_verification"}
        ack = await self.deliver("events_api", payload, 0, None)
        said = ack.body.get("challenge") if isinstance(ack.body, dict) else ack.body
        return not ack.error and said == challenge

    async def close(self) -> None:
        """Close what was opened."""
        if self._session is not None:
            await self._session.close()

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=None), connector=aiohttp.TCPConnector(limit=0)
            )
        return self._session


def _ack(answer: aiohttp.ClientResponse, text: str, after_s: float) -> Ack:
    if answer.status != 200:
        return Ack("dispatch_failed", text, after_s, answer.status)
    if answer.content_type == "application/json" and text:
        try:
            return Ack(None, json.loads(text), after_s, 200)
        except ValueError:
            return Ack("dispatch_failed", text, after_s, 200)
    return Ack(None, text or None, after_s, 200)
