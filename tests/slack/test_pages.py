"""What is too long for one message goes on in the next, and nothing is lost until there are four."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.asked import Reply
from bot.slack.drawing.articles import article_blocks
from bot.slack.pages import PAGES, pages
from digest.around import Around
from digest.model import Assessment
from digest.rendering.slack_limits import BLOCKS, MESSAGE_TEXT, weigh
from tests.builders import story
from tests.slack_judges import assert_slack_takes_blocks, texts

UTC = ZoneInfo("UTC")


def paragraph(letters: int) -> dict[str, Any]:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "a" * letters}]}],
    }


def buttons() -> dict[str, Any]:
    return {"type": "actions", "elements": [{"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "b"}}]}


@given(st.lists(st.tuples(st.integers(1, 3_000), st.booleans()), max_size=60))
def test_every_message_is_one_that_slack_takes_and_a_storys_buttons_stay_with_it(made: list[tuple[int, bool]]) -> None:
    blocks = [b for letters, pressed in made for b in (paragraph(letters), *([buttons()] if pressed else []))]
    found = pages(blocks)
    assert len(found) <= PAGES
    for page in found:
        assert len(page) <= BLOCKS
        assert weigh(page) <= MESSAGE_TEXT
        assert not page or page[0]["type"] == "rich_text"
    shown = [b for page in found for b in page]
    assert shown == blocks or shown[:-1] == blocks[: len(shown) - 1]
    assert len(found) == PAGES or shown == blocks


def test_what_fits_is_one_message() -> None:
    reply = Reply("words", (paragraph(3_000), buttons()))
    assert [m["text"] for m in reply.messages()] == ["words"]


def test_an_article_with_much_to_say_is_told_whole() -> None:
    insights = tuple(f"insight {n} " + "and so on " * 90 for n in range(20))
    one = story("Title", judged=Assessment(score=7.0, summary=("short",), key_insights=insights))
    found = Reply("Title", tuple(article_blocks(one.lead, Around(one, ()), UTC))).messages()
    assert len(found) > 1
    told = "\n".join(t for message in found for t in texts(message["blocks"]))
    assert all(f"insight {n} " in told for n in range(20))
    for message in found:
        assert_slack_takes_blocks(message["blocks"])
