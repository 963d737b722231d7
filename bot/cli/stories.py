"""Stories that were looked up, for a terminal and as JSON. Text from outside is never read as markup."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from bot.cli.app import out, print_json
from digest.codec import described_story
from digest.rendering import words
from digest.rendering.cleaning import one_line
from digest.stories.publishers import by_publisher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.lookups.lookups import Page
    from digest.model import Story

#: Whole lines where nobody looks at them through a window.
_PIPED_COLUMNS: Final = 240


def show(page: Page, *, empty: str, zone: str, as_json: bool, counted: bool = True) -> None:
    """``empty`` is what is said where there is none. ``counted``: whether the total is of all there are."""
    if as_json:
        print_json(_described(page, counted=counted))
        return
    console = out()
    for note in page.notes:
        console.print(Text(note, style="yellow"), soft_wrap=True)
    if not page.stories:
        beyond = f"There are no more than {words.count(page.total, 'story', 'stories')}." if page.total else empty
        console.print(Text(" ".join([beyond, *tried(page.try_next)])), soft_wrap=True)
        return
    print_table(_table(page.stories, ZoneInfo(zone)))
    shown = page.offset + len(page.stories)
    if shown < page.total:
        of = f" of {page.total:,}" if counted else ""
        console.print(Text(f"\n{page.offset + 1}–{shown}{of}; further ones: --offset {shown}", style="dim"), soft_wrap=True)


def tried(commands: Sequence[str]) -> list[str]:
    """What to try next, as it is typed in a shell: a sentence, or none."""
    typed = []
    for each in commands:
        command, _, rest = each.partition(" ")
        typed.append(f"ainews {command} {shlex.quote(one_line(rest))}" if rest else f"ainews {command}")
    return [f"Try: {', or '.join(typed)}."] if typed else []


def print_table(table: Table) -> None:
    """``table`` as wide as the terminal, and in whole lines elsewhere."""
    console = out()
    if not console.is_terminal:
        console.width = _PIPED_COLUMNS
    console.print(table)


def table_of(*columns: str, right: Sequence[str] = ()) -> Table:
    """A table without lines. Those named in ``right`` hold figures."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in columns:
        figures = name in right
        table.add_column(
            name, justify="right" if figures else "left", no_wrap=figures or name in ("ID", "Date"), overflow="fold"
        )
    return table


def _table(stories: Sequence[Story], zone: ZoneInfo) -> Table:
    table = table_of("ID", "Score", "Date", "Story", "Publishers", right=("Score",))
    for story in stories:
        article, score = story.lead.article, story.lead.assessment.score
        others = len(by_publisher(story)) - 1
        publisher = one_line(article.publisher) + (f" +{others}" if others else "")
        table.add_row(
            article.id, "–" if score is None else words.number(score), words.dated(article, zone), Text(one_line(article.title)), Text(publisher)
        )  # fmt: skip
    return table


def _described(page: Page, *, counted: bool) -> dict[str, Any]:
    total = {"total": page.total} if counted else {}
    return {
        "stories": [described_story(s) for s in page.stories],
        "offset": page.offset,
        "more": page.offset + len(page.stories) < page.total,
        **total,
        "notes": list(page.notes),
        "try": list(page.try_next),
    }
