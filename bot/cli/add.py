"""``ainews add``: links that somebody gives become articles and documents of the knowledge base."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from bot.cli.app import FAILED, PARTLY_FAILED, err, out, print_json, run, settings
from digest.errors import AinewsError

if TYPE_CHECKING:
    from digest.adding import Added
    from digest.settings import Settings

_TOLD: Final = {"new": "Added", "updated": "Held already, and a document now", "held": "Held already"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(add)


def add(
    links: Annotated[list[str], typer.Argument(metavar="URL", help="Addresses of articles' pages.", show_default=False)],
    knowledge_base: Annotated[
        Path | None, typer.Option("--knowledge-base", "-k", help="Folder for the documents. Default: AINEWS_KNOWLEDGE_BASE.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")] = False,
) -> None:
    """Add articles by their links: their pages are read and judged, and become documents of the knowledge base.

    Exit code 3: some could not be added; 1: none could.
    """
    became = run(_add(settings(knowledge_base=knowledge_base), links))
    if as_json:
        print_json({"links": [_described(link, one) for link, one in zip(links, became, strict=True)]})
    else:
        for link, one in zip(links, became, strict=True):
            _show(link, one)
    failed = sum(isinstance(one, AinewsError) for one in became)
    raise typer.Exit(0 if not failed else FAILED if failed == len(became) else PARTLY_FAILED)


async def _add(loaded: Settings, links: list[str]) -> list[Added | AinewsError]:
    """Add them, to a knowledge base of which the store knows what is there: nothing in it is judged anew."""
    from digest import pipeline
    from digest.collected import Collected
    from digest.factory import open_parts, sources
    from digest.reaching import open_link_adder

    async with open_parts(loaded) as parts, open_link_adder(parts) as adder:
        if loaded.knowledge_base_folder.expanduser().is_dir():
            held = sources(loaded, knowledge_bases=[loaded.knowledge_base_folder])
            await pipeline.read(held, parts.articles, Collected())
        return await adder.add_each(links)


def _described(link: str, one: Added | AinewsError) -> dict[str, Any]:
    from digest.codec import described_held

    if isinstance(one, AinewsError):
        return {"link": link, "outcome": "failed", "reason": str(one), "remedy": one.remedy}
    return {"link": link, "outcome": one.outcome, "document": one.document or None, "article": described_held(one.held)}


def _show(link: str, one: Added | AinewsError) -> None:
    """What became of one link: the article's title, score, id and address, or why there is none."""
    from digest.rendering.cleaning import one_line

    if isinstance(one, AinewsError):
        told = f"{one}. {one.remedy}".removesuffix(". ")
        err().print(f"{one_line(link)[:200]}: {told}", style="red", markup=False, soft_wrap=True)
        return
    article, assessment = one.lead.article, one.lead.assessment
    score = "unscored" if assessment.score is None else f"{assessment.score:g}/10"
    copied = f", the same text as {article.same_text_as}" if article.same_text_as else ""
    console = out()
    console.print(f"{_TOLD[one.outcome]}: {one_line(article.title)}", markup=False, soft_wrap=True)
    console.print(f"  {article.id} · {score} · {one_line(article.publisher)}{copied}", markup=False, soft_wrap=True)
    console.print(f"  {one.document or article.url}", markup=False, soft_wrap=True)
