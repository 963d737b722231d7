"""``ainews search``: find articles by words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.app import out, print_json, run, settings

if TYPE_CHECKING:
    from digest.ports import Held, Hit
    from digest.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(search)


def search(
    words: Annotated[list[str], typer.Argument(help="Words to find; in quotes, next to each other.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="Most results.")] = 10,
    offset: Annotated[int, typer.Option(min=0, help="Results to pass over.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")] = False,
) -> None:
    """Find articles by words in title, summary, insights, tags and body, the most relevant first."""
    query = " ".join(words)
    found = run(_search(settings(), query, limit, offset))
    if as_json:
        print_json({"query": query, "results": [_described(hit, held) for hit, held in found]})
        return
    console = out()
    for hit, held in found:
        article, assessment = held.lead.article, held.lead.assessment
        score = "unscored" if assessment.score is None else f"{assessment.score:g}/10"
        console.print(f"{hit.article_id}  {score:>8}  {article.title}", markup=False, soft_wrap=True)
        console.print(f"{'':24}{article.publisher} · {article.dated:%d %b %Y}", style="dim", markup=False, soft_wrap=True)
    if not found:
        console.print(f"Nothing found for '{query}'. Try fewer or other words.", markup=False, soft_wrap=True)


async def _search(loaded: Settings, query: str, limit: int, offset: int) -> list[tuple[Hit, Held]]:
    from digest.factory import open_parts
    from digest.search.found import search_held

    async with open_parts(loaded) as parts:
        await parts.search.follow()
        return await search_held(parts.search, parts.articles, query, limit=limit, offset=offset)


def _described(hit: Hit, held: Held) -> dict[str, Any]:
    from digest.codec import described

    full = described(held.lead)
    del full["body"]
    return {"relevance": round(hit.relevance, 4), **full}
