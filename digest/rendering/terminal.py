"""A digest for the terminal, by rich. Every text is put into a Text, where square brackets are not markup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.padding import Padding
from rich.rule import Rule
from rich.style import Style
from rich.table import Table
from rich.text import Text

from digest.rendering.view import digest_view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from digest.model import Digest
    from digest.rendering.view import DigestView, StoryView

_BAND_STYLE: Final = {"high": "bold green", "medium": "bold yellow", "low": "bold", "unscored": "bold"}


def render_terminal(digest: Digest) -> RenderableType:
    """``digest`` as something a rich Console prints, at any width."""
    view = digest_view(digest)
    return Group(*_opening(view), *(part for story in view.stories for part in _story(story)), *_closing(view))


def _opening(view: DigestView) -> Iterator[RenderableType]:
    yield Rule(Text(view.title, style="bold"), characters="━", style="cyan")
    yield Text(f"{view.totals}.", style="dim", justify="center")
    for note in view.notes:
        yield Text(f"Note: {note}", style="yellow")
    if view.nothing:
        yield Text(f"\n{view.nothing}")


def _story(story: StoryView) -> Iterator[RenderableType]:
    title = Style(bold=True, link=story.url or None)
    yield Text()
    yield _beside(f"{story.rank}.", Text(story.title, style=title), style="bold cyan")
    yield _under(_meta(story))
    if story.update:
        told = Text.assemble(("Update ", "bold magenta"), (f"since {story.update.day}: ", "magenta"), story.update.line)
        yield _under(told)
    if story.url:
        yield _under(Text(story.url, style=Style(dim=True, link=story.url), overflow="fold"))
    if story.summary:
        yield Text()
    for point in story.summary:
        yield _under(_beside("•", Text(point)))
    if story.key_insights:
        yield _under(Text("\nKey insights", style="bold cyan"))
    for insight in story.key_insights:
        yield _under(_beside("▸", Text(insight), style="cyan"))
    if why := " ".join(filter(None, (story.why, story.reason))):
        yield _under(Text.assemble(("\nWhy it was chosen: ", "bold"), (why, "italic")))
    if story.also:
        yield _under(_also(story))
    if mark := ". ".join(filter(None, (story.offline, story.note))):
        yield _under(Text(mark, style="dim italic"))


def _closing(view: DigestView) -> Iterator[RenderableType]:
    yield Text()
    if view.stories and view.left_out_words:
        yield Text(f"{view.left_out_words}.", style="dim")
    yield Rule(style="cyan")


def _meta(story: StoryView) -> Text:
    score = (f"Score {story.score}" if story.score_value is not None else story.score, _BAND_STYLE[story.band])
    said = [t for t in ((story.publisher, ""), score, (story.topic, ""), (story.date, ""), (story.id, "dim")) if t[0]]
    return Text(" · ").join([Text(words, style=style) for words, style in said])


def _also(story: StoryView) -> Text:
    others = [Text(o.publisher or o.title, style=Style(underline=True, link=o.url or None)) for o in story.also]
    return Text.assemble(("Also covered by ", "bold"), Text(", ").join(others))


def _under(renderable: RenderableType) -> Padding:
    return Padding(renderable, (0, 0, 0, 4))


def _beside(mark: str, text: Text, style: str = "") -> Table:
    """``mark`` in a column of its own, so that the lines of ``text`` align."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=3 if mark[0].isdigit() else 1, justify="right", no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_row(Text(mark, style=style), text)
    return grid
