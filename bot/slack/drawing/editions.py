"""A digest that was issued, as blocks: where it is, and what was in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.slack import ids
from bot.slack.drawing.elements import Json, actions, blocks, button, context, header, link, rich, section, text
from digest.rendering import words
from digest.rendering.cleaning import one_line, shorten
from digest.rendering.links import web_link

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from digest.model import Edition
    from digest.ports import Held


def edition_blocks(edition: Edition, leads: Sequence[Held | None], zone: ZoneInfo) -> list[Json]:
    """``leads``: what is held of each of the edition's stories, in their order; None where it is held no more."""
    lines = []
    for number, (story, held) in enumerate(zip(edition.stories, leads, strict=True), start=1):
        title = shorten(one_line(story.title), 300)
        named = link(title, held.lead.article.url) if held else text(title)
        lines.append(section([text(f"{number}. "), named]))
    permalink = web_link(edition.where)
    issued = edition.issued.astimezone(zone)
    return blocks(
        [
            header(f"Digest of {words.day(edition.day)}"),
            rich(*lines) if lines else context("It had no story."),
            context(f"Posted on {words.short_date(issued.date())} at {issued:%H:%M}"),
            actions(button("Open it", ids.LINK, url=permalink, label=f"Open the digest of {words.day(edition.day)}"))
            if permalink
            else None,
        ]
    )
