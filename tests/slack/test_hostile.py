"""Whatever a feed, a question or a model says: nobody is mentioned, no channel called, and no link leads where we did not find it.

Every place of every message and view that a stranger's text reaches is drawn with some twenty strings at a time, 600 times over; each
tenth time other judges look too.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from bot.slack.asked import Reply
from bot.slack.command_line import COMMANDS, read
from bot.slack.drawing.answers import answer_blocks, passages_view
from bot.slack.drawing.articles import article_blocks, insights_blocks, why_blocks
from bot.slack.drawing.editions import edition_blocks
from bot.slack.drawing.helping import unknown_blocks
from bot.slack.drawing.home import AtHome, home_view
from bot.slack.drawing.saving import saved_blocks
from bot.slack.drawing.settings_view import settings_view
from bot.slack.drawing.stories import found_stories, nothing
from bot.slack.drawing.tallies import tally_blocks
from bot.slack.drawing.unfurling import unfurl
from bot.slack.drawing.which import chosen_reply, which_reply
from bot.slack.pages import in_messages
from digest.answers.ports import Answer, Citation, Sentence
from digest.around import Around
from digest.lookups.lookups import Why
from digest.lookups.tallies import Tally
from digest.model import Assessment, Edition, EditionStory, Part, Subscription
from digest.rendering.slack import render_slack
from digest.rendering.templates import Templates
from digest.subscribing.ports import Change
from tests.builders import assessed, chosen, digest, story
from tests.slack_judges import assert_slack_takes_blocks, assert_slack_takes_view, objects

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
OWN = {"https://own.example/a", "https://own.example/b"}
TEMPLATES = Templates()

hostile = st.one_of(
    st.sampled_from(
        [
            "<!channel> <!here> <!everyone>", "<@U012AB3CD> <#C123|general> <!subteam^S1>", "@here @channel @everyone",
            "<https://evil.example|click>", "https://evil.example/x evil.example mailto:x@evil.example", "[click](https://evil.example)",
            "![x](https://evil.example/p.png)", "&lt;!channel&gt; &amp;lt;!here&amp;gt;", "*b* _i_ ~s~ `c` ```p``` > q :smile:",
            "<!date^1392734382^{date}|x>", "\u202e<!channel>\u202c", "\u200b<\u200b!channel>", "\U000e003c!channel\U000e003e", "\ud800", "\x00",
            '{"type":"section"}', "a" * 4_000, "&" * 900, "👩‍👩‍👧‍👦" * 200, "", " ", "\n\n",
        ]
    ),
    st.text(max_size=60),
    st.text(alphabet="<>!@#|&;:/.hctpse\u200b", max_size=60),
)  # fmt: skip
some = st.lists(hostile, max_size=3).map(tuple)


@st.composite
def told(draw: st.DrawFn) -> Any:
    judged = Assessment(
        score=draw(st.none() | st.floats(0, 10)), topic=draw(hostile), reason=draw(hostile), summary=draw(some),
        key_insights=draw(some), tags=draw(some), note=draw(hostile), category=draw(hostile),
    )  # fmt: skip
    url = draw(st.sampled_from([*sorted(OWN), "javascript:alert(1)", "https://x@evil.example/", ""]))
    also = [assessed(draw(hostile), publisher=draw(hostile), url="https://own.example/b")]
    return story(draw(hostile), judged=judged, publisher=draw(hostile), url=url, also=also)


def assert_harmless(node: object) -> None:
    """``node``: blocks or a view."""
    for part in objects(node):
        assert part.get("type") not in {"mrkdwn", "markdown", "user", "usergroup", "broadcast", "emoji", "date", "image"}, part
        if part.get("type") == "channel":
            assert part["channel_id"].startswith("C0")
        for name in ("url", "image_url"):
            assert str(part.get(name, "https://own.example/a")).partition("#:~:text=")[0] in OWN, part


def assert_harmless_text(said: str) -> None:
    """Of the text beside blocks, which Slack parses."""
    assert not set("<>") & set(said)
    for live in ("@here", "@channel", "@everyone", "://"):
        assert live not in said


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(told(), hostile, hostile, some)
def test_nothing_that_a_stranger_says_is_live(one: Any, words: str, more: str, several: tuple[str, ...]) -> None:
    lead, article = one.lead, one.lead.article
    cited = Answer(words, (Citation(article.id, 0, 1, more), Citation("gone", 0, 1, words)), False, "claude", 2, several)
    written = replace(cited, sentences=(Sentence(words, (1, 2), more), Sentence(more)))
    edition = Edition("C0AINEWS01", date(2026, 11, 20), NOW, "https://own.example/a", (EditionStory(article.id, words),))
    wanted = Subscription("C0AINEWS01", topics=several, exclude=(more,))
    around = Around(one, (one.also[0],))
    drawn = {
        "found": found_stories(words, [one], zone=UTC_ZONE, notes=several), "nothing": nothing(words, more, several),
        "article": article_blocks(lead, around, UTC_ZONE), "insights": insights_blocks(lead),
        "why": why_blocks(lead, Why(one, (Part(words, 1.0, more),)), UTC_ZONE), "unknown": unknown_blocks(words, COMMANDS[0]),
        "saved": saved_blocks([lead], zone=UTC_ZONE, offset=0, shown=1, total=2), "unfurl": unfurl(lead, UTC_ZONE)["blocks"],
        "tallies": tally_blocks(words, "topic", [Tally(more, 1, 1, NOW)], 0, "topics"), "edition": edition_blocks(edition, [None], UTC_ZONE),
        "answer": answer_blocks(words, cited, {article.id: article}),
        **{f"abstained {n}": m for n, m in enumerate(in_messages(answer_blocks(words, Answer(more, (), True, "offline", 0), {}, elsewhere=cited)))},
        **{f"written {n}": m for n, m in enumerate(in_messages(answer_blocks(words, written, {article.id: article}, elsewhere=cited)))},
        "which": which_reply(words, edition).blocks, "chosen": chosen_reply(more, words).blocks,
    }  # fmt: skip
    judged = len(words) % 10 == 0
    for name, blocks in drawn.items():
        note(name)
        assert_harmless(blocks)
        for message in Reply(words, tuple(blocks)).messages():
            assert_harmless_text(message["text"])
            if judged:
                assert_slack_takes_blocks(message["blocks"])
    changes = [Change(NOW, words, (more,))]
    for view in (
        home_view(AtHome((one,), (lead,), 1, (wanted,), "D0ADA00001", words), UTC_ZONE),
        passages_view(
            [(article.id, 0, 1, zlib.crc32(more[:1].encode("utf-8", "replace"))), ("gone", 0, 1, 0)],
            {article.id: (article, more)},
        ),
        settings_view(wanted, True, changes),
        settings_view(wanted, True, changes, may_change=False),
    ):
        assert_harmless(view)
        if judged:
            assert_slack_takes_view(view)
    message = render_slack(digest([chosen(1, one, why=words)], notes=several), TEMPLATES)
    for each in (message, *message.replies):
        assert_harmless(each.blocks)
        assert_harmless_text(each.text)
    for said in (words, more, article.title):
        assert_harmless_text(Reply(said).message()["text"])
    read(words)
