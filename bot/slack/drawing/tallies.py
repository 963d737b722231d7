"""Topics and publishers with how many stories each has, as blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.slack import ids
from bot.slack.drawing.elements import Json, actions, blocks, button, context, header, rich, section, text
from digest.rendering import words
from digest.rendering.cleaning import one_line, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.lookups.tallies import Tally

_LINES: Final = 30
_BUTTONS: Final = 10
_NAME: Final = 200


def tally_blocks(title: str, command: str, found: Sequence[Tally], offset: int, typed: str) -> list[Json]:
    """``found`` from ``offset`` on. ``command`` opens one of them."""
    shown = found[offset : offset + _LINES]
    left = len(found) - offset - len(shown)
    lines = [
        section([text(shorten(one_line(t.name), _NAME), bold=True), text(f"  {words.count(t.stories, 'story', 'stories')}")])
        for t in shown
    ]
    buttons = [
        button(t.name, ids.RUN, ids.Again(f"{command} {t.name}").value(), label=f"Stories: {t.name}") for t in shown[:_BUTTONS]
    ]
    more = ids.Again(typed or f"{command}s", offset + len(shown)).value()
    return blocks(
        [
            header(title),
            rich(*lines),
            actions(*buttons),
            context(f"{offset + 1}–{offset + len(shown)} of {len(found):,}") if left or offset else None,
            actions(button(f"Show {min(left, _LINES)} more", ids.RUN, more, label=f"Show more: {title}")) if left else None,
        ]
    )
