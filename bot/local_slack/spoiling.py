"""What a fault does to one request: the effect comes, or late, or twice, or not, and the answer is spoilt or missing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.local_slack.clock import Clock
    from bot.local_slack.faults import Fault, Faults

#: What strikes before the effect, which then never comes.
_BEFORE: Final = {"drop_before", "error_500", "garbage", "ratelimited", "hang", "refused"}


class Spoiler:
    """Stands before every address that an app calls."""

    def __init__(self, faults: Faults, clock: Clock) -> None:
        self._faults = faults
        self._clock = clock
        self._late: set[asyncio.Task[web.Response]] = set()

    async def serve(self, request: web.Request, name: str, act: Callable[[], web.Response]) -> web.StreamResponse:
        """Answer ``request`` by ``act``, which has the effect, as the faults of ``name`` have it."""
        fault = self._faults.draw(name)
        if fault is None:
            return act()
        if fault.kind in _BEFORE:
            return await _spoilt(request, fault)
        if fault.kind == "late":
            return await asyncio.shield(self._later(fault.seconds, act))
        response = act()
        if fault.kind == "double":
            act()
            return response
        if fault.kind == "delay":
            await self._clock.sleep(fault.seconds)
            return response
        return await _cut(request, response) if fault.kind == "cut" else await _spoilt(request, fault)

    async def close(self) -> None:
        """What is late comes no more."""
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)

    def _later(self, seconds: float, act: Callable[[], web.Response]) -> asyncio.Task[web.Response]:
        """The effect after a while, whether or not the client waits for it."""

        async def wait() -> web.Response:
            await self._clock.sleep(seconds)
            return act()

        task = asyncio.create_task(wait())
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        return task


async def _spoilt(request: web.Request, fault: Fault) -> web.StreamResponse:
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
        return limited(max(1, round(fault.seconds)))
    return web.json_response({"ok": False, "error": fault.error})


def limited(wait_s: int) -> web.Response:
    """Slack's answer to whom calls too often."""
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(wait_s)})


def _break(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _cut(request: web.Request, whole: web.Response) -> web.StreamResponse:
    """Half of ``whole``, announced as all of it."""
    body = whole.body if isinstance(whole.body, bytes) else b""
    part = web.StreamResponse(headers={"Content-Type": whole.content_type, "Content-Length": str(len(body))})
    await part.prepare(request)
    await part.write(body[: len(body) // 2])
    _break(request)
    return part
