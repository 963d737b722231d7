"""The shortcut of a message, from the menu in which a person chooses it to the answer that only they see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.slack.listeners import shortcuts
from tests.feed_server import FeedServer, feed_server
from tests.fulltext.test_extraction import PARAGRAPHS, page
from tests.slack.conftest import ADA, NEWS, Bot, Starts
from tests.slack_judges import objects, texts

HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.fixture
async def site() -> AsyncIterator[FeedServer]:
    """A publisher's server; ``/orders`` is an article."""
    async with feed_server() as server:
        server.feeds["/orders"], server.headers["/orders"] = page(), HTML
        yield server


@pytest.fixture
async def bot(start: Starts) -> Bot:
    """A bot that may fetch from this machine."""
    return await start(fetch_allow_hosts="127.0.0.1")


async def add(bot: Bot, said: str) -> dict[str, Any]:
    """Somebody says something, somebody else adds its link; what they are told."""
    message = await bot.slack.people.say(ADA, NEWS, said)
    answer = await bot.slack.people.message_shortcut(ADA, message, "add_link")
    await bot.slack.until(lambda _: any(not m["text"].startswith("Reading the page") for m in answer.messages), timeout_s=60)
    return answer.messages[-1]


async def test_the_link_of_a_message_is_added_and_its_article_told(bot: Bot, site: FeedServer) -> None:
    told = await add(bot, f"Worth a read: {site.url('/orders?utm_source=slack')} (2 min)")
    held = await bot.parts.lookups.find(site.url("/orders"))
    shown = "\n".join(texts(told["blocks"]))
    score = held.lead.assessment.score
    assert score is not None
    for expected in (
        "Added to the knowledge base.",
        "Assistants place orders",
        f"Score {score:g}",
        f"ID {held.lead.article.id}",
    ):
        assert expected in shown
    assert held.lead.assessment.summary[0] in shown
    assert held.lead.article.id in told["text"]
    assert held.lead.article.body == "\n\n".join(PARAGRAPHS)
    documents = [p for p in bot.settings.knowledge_base_folder.rglob("*.md") if p.name != "INDEX.md"]
    assert len(documents) == 1
    assert PARAGRAPHS[3] in documents[0].read_text()
    found = await bot.command("search assistants place orders")
    assert "Assistants place orders" in "\n".join(texts(found["blocks"]))


async def test_a_link_that_is_held_shows_the_article_that_is_there(bot: Bot, site: FeedServer) -> None:
    await add(bot, site.url("/orders"))
    told = await add(bot, f"{site.url('/orders')}#comments")
    assert "In the knowledge base already." in "\n".join(texts(told["blocks"]))
    assert [path for path, _ in site.asked].count("/orders") == 1


async def test_an_article_that_came_by_a_feed_becomes_a_document(bot: Bot) -> None:
    now = datetime.now(UTC)
    recent = await bot.parts.articles.between(now - timedelta(days=3), now)
    held = next(h.lead.article for h in recent if h.origins[0].source.startswith("feed:"))
    told = await add(bot, held.url)
    assert "a document of the knowledge base now" in "\n".join(texts(told["blocks"]))


@pytest.mark.parametrize(
    ("path", "status", "kind", "body", "reason"),
    [
        ("/gone", 404, "text/html", "", "The page cannot be reached: the server answered 404 (Not Found). Check the link"),
        ("/report.pdf", 200, "application/pdf", "%PDF-1.7", "The page cannot be added: it is a PDF, not a page."),
        ("/odd", 200, "<!channel>", "x", "The page cannot be added: it is of no known type, not a page."),
        ("/app", 200, "text/html", "<html><body><p>Please turn on scripts.</p></body></html>", "hardly any text on it"),
    ],
)
async def test_what_cannot_be_added_is_told_in_a_sentence(
    bot: Bot, site: FeedServer, path: str, status: int, kind: str, body: str, reason: str
) -> None:
    site.feeds[path], site.headers[path] = body, {"Content-Type": kind}
    if status != 200:
        site.statuses[path] = status
    told = await add(bot, site.url(path))
    assert reason in told["text"]
    assert "<!channel>" not in str(told)


async def test_who_waits_is_told_that_the_page_is_read(bot: Bot, site: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortcuts, "_SOON_S", 0.1)
    site.wait_s = 0.5
    message = await bot.slack.people.say(ADA, NEWS, site.url("/orders"))
    answer = await bot.slack.people.message_shortcut(ADA, message, "add_link")
    await bot.slack.until(lambda _: len(answer.messages) == 2, timeout_s=60)
    assert [m["text"].split(".")[0].split(":")[0] for m in answer.messages] == [
        "Reading the page",
        "Added to the knowledge base",
    ]


async def test_what_a_page_says_can_mention_and_format_nothing(bot: Bot, site: FeedServer) -> None:
    site.feeds["/orders"] = page(title="&lt;!channel&gt; *All* &lt;https://x.test|orders&gt;")
    told = await add(bot, site.url("/orders"))
    assert "<!channel> *All* <https://x.test|orders>" in "\n".join(texts(told["blocks"]))
    assert not [o for o in objects(told["blocks"]) if o.get("type") in ("mrkdwn", "broadcast", "user", "usergroup", "channel")]


async def test_private_addresses_are_refused(start: Starts, site: FeedServer) -> None:
    bot = await start()
    told = await add(bot, site.url("/orders"))
    assert "the address is not public (loopback)" in told["text"]
    assert site.asked == []


async def test_a_message_without_a_link_is_told(bot: Bot) -> None:
    assert (await add(bot, "Nothing here"))["text"] == "There is no link in this message."


@pytest.mark.parametrize(
    "message",
    [
        {"text": "See <https://paper.test/a?b=1&amp;c=2|the paper> and <@U1>"},
        {"blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
            {"type": "text", "text": "See "}, {"type": "link", "url": "https://paper.test/a?b=1&c=2"}]}]}]},
        {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "*<https://paper.test/a?b=1&amp;c=2|New>*"}}]},
        {"blocks": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "<https://paper.test/a?b=1&amp;c=2>"}]}]},
        {"text": "", "attachments": [{"title": "New", "title_link": "https://paper.test/a?b=1&c=2"}]},
        {"text": "no link", "attachments": [{"blocks": [], "text": "<https://paper.test/a?b=1&amp;c=2>"}]},
    ],
)  # fmt: skip
def test_the_link_is_found_wherever_slack_puts_it(message: dict[str, Any]) -> None:
    assert list(shortcuts.links_of(message)) == ["https://paper.test/a?b=1&c=2"]


def test_what_only_looks_like_a_link_is_none() -> None:
    said = {
        "text": "<javascript:alert(1)> <mailto:a@b.test|a> <!channel>",
        "attachments": [{"title_link": "file:///etc/passwd"}],
    }
    assert list(shortcuts.links_of(said)) == []
