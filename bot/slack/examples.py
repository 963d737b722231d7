"""One of everything that the bot draws, of a story made up: so that Slack can be asked whether it takes it, before anybody sees it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from bot.slack.command_line import COMMANDS
from bot.slack.drawing.adding import added_blocks
from bot.slack.drawing.answers import answer_blocks
from bot.slack.drawing.articles import article_blocks, insights_blocks, why_blocks
from bot.slack.drawing.ask_view import ask_view
from bot.slack.drawing.editions import edition_blocks
from bot.slack.drawing.helping import help_blocks, unknown_blocks
from bot.slack.drawing.home import AtHome, home_view
from bot.slack.drawing.saving import saved_blocks
from bot.slack.drawing.settings_view import settings_view
from bot.slack.drawing.stories import found_stories, nothing
from bot.slack.drawing.tallies import tally_blocks
from bot.slack.drawing.unfurling import unfurl
from digest.adding import Added
from digest.answers.ports import THE_ARTICLE_DOES_NOT_SAY, Answer, Citation
from digest.around import Around
from digest.lookups.lookups import Why
from digest.lookups.tallies import Tally
from digest.model import (
    Article,
    AssessedArticle,
    Assessment,
    ChosenStory,
    Digest,
    Edition,
    EditionStory,
    Part,
    Story,
    Subscription,
    Update,
    article_id,
    judged_by,
)
from digest.ports import Held
from digest.rendering.slack import render_slack, render_slow_day
from digest.subscribing.ports import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.model import Layout
    from digest.rendering.templates import Templates

_NOW: Final = datetime(2026, 11, 23, 8, tzinfo=UTC)
_ZONE: Final = ZoneInfo("UTC")


def examples(templates: Templates) -> Iterator[tuple[str, dict[str, Any]]]:
    """What each is, and ``blocks`` or a ``view``. Raises what templates raise."""
    story = _story()
    lead = story.lead
    for layout in ("full", "compact"):
        message = render_slack(_digest(story, layout), templates)
        for number, each in enumerate((message, *message.replies)):
            yield f"{layout} digest, message {number + 1}", {"blocks": list(each.blocks)}
    yield "slow day", {"blocks": list(render_slow_day(_digest(story, "full"), templates).blocks)}
    answer = Answer("It cuts prices.", (Citation(lead.article.id, 0, 15, "Prices are cut."),), False, "claude", 2, ("A note.",))
    none = Answer(THE_ARTICLE_DOES_NOT_SAY, (), True, "offline", 1)
    edition = Edition(
        "C0", _NOW.date(), _NOW, "https://example.slack.com/archives/C0/p1", (EditionStory(lead.article.id, "A title"),)
    )
    held = Held(lead, (), ())
    blocks = {
        "list of stories": found_stories("Latest stories", [story], zone=_ZONE, notes=["1 story"]),
        "empty list": nothing("Stories", "Nothing is found.", ["latest"]), "article": article_blocks(lead, Around(story, (lead,)), _ZONE),
        "reasons": why_blocks(lead, Why(story, _PARTS), _ZONE), "key insights": insights_blocks(lead),
        "topics": tally_blocks("Topics", "topic", [Tally("agents", 1, 1, _NOW)], 0, "topics"),
        "edition": edition_blocks(edition, [held], _ZONE), "answer": answer_blocks("What?", answer, {lead.article.id: lead.article}),
        "answer that there is none": answer_blocks("What?", none, {}), "help": help_blocks(COMMANDS),
        "unknown command": unknown_blocks("lates", COMMANDS[0]), "added link": added_blocks(Added("new", held), _ZONE),
        "saved articles": saved_blocks([lead], zone=_ZONE, offset=0, shown=1, total=2), "link preview": unfurl(lead, _ZONE)["blocks"],
    }  # fmt: skip
    yield from ((name, {"blocks": made}) for name, made in blocks.items())
    wanted = Subscription("C0", topics=("agents",), exclude=("crypto",), quiet=(_NOW.date(),), language="de", budget_usd=0.5)
    changes = [Change(_NOW, "U0", ("subscribed",))]
    views = {
        "settings": settings_view(wanted, True, changes), "first settings": settings_view(Subscription("C0"), False, [], model=False),
        "settings of others": settings_view(wanted, True, changes, may_change=False), "question": ask_view(lead.article.id, "C0", "1.0", ""),
        "Home": home_view(AtHome((story,), (lead,), 2, (wanted,), "D0"), _ZONE), "empty Home": home_view(AtHome((), (), 0, ()), _ZONE),
    }  # fmt: skip
    yield from ((name, {"view": view}) for name, view in views.items())


_PARTS: Final = (Part("relevance", 8.0, "scored 8 of 10"), Part("freshness", 0.5, "published today"))


def _story() -> Story:
    def article(title: str, publisher: str) -> Article:
        url = f"https://{publisher.casefold()}.example/article"
        return Article(
            id=article_id(url), url=url, canonical_url=url, title=title, headline=title, publisher=publisher, published=_NOW,
            collected=_NOW, body="Prices are cut. More follows.",
        )  # fmt: skip

    judged = Assessment(
        score=8.0, topic="AI ad buying", reason="It changes how campaigns are bought.", summary=("Prices are cut.",),
        key_insights=("Campaigns get cheaper.",), tags=("agents",), category="ai-strategy",
    )  # fmt: skip
    lead = AssessedArticle(article("Prices & <agents> are cut", "Courier"), judged_by("claude", judged))
    also = AssessedArticle(article("Agents get cheaper", "Lantern"), judged_by("offline", judged))
    return Story(lead.article.id, lead, (also,))


def _digest(story: Story, layout: Layout) -> Digest:
    update = Update(
        (_NOW - timedelta(days=1)).date(), "https://example.slack.com/archives/C0/p0", "New: from 1 December.", ("a date",)
    )
    chosen = (
        ChosenStory(1, story, _PARTS, "Scored 8 of 10.", related=(story.also[0],)),
        ChosenStory(2, story, _PARTS, "Scored 8 of 10.", update),
    )
    return Digest(_NOW.date(), _NOW, Subscription("C0", layout=layout), chosen, articles=2, notes=("Claude was away.",))
