"""The Web API: a request becomes a call, a call an answer, and what was asked for goes wrong.

Clients send arguments as slack_sdk 3.47 does: in the query, as a form or as JSON, with the token in the ``Authorization``
header or among the arguments.
"""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Final

from aiohttp import web

from bot.local_slack import methods
from bot.local_slack.calls import METHODS, Call, Host, Token
from bot.local_slack.wire import Json, Refused

if TYPE_CHECKING:
    from bot.local_slack.faults import Fault, Faults
    from bot.local_slack.rates import Rates

REGISTERED: Final = methods.__all__  # importing the families is what fills METHODS
#: Rules that strike before the method has its effect.
_BEFORE: Final = {"drop_before", "error_500", "garbage", "ratelimited", "hang", "refused"}


class WebApi:
    """All methods, behind HTTP."""

    def __init__(self, host: Host, faults: Faults, rates: Rates) -> None:
        self._host = host
        self._faults = faults
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
        fault = self._faults.draw(name)
        if fault is not None and fault.kind in _BEFORE:
            return await self._spoilt(request, fault)
        if fault is not None and fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        response = self.answer(name, request.headers.get("Authorization", ""), args)
        if fault is None or fault.kind == "delay":
            return response
        if fault.kind == "double":
            self.answer(name, request.headers.get("Authorization", ""), args)
            return response
        return await self._spoilt(request, fault, response)

    def answer(self, name: str, authorization: str, args: Json) -> web.Response:
        """The answer of method ``name``."""
        token = self._token(authorization, args)
        headers = {"X-OAuth-Scopes": ",".join(sorted(token.scopes))} if token else {}
        try:
            wait_s, body = self._call(name, token, args)
        except Refused as refused:
            wait_s, body = 0, refused.answer()
        if wait_s:
            return _limited(wait_s)
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
                raise Refused("invalid_auth" if args.get("token") or args.pop("_token_sent", None) else "not_authed")
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
        return self._rates.wait_for_call(team, call.method, tier)

    def _token(self, authorization: str, args: Json) -> Token | None:
        kind, _, value = authorization.partition(" ")
        if kind.lower() == "bearer" and value:
            args["_token_sent"] = True
        else:
            value = str(args.get("token", ""))
        return self._host.tokens.get(value)

    async def _spoilt(self, request: web.Request, fault: Fault, response: web.Response | None = None) -> web.StreamResponse:
        kind = fault.kind
        if kind in ("drop_before", "drop_after"):
            _break(request)
        if kind in ("hang", "hang_after"):
            await asyncio.Event().wait()  # until the client goes away, or the server ends
        if kind in ("error_500", "error_500_after"):
            return web.Response(status=500, text="<html>Server Error</html>", content_type="text/html")
        if kind in ("garbage", "garbage_after"):
            return web.Response(body=b'{"ok": tru\xff\x00<html>', content_type="application/json")
        if kind == "fatal_error":
            return web.json_response({"ok": False, "error": "fatal_error"})
        if kind == "ratelimited":
            return _limited(max(1, round(fault.seconds)))
        if kind == "cut" and response is not None:
            return await _cut(request, response)
        return web.json_response({"ok": False, "error": fault.error})


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


def _limited(wait_s: int) -> web.Response:
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(wait_s)})


def _break(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _cut(request: web.Request, whole: web.Response) -> web.StreamResponse:
    """Half of ``whole``, announced as all of it."""
    body = json.dumps(json.loads(whole.body if isinstance(whole.body, bytes) else b"{}")).encode()
    part = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await part.prepare(request)
    await part.write(body[: len(body) // 2])
    _break(request)
    return part
