"""Serves the page, on 127.0.0.1 only, to whoever has the token of the link.

The link's token is exchanged for a cookie. A request by another name than this address, or from a page of another origin, is
refused, so that no site a person visits meanwhile reaches the playground through their browser. The page loads nothing from
elsewhere and runs no script but its own files.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import secrets
from contextlib import suppress
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from aiohttp import WSMsgType, web

from bot.playground.doing import PROBLEMS, Doing
from bot.playground.seen import everything, parts_of
from digest.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

    from bot.local_slack.changes import Change
    from bot.playground.running import Playground

PAGE: Final = Path(__file__).parent / "page"
_KINDS: Final = {
    ".html": "text/html",
    ".css": "text/css",
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
#: What a browser draws without running anything in it.
_PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_LARGEST: Final = 1024 * 1024
#: A page that reads so slowly that this many changes wait is told everything anew.
_MOST_WAITING: Final = 2_000

Json = dict[str, Any]


class PageServer:
    """The page of one playground, at ``url``. Entering raises ConfigurationError where ``port`` is not to be had."""

    def __init__(self, playground: Playground, port: int = 0) -> None:
        self._playground = playground
        self._doing = Doing(playground)
        self._port = port
        self._token = secrets.token_urlsafe(24)
        self._notices: set[asyncio.Queue[Json]] = set()
        application = web.Application(client_max_size=_LARGEST, middlewares=[self._guarded])
        application.add_routes([
            web.get("/", self._index), web.get("/live", self._live), web.post("/do", self._do),
            web.get("/files/{file}", self._file), web.get(r"/page/{name:[a-z_/]+\.(?:css|mjs|svg)}", self._asset),
        ])  # fmt: skip
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)

    @property
    def origin(self) -> str:
        """Where it is, without the token."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """The link that opens the page."""
        return f"{self.origin}/?token={self._token}"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise ConfigurationError(
                f"port {self._port} cannot be listened on: {error.strerror}",
                remedy="Name another by --port; 0 takes a free one.",
            ) from error
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    def tell(self, level: str, text: str) -> None:
        """Show every open page a sentence. ``level``: info or error."""
        for waiting in self._notices:
            waiting.put_nowait({"kind": "notice", "level": level, "text": text})

    # -- who may ----------------------------------------------------------------------------------------------------

    @web.middleware
    async def _guarded(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        response = await handler(request) if self._may(request) else web.Response(status=403, text=_NO)
        if not response.prepared:
            response.headers.update(self._headers())
        return response

    def _may(self, request: web.Request) -> bool:
        if f"http://{request.host}" != self.origin or request.headers.get("Origin", self.origin) != self.origin:
            return False
        given = request.cookies.get(self._cookie, "")
        if request.path == "/" and "token" in request.query:
            given = request.query["token"]
        return secrets.compare_digest(given.encode(), self._token.encode())

    @property
    def _cookie(self) -> str:
        """Cookies are shared by all ports of an address, so the port is in the name."""
        return f"ainews-playground-{self._port}"

    def _headers(self) -> dict[str, str]:
        policy = {
            "default-src": "'none'", "script-src": f"'self' {_map_hash()}", "style-src": "'self'", "img-src": "'self'",
            "connect-src": f"'self' ws://127.0.0.1:{self._port}", "base-uri": "'none'", "form-action": "'none'",
            "frame-ancestors": "'none'", "require-trusted-types-for": "'script'",
        }  # fmt: skip
        return {
            "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
            "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
            "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
        }  # fmt: skip

    # -- what is served ---------------------------------------------------------------------------------------------

    async def _index(self, request: web.Request) -> web.Response:
        if "token" in request.query:  # out of the address bar, and out of what is bookmarked
            kept = {name: value for name, value in request.query.items() if name != "token"}
            response = web.Response(status=303, headers={"Location": str(request.rel_url.with_query(kept))})
            response.set_cookie(self._cookie, self._token, httponly=True, samesite="Strict", path="/")
            return response
        return _page("index.html")

    async def _asset(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if not (PAGE / name).is_file():
            raise web.HTTPNotFound
        return _page(name)

    async def _file(self, request: web.Request) -> web.Response:
        """A file that the bot uploaded."""
        file = self._playground.slack.workspace.files.get(request.match_info["file"])
        kind = guess_type(file["name"])[0] if file else None
        if file is None or file["data"] is None or kind not in _PICTURES:
            raise web.HTTPNotFound
        return web.Response(body=file["data"], content_type=kind)

    async def _do(self, request: web.Request) -> web.Response:
        try:
            asked = await request.json()
            result = await self._doing.do(str(asked["do"]), dict(asked.get("with") or {}))
        except PROBLEMS as error:
            return web.json_response({"error": str(error) or type(error).__name__}, status=422)
        return web.json_response({"result": result})

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        """Everything, and then each part that changes, as objects of JSON."""
        socket = web.WebSocketResponse(heartbeat=20.0, max_msg_size=1024, compress=False)  # it stays on this machine
        await socket.prepare(request)
        waiting: asyncio.Queue[Json] = asyncio.Queue()
        workspace = self._playground.slack.workspace

        def hear(change: Change) -> None:
            for part in parts_of(change, workspace):
                waiting.put_nowait(part)

        self._notices.add(waiting)
        try:
            with workspace.changes.watched_by(hear):
                await socket.send_json(everything(self._playground))
                sending = asyncio.create_task(self._send(socket, waiting))
                try:
                    async for message in socket:  # pages say nothing here; this waits until they go
                        if message.type in (WSMsgType.ERROR, WSMsgType.CLOSE):
                            break
                finally:
                    sending.cancel()
                    with suppress(asyncio.CancelledError):
                        await sending
        finally:
            self._notices.discard(waiting)
        return socket

    async def _send(self, socket: web.WebSocketResponse, waiting: asyncio.Queue[Json]) -> None:
        with suppress(ConnectionError):
            while True:
                part = await waiting.get()
                if waiting.qsize() > _MOST_WAITING:
                    while not waiting.empty():
                        waiting.get_nowait()
                    part = everything(self._playground)
                await socket.send_str(json.dumps({**part, "now": self._playground.slack.clock.now()}))


def _page(name: str) -> web.Response:
    path = PAGE / name
    return web.Response(body=path.read_bytes(), content_type=_KINDS[path.suffix], charset="utf-8")


def _map_hash() -> str:
    """The page's import map stands in the page itself, as browsers ask; its hash lets exactly that one in."""
    found = re.search(r'<script type="importmap">(.*?)</script>', (PAGE / "index.html").read_text(encoding="utf-8"), re.DOTALL)
    digest = hashlib.sha256(found[1].encode() if found else b"").digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


_NO: Final = "This page opens with the link that `ainews playground` printed, on this machine only.\n"
