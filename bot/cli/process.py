"""``ainews process``: the files of an inbox become documents of the knowledge base, and are moved aside."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bot.cli.app import FAILED, PARTLY_FAILED, err, out, print_json, run, settings
from bot.cli.interval import again_and_again, seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.collected import Collected
    from digest.factory import Parts
    from digest.processing import Processed, Processor
    from digest.settings import Settings

_SHOWN: Final = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(process)


def process(
    inbox: Annotated[Path, typer.Argument(help="Folder of .md, .txt and .html files; folders below it are left alone.")],
    knowledge_base: Annotated[
        Path | None, typer.Option("--knowledge-base", "-k", help="Folder for the documents. Default: AINEWS_KNOWLEDGE_BASE.")
    ] = None,
    every: Annotated[str | None, typer.Option("--every", help="Go on, at this interval: 15m, 2h.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")] = False,
) -> None:
    """Turn the files of an inbox into documents of the knowledge base.

    Each file that became a document, or whose article has one, is moved to the folder 'processed' in the inbox; others stay.
    Exit code 3: some files could not be processed; 1: none could.
    """
    loaded = settings(knowledge_base=knowledge_base)
    interval_s = seconds(every) if every else None
    report = _show_json if as_json else _show
    raise typer.Exit(run(_go(loaded, inbox, interval_s, report, quiet=as_json)))


async def _go(
    loaded: Settings, inbox: Path, interval_s: float | None, report: Callable[[Processed, Collected], None], *, quiet: bool
) -> int:
    """Run once, or at an interval; the exit code."""
    from bot.measured import measured
    from digest.factory import open_parts
    from digest.reaching import open_processor
    from digest.tracing import tracing

    async with AsyncExitStack() as stack:
        parts = await stack.enter_async_context(open_parts(loaded))
        processor = await stack.enter_async_context(open_processor(parts, inbox))
        if interval_s is None:
            await stack.enter_async_context(tracing(loaded, "ainews-process"))
            processed, collected = await _once(parts, processor, quiet=quiet)
            report(processed, collected)
            return _exit_code(processed, collected)

        await stack.enter_async_context(measured(parts, loaded, "ainews-process"))

        async def once() -> None:
            report(*await _once(parts, processor, quiet=True))

        await again_and_again(once, interval_s)
    return 0


async def _once(parts: Parts, processor: Processor, *, quiet: bool) -> tuple[Processed, Collected]:
    """The inbox, between taking in the knowledge base as it was and as it is then."""
    from bot.cli.keeping import keeping
    from bot.cli.progress import counting
    from digest.watching.runs import running

    ran: list[Processed] = []

    async def write() -> list[str]:
        with counting("Processing", None, hidden=quiet) as done:
            ran.append(await processor.run(on_files=done))
        return ran[0].documents

    async with running(parts.activity, parts.settings.workspace, "process") as run:
        collected = await keeping(parts, write)
        run.counts = ran[0].counts()
    return ran[0], collected


def _exit_code(processed: Processed, collected: Collected) -> int:
    if processed.files and len(processed.failures) == processed.files:
        return FAILED
    return PARTLY_FAILED if processed.failures or collected.failures else 0


def _show_json(processed: Processed, collected: Collected) -> None:
    print_json({**processed.described(), "collected": collected.described()})


def _show(processed: Processed, collected: Collected) -> None:
    """What became of the files, and what went wrong."""
    console, counts = out(), processed.counts()
    told = ", ".join(f"{counts[name]:,} {words}" for name, words in _WORDS.items() if counts[name])
    if not processed.files:
        console.print("There is nothing in the inbox that can be read.", markup=False)
    else:
        console.print(f"Of {processed.files:,} {'files' if processed.files > 1 else 'file'}: {told}.", markup=False)
    for path in processed.documents[:_SHOWN]:
        console.print(f"  {path}", markup=False, soft_wrap=True)
    if len(processed.documents) > _SHOWN:
        console.print(f"  and {len(processed.documents) - _SHOWN:,} more", markup=False)
    for name in processed.passed_over[:_SHOWN]:
        err().print(f"  {name}: not read, as it is neither .md, .txt nor .html", style="yellow", markup=False, soft_wrap=True)
    for failure in [*processed.failures, *collected.failures][:_SHOWN]:
        err().print(f"  {failure.where}: {failure.reason}", style="red", markup=False, soft_wrap=True)


_WORDS: Final = {
    "written": "became documents", "known": "had one already", "waiting": "are still being written", "failed": "could not be processed",
    "full_text": "read in full from their pages", "excerpts": "left as excerpts",
}  # fmt: skip
