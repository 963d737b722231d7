"""The page of the playground, used as people use it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from bot.playground.page_server import PageServer
from bot.playground.running import CHANNEL, Playground, playing
from bot.slack.client import slack_client
from digest.settings import Settings
from tests.answers.claude_stream import ClaudeStream, said, serve_stream
from tests.browser.conftest import Opens


@pytest.fixture
def claude() -> Iterator[ClaudeStream]:
    yield from serve_stream()


async def test_todays_digest_stands_in_the_channel_with_its_parts(visit: Opens, playground: Playground) -> None:
    page = (await visit()).page
    assert playground.delivered is not None
    chosen = playground.delivered.digest.chosen
    digest = page.get_by_role("article").filter(has=page.get_by_role("heading", name=re.compile("AI news for")))
    for story in chosen:
        await expect(digest.get_by_role("link", name=story.story.lead.article.title).first).to_be_visible()
    assert await digest.get_by_role("button", name=re.compile("^Ask about")).count() == len(chosen)
    assert await digest.get_by_role("listitem").count() >= sum(len(c.story.lead.assessment.summary) for c in chosen)


async def test_a_button_posts_in_the_thread_and_the_page_shows_it_by_itself(visit: Opens) -> None:
    page = (await visit()).page
    await page.get_by_role("button", name=re.compile("Post the key insights")).first.click()
    await page.get_by_role("button", name=re.compile("1 reply")).click()
    thread = page.get_by_role("complementary", name="Thread")
    await expect(thread.get_by_role("article").last).to_contain_text("Key insights:")


async def test_a_command_is_completed_and_answered_to_who_typed_it_alone(visit: Opens) -> None:
    page = (await visit()).page
    box = page.get_by_role("combobox", name="Message #ai-news")
    await box.press_sequentially("/ainews topi")
    await expect(page.get_by_role("listbox", name="Completions").get_by_role("option")).to_have_count(2)
    await box.press("ArrowDown")
    await box.press("ArrowDown")
    await box.press("Enter")
    await expect(box).to_have_value("/ainews topics")
    await box.press("Enter")
    answer = page.get_by_role("article").last
    await expect(answer).to_contain_text("Only visible to you")
    await expect(answer).to_contain_text("Topics")
    await page.get_by_label("You are").select_option("Grace Hopper")
    await expect(page.get_by_role("article").filter(has_text="Topics")).to_have_count(0)


async def test_settings_are_saved_after_their_mistakes_were_shown(visit: Opens, playground: Playground) -> None:
    made = await visit()
    page = made.page
    await made.command("/ainews settings")
    modal = page.get_by_role("dialog", name="Daily digest")
    await modal.get_by_label("Lowest score").fill("99")
    await modal.get_by_role("button", name="Save").click()
    await expect(modal.get_by_label("Lowest score")).to_have_attribute("aria-invalid", "true")
    await expect(modal.get_by_label("Lowest score")).to_be_focused()
    await expect(modal.get_by_role("alert")).to_be_visible()
    assert await made.serious() == []
    await modal.get_by_label("Lowest score").fill("7.5")
    await modal.get_by_label("Time", exact=True).fill("08:30")
    await modal.get_by_label("Sunday").uncheck()
    await modal.get_by_label("Only about").fill("agents")
    await modal.get_by_label("Compact").check()
    await modal.get_by_label("Weekly edition", exact=True).select_option("On Friday")
    await modal.get_by_role("combobox", name="Time zone").fill("berl")
    await modal.get_by_role("option", name=re.compile("Berlin")).first.click()
    await modal.get_by_role("button", name="Save").click()
    await expect(modal).to_contain_text("Saved:")
    held = await playground.parts.subscriptions.get(playground.slack.workspace.channel(CHANNEL).id)
    assert held is not None
    assert (held.threshold, f"{held.at:%H:%M}", held.days, held.topics) == (7.5, "08:30", (0, 1, 2, 3, 4, 5), ("agents",))
    assert (held.layout, held.weekly, held.time_zone) == ("compact", 4, "Europe/Berlin")
    await page.keyboard.press("Escape")
    await expect(modal).to_have_count(0)


async def test_a_preview_is_pushed_over_the_settings_with_what_was_typed_and_closing_it_leads_back(visit: Opens) -> None:
    made = await visit()
    await made.command("/ainews settings")
    modal = made.page.get_by_role("dialog")
    await modal.get_by_label("Stories, at most").fill("2")
    await modal.get_by_role("button", name="Preview the digest with these settings").click()
    await expect(made.page.get_by_role("dialog", name="Preview")).to_contain_text("2 stories of")
    await made.page.keyboard.press("Escape")
    await expect(made.page.get_by_role("dialog", name="Daily digest").get_by_label("Stories, at most")).to_have_value("2")


async def test_a_question_in_a_thread_is_answered_there_and_the_answer_is_judged_by_its_buttons(
    visit: Opens, playground: Playground
) -> None:
    made = await visit()
    page = made.page
    digest = page.get_by_role("article").last
    await digest.hover()
    await digest.get_by_role("button", name="Reply in thread").click()
    await made.reply("@ainews How many advertisers were in the trial?")
    thread = page.get_by_role("complementary", name="Thread")
    await expect(thread.get_by_role("article").last).to_contain_text("62 advertisers")
    await expect(thread.get_by_text("@ainews")).to_be_visible()
    vote = thread.get_by_role("button", name="More answers and stories like this")
    await vote.click()
    await expect(vote).to_have_attribute("aria-pressed", "true")
    await playground.slack.until(lambda w: any("Noted" in m["text"] for _, m in w.channel(CHANNEL).ephemerals))


async def test_claudes_answer_to_a_plain_reply_in_the_thread_is_seen_growing(
    browser: Browser, short_dir: Path, claude: ClaudeStream
) -> None:
    claude.model = lambda _: said(
        ("Fennwick takes 1.5 percent of what an agent spends.", "1.5 percent"), (" The free period is 60 days.", "60 days"),
        (" After it 1.5 percent is taken.", "1.5 percent"), pause_s=1.0,
    )  # fmt: skip
    settings = Settings.load(data_dir=short_dir, **claude.settings())
    async with playing(settings) as played, PageServer(played) as server:
        await played.begin()
        page = await (await browser.new_context(viewport={"width": 1280, "height": 860})).new_page()
        await page.goto(server.url)
        digest = page.get_by_role("article").last
        await digest.hover()
        await digest.get_by_role("button", name="Reply in thread").click()
        box = page.get_by_role("combobox", name="Reply in thread")
        await box.fill("How much of an agent's spending does Fennwick take?")
        await box.press("Enter")
        thread = page.get_by_role("complementary", name="Thread")
        growing = thread.locator("[aria-busy=true]").filter(has_text="Fennwick takes 1.5 percent")
        await expect(growing).to_be_visible()
        answer = thread.get_by_role("article").last
        await expect(answer).to_contain_text("The free period is 60 days.")
        await expect(answer.locator("[aria-busy=true]")).to_have_count(0)
        await expect(answer.get_by_role("group", name="Was this a good answer?")).to_be_visible()
        assert len(claude.requests) == 1


async def test_an_answer_is_seen_while_it_streams(visit: Opens, playground: Playground) -> None:
    made = await visit()
    assert playground.delivered is not None
    channel, root = playground.delivered.channel, playground.delivered.stamps[0]
    client, team = slack_client(playground.services.settings), playground.slack.workspace
    digest = made.page.get_by_role("article").last
    await digest.hover()
    await digest.get_by_role("button", name="Reply in thread").click()
    begun = await client.chat_startStream(
        channel=channel, thread_ts=root, recipient_user_id="U0ADA00001", recipient_team_id=team.team_id
    )
    answer = made.page.get_by_role("complementary", name="Thread").get_by_role("article").last
    await client.chat_appendStream(channel=channel, ts=begun["ts"], markdown_text="It costs **1.5 percent** ")
    await expect(answer).to_contain_text("It costs 1.5 percent")
    await expect(answer.locator("[aria-busy=true]")).to_have_count(1)
    await client.chat_appendStream(
        channel=channel, ts=begun["ts"], markdown_text="of what an *agent* spends.\n\n- one\n- two\n"
    )
    await expect(answer.get_by_role("listitem")).to_have_count(2)
    await client.chat_stopStream(channel=channel, ts=begun["ts"])
    await expect(answer.locator("[aria-busy=true]")).to_have_count(0)
    await expect(answer.locator("strong").filter(has_text="1.5 percent")).to_be_visible()


async def test_home_and_direct_messages_are_the_bots_own(visit: Opens) -> None:
    made = await visit()
    page = made.page
    await page.get_by_role("button", name="ainews: Home").click()
    home = page.get_by_role("region", name="Home")
    await expect(home.get_by_role("heading", name="Top stories today")).to_be_visible()
    await home.get_by_role("button", name=re.compile("^Save")).first.click()
    assert await made.serious() == []
    await page.get_by_role("button", name="ainews: Messages").click()
    await page.get_by_role("button", name="What is new on agents").click()
    await expect(page.get_by_role("article").last).to_contain_text("Based on")


async def test_the_next_day_comes_and_a_link_in_it_leads_to_the_day_before(visit: Opens) -> None:
    page = (await visit()).page
    await page.get_by_role("button", name="Next day").click()
    update = page.get_by_role("link", name=re.compile("^since"))
    await expect(update).to_be_visible()
    await update.click()
    await expect(page.locator(".message.marked").get_by_role("heading", name=re.compile("AI news for"))).to_be_in_viewport()


async def test_the_inspector_shows_sizes_verdicts_and_the_json(visit: Opens) -> None:
    made = await visit()
    digest = made.page.get_by_role("article").last
    await digest.hover()
    await digest.get_by_role("button", name="Inspect message").click()
    inspector = made.page.get_by_role("complementary", name="Inspector")
    await expect(inspector).to_contain_text(re.compile(r"\d+ of 50"))
    await expect(inspector).to_contain_text("Slack takes every block.")
    await expect(inspector.locator("pre")).to_contain_text('"bot_id"')
    assert await made.serious() == []
    await made.page.keyboard.press("Escape")
    await expect(inspector).to_have_count(0)


async def test_a_message_shortcut_reaches_the_bot(visit: Opens, playground: Playground) -> None:
    made = await visit()
    await made.command("nothing to read here")
    said = made.page.get_by_role("article").last
    await expect(said).to_contain_text("nothing to read here")
    await said.hover()
    await said.get_by_role("button", name="Shortcuts of this message").click()
    await made.page.get_by_role("menuitem", name="Add link to AI news").click()
    await expect(made.page.get_by_role("article").last).to_contain_text("There is no link in this message.")


async def test_a_menu_is_used_by_keyboard_alone(visit: Opens) -> None:
    made = await visit()
    page = made.page
    await made.command("/ainews top 1")
    menu = page.get_by_role("article").last.get_by_role("button", name="More actions")
    await menu.focus()
    await page.keyboard.press("ArrowDown")
    first = page.get_by_role("menuitem").first
    await expect(first).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("menuitem").nth(1)).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(menu).to_be_focused()
    await expect(page.get_by_role("menuitem")).to_have_count(0)


async def _reads_well(made: Any) -> None:
    page = made.page
    assert await made.serious() == []
    wide = await page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"the page is {wide} pixels wider than the window"


async def test_it_reads_well_in_light(visit: Opens) -> None:
    await _reads_well(await visit(scheme="light"))


async def test_it_reads_well_in_the_dark(visit: Opens) -> None:
    made = await visit(scheme="dark")
    await _reads_well(made)
    dark = await made.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", dark))) < 60
    await made.page.get_by_label("Looks").select_option("light")
    light = await made.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert min(map(int, re.findall(r"\d+", light))) > 200


async def test_it_reads_well_on_a_phone_one_thing_at_a_time(visit: Opens) -> None:
    made = await visit(width=390, height=844)
    page = made.page
    await _reads_well(made)
    await page.get_by_role("button", name="Places").click()
    await page.get_by_role("button", name="ainews: Home").click()
    await expect(page.get_by_role("region", name="Home")).to_be_visible()
    await _reads_well(made)
    await page.get_by_role("button", name="Places").click()
    await page.get_by_role("button", name="ai-news", exact=True).click()
    await page.get_by_role("article").last.get_by_role("button", name="Reply in thread").click()
    await expect(page.get_by_role("combobox", name="Reply in thread")).to_be_visible()
    await expect(page.get_by_role("combobox", name="Message #ai-news")).to_be_hidden()
    await _reads_well(made)
