"""Slack's end of Socket Mode: connections, envelopes, acks.

The shapes are those that slack_sdk 3.47 reads (``socket_mode/request.py``, ``socket_mode/aiohttp``): ``hello``, envelopes
with ``envelope_id``, ``payload`` and ``accepts_response_payload``, and ``disconnect``, after which a client opens a new
connection before this one is closed.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from typing import TYPE_CHECKING

from aiohttp import WSCloseCode, WSMsgType, web

from bot.local_slack.delivery import ACK_WITHIN_S, Ack

if TYPE_CHECKING:
    from bot.local_slack.app import SlackApp
    from bot.local_slack.wire import Json


class SocketMode:
    """The app's connections. Envelopes go round among them, and a second attempt takes another one than the first."""

    def __init__(self, app: SlackApp, ack_within_s: float = ACK_WITHIN_S) -> None:
        self._app = app
        self.ack_within_s = ack_within_s
        self._tickets: set[str] = set()
        #: How many connections there were.
        self.tickets_used = 0
        self._sockets: list[web.WebSocketResponse] = []
        self._awaited: dict[str, asyncio.Future[Json]] = {}

    @property
    def open(self) -> bool:
        """Whether the app is connected."""
        return bool(self._sockets)

    @property
    def connections(self) -> int:
        """How many connections the app has open."""
        return len(self._sockets)

    def ticket(self) -> str:
        """What a connection's address must carry; it is good once."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return ticket

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """A connection, until it ends."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401, text="invalid ticket")
        self._tickets.discard(ticket)
        self.tickets_used += 1
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json(self._hello())
        self._sockets.append(socket)
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    self._acked(message.data)
        finally:
            self._gone(socket)
        return socket

    async def deliver(self, kind: str, payload: Json, attempt: int, reason: str | None) -> Ack:
        """Send an envelope and wait for its ack."""
        began, envelope_id = time.monotonic(), secrets.token_hex(16)
        envelope = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason or ""}
        acked = self._awaited[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self.ack_within_s):
                await self._next().send_json(envelope)
                body = await acked
        except (TimeoutError, ConnectionError, IndexError):
            return Ack("operation_timeout", after_s=time.monotonic() - began)
        finally:
            del self._awaited[envelope_id]
        return Ack(body=body.get("payload"), after_s=time.monotonic() - began)

    async def ask_to_reconnect(self, reason: str = "refresh_requested") -> None:
        """Tell every connection that it ends, as Slack does now and then; a client opens another first."""
        old = tuple(self._sockets)
        for socket in old:
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-local"}})

    async def drop(self) -> None:
        """Break every connection without a word."""
        for socket in tuple(self._sockets):
            self._gone(socket)
            await socket.close(code=WSCloseCode.GOING_AWAY)

    def _next(self) -> web.WebSocketResponse:
        socket = self._sockets.pop(0)
        self._sockets.append(socket)
        return socket

    def _acked(self, text: str) -> None:
        try:
            answer = json.loads(text)
        except ValueError:
            return
        waiting = self._awaited.get(answer.get("envelope_id", "")) if isinstance(answer, dict) else None
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    def _gone(self, socket: web.WebSocketResponse) -> None:
        if socket in self._sockets:
            self._sockets.remove(socket)

    def _hello(self) -> Json:
        debug = {"host": "applink-local", "build_number": 1, "approximate_connection_time": 18060}
        return {"type": "hello", "num_connections": len(self._sockets) + 1, "connection_info": {"app_id": self._app.app_id},
                "debug_info": debug}  # fmt: skip
