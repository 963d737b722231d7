"""The Web API: a request becomes a call, and a call an answer.

Clients send arguments as slack_sdk 3.47 does: in the query, as a form or as JSON, with the token in the ``Authorization``
header or among the arguments.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from aiohttp import web

from bot.local_slack import methods
from bot.local_slack.calls import METHODS, Call, Host, Token
from bot.local_slack.spoiling import limited
from bot.local_slack.wire import Json, Refused

if TYPE_CHECKING:
    from bot.local_slack.rates import Rates
    from bot.local_slack.spoiling import Spoiler

REGISTERED: Final = methods.__all__  # importing the families is what fills METHODS


class WebApi:
    """All methods, behind HTTP."""

    def __init__(self, host: Host, spoiler: Spoiler, rates: Rates) -> None:
        self._host = host
        self._spoiler = spoiler
        self._rates = rates
        #: How often each method was called, refused or not.
        self.calls: dict[str, int] = {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        name = request.match_info["method"]
        self.calls[name] = self.calls.get(name, 0) + 1
        try:
            args = await arguments(request)
        except Refused as refused:
            return web.json_response(refused.answer())
        authorization = request.headers.get("Authorization", "")
        return await self._spoiler.serve(request, name, lambda: self.answer(name, authorization, args))

    def answer(self, name: str, authorization: str, args: Json) -> web.Response:
        """The answer of method ``name``."""
        kind, _, sent = authorization.partition(" ")
        sent = sent if kind.lower() == "bearer" else str(args.get("token", ""))
        token = self._host.tokens.get(sent)
        headers = {"X-OAuth-Scopes": ",".join(sorted(token.scopes))} if token else {}
        try:
            if sent and token is None and name in METHODS:
                raise Refused("invalid_auth")
            wait_s, body = self._call(name, token, args)
        except Refused as refused:
            wait_s, body = 0, refused.answer()
        if wait_s:
            return limited(wait_s)
        known = METHODS.get(name)
        if known and known.scopes:
            headers["X-Accepted-OAuth-Scopes"] = ",".join(known.scopes)
        return web.json_response(body, headers=headers)

    def _call(self, name: str, token: Token | None, args: Json) -> tuple[int, Json]:
        known = METHODS.get(name)
        if known is None:
            raise Refused("unknown_method", req_method=name)
        if token is None:
            if known.whose != "nobody":
                raise Refused("not_authed")
            token = next(iter(self._host.tokens.values()))
        elif token.revoked:
            raise Refused(token.revoked)
        elif known.whose not in ("nobody", token.kind):
            raise Refused("not_allowed_token_type")
        call = Call(name, args, token, self._host)
        if known.whose != "nobody":
            call.scope(*known.scopes)
        if wait_s := self._wait(call, known.tier):
            return wait_s, {}
        return 0, {"ok": True, **known.run(call)}

    def _wait(self, call: Call, tier: int) -> int:
        team = call.workspace.team_id
        if call.method in ("chat.postMessage", "chat.postEphemeral") and (
            wait_s := self._rates.wait_for_post(team, call.get("channel"))
        ):
            return wait_s
        if call.method in ("conversations.history", "conversations.replies") and call.workspace.app.distributed:
            tier = 1
        return self._rates.wait_for_call(team, call.method, tier)


async def arguments(request: web.Request) -> Json:
    """Every argument of ``request``. Raises :class:`Refused`."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            raise Refused("invalid_json") from None
        if not isinstance(body, dict):
            raise Refused("json_not_object")
        return {**args, **{k: v for k, v in body.items() if v is not None}}
    if request.method == "POST":
        args |= {k: v for k, v in (await request.post()).items() if isinstance(v, str)}
        if "Authorization" in request.headers and request.headers["Authorization"].startswith("Basic "):
            args = {**_client(request.headers["Authorization"]), **args}
    return args


def _client(authorization: str) -> Json:
    """The app's id and secret, as HTTP's basic authentication carries them."""
    try:
        name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode("latin-1").partition(":")
    except ValueError:
        return {}
    return {"client_id": name, "client_secret": secret}
