"""The local Slack as one thing: a workspace behind a server on this machine, and the people in it.

    async with LocalSlack() as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        …
        answer = await slack.people.command("ada", "ai-news", "/ainews latest 3")

The app is reached over Socket Mode where it connects, else at ``slack.request_url``.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final, Self

from aiohttp import web

from bot.local_slack import payloads
from bot.local_slack.calls import Token
from bot.local_slack.clock import Clock
from bot.local_slack.delivery import ACK_WITHIN_S, RETRIES_AFTER_S, Delivery
from bot.local_slack.events import Subscriptions
from bot.local_slack.faults import Faults
from bot.local_slack.members import Channel, User
from bot.local_slack.people import People
from bot.local_slack.rates import Rates
from bot.local_slack.response_urls import respond
from bot.local_slack.signed_http import SignedHttp
from bot.local_slack.socket_mode import SocketMode
from bot.local_slack.triggers import TRIGGER_LIFETIME_S, Lent
from bot.local_slack.web_api import WebApi, arguments
from bot.local_slack.wire import Json, Refused
from bot.local_slack.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from types import TracebackType

    from bot.local_slack.app import SlackApp
    from bot.local_slack.changes import Change

#: Long enough for ``blocks.validate``, whose blocks slack_sdk sends in the address.
_SERVING: Final[dict[str, Any]] = {"access_log": None, "shutdown_timeout": 0.2, "max_line_size": 1_000_000, "max_field_size": 1_000_000,
                   "handler_cancellation": True}  # fmt: skip
_LONGEST_BODY = 64 * 1024 * 1024


class LocalSlack:
    """A Slack of one's own at ``http://127.0.0.1:PORT``, with Ada, an admin, and Grace, and three channels.

    The bot is a member of ``ai-news`` and of the private ``leads``, not of ``general``. ``ack_within_s`` is in real
    seconds, all else by ``clock``.
    """

    def __init__(
        self, *, app: SlackApp | None = None, clock: Clock | None = None, seed: int = 0, rate_limits: bool = False,
        port: int = 0, ack_within_s: float = ACK_WITHIN_S, retries_after_s: tuple[float, ...] = RETRIES_AFTER_S,
        trigger_lifetime_s: float = TRIGGER_LIFETIME_S,
    ) -> None:  # fmt: skip
        self.clock = clock or Clock()
        self.workspace = populated(Workspace(app, self.clock))
        self.app = self.workspace.app
        self.faults = Faults(seed)
        self.rates = Rates(self.clock, limited=rate_limits)
        self.sockets = SocketMode(self.app, ack_within_s)
        self.http = SignedHttp(self.app, ack_within_s)
        self.delivery = Delivery(self.workspace, [self.sockets, self.http], retries_after_s)
        self.lent = Lent(self.clock, "", trigger_lifetime_s=trigger_lifetime_s)
        self.people = People(self.workspace, self.delivery, self.lent)
        self.tokens: dict[str, Token] = {}
        self._codes: set[str] = set()
        self.api = WebApi(self, self.faults, self.rates)
        self._port = port
        self._runner = web.AppRunner(self._application(), **_SERVING)
        self._give(Token(self.app.bot_token, self.workspace, self.app.scopes))
        self._give(Token(self.app.app_token, self.workspace, frozenset({"connections:write"}), "app"))

    # -- where and by which secrets it is reached --------------------------------------------------------------------

    @property
    def base_url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        """The ``base_url`` of a Slack client."""
        return f"{self.base_url}/api/"

    @property
    def bot_token(self) -> str:
        """The bot's token, which holds from the start."""
        return self.app.bot_token

    @property
    def app_token(self) -> str:
        """The token for Socket Mode."""
        return self.app.app_token

    @property
    def signing_secret(self) -> str:
        """With which requests to the app are signed."""
        return self.app.signing_secret

    @property
    def request_url(self) -> str | None:
        """The app's address, for events, commands and interactions by HTTP."""
        return self.http.request_url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        self.http.request_url = url

    # -- running -----------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await self.listen()
        self.lent.hooks_url = f"{self.base_url}/hooks/"
        self._watching = self.workspace.changes.watched_by(Subscriptions(self.workspace, self.delivery).hear)
        self._watching.__enter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watching.__exit__(None, None, None)
        await self.delivery.close()
        await self.sockets.drop()
        await self.http.close()
        await self._runner.cleanup()

    async def listen(self) -> None:
        """Take connections, again at the same port after :meth:`go_away`."""
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        if not self._port:
            self._port = self._runner.addresses[0][1]

    async def go_away(self) -> None:
        """Refuse connections, as if Slack were down; the workspace stays as it is."""
        await self.sockets.drop()
        for site in tuple(self._runner.sites):
            await site.stop()

    # -- watching ----------------------------------------------------------------------------------------------------

    async def until(self, holds: Callable[[], bool], timeout_s: float = 5.0) -> None:
        """Wait until ``holds()`` is true, asked at every change. Raises ``TimeoutError``."""
        await self.workspace.changes.until(holds, timeout_s)

    def changes(self) -> AsyncIterator[Change]:
        """Every change of the workspace from now on."""
        return self.workspace.changes.follow()

    # -- the app as installed ----------------------------------------------------------------------------------------

    def socket_url(self) -> str:
        """A fresh address for one Socket Mode connection."""
        return f"ws://127.0.0.1:{self._port}/link/?ticket={self.sockets.ticket()}&app_id={self.app.app_id}"

    def consent(self) -> str:
        """A person lets the app in: the code for ``oauth.v2.access``."""
        code = secrets.token_hex(12)
        self._codes.add(code)
        return code

    def install(self, code: str | None) -> Token:
        """The token for a code, which is good once. Raises :class:`Refused`."""
        if code is None or code not in self._codes:
            raise Refused("invalid_code")
        self._codes.discard(code)
        return self._give(Token(f"xoxb-{len(self.tokens)}-{secrets.token_hex(8)}", self.workspace, self.app.scopes))

    async def uninstall(self) -> None:
        """An admin takes the app away: it hears of that, and its tokens hold no more."""
        await self.delivery.event(payloads.app_uninstalled())
        await self.revoke("account_inactive")

    async def revoke(self, error: str = "token_revoked") -> None:
        """The bot's tokens hold no more: every call answers ``error``, and the app hears of it."""
        for token in self.tokens.values():
            token.revoked = error if token.kind == "bot" else None
        await self.delivery.event(payloads.tokens_revoked(self.workspace))

    def _give(self, token: Token) -> Token:
        self.tokens[token.value] = token
        return token

    # -- serving -----------------------------------------------------------------------------------------------------

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=_LONGEST_BODY)
        application.add_routes([
            web.get("/api/{method}", self.api.handle),
            web.post("/api/{method}", self.api.handle),
            web.get("/link/", self.sockets.accept),
            web.post("/hooks/{secret}", self._answer_by_url),
            web.post("/upload/{team}/{file}/{secret}", self._upload),
            web.get("/files/{team}/{file}/{secret}", self._download),
        ])  # fmt: skip
        return application

    async def _answer_by_url(self, request: web.Request) -> web.Response:
        try:
            answer = self.lent.use(request.match_info["secret"])
        except Refused as refused:
            return web.json_response(refused.answer(), status=404)
        try:
            respond(self.workspace, answer, await arguments(request))
        except Refused as refused:
            return web.json_response(refused.answer(), status=400)
        return web.Response(text="ok")

    async def _upload(self, request: web.Request) -> web.Response:
        file = self._file(request)
        if file is None:
            return web.Response(status=404, text="not found")
        file["data"] = await request.read()
        return web.Response(text=f"OK - {len(file['data'])}")

    async def _download(self, request: web.Request) -> web.Response:
        file = self._file(request)
        if file is None or file["data"] is None:
            return web.Response(status=404, text="not found")
        return web.Response(body=file["data"], content_type="application/octet-stream")

    def _file(self, request: web.Request) -> Json | None:
        file = self.workspace.files.get(request.match_info["file"])
        return file if file and secrets.compare_digest(file["secret"], request.match_info["secret"]) else None


def populated(workspace: Workspace) -> Workspace:
    """People and channels to begin with."""
    bot = workspace.app.bot_user_id
    ada = workspace.add_user(User("U0ADA00001", "ada", "Ada Lovelace", is_admin=True)).id
    grace = workspace.add_user(
        User("U0GRACE001", "grace", "Grace Hopper", tz="America/New_York", tz_offset=-18000, locale="en-US")
    ).id
    workspace.add_channel(Channel("C0GENERAL1", "general", members={ada, grace}))
    workspace.add_channel(Channel("C0AINEWS01", "ai-news", members={ada, grace, bot}))
    workspace.add_channel(Channel("G0LEADS001", "leads", "group", {ada, bot}))
    return workspace
