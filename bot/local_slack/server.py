"""The local Slack as one thing: a workspace behind a server on this machine, and the people in it.

    async with LocalSlack() as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        …
        answer = await slack.people.command("ada", "ai-news", "/ainews latest 3")

The app is reached over Socket Mode where it connects, else at ``slack.request_url``.
"""

from __future__ import annotations

import dataclasses
import functools
import secrets
from typing import TYPE_CHECKING, Any, Final, Self

from aiohttp import web

from bot.local_slack.app import SlackApp
from bot.local_slack.calls import Token
from bot.local_slack.clock import Clock
from bot.local_slack.delivery import ACK_WITHIN_S, RETRIES_AFTER_S
from bot.local_slack.faults import Faults
from bot.local_slack.rates import Rates
from bot.local_slack.side_doors import SideDoors
from bot.local_slack.signed_http import SignedHttp
from bot.local_slack.socket_mode import SocketMode
from bot.local_slack.spoiling import Spoiler
from bot.local_slack.team import Team
from bot.local_slack.triggers import TRIGGER_LIFETIME_S
from bot.local_slack.web_api import WebApi
from bot.local_slack.wire import Refused
from bot.local_slack.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from types import TracebackType

    from bot.local_slack.changes import Change
    from bot.local_slack.delivery import Delivery
    from bot.local_slack.people import People
    from bot.local_slack.triggers import Answer, Lent

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
        self.app = app or SlackApp()
        self.faults = Faults(seed)
        self.rates = Rates(self.clock, limited=rate_limits)
        self.sockets = SocketMode(self.app, ack_within_s)
        self.http = SignedHttp(self.app, ack_within_s)
        self._team = functools.partial(
            Team, ways=[self.sockets, self.http], retries_after_s=retries_after_s, trigger_lifetime_s=trigger_lifetime_s
        )
        self.team = self._team(Workspace(self.app, self.clock))
        self.teams = {self.team.workspace.team_id: self.team}
        self.tokens: dict[str, Token] = {}
        self._codes: dict[str, str] = {}
        self._spoiler = Spoiler(self.faults, self.clock)
        self.api = WebApi(self, self._spoiler, self.rates)
        self._port = port
        self._runner = web.AppRunner(self._application(), **_SERVING)
        self._give(Token(self.app.bot_token, self.workspace, self.app.scopes))
        self._give(Token(self.app.app_token, self.workspace, frozenset({"connections:write"}), "app"))

    # -- its one workspace, or the first of several --------------------------------------------------------------------

    @property
    def workspace(self) -> Workspace:
        """What there is."""
        return self.team.workspace

    @property
    def people(self) -> People:
        """Who does what."""
        return self.team.people

    @property
    def delivery(self) -> Delivery:
        """What the app is told."""
        return self.team.delivery

    @property
    def lent(self) -> Lent:
        """What the app may use for a while."""
        return self.team.lent

    def add_team(self, team_id: str = "T0SECOND01", domain: str = "second") -> Team:
        """Another workspace, in which the app has no token until somebody consents.

        People and channels have the same ids as in the first, so that nothing goes by those alone; the bot has others.
        """
        letter = str(len(self.teams))
        app = dataclasses.replace(self.app, bot_user_id=f"U{letter}LOCALBOT", bot_id=f"B{letter}LOCALBOT")
        team = self._team(Workspace(app, self.clock, team_id=team_id, domain=domain))
        team.lent.hooks_url = f"{self.base_url}/hooks/{team_id}/"
        self.teams[team_id] = team
        return team

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
        for team_id, team in self.teams.items():
            team.lent.hooks_url = f"{self.base_url}/hooks/{team_id}/"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for team in self.teams.values():
            await team.delivery.close()
        await self._spoiler.close()
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

    async def until(self, holds: Callable[[Workspace], bool], timeout_s: float = 5.0) -> None:
        """Wait until ``holds`` is true of the workspace, asked at every change. Raises ``TimeoutError``."""
        await self.workspace.changes.until(lambda: holds(self.workspace), timeout_s)

    async def answered(self, answer: Answer, messages: int = 1, timeout_s: float = 5.0) -> Answer:
        """Wait until the app has said so many ``messages`` in answer to a person. Raises ``TimeoutError``."""
        await self.until(lambda _: len(answer.messages) >= messages, timeout_s)
        return answer

    def changes(self) -> AsyncIterator[Change]:
        """Every change of the workspace from now on."""
        return self.workspace.changes.follow()

    # -- the app as installed ----------------------------------------------------------------------------------------

    def socket_url(self) -> str:
        """A fresh address for one Socket Mode connection."""
        return f"ws://127.0.0.1:{self._port}/link/?ticket={self.sockets.ticket()}&app_id={self.app.app_id}"

    def consent(self, team_id: str | None = None) -> str:
        """A person lets the app into a workspace: the code for ``oauth.v2.access``."""
        code = secrets.token_hex(12)
        self._codes[code] = team_id or self.workspace.team_id
        return code

    def install(self, code: str | None) -> Token:
        """The token for a code, which is good once. Raises :class:`Refused`."""
        if code is None or code not in self._codes:
            raise Refused("invalid_code")
        workspace = self.teams[self._codes.pop(code)].workspace
        return self._give(Token(f"xoxb-{len(self.tokens)}-{secrets.token_hex(8)}", workspace, self.app.scopes))

    def lent_in(self, team_id: str) -> Lent:
        """What was lent in a workspace."""
        return self.teams[team_id].lent

    async def uninstall(self) -> None:
        """An admin of the first workspace takes the app away."""
        await self.team.uninstall()

    async def revoke(self) -> None:
        """The app's tokens for the first workspace hold no more."""
        await self.team.revoke()

    def _give(self, token: Token) -> Token:
        self.tokens[token.value] = token
        if token.kind == "bot":
            self.teams[token.workspace.team_id].tokens.append(token)
        return token

    # -- serving -----------------------------------------------------------------------------------------------------

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=_LONGEST_BODY)
        application.add_routes([
            web.get("/api/{method}", self.api.handle),
            web.post("/api/{method}", self.api.handle),
            web.get("/link/", self.sockets.accept),
            *SideDoors(self.teams, self._spoiler).routes(),
        ])  # fmt: skip
        return application
