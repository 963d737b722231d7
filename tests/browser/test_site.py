"""The archive in a real browser, from files, as somebody opens it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.site.test_archive import written

if TYPE_CHECKING:
    from playwright.async_api import Browser


async def opened(browser: Browser, address: str, *, width: int = 1100, scheme: str = "light") -> Visit:
    context = await browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    made = Visit(await context.new_page())
    made.page.on("console", lambda m: made.console.append(f"{m.type}: {m.text}"))
    made.page.on("pageerror", lambda e: made.console.append(f"error: {e}"))
    await made.page.goto(address)
    return made


@pytest.mark.parametrize(("scheme", "width"), [("light", 1100), ("dark", 1100), ("dark", 390)])
async def test_every_kind_of_page_reads_well(browser: Browser, tmp_path: Path, scheme: str, width: int) -> None:
    names = await written(tmp_path)
    kinds = {name.split("/")[0]: name for name in sorted(names)}
    for name in kinds.values():
        made = await opened(browser, (tmp_path / name).as_uri(), width=width, scheme=scheme)
        assert await made.serious() == [], name
        wide = await made.page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is {wide} pixels wider than the window"
        assert made.console == [], name


async def test_a_search_from_the_first_page_finds_by_every_word_and_says_how_many(browser: Browser, tmp_path: Path) -> None:
    await written(tmp_path)
    made = await opened(browser, (tmp_path / "index.html").as_uri())
    page = made.page
    await page.get_by_role("searchbox").fill("VETO first")
    await page.get_by_role("button", name="Search").click()
    await expect(page.get_by_role("searchbox")).to_have_value("VETO first")
    await expect(page.get_by_role("status")).to_have_text("1 story")
    await expect(page.get_by_role("link", name="First told")).to_be_visible()
    await page.get_by_role("searchbox").fill("nothing has this word")
    await expect(page.get_by_role("status")).to_have_text("0 stories")
    await expect(page.get_by_role("link", name="First told")).to_be_hidden()
    assert made.console == []


async def test_each_chart_says_what_is_seen_and_has_its_table(browser: Browser, tmp_path: Path) -> None:
    await written(tmp_path)
    made = await opened(browser, (tmp_path / "trends.html").as_uri())
    await expect(made.page.get_by_role("img")).to_have_count(4)
    await expect(made.page.get_by_role("table")).to_have_count(4)
    await expect(made.page.get_by_role("img", name="Stories a day")).to_be_visible()
