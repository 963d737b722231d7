"""The list of commands, as blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.slack import ids
from bot.slack.command_line import SLASH
from bot.slack.drawing.elements import Json, actions, blocks, button, code, context, header, rich, section, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.slack.command_line import Command


def help_blocks(commands: Iterable[Command]) -> list[Json]:
    """Every command with what it does, and buttons for where to begin."""
    said = [section([code(f"{SLASH} {c.usage}"), text(f"  {c.about}")]) for c in commands]
    return blocks(
        [
            header("What you can ask"),
            rich(*said),
            context(
                "Only you see an answer; end a command with --share to show it to the channel.",
                "Ask about a story by replying in its thread.",
            ),
            actions(
                button("Latest", ids.RUN, ids.Again("latest").value(), label="Show the latest stories"),
                button("Top this week", ids.RUN, ids.Again("top 5 week").value(), label="Show the top stories of this week"),
                button("Settings", ids.SETTINGS, label="Open the settings of this channel's digest"),
            ),
        ]
    )


def unknown_blocks(typed: str, near: Command | None) -> list[Json]:
    """What to say of a word that is no command."""
    first = typed.split(" ", 1)[0]
    rest = typed.partition(" ")[2]
    said = [text("There is no command "), code(first)]
    buttons = []
    if near is not None:
        meant = f"{near.name} {rest}".strip()
        said += [text(". Did you mean "), code(f"{SLASH} {meant}"), text("?")]
        buttons.append(button(f"{SLASH} {meant}", ids.RUN, ids.Again(meant).value(), label=f"Run {meant}"))
    else:
        said += [text(". To look for it: "), code(f"{SLASH} search {typed}")]
    buttons += [
        button("Search for it", ids.RUN, ids.Again(f"search {typed}").value(), label=f"Search for {typed}"),
        button("All commands", ids.RUN, ids.Again("help").value(), label="Show all commands"),
    ]
    return blocks([rich(section(said)), actions(*buttons)])
