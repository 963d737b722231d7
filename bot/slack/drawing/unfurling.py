"""What stands below a link to an article that is known: its summary and score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.slack.drawing.elements import Json, blocks, bullets, context, link, rich, section, text
from bot.slack.drawing.stories import meta_of, title_of
from digest.rendering.cleaning import lines, shorten

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from digest.model import AssessedArticle


def unfurl(told: AssessedArticle, zone: ZoneInfo) -> Json:
    """For ``chat.unfurl``."""
    summary = [shorten(line, 300) for line in lines(told.assessment.summary)[:3]]
    made = blocks(
        [
            rich(
                section(
                    [link(shorten(title_of(told.article), 300), told.article.url, bold=True), text(f"\n{meta_of(told, zone)}")]
                ),
                bullets(summary) if summary else None,
            ),
            context("From your AI news"),
        ]
    )
    return {"blocks": made}
