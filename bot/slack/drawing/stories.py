"""Stories found by a look-up, as blocks: each with what it is, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.slack import ids
from bot.slack.drawing.elements import (
    Json,
    actions,
    blocks,
    button,
    context,
    header,
    link,
    option,
    overflow,
    paragraph,
    rich,
    section,
    text,
)
from digest.rendering import words
from digest.rendering.cleaning import is_blank, one_line, shorten
from digest.stories.publishers import by_publisher

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from digest.model import Article, AssessedArticle, Story

_TITLE: Final = 300
_LINE: Final = 300
_NAME: Final = 100


def title_of(article: Article) -> str:
    """The title on one line, never blank."""
    cleaned = one_line(article.title)
    return "Untitled" if is_blank(cleaned) else cleaned


def meta_of(told: AssessedArticle, zone: ZoneInfo) -> str:
    """Publisher, score, topic and date in a line."""
    score = told.assessment.score
    parts = (
        shorten(one_line(told.article.publisher), _NAME),
        "unscored" if score is None else f"Score {words.score(score)}",
        shorten(one_line(told.assessment.topic), _LINE),
        words.dated(told.article, zone),
    )
    return " · ".join(p for p in parts if p)


def found_stories(
    title: str,
    stories: Sequence[Story],
    *,
    zone: ZoneInfo,
    notes: Sequence[str] = (),
    more: Json | None = None,
    votes: bool = True,
) -> list[Json]:
    """A heading, the stories, and what to say below them. ``more``: a button that goes on; ``votes``: whether there is a channel that
    can want more or less of them."""
    made: list[Json | None] = [header(title)]
    for story in stories:
        made += [_story(story, zone), story_actions(story.lead.article.id, title_of(story.lead.article), votes=votes)]
    made += [context(*notes), actions(more) if more else None]
    return blocks(made)


def story_actions(article_id: str, title: str, *, block_id: str = "", votes: bool = True) -> Json | None:
    """What can be done with one story: two buttons, and a menu with the rest."""
    wishes = [option("More like this", f"{ids.MORE}|{article_id}"), option("Less like this", f"{ids.LESS}|{article_id}")]
    about = shorten(title, 40)
    return actions(
        button("Details", ids.SHOW, article_id, label=f"Details of {about}"),
        button("Save", ids.SAVE, article_id, label=f"Save {about}"),
        overflow(
            ids.MENU,
            [
                option("Ask about this", f"{ids.ASK}|{article_id}"),
                option("Why this score", f"{ids.WHY}|{article_id}"),
                *(wishes if votes else ()),
            ],
        ),
        block_id=block_id,
    )


def nothing(title: str, why: str, try_next: Sequence[str]) -> list[Json]:
    """An answer without a story: why, and what to try."""
    tries = (
        [section([text("Try")]), *(section([text("· "), text(shorten(one_line(t), _LINE) or "–")]) for t in try_next)]
        if try_next
        else []
    )
    return blocks([header(title), paragraph(why), rich(*tries)])


def _story(story: Story, zone: ZoneInfo) -> Json | None:
    lead = story.lead
    others = [one_line(a.article.publisher) for a in by_publisher(story)[1:]]
    bullet = next((b for b in map(one_line, lead.assessment.summary) if b and b != title_of(lead.article)), "")
    return rich(
        section(
            [
                link(shorten(title_of(lead.article), _TITLE), lead.article.url, bold=True),
                text(f"\n{meta_of(lead, zone)}"),
                text(f"\n{shorten(bullet, _LINE)}") if bullet else None,
                text(f"\nAlso covered by {shorten(words.listed(others), _LINE)}", italic=True) if others else None,
            ]
        )
    )
