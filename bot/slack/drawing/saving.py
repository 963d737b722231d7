"""Somebody's saved articles as blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.slack import ids
from bot.slack.drawing.elements import Json, actions, blocks, button, context, header, link, rich, section, text
from bot.slack.drawing.stories import meta_of, title_of
from digest.rendering.cleaning import shorten

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from digest.model import AssessedArticle


def saved_blocks(kept: Sequence[AssessedArticle], *, zone: ZoneInfo, offset: int, shown: int, total: int) -> list[Json]:
    """``kept`` are those of the ``shown`` from ``offset`` on that are still held."""
    made: list[Json | None] = [header("Your saved articles")]
    for told in kept:
        made += saved_article(told, zone)
    left = total - offset - shown
    gone = shown - len(kept)
    more = button(
        f"Show {min(left, shown)} more", ids.RUN, ids.Again("saved", offset + shown).value(), label="Show more saved articles"
    )
    made += [
        context(
            f"{offset + 1}–{offset + shown} of {total:,}" if left or offset else "",
            f"{gone} of them are held no more." if gone else "",
        ),
        actions(more) if left > 0 else None,
    ]
    return blocks(made)


def saved_article(told: AssessedArticle, zone: ZoneInfo) -> list[Json | None]:
    """One of them, with what can be done with it."""
    article = told.article
    about = shorten(title_of(article), 40)
    return [
        rich(section([link(shorten(title_of(article), 300), article.url, bold=True), text(f"\n{meta_of(told, zone)}")])),
        actions(
            button("Details", ids.SHOW, article.id, label=f"Details of {about}"),
            button("Remove", ids.DROP, article.id, label=f"Remove {about} from your saved articles"),
        ),
    ]
