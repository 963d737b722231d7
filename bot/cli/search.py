"""``ainews search``: find articles by words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from bot.cli.app import out, print_json, run, settings

if TYPE_CHECKING:
    from digest.lookups.filters import Asked
    from digest.ports import Held, Hit
    from digest.settings import Settings


_FILTER: Final = re.compile(r"^(topic|source|publisher|since|until):([^\"“]*\s[^\"“]*)$", re.IGNORECASE)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(search)


def search(
    words: Annotated[
        list[str],
        typer.Argument(
            help="Words to find; in quotes, next to each other. Filters: topic:agents source:martech 'score:>7' since:7d."
        ),
    ],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="Most results.")] = 10,
    offset: Annotated[int, typer.Option(min=0, help="Results to pass over.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")] = False,
) -> None:
    """Find articles by words in title, summary, insights, tags and body, the most relevant first; by filters alone, the newest."""
    query = " ".join(words)
    found, wanted = run(_search(settings(), " ".join(map(_whole, words)), limit, offset))
    if as_json:
        print_json({"query": query, "results": [_described(hit, held) for hit, held in found], "notes": list(wanted.problems)})
        return
    console = out()
    for note in wanted.problems:
        console.print(note, style="yellow", markup=False, soft_wrap=True)
    for hit, held in found:
        article, assessment = held.lead.article, held.lead.assessment
        score = "unscored" if assessment.score is None else f"{assessment.score:g}/10"
        console.print(f"{hit.article_id}  {score:>8}  {article.title}", markup=False, soft_wrap=True)
        console.print(f"{'':24}{article.publisher} · {article.dated:%d %b %Y}", style="dim", markup=False, soft_wrap=True)
    if not found:
        others = "fewer or other words, or none of the filters" if wanted.filtered else "fewer or other words"
        console.print(f"Nothing found for '{query}'. Try {others}.", markup=False, soft_wrap=True)


def _whole(word: str) -> str:
    """A filter that the shell took out of its quotation marks gets them back: ``topic:AI agents``."""
    return _FILTER.sub(r'\1:"\2"', word)


async def _search(loaded: Settings, text: str, limit: int, offset: int) -> tuple[list[tuple[Hit, Held]], Asked]:
    from datetime import UTC, datetime

    from digest.factory import open_parts
    from digest.lookups.filters import asked
    from digest.lookups.found import articles
    from digest.search.found import search_held

    wanted = asked(text, now=datetime.now(UTC), time_zone=loaded.time_zone)
    async with open_parts(loaded) as parts:
        await parts.search.follow()
        if wanted.filtered:
            return await articles(parts.search, parts.articles, wanted, limit=limit, offset=offset), wanted
        return await search_held(parts.search, parts.articles, wanted.words, limit=limit, offset=offset), wanted


def _described(hit: Hit, held: Held) -> dict[str, Any]:
    from digest.codec import described

    full = described(held.lead)
    del full["body"]
    return {"relevance": round(hit.relevance, 4), **full}
