"""Every message, modal and view of Home as it is sent, against golden/, and before judges that are not our own.

AINEWS_REFRESH_GOLDEN=1 refreshes the files: read the diff. ``.ci/slack_types.py`` has TypeScript's compiler judge the same files.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from bot.slack import ids
from bot.slack.answering import answer
from bot.slack.asked import Reply
from bot.slack.command_line import COMMANDS, read
from bot.slack.commands.digests import preview
from bot.slack.commands.keeping import keep
from bot.slack.drawing.adding import added_blocks, added_text
from bot.slack.drawing.answers import answer_blocks, passages_of, passages_value, passages_view
from bot.slack.drawing.articles import insights_blocks
from bot.slack.drawing.ask_view import ask_view
from bot.slack.drawing.elements import modal, paragraph
from bot.slack.drawing.home import home_view
from bot.slack.drawing.settings_view import settings_view
from bot.slack.drawing.unfurling import unfurl
from bot.slack.drawing.which import chosen_reply, which_reply
from bot.slack.listeners.events import at_home
from bot.slack.services import Services, Team
from bot.slack.taste import more_or_less
from digest import pipeline
from digest.adding import Added
from digest.answers.ports import THE_ARTICLE_DOES_NOT_SAY, Answer, Citation, Sentence
from digest.factory import open_parts, sources
from digest.lookups.lookups import Lookups
from digest.model import Article, Edition, EditionStory
from digest.sample.write import write_sample
from digest.settings import Settings
from digest.stores.keys import Keys
from digest.stories.taste import Aspect, Vote, taste
from tests.slack_judges import assert_slack_takes_blocks, assert_slack_takes_view, objects

GOLDEN = Path(__file__).parent / "golden"
REFRESH = bool(os.environ.get("AINEWS_REFRESH_GOLDEN"))  # read here: each test runs in a clean environment
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
CHANNEL, ADA = "C0AINEWS01", "U0ADA00001"


@pytest.fixture
async def team(valkey_url: str, keys: Keys, tmp_path: Path) -> AsyncIterator[Team]:
    """A workspace over the sample, on one fixed morning."""
    loaded = Settings.load(redis_url=valkey_url, workspace=keys.workspace, data_dir=tmp_path / "data", slack_bot_token="xoxb-1")
    async with open_parts(loaded) as parts:
        sample = write_sample(tmp_path / "sample", now=NOW)
        incoming = sources(loaded, knowledge_bases=[sample.knowledge_base, sample.inbox], feeds=[str(sample.feed)])
        await pipeline.collect(incoming, parts.articles, parts.assessor)
        parts.lookups = Lookups(parts.articles, parts.search, lambda: NOW)
        yield Services(parts, loaded, lambda: NOW).team("T0LOCAL001")


async def lead(team: Team) -> str:
    """The id of the story with the most to show."""
    page = await team.parts.lookups.top(1, "month")
    return page.stories[0].lead.article.id


def command(text: str) -> Callable[[Team], Awaitable[Reply]]:
    """What ``/ainews TEXT`` is answered; ``{id}`` is an article."""

    async def asked(team: Team) -> Reply:
        typed = read(text.format(id=await lead(team) if "{id}" in text else ""))
        return await answer(typed, team, channel=CHANNEL, person=ADA, text=text)

    return asked


async def saved(team: Team) -> Reply:
    await keep(await lead(team), "A title", ADA, team)
    return await command("saved")(team)


async def subscribed(team: Team) -> Reply:
    await command("subscribe 8:30 Europe/Berlin")(team)
    return await command("status")(team)


async def unsubscribed(team: Team) -> Reply:
    await command("subscribe 8:30 Europe/Berlin")(team)
    return await command("unsubscribe")(team)


async def edition(team: Team) -> Reply:
    page = await team.parts.lookups.top(2, "month")
    told = tuple(EditionStory(s.lead.article.id, s.lead.article.title) for s in page.stories)
    where = "https://local.slack.com/archives/C0AINEWS01/p1"
    await team.own.editions.record(Edition(CHANNEL, date(2026, 11, 20), NOW, where, told))
    return await command("digest 2026-11-20")(team)


async def voted(team: Team) -> Reply:
    return await more_or_less(await lead(team), CHANNEL, ADA, 1, team)


async def insights(team: Team) -> Reply:
    held = await team.parts.lookups.find(await lead(team))
    return Reply("Key insights", tuple(insights_blocks(held.lead)))


async def written(team: Team) -> tuple[Answer, dict[str, Article]]:
    """An answer as a model would have written it, from an article that was read from its page."""
    story = (await team.parts.lookups.search("Fennwick Handshake")).stories[0]
    held = await team.parts.lookups.find(next(a.article.id for a in story.articles if "60 days" in a.article.body))
    article = replace(held.lead.article, page_read=datetime(2026, 11, 22, 10, 0, tzinfo=UTC))
    at = [article.body.index(words) for words in ("percent", "60 days")]
    cited = tuple(Citation(article.id, a, a + 40, article.body[a : a + 40]) for a in at)
    sentences = (
        Sentence("Fennwick takes 1.5 percent.", (1,)),
        Sentence("It is free for 60 days.", (2,), "the passage doesn't name It"),
    )
    notes = ("A sentence of Claude's was left out: the passages cited do not bear that out.",)
    text = " ".join(s.told() for s in sentences)
    return Answer(text, cited, False, "claude", 1, notes, None, sentences, "claude-sonnet-5-5"), {article.id: article}


async def answer_written(team: Team) -> Reply:
    made, articles = await written(team)
    return Reply(made.text, tuple(answer_blocks("What does it take?", made, articles, asked=False)))


async def answer_elsewhere(team: Team) -> Reply:
    made, articles = await written(team)
    nothing = Answer(THE_ARTICLE_DOES_NOT_SAY, (), True, "claude", 0)
    return Reply(nothing.text, tuple(answer_blocks("What does it take?", nothing, articles, elsewhere=made)))


async def which(team: Team) -> Reply:
    page = await team.parts.lookups.top(3, "month")
    told = tuple(EditionStory(s.lead.article.id, s.lead.article.title) for s in page.stories)
    return which_reply("How much does it take?", Edition(CHANNEL, date(2026, 11, 20), NOW, "", told))


async def which_chosen(team: Team) -> Reply:
    return chosen_reply("A title", "How much does it take?")


async def passages(team: Team) -> dict[str, Any]:
    made, articles = await written(team)
    texts = {i: (a, a.body) for i, a in articles.items()}
    wanted = [*passages_of(passages_value(made.citations)), ("gone", 0, 5, 0), (next(iter(texts)), 0, 5, 0)]
    return passages_view(wanted, texts)


async def added(team: Team) -> Reply:
    link = Added("new", await team.parts.lookups.find(await lead(team)))
    return Reply(added_text(link), tuple(added_blocks(link, team.zone(None))), private=True)


MESSAGES: dict[str, Callable[[Team], Awaitable[Reply]]] = {
    "help": command("help"), "unknown": command("lates 2"), "unknown-far": command("xylophone"),
    "latest": command("latest 3"), "top": command("top 2 month"), "search": command("search budgets topic:ads score:>5"),
    "search-nothing": command("search zyxwvut"), "topic": command("topic search"), "topics": command("topics"), "trends": command("trends"), "trends-topic": command("trends retail-media"),
    "source": command("source The"), "sources": command("sources"), "show": command("show {id}"), "why": command("why {id}"),
    "not-held": command("show ffffffffffff"), "digest-preview": command("digest"), "digest-edition": edition,
    "saved": saved, "saved-nothing": command("saved"), "save": command("save {id}"), "subscribe": command("subscribe 8:30"),
    "unsubscribe": unsubscribed, "status": command("status"), "status-subscribed": subscribed,
    "ask": command("ask How much of an agent's spending does Fennwick take?"),
    "ask-nothing": command("ask Who founded Larkfield Robotics?"), "voted": voted, "insights": insights, "added": added,
    "answer-written": answer_written, "answer-elsewhere": answer_elsewhere, "which": which, "which-chosen": which_chosen,
}  # fmt: skip


async def home(team: Team) -> dict[str, Any]:
    await saved(team)
    await subscribed(team)
    for other, at in (("D0ADA00001", time(7)), ("D0GRACE001", time(6))):
        await team.own.subscriptions.put(replace(team.settings.subscription(other), at=at), ADA, NOW)
    return home_view(await at_home(ADA, "D0ADA00001", team), team.zone(None))


async def home_of_nobody(team: Team) -> dict[str, Any]:
    return home_view(await at_home("U0GRACE001", "", team), team.zone(None))


async def settings_of(team: Team) -> dict[str, Any]:
    made = replace(
        team.settings.subscription(CHANNEL), time_zone="Europe/Berlin", at=time(8, 30), topics=("agents", "paid search"),
        exclude=("crypto",), quiet=(date(2026, 12, 24), date(2026, 12, 25)), layout="compact", budget_usd=0.5, language="de",
    )  # fmt: skip
    await team.own.subscriptions.put(made, ADA, NOW)
    changes = await team.own.subscriptions.changes(CHANNEL)
    return settings_view(made, True, changes)


async def settings_new(team: Team) -> dict[str, Any]:
    return settings_view(team.settings.subscription(CHANNEL), False, (), model=team.has_model)


async def settings_shown(team: Team) -> dict[str, Any]:
    return settings_view(team.settings.subscription(CHANNEL), True, (), may_change=False)


async def question(team: Team) -> dict[str, Any]:
    return ask_view(await lead(team), CHANNEL, "1763884800.000100", "")


async def previewed(team: Team) -> dict[str, Any]:
    made = await preview(team.settings.subscription(CHANNEL), team)
    return modal(ids.PREVIEW_VIEW, "Preview", made.blocks)


async def told(team: Team) -> dict[str, Any]:
    return modal(ids.PREVIEW_VIEW, "Daily digest", [paragraph("Saved: threshold: 6 → 7.")])


async def settings_with_a_model(team: Team) -> dict[str, Any]:
    wants = taste(
        [
            Vote(ADA, "a", 1, (Aspect("topic", "agent", "agents"),), NOW),
            Vote(ADA, "b", -1, (Aspect("tag", "x", "crypto"),), NOW),
        ],
        NOW,
    )
    return settings_view(team.settings.subscription(CHANNEL), True, (), model=True, wants=wants)


VIEWS: dict[str, Callable[[Team], Awaitable[dict[str, Any]]]] = {
    "home": home, "home-empty": home_of_nobody, "settings": settings_of, "settings-new": settings_new,
    "settings-of-others": settings_shown, "ask": question, "preview": previewed, "told": told, "settings-voted": settings_with_a_model,
    "passages": passages,
}  # fmt: skip


def assert_golden(name: str, made: Any) -> None:
    said = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    file = GOLDEN / f"{name}.json"
    if REFRESH:
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(said, encoding="utf-8")
    assert said == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MESSAGES)
async def test_a_message_is_as_it_was_and_slack_takes_it(team: Team, name: str) -> None:
    reply = await MESSAGES[name](team)
    said = reply.message()
    if reply.blocks:
        assert_slack_takes_blocks(said["blocks"])
    assert_golden(f"message.{name}", said)


@pytest.mark.parametrize("name", VIEWS)
async def test_a_view_is_as_it_was_and_slack_takes_it(team: Team, name: str) -> None:
    view = await VIEWS[name](team)
    assert_slack_takes_view(view)
    assert_golden(f"view.{name}", view)


async def test_an_unfurl_is_as_it_was_and_slack_takes_it(team: Team) -> None:
    held = await team.parts.lookups.find(await lead(team))
    made = unfurl(held.lead, team.zone(None))
    assert_slack_takes_blocks(made["blocks"])
    assert_golden("unfurl", made)


def test_every_command_has_a_golden_message() -> None:
    shown = {name.partition("-")[0] for name in MESSAGES} | {"settings"}  # which is a modal
    assert {c.name for c in COMMANDS} <= shown


def test_every_button_and_field_has_words_and_no_two_in_a_block_one_name() -> None:
    for file in sorted(GOLDEN.glob("*.json")):
        for part in objects(json.loads(file.read_text(encoding="utf-8"))):
            if part.get("type") == "button":
                assert part["text"]["text"].strip(), file
                assert part.get("accessibility_label", part["text"]["text"]).strip(), file
                assert part.get("url") or ids.named("[a-z_]+").match(part["action_id"]), file
