"""``ainews reindex``: rebuild the store from the knowledge base alone, and write its index page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.app import FAILED, PARTLY_FAILED, USAGE, err, out, print_json, run, settings

if TYPE_CHECKING:
    from digest.reindex import Reindexed
    from digest.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(reindex)


def reindex(
    knowledge_base: Annotated[
        list[Path] | None, typer.Option("--knowledge-base", "-k", help="Folder of documents. May be given again.")
    ] = None,
    page: Annotated[bool, typer.Option("--page/--no-page", help="Write the index page into the folder.")] = True,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")] = False,
) -> None:
    """Rebuild what Redis holds of articles from the knowledge base alone.

    With no folder named, that of AINEWS_KNOWLEDGE_BASE is read. Articles that are in no document are forgotten;
    editions, spending and feeds' states stay. Until the end, what was held before serves; killed, nothing has changed.
    Exit code 3: a part of the documents could not be read.
    """
    loaded = settings()
    folders = knowledge_base or ([loaded.knowledge_base] if loaded.knowledge_base else [])
    if not folders:
        err().print("There is nothing to rebuild from. Name it with --knowledge-base DIR, or set AINEWS_KNOWLEDGE_BASE.")
        raise typer.Exit(USAGE)
    if not yes and sys.stdin.isatty():
        names = ", ".join(map(str, folders))
        typer.confirm(
            f"Articles are rebuilt from {names}; those in no document there are forgotten. Go on?", abort=True, err=True
        )
    done = run(_reindex(loaded, folders, quiet=as_json))
    pages = _write_pages(folders, loaded.max_document_bytes) if page else {}
    _show_json(done, pages) if as_json else _show(done, pages)
    raise typer.Exit(_exit_code(done))


async def _reindex(loaded: Settings, folders: list[Path], *, quiet: bool) -> Reindexed:
    from bot.cli.collect import total
    from bot.cli.progress import counting
    from digest.factory import open_parts, sources
    from digest.reindex import reindex

    places = sources(loaded, knowledge_bases=folders)
    async with open_parts(loaded) as parts:
        with counting("Reading", total(places), hidden=quiet) as read, counting("Assessing", None, hidden=quiet) as assessed:
            done = await reindex(places, parts.rebuild, parts.articles, parts.assessor, on_read=read, on_assessed=assessed)
        await parts.search.follow()
    return done


def _write_pages(folders: list[Path], max_bytes: int) -> dict[Path, str]:
    """The index page of each folder: its path, or why it could not be written, which takes nothing from the rebuild."""
    from digest.errors import SourceError
    from digest.knowledge_base.index_page import write_index

    pages: dict[Path, str] = {}
    for folder in folders:
        try:
            pages[write_index(folder, max_bytes=max_bytes)] = ""
        except SourceError as error:
            pages[folder] = str(error)
    return pages


def _exit_code(done: Reindexed) -> int:
    failed = done.collected.failed
    if not failed:
        return 0
    return FAILED if failed == done.collected.seen else PARTLY_FAILED


def _show_json(done: Reindexed, pages: dict[Path, str]) -> None:
    written = [str(p) for p, why in pages.items() if not why]
    failed = [{"folder": str(p), "reason": why} for p, why in pages.items() if why]
    print_json({**done.described(), "pages": written, "pages_failed": failed})


def _show(done: Reindexed, pages: dict[Path, str]) -> None:
    from bot.cli.collect import show

    show(done.collected)
    told = [f"{done.held:,} articles are held"]
    told += [f"{done.kept:,} kept what an assessor had written"] if done.kept else []
    told += [f"{done.forgotten:,} that are in no document were forgotten"] if done.forgotten else []
    out().print(f"{'; '.join(told)}.", markup=False)
    for page, why in pages.items():
        if why:
            err().print(f"No index page in {page}: {why}.", style="yellow", markup=False, soft_wrap=True)
        else:
            out().print(f"Index page: {page}", markup=False, soft_wrap=True)
