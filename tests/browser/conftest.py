"""A real Chromium before a real playground. Where no Chromium is installed, these tests are skipped, loudly."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import TimeoutError as PageTimeout
from playwright.async_api import expect

from bot.playground.chromium import ARGUMENTS, NAMES
from bot.playground.page_server import PageServer
from bot.playground.running import Playground, playing
from digest.settings import Settings

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

#: Of a machine that does other things meanwhile.
expect.set_options(timeout=20_000)
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)


@dataclass
class Visit:
    """An open page, and everything that its console said and that it asked of the network."""

    page: Page
    console: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def command(self, text: str) -> Any:
        """Type in the channel and send it."""
        return self._typed(self.page.get_by_role("combobox", name="Message #ai-news"), text)

    def reply(self, text: str) -> Any:
        """Type in the open thread and send it."""
        return self._typed(self.page.get_by_role("combobox", name="Reply in thread"), text)

    async def _typed(self, box: Any, text: str) -> None:
        await box.fill(text)
        await box.press("Enter")

    async def serious(self) -> list[str]:
        """What axe-core finds on the page as it stands that is serious or worse."""
        await self.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
        found = await self.page.evaluate("() => axe.run()")
        return [
            f"{each['id']}: {node['html'][:120]}: {node['failureSummary']}"
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]


Opens = Callable[..., Any]


@pytest.fixture
async def playground(short_dir: Path) -> AsyncIterator[Playground]:
    """A playground in which today's digest has come."""
    async with playing(Settings.load(data_dir=short_dir, assessor="offline")) as played:
        await played.begin()
        yield played


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    """A Chromium of this test's own."""
    if CHROMIUM is None:
        pytest.skip("NO CHROMIUM: the pages were not looked at. apt install chromium, or put one on the PATH.")
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(ARGUMENTS), env={**os.environ, "HOME": str(tmp_path)}
        )
        yield made
        await made.close()


@pytest.fixture
async def visit(browser: Browser, playground: Playground) -> AsyncIterator[Opens]:
    """Open the page: ``width``, ``height``, and ``scheme`` light or dark. At the end its console must have been silent."""
    visits: list[Visit] = []
    async with PageServer(playground) as server:

        async def opened(*, width: int = 1280, height: int = 860, scheme: str = "light") -> Visit:
            context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            made = Visit(await context.new_page())
            made.page.on("console", lambda m: made.console.append(f"{m.type}: {m.text}"))
            made.page.on("pageerror", lambda e: made.console.append(f"error: {e}"))
            made.page.on("request", lambda r: made.asked.append(r.url))
            await made.page.goto(server.url)
            try:
                await made.page.get_by_role("article").first.wait_for()
            except PageTimeout as error:  # what a page says that shows nothing is in its console, if anywhere
                shown = await made.page.inner_text("body")
                raise AssertionError(f"the page shows {shown[:200]!r}; {made.console}; asked: {made.asked}") from error
            visits.append(made)
            return made

        yield opened
        for made in visits:
            assert made.console == []
            assert {address.split("/")[2] for address in made.asked} == {server.origin.split("/")[2]}
