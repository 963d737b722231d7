"""``ainews topics`` and ``sources``, and the stories of one: ``ainews topic`` and ``source``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from bot.cli.app import out, print_json, run, settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.lookups.lookups import Page
    from digest.lookups.tallies import Tally
    from digest.settings import Settings

_COUNT: Final = 5
_LINES: Final = 30

_Name = Annotated[list[str], typer.Argument(metavar="NAME", help="As it is listed, or the beginning of it.")]
_Words = Annotated[list[str], typer.Argument(metavar="NAME", help="Words that occur in topic, tags, category or title.")]
_Stories = Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="Most stories.")]
_Names = Annotated[int, typer.Option("--limit", "-n", min=1, max=1_000, help="Most names.")]
_Offset = Annotated[int, typer.Option("--offset", min=0, help="How many to pass over.")]
_Json = Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (topics, topic, sources, source):
        app.command()(command)


def topics(limit: _Names = _LINES, offset: _Offset = 0, as_json: _Json = False) -> None:
    """List the topics of the last 31 days, those with most stories first."""
    _list("topics", limit, offset, as_json=as_json)


def topic(name: _Words, limit: _Stories = _COUNT, offset: _Offset = 0, as_json: _Json = False) -> None:
    """List the stories on a topic, the newest first."""
    _stories("topic", " ".join(name), "No story of the last 31 days is on the topic", limit, offset, as_json=as_json)


def sources(limit: _Names = _LINES, offset: _Offset = 0, as_json: _Json = False) -> None:
    """List the publishers of the last 31 days, those with most stories first."""
    _list("sources", limit, offset, as_json=as_json)


def source(name: _Name, limit: _Stories = _COUNT, offset: _Offset = 0, as_json: _Json = False) -> None:
    """List the stories of a publisher, the newest first."""
    empty = "No story of the last 31 days is by a publisher called"
    _stories("source", " ".join(name), empty, limit, offset, as_json=as_json)


def _stories(command: Literal["topic", "source"], name: str, empty: str, limit: int, offset: int, *, as_json: bool) -> None:
    loaded = settings()
    page = run(_page(loaded, command, name, limit, offset))
    from bot.cli.stories import show

    show(page, empty=f"{empty} '{name}'.", zone=loaded.time_zone, as_json=as_json)


def _list(command: Literal["topics", "sources"], limit: int, offset: int, *, as_json: bool) -> None:
    found = run(_tallies(settings(), command))
    shown = found[offset : offset + limit]
    if as_json:
        print_json({command: [_described(t) for t in shown], "offset": offset, "total": len(found)})
        return
    from rich.text import Text

    from bot.cli.stories import print_table, table_of
    from digest.rendering import words
    from digest.rendering.cleaning import one_line

    table = table_of("Stories", "Newest", "Name", right=("Stories",))
    for tally in shown:
        table.add_row(f"{tally.stories:,}", words.short_date(tally.newest.date()), Text(one_line(tally.name)))
    if shown:
        print_table(table)
    said = _said(command, len(found), offset, len(shown))
    if said:
        out().print(said, markup=False, soft_wrap=True)


def _said(command: Literal["topics", "sources"], total: int, offset: int, shown: int) -> str:
    if not total:
        return f"There are no {command} yet: nothing of the last 31 days is held. What there is comes with: ainews collect."
    if not shown:
        return f"There are no more than {total:,}."
    left = f"\n{offset + 1}–{offset + shown} of {total:,}; further ones: --offset {offset + shown}"
    return left if offset + shown < total else ""


def _described(tally: Tally) -> dict[str, object]:
    return {"name": tally.name, "stories": tally.stories, "articles": tally.articles, "newest": tally.newest.isoformat()}


async def _page(loaded: Settings, command: Literal["topic", "source"], name: str, count: int, offset: int) -> Page:
    from digest.factory import open_parts

    async with open_parts(loaded) as parts:
        look = parts.lookups.topic if command == "topic" else parts.lookups.source
        return await look(name, count=count, offset=offset)


async def _tallies(loaded: Settings, command: Literal["topics", "sources"]) -> Sequence[Tally]:
    from digest.factory import open_parts

    async with open_parts(loaded) as parts:
        return await (parts.lookups.topics() if command == "topics" else parts.lookups.sources())
