"""The door by which Slack's requests come over Socket Mode: Bolt's own handler, which it lets finish what it took before it is closed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from bot.slack.client import framework_logger

if TYPE_CHECKING:
    from slack_bolt.app.async_app import AsyncApp
    from slack_sdk.socket_mode.aiohttp import SocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest
    from slack_sdk.web.async_client import AsyncWebClient


class SocketDoor(AsyncSocketModeHandler):
    """To be made and closed in one event loop."""

    def __init__(self, app: AsyncApp, token: str, client: AsyncWebClient) -> None:
        super().__init__(app, token, logger=framework_logger(), web_client=client)
        self._taken: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        """Connect; from then on by itself again whenever the connection is lost."""
        await self.connect_async()  # type: ignore[no-untyped-call]

    def wrong(self) -> str:
        """Why nothing can come by it right now; empty where it can."""
        session = self.client.current_session
        return "" if session is not None and not session.closed else "Socket Mode is not connected; it is tried again"

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """Have a request answered, and ack it."""
        taken = asyncio.ensure_future(super().handle(client, req))
        self._taken.add(taken)
        taken.add_done_callback(self._taken.discard)
        await taken

    async def close(self, within_s: float) -> None:
        """Take no more requests, wait ``within_s`` seconds at most until those that were taken are acked, and disconnect."""
        client = self.client
        client.socket_mode_request_listeners.clear()
        if self._taken:
            await asyncio.wait(self._taken, timeout=within_s)
        held = [
            t for t in (client.message_processor, client.current_session_monitor, client.message_receiver, *self._taken) if t
        ]
        await self.close_async()  # type: ignore[no-untyped-call]  # cancels them, and waits for none
        for task in held:
            task.cancel()
        await asyncio.wait(held)
