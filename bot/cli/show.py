"""``ainews show``: everything held on one article."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.app import out, print_json, run, settings

if TYPE_CHECKING:
    from digest.around import Around
    from digest.ports import Held
    from digest.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(show)


def show(
    article: Annotated[str, typer.Argument(help="The article's ID, the beginning of one, or its URL.")],
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as one line of JSON.")] = False,
) -> None:
    """Show everything held on an article: its assessment and who wrote it, who else tells it, what is related, its text, and where it
    was read."""
    held, found = run(_show(settings(), article))
    if as_json:
        from digest.codec import described_around, described_held

        print_json({**described_held(held), **described_around(held.lead.article.id, found.story, found.related)})
        return
    from bot.cli.article import drawn

    out().print(drawn(held, found))


async def _show(loaded: Settings, article: str) -> tuple[Held, Around]:
    from digest.around import around
    from digest.errors import NotFound
    from digest.factory import open_parts

    async with open_parts(loaded) as parts:
        ids = await parts.articles.find(article)
        if len(ids) > 1:
            raise NotFound(f"'{article}' begins {len(ids)} articles' IDs", remedy=f"Give one in full: {', '.join(ids[:5])}.")
        held = (await parts.articles.get(ids))[0] if ids else None
        if held is None:
            raise NotFound(f"There is no article '{article}'", remedy="Find its ID with: ainews search WORDS.")
        await parts.search.follow()
        return held, await around(held, parts.articles, parts.search, meaning=parts.meaning)
