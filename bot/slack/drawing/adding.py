"""What became of a link that somebody added, as blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.slack.drawing.articles import article_blocks
from bot.slack.drawing.elements import Json, blocks, context, paragraph
from bot.slack.drawing.stories import title_of
from digest.around import Around
from digest.model import Story
from digest.rendering import words

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from digest.adding import Added

_TOLD: Final = {
    "new": "Added to the knowledge base",
    "updated": "It was held already, and is a document of the knowledge base now",
    "held": "In the knowledge base already",
}


def added_text(added: Added) -> str:
    """The same in a sentence, for those who see no blocks."""
    article, score = added.lead.article, added.lead.assessment.score
    scored = "unscored" if score is None else f"score {words.score(score)}"
    return f"{_TOLD[added.outcome]}: {title_of(article)} ({scored}, ID {article.id})"


def added_blocks(added: Added, zone: ZoneInfo) -> list[Json]:
    """What became of it, then the article: summary, key insights, score and id."""
    lead = added.lead
    same = lead.article.same_text_as
    return blocks(
        [
            paragraph(f"{_TOLD[added.outcome]}."),
            *article_blocks(lead, Around(Story(lead.article.id, lead)), zone),
            context(f"Its text is that of {same}, which was held before." if same else ""),
        ]
    )
