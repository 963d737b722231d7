"""Blocks as the page draws them: all that the bot may use, those it does not know, and those that mean harm."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Locator, expect

from bot.playground.page_server import PageServer
from bot.playground.running import Playground, playing
from bot.slack.client import slack_client
from digest import pipeline
from digest.factory import open_parts, sources
from digest.settings import Settings
from tests.browser.conftest import Opens, Visit

HOSTILE: Final = '<img src=x onerror="window.harmed=1"><script>window.harmed=1</script> &lt;b&gt; javascript:window.harmed=1'


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


async def posted(made: Visit, playground: Playground, blocks: list[dict[str, Any]], text: str = "beside") -> Locator:
    """The article of a message that the bot's client posts."""
    assert playground.delivered is not None
    client = slack_client(playground.services.settings)
    said = await client.chat_postMessage(channel=playground.delivered.channel, text=text, blocks=blocks)
    return made.page.locator(f'[id="m{said["ts"]}"]')


async def test_every_block_is_drawn_as_what_it_is(visit: Opens, playground: Playground) -> None:
    made = await visit()
    rich: list[dict[str, Any]] = [
        {"type": "rich_text_section", "elements": [
            {"type": "text", "text": "bold", "style": {"bold": True}}, {"type": "text", "text": "struck", "style": {"strike": True}},
            {"type": "link", "url": "https://a.example/x?a=1&b=2", "text": "a link"}, {"type": "user", "user_id": "U0ADA00001"},
            {"type": "channel", "channel_id": "C0AINEWS01"}, {"type": "emoji", "name": "rocket"}, {"type": "broadcast", "range": "here"},
        ]},
        {"type": "rich_text_list", "style": "ordered", "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": word}]} for word in ("one", "two")
        ]},
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "a quote"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x = 1\ny = 2"}]},
    ]  # fmt: skip
    article = await posted(made, playground, [
        {"type": "header", "text": plain("A heading")},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*strong* _soft_ `code` <https://b.example|named> &amp; more\n&gt; quoted"},
         "fields": [plain("left"), plain("right")]},
        {"type": "context", "elements": [plain("small print")]},
        {"type": "divider"},
        {"type": "rich_text", "elements": rich},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "Day"}, {"type": "raw_text", "text": "Stories"}],
                                   [{"type": "raw_text", "text": "Monday"}, {"type": "raw_text", "text": "5"}]]},
        {"type": "image", "image_url": "https://elsewhere.example/p.png", "alt_text": "A chart of stories"},
        {"type": "actions", "elements": [
            {"type": "button", "text": plain("Press"), "action_id": "open_link", "accessibility_label": "Press this one"},
            {"type": "overflow", "action_id": "o", "options": [{"text": plain("First"), "value": "1"}]},
            {"type": "static_select", "action_id": "s", "placeholder": plain("Pick"), "options": [{"text": plain("One"), "value": "1"}]},
            {"type": "datepicker", "action_id": "d", "initial_date": "2026-11-28"},
        ]},
        {"type": "markdown", "text": "## Told\n\nIt is **so**, see [here](https://c.example).\n\n1. first\n2. second\n\n```\ncode\n```"},
        {"type": "context_actions", "elements": [{"type": "feedback_buttons", "action_id": "f",
            "positive_button": {"text": plain("Good"), "value": "1"}, "negative_button": {"text": plain("Bad"), "value": "0"}}]},
    ])  # fmt: skip
    await expect(article.get_by_role("heading", name="A heading")).to_be_visible()
    for words in ("strong", "bold", "so"):
        await expect(article.locator("strong").filter(has_text=re.compile(f"^{words}$"))).to_be_visible()
    for name, address in (
        ("a link", "https://a.example/x?a=1&b=2"),
        ("named", "https://b.example"),
        ("here", "https://c.example"),
    ):
        await expect(article.get_by_role("link", name=name)).to_have_attribute("href", address)
        await expect(article.get_by_role("link", name=name)).to_have_attribute("rel", "noopener noreferrer")
    await expect(article.locator("blockquote")).to_have_text(["quoted", "a quote"])
    await expect(article.get_by_text("@Ada Lovelace")).to_be_visible()
    await expect(article.get_by_role("img", name="rocket")).to_be_visible()
    await expect(article.get_by_role("columnheader")).to_have_text(["Day", "Stories"])
    await expect(article.get_by_role("img", name="A chart of stories")).to_be_visible()
    await expect(article.get_by_role("button", name="Press this one")).to_have_text("Press")
    await expect(article.get_by_role("group", name="Was this a good answer?").get_by_role("button")).to_have_count(2)
    await expect(article.locator("ol > li")).to_have_text(["one", "two", "first", "second"])
    await expect(article.locator(".unknown, .unknown-inline")).to_have_count(0)
    assert await made.serious() == []


async def test_a_block_that_the_page_does_not_know_is_shown_as_such(visit: Opens, playground: Playground) -> None:
    made = await visit()
    article = await posted(made, playground, [
        {"type": "card", "title": plain("Of a kind not drawn")},
        {"type": "header", "text": plain("Below it")},
    ])  # fmt: skip
    await expect(article).to_contain_text("card: this page does not know this block")
    await article.get_by_text("Its JSON").click()
    await expect(article.locator("details pre")).to_contain_text("Of a kind not drawn")
    await expect(article.get_by_role("heading", name="Below it")).to_be_visible()


async def test_hostile_text_is_shown_as_text_and_never_runs(visit: Opens, playground: Playground) -> None:
    made = await visit()
    page = made.page
    await page.evaluate("() => { window.harmed = 0; }")
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": HOSTILE}]}
    article = await posted(made, playground, [
        {"type": "header", "text": plain(HOSTILE)},
        {"type": "rich_text", "elements": [section]},
        {"type": "section", "text": {"type": "mrkdwn", "text": f"<javascript:window.harmed=1|press> {HOSTILE}"}},
        {"type": "markdown", "text": f"[press](javascript:window.harmed=1) **{HOSTILE}** ![x](javascript:1)"},
        {"type": "actions", "elements": [{"type": "button", "text": plain("<b>x</b>"), "action_id": "open_link"}]},
    ], text=HOSTILE)  # fmt: skip
    await expect(article.get_by_role("heading")).to_have_text(HOSTILE)
    await expect(article.locator("script, img:not(.face), b")).to_have_count(0)
    for link in await article.get_by_role("link").all():
        assert re.match("https?:", await link.get_attribute("href") or "")
    await made.command(HOSTILE)
    await expect(page.get_by_role("article").last).to_contain_text("onerror")
    assert await page.evaluate("() => window.harmed") == 0


async def test_a_hostile_title_of_a_feed_comes_through_the_whole_bot_as_text(
    browser: Browser, short_dir: Path, tmp_path: Path
) -> None:
    title = "<img src=x onerror=window.harmed=1><script>window.harmed=1</script> *bold* <!channel> [x](javascript:1)"
    written = html.escape(title)  # markup would be taken out on the way in; escaped, it comes through as text
    story = {"url": "https://news.example/harm?a=1&b=<i>", "title": written, "publisher": "&lt;b&gt;Press&lt;/b&gt;", "score": 9.5,
             "topic": written, "reason": written, "summary": [written], "key_insights": [written], "published": f"{datetime.now(UTC):%Y-%m-%d}",
             "body": f"{title} is told here at length."}  # fmt: skip
    (tmp_path / "one.jsonl").write_text(json.dumps(story))
    settings = Settings.load(data_dir=short_dir, assessor="offline")
    async with open_parts(settings.model_copy(update={"workspace": "playground"})) as parts:
        await pipeline.collect(sources(settings, json_lines=[str(tmp_path / "one.jsonl")]), parts.articles, parts.assessor)
    async with playing(settings) as played, PageServer(played) as server:
        await played.begin()
        page = await (await browser.new_context()).new_page()
        said: list[str] = []
        page.on("console", lambda m: said.append(m.text))
        await page.goto(server.url)
        digest = page.get_by_role("article").last
        await expect(digest.get_by_text("<script>window.harmed=1</script>").first).to_be_visible()
        await expect(digest.locator("img:not(.face), script, b")).to_have_count(0)
        await page.get_by_role("combobox", name="Message #ai-news").fill("/ainews latest")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("article").last).to_contain_text("Latest stories")
        assert await page.evaluate("() => window.harmed") is None
        assert said == []


async def test_a_script_that_got_into_the_page_would_not_run(visit: Opens) -> None:
    made = await visit()
    refused = await made.page.evaluate("""() => {
        const script = document.createElement("script");
        try { script.text = "window.harmed = 1"; document.body.append(script); } catch (error) { return error.name; }
        return window.harmed ? "ran" : "refused";
    }""")
    assert refused in ("TypeError", "refused")
    made.console.clear()  # the browser says so in the console


async def test_a_picture_that_the_bot_uploaded_is_shown_with_its_words(visit: Opens, playground: Playground) -> None:
    made = await visit()
    workspace = playground.slack.workspace
    pixel = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f00050001ff5ac4d0e10000"
        "000049454e44ae426082"
    )
    workspace.files["F0PIXEL"] = {"id": "F0PIXEL", "name": "chart.png", "data": pixel}
    article = await posted(made, playground, [{"type": "image", "slack_file": {"id": "F0PIXEL"}, "alt_text": "Stories a day"}])
    picture = article.get_by_role("img", name="Stories a day")
    await expect(picture).to_be_visible()
    await expect(picture).to_have_js_property("naturalWidth", 1)
