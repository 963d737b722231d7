"""The control API: how another process drives this Slack, its people, clock and faults.

It listens at a port of its own, so that it answers while Slack is away, and asks for a token that only the process's
starter was told. Every call is ``POST /local/call`` with ``{"call": name, "with": {…}}``; names are the public methods of
:class:`Control` and, after ``people.``, of :class:`people.People`. ``GET /local/changes`` follows all changes, a line of
JSON each.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import secrets
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from bot.local_slack import snapshot
from bot.local_slack.inputs import CannotDo
from bot.local_slack.wire import Json, Refused

if TYPE_CHECKING:
    from types import TracebackType

    from bot.local_slack.faults import Kind
    from bot.local_slack.server import LocalSlack


class Control:
    """What may be asked of a local Slack from outside, besides what its people do."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack

    async def about(self) -> Json:
        """Addresses, tokens and ids."""
        slack = self._slack
        return {
            "base_url": slack.base_url, "api_url": slack.api_url, "bot_token": slack.bot_token, "app_token": slack.app_token,
            "signing_secret": slack.signing_secret, "team_id": slack.workspace.team_id, "bot_user_id": slack.app.bot_user_id,
            "bot_id": slack.app.bot_id, "app_id": slack.app.app_id,
        }  # fmt: skip

    async def state(self) -> Json:
        """The whole workspace."""
        return snapshot.taken(self._slack.workspace)

    async def channel(self, name: str) -> Json:
        """One channel, with its messages (metadata included) and ephemeral messages, oldest first."""
        return snapshot.described(self._slack.workspace.channel(name))

    async def calls(self) -> dict[str, int]:
        """How often each method was called."""
        return dict(self._slack.api.calls)

    async def add_fault(
        self, kind: Kind, method: str = "*", *, next: int | None = None, chance: float = 1.0, seconds: float = 1.0,  # noqa: A002 - as in Faults
        error: str = "internal_error",
    ) -> None:  # fmt: skip
        """A rule of :class:`faults.Faults` more."""
        self._slack.faults.add(kind, method, next=next, chance=chance, seconds=seconds, error=error)

    async def faults(self) -> list[Json]:
        """The rules, with how often each struck."""
        rules = self._slack.faults.rules
        return [{f.name: getattr(rule, f.name) for f in dataclasses.fields(rule) if f.repr} for rule in rules]

    async def clear_faults(self, seed: int | None = None) -> None:
        """No faults any more."""
        self._slack.faults.clear(seed)

    async def set_clock(self, instant: float, scale: float | None = None) -> None:
        """Make it ``instant``, and let time run ``scale`` times as fast from now on."""
        self._slack.clock.set(instant, scale)

    async def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        self._slack.clock.advance(seconds)

    async def now(self) -> float:
        """Slack's time."""
        return self._slack.clock.now()

    async def reach_at(self, request_url: str | None) -> None:
        """The app's address, for signed requests."""
        self._slack.request_url = request_url

    async def connections(self) -> int:
        """How many Socket Mode connections the app has open."""
        return self._slack.sockets.connections

    async def ask_to_reconnect(self) -> None:
        """Tell every Socket Mode connection that it ends."""
        await self._slack.sockets.ask_to_reconnect()

    async def go_away(self) -> None:
        """Refuse connections until :meth:`come_back`."""
        await self._slack.go_away()

    async def come_back(self) -> None:
        """Take connections again, at the same address."""
        await self._slack.listen()

    async def lag_history(self, seconds: float) -> None:
        """Reading a channel shows messages only this long after they were posted."""
        self._slack.workspace.history_lag_s = seconds

    async def limit_rates(self, limited: bool) -> None:
        """Slack's rate limits on, or off."""
        self._slack.rates.limited = limited

    async def uninstall(self) -> None:
        """An admin takes the app away."""
        await self._slack.uninstall()

    async def revoke(self) -> None:
        """The app's tokens hold no more."""
        await self._slack.revoke()

    async def settle(self) -> None:
        """Wait until every event was told, with its retries."""
        await self._slack.delivery.settle()

    async def answer(self, id: str, messages: int = 0, timeout_s: float = 5.0) -> Json:  # noqa: A002 - the answer's own name for it
        """A person's answer, as soon as it has so many messages."""
        return dataclasses.asdict(await self._slack.answered(self._slack.lent.answers[id], messages, timeout_s))


class ControlServer:
    """The control API of one local Slack, at ``url``, for whoever has ``token``."""

    def __init__(self, slack: LocalSlack, port: int = 0) -> None:
        self._slack = slack
        self._control = Control(slack)
        self._port = port
        self.token = secrets.token_urlsafe(24)
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.add_routes([web.post("/local/call", self._call), web.get("/local/changes", self._changes)])
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._port}/local"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _call(self, request: web.Request) -> web.Response:
        if not self._allowed(request):
            return web.json_response({"error": "the control API needs its token"}, status=401)
        try:
            asked = await request.json()
            name, arguments = str(asked["call"]), dict(asked.get("with") or {})
            run = self._method(name)
            inspect.signature(run).bind(**arguments)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return web.json_response({"error": f"no such call: {error}"}, status=400)
        try:
            result = await run(**arguments)
        except (CannotDo, Refused, LookupError, ValueError, OSError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=422)
        return web.json_response({"result": _plain(result)})

    async def _changes(self, request: web.Request) -> web.StreamResponse:
        if not self._allowed(request):
            return web.json_response({"error": "the control API needs its token"}, status=401)
        lines = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await lines.prepare(request)
        async for change in self._slack.changes():
            await lines.write(json.dumps(dataclasses.asdict(change)).encode() + b"\n")
        return lines

    def _method(self, name: str) -> Any:
        owner, _, verb = name.rpartition(".")
        holder = {"": self._control, "people": self._slack.people}.get(owner)
        if holder is None or verb.startswith("_") or not inspect.iscoroutinefunction(getattr(holder, verb, None)):
            raise KeyError(name)
        return getattr(holder, verb)

    def _allowed(self, request: web.Request) -> bool:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return secrets.compare_digest(given.encode(), self.token.encode())


def _plain(result: Any) -> Any:
    return dataclasses.asdict(result) if dataclasses.is_dataclass(result) and not isinstance(result, type) else result
