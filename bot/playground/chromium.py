"""A Chromium without a window, told over its debugging socket to open a page and to take a picture of a part of it.

It reaches nothing but this machine: names are not looked up, and everything it would do in the background is off.
"""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import signal
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from digest.errors import ConfigurationError, RenderError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: What it is called on the systems there are.
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: Its own sandbox needs rights that a container does not have; what is opened is this machine's own page, under a strict policy.
ARGUMENTS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
_STARTS_WITHIN_S: Final = 30.0
_ANSWERS_WITHIN_S: Final = 30.0


def found() -> str:
    """The path of the Chromium that is installed. Raises ConfigurationError where there is none."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise ConfigurationError(
            "there is no Chromium to draw a picture with",
            remedy="Install one (Debian and Ubuntu: apt install chromium), or write the page: ainews digest --format html.",
        )
    return path


class Tab:
    """One open page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._last = 0

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the DevTools protocol. Raises RenderError."""
        self._last += 1
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN_S):
                await self._socket.send_json({"id": self._last, "method": method, "params": params})
                while (told := await self._socket.receive_json()).get("id") != self._last:
                    pass
        except (TimeoutError, TypeError, ValueError, ConnectionError) as error:
            raise RenderError("Chromium ended, or does not answer", remedy="Try again.") from error
        if "error" in told:
            raise RenderError(f"Chromium refused {method}: {told['error'].get('message')}", remedy="Try again.")
        return dict(told["result"])

    async def value(self, expression: str) -> Any:
        """What ``expression`` is on the page, awaited. Raises RenderError."""
        told = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in told:
            raise RenderError("The page could not be drawn", remedy="Report this.")
        return told["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until ``expression`` is true of the page, whatever page that is by then. Raises RenderError."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_ANSWERS_WITHIN_S):
                while True:
                    told = await self.call("Runtime.evaluate", expression=f"Boolean({expression})", returnByValue=True)
                    if told["result"].get("value") is True:
                        return
                    await asyncio.sleep(0.03)
        raise RenderError("The page was not drawn in time", remedy="Try again.")

    async def picture(self, selector: str) -> bytes:
        """A PNG of the element at ``selector``, whole. Raises RenderError."""
        box = await self.value(
            f"(() => {{ const b = document.querySelector({selector!r}).getBoundingClientRect();"
            " return {x: b.x, y: b.y, width: b.width, height: b.height}; })()"
        )
        taken = await self.call("Page.captureScreenshot", captureBeyondViewport=True, clip={**box, "scale": 1})
        return base64.b64decode(taken["data"])


@asynccontextmanager
async def opened(url: str, *, width: int, scale: float = 2, time_zone: str = "UTC") -> AsyncIterator[Tab]:
    """The page at ``url`` in a window of ``width`` pixels, each of which is ``scale`` times ``scale`` of a picture's. Raises
    ConfigurationError where there is no Chromium, RenderError where it fails."""
    program = found()
    async with AsyncExitStack() as stack:
        profile = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ainews-chromium-", ignore_cleanup_errors=True)))
        process = await asyncio.create_subprocess_exec(
            program, *ARGUMENTS, "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True, env={**os.environ, "TZ": time_zone, "HOME": str(profile)},
        )  # fmt: skip
        stack.push_async_callback(_ended, process)
        port = await _port(profile / "DevToolsActivePort", process)
        session = await stack.enter_async_context(aiohttp.ClientSession(trust_env=False))
        async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
            pages = [each for each in await answer.json() if each["type"] == "page"]
        socket = await session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0)
        stack.push_async_callback(socket.close)
        tab = Tab(socket)
        await tab.call("Page.enable")
        await tab.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=scale, mobile=False)
        await tab.call("Page.navigate", url=url)
        yield tab


async def _port(told: Path, process: asyncio.subprocess.Process) -> int:
    """The port that it writes down when it is ready."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_STARTS_WITHIN_S):
            while process.returncode is None:
                with suppress(OSError, ValueError, IndexError):
                    return int((await asyncio.to_thread(told.read_text)).split()[0])
                await asyncio.sleep(0.05)
    raise RenderError("Chromium did not start", remedy="See whether it starts by hand: chromium --headless --version.")


async def _ended(process: asyncio.subprocess.Process) -> None:
    """It and every process it started are gone."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
