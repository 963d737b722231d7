"""``ainews collect``: read what is new from knowledge bases, feeds and JSON lines into the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from bot.cli.app import FAILED, PARTLY_FAILED, USAGE, err, out, print_json, run, settings
from bot.cli.interval import again_and_again, seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.collected import Collected
    from digest.factory import Parts
    from digest.ports import Source
    from digest.settings import Settings

_SHOWN: Final = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(collect)


def collect(
    knowledge_base: Annotated[
        list[Path] | None, typer.Option("--knowledge-base", "-k", help="Folder of documents. May be given again.")
    ] = None,
    feed: Annotated[list[str] | None, typer.Option("--feed", "-f", help="Feed, a file or a URL. May be given again.")] = None,
    jsonl: Annotated[
        list[str] | None, typer.Option("--jsonl", "-j", help="File with one JSON article a line; '-' is standard input.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Read also what has not changed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and judge, but store nothing.")] = False,
    every: Annotated[str | None, typer.Option("--every", help="Go on, at this interval: 30s, 15m, 2h.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")] = False,
) -> None:
    """Read what is new, deduplicate it, and fill in what is missing.

    With no place named, those of AINEWS_KNOWLEDGE_BASE and AINEWS_FEEDS are read. Exit code 3: a part of the
    input failed; 1: all of it did.
    """
    loaded = settings()
    interval_s = seconds(every) if every else None
    places = _places(loaded, knowledge_base, feed, jsonl)
    report = _show_json if as_json else show
    if interval_s is None:
        result = run(_collect(loaded, places(), again=again, dry_run=dry_run, quiet=as_json))
        report(result)
        raise typer.Exit(_exit_code(result))
    run(_go_on(loaded, places, interval_s, report))


def _exit_code(result: Collected) -> int:
    if not result.failed:
        return 0
    return FAILED if result.failed == result.seen else PARTLY_FAILED


def _places(
    loaded: Settings, knowledge_base: list[Path] | None, feed: list[str] | None, jsonl: list[str] | None
) -> Callable[[], list[Source]]:
    """The sources asked for, or those of the settings; ends with exit code 2 where there are none."""
    from digest.factory import sources

    if not (knowledge_base or feed or jsonl):
        knowledge_base = [loaded.knowledge_base] if loaded.knowledge_base else []
        feed = list(loaded.feeds)
    if not (knowledge_base or feed or jsonl):
        err().print(
            "There is nothing to collect. Name a place with --knowledge-base DIR, --feed FILE-OR-URL or --jsonl FILE, "
            "or set AINEWS_KNOWLEDGE_BASE or AINEWS_FEEDS."
        )
        raise typer.Exit(USAGE)

    return lambda: sources(loaded, knowledge_bases=knowledge_base or (), feeds=feed or (), json_lines=jsonl or ())


async def _collect(
    loaded: Settings, sources: list[Source], *, again: bool = False, dry_run: bool = False, quiet: bool = False
) -> Collected:
    from bot.cli.progress import counting
    from digest.factory import open_parts
    from digest.tracing import tracing

    with counting("Reading", total(sources), hidden=quiet) as read, counting("Assessing", None, hidden=quiet) as assessed:
        if dry_run:
            return await _rehearse(loaded, sources, read, assessed)
        async with open_parts(loaded) as parts, tracing(loaded, "ainews-collect"):
            return await _run(parts, sources, again=again, on_read=read, on_assessed=assessed)


async def _run(parts: Parts, sources: list[Source], **how: Any) -> Collected:
    from digest import pipeline
    from digest.watching.runs import running

    async with running(parts.activity, parts.settings.workspace, "collect") as run:
        found = await pipeline.collect(sources, parts.articles, parts.assessor, **how)
        run.counts = found.counts()
    return found


async def _rehearse(
    loaded: Settings, sources: list[Source], read: Callable[[int], None], assessed: Callable[[int], None]
) -> Collected:
    """Collect into memory. The offline assessor judges: a rehearsal must not cost anything."""
    from digest import factory, pipeline
    from digest.assessment.offline import OfflineAssessor
    from digest.stores.memory import MemoryArticles

    offline = OfflineAssessor(factory.profile(loaded))
    return await pipeline.collect(sources, MemoryArticles(), offline, on_read=read, on_assessed=assessed)


def total(sources: list[Source]) -> int | None:
    """How many things there are to look at; None where that cannot be known."""
    from digest.errors import SourceError

    try:
        sizes = [s.size() for s in sources]
    except SourceError:
        return None
    return None if None in sizes else sum(s for s in sizes if s is not None)


async def _go_on(
    loaded: Settings, places: Callable[[], list[Source]], interval_s: float, report: Callable[[Collected], None]
) -> None:
    from bot.measured import measured
    from digest.factory import open_parts

    async with open_parts(loaded) as parts, measured(parts, loaded, "ainews-collect"):

        async def once() -> None:
            report(await _run(parts, places()))

        await again_and_again(once, interval_s)


def _show_json(result: Collected) -> None:
    print_json(result.described())


def show(result: Collected) -> None:
    """The counts that are not zero on one line, then what went wrong."""
    console = out()
    words = {
        "new": "new", "updated": "updated", "duplicate": "duplicate", "unchanged": "unchanged", "deferred": "being written",
        "failed": "failed", "same_text": "with the text of another", "unscored": "came without a score",
        "assessed": "assessed", "gone": "gone",
    }  # fmt: skip
    counts = result.counts()
    told = [f"{counts[name]:,} {word}" for name, word in words.items() if counts[name]]
    console.print(f"Looked at {result.seen:,}: {', '.join(told) or 'nothing there'}.", markup=False)
    for failure in result.failures[:_SHOWN]:
        err().print(f"  {failure.where}: {failure.reason}", style="red", markup=False, soft_wrap=True)
    if result.failed > _SHOWN:
        err().print(f"  … and {result.failed - _SHOWN:,} more; --json lists them all.", style="red")
    for where, note in result.notes[:_SHOWN]:
        err().print(f"  {where}: {note}", style="yellow", markup=False, soft_wrap=True)
