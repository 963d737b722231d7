"""``ainews monitor``: feeds to scored articles to documents of the knowledge base to the store, once or at an interval."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from bot.cli.app import FAILED, PARTLY_FAILED, err, out, print_json, run, settings
from bot.cli.interval import again_and_again, seconds
from digest.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.collected import Collected
    from digest.factory import Parts
    from digest.feeds.feed import Feed
    from digest.monitor import Monitor
    from digest.monitored import Monitored
    from digest.settings import Settings

_SHOWN: Final = 20
#: Feeds for which one process reads what was fetched; beyond, a second one pays for its start.
_FEW: Final = 100


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(monitor)


def monitor(
    feed: Annotated[
        list[str] | None, typer.Option("--feed", "-f", help="Only this feed, by its URL. May be given again.")
    ] = None,
    knowledge_base: Annotated[
        Path | None, typer.Option("--knowledge-base", "-k", help="Folder for the documents. Default: AINEWS_KNOWLEDGE_BASE.")
    ] = None,
    inbox: Annotated[
        Path | None, typer.Option("--inbox", help="Leave what is kept here as inbox files, instead of writing documents.")
    ] = None,
    now: Annotated[bool, typer.Option("--now", help="Ask all feeds, whether they are due or not.")] = False,
    batch: Annotated[
        bool, typer.Option("--batch", help="Have Claude assess what waits as a batch, within a day, at half price.")
    ] = False,
    every: Annotated[str | None, typer.Option("--every", help="Go on, at this interval: 15m, 2h.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")] = False,
) -> None:
    """Read the feeds, score what is new, and keep what is relevant as documents.

    The feeds are those of 'ainews feeds list'. Exit code 3: some feeds or files failed; 1: all feeds did.
    """
    loaded = settings(knowledge_base=knowledge_base)
    interval_s = seconds(every) if every else None
    feeds = _chosen(loaded, feed)
    report = _show_json if as_json else _show
    code = run(_watch(loaded, feeds, inbox, interval_s, report, at_once=now, batch=batch, quiet=as_json))
    raise typer.Exit(code)


def _chosen(loaded: Settings, urls: Sequence[str] | None) -> Sequence[Feed]:
    from digest.feeds.feed import Feed
    from digest.feeds.listing import feeds_in_use

    listed = feeds_in_use(loaded)
    if not urls:
        return listed
    by_url = {f.url: f for f in listed}
    return [by_url.get(url) or Feed("", url) for url in urls]


async def _watch(
    loaded: Settings,
    feeds: Sequence[Feed],
    inbox: Path | None,
    interval_s: float | None,
    report: Callable[[Monitored, Collected], None],
    *,
    at_once: bool,
    batch: bool,
    quiet: bool,
) -> int:
    """Run once, or at an interval over the same connections and processes; the exit code."""
    from bot.measured import measured
    from digest.factory import open_parts, uses_claude
    from digest.reaching import open_monitor
    from digest.tracing import tracing

    if batch and not uses_claude(loaded):
        raise ConfigurationError(
            "Batches are Claude's, which is not set up", remedy="Set ANTHROPIC_API_KEY, or leave out --batch."
        )
    async with AsyncExitStack() as stack:
        parts = await stack.enter_async_context(open_parts(loaded))
        watching = await stack.enter_async_context(open_monitor(parts, inbox=inbox, processes=1 if len(feeds) <= _FEW else 2))
        if interval_s is None:
            await stack.enter_async_context(tracing(loaded, "ainews-monitor"))
            monitored, collected = await _once(parts, watching, feeds, at_once=at_once, batch=batch, quiet=quiet)
            report(monitored, collected)
            return _exit_code(monitored, collected)

        await stack.enter_async_context(measured(parts, loaded, "ainews-monitor"))

        async def once() -> None:
            report(*await _once(parts, watching, feeds, at_once=at_once, batch=batch, quiet=True))

        await again_and_again(once, interval_s)
    return 0


async def _once(
    parts: Parts, watching: Monitor, feeds: Sequence[Feed], *, at_once: bool, batch: bool, quiet: bool
) -> tuple[Monitored, Collected]:
    """The feeds, between taking in the knowledge base as it was and as it is then."""
    from bot.cli.keeping import keeping
    from bot.cli.progress import counting
    from digest.watching.runs import running

    ran: list[Monitored] = []

    async def write() -> list[str]:
        with counting("Feeds", len(feeds), hidden=quiet) as asked, counting("Assessing", None, hidden=quiet) as assessed:
            ran.append(await watching.run(feeds, at_once=at_once, batch=batch, on_feed=asked, on_assessed=assessed))
        return ran[0].documents

    async with running(parts.activity, parts.settings.workspace, "monitor") as run:
        collected = await keeping(parts, write)
        run.counts = {**ran[0].counts(), "failures": len(ran[0].failures) + collected.failed}
    return ran[0], collected


def _exit_code(monitored: Monitored, collected: Collected) -> int:
    if monitored.asked and monitored.failed == monitored.asked:
        return FAILED
    return PARTLY_FAILED if monitored.failures or collected.failures else 0


def _show_json(monitored: Monitored, collected: Collected) -> None:
    shown: dict[str, Any] = {**monitored.described(), "collected": collected.described()}
    print_json(shown)


def _show(monitored: Monitored, collected: Collected) -> None:
    """What was asked, what came of it, and what went wrong."""
    console, m = out(), monitored
    console.print(f"Asked {m.asked:,} of {m.feeds:,} feeds: {_listed(m, _FEEDS) or 'all read'}.", markup=False)
    if m.entries:
        console.print(f"Read {m.entries:,} entries: {_listed(m, _ENTRIES)}.", markup=False)
    if told := _listed(m, _JUDGED):
        console.print(f"Of what was waiting: {told}.", markup=False)
    for path in m.documents[:_SHOWN]:
        console.print(f"  {path}", markup=False, soft_wrap=True)
    for failure in [*m.failures, *collected.failures][:_SHOWN]:
        err().print(f"  {failure.where}: {failure.reason}", style="red", markup=False, soft_wrap=True)


_FEEDS: Final = {"unchanged": "unchanged", "failed": "failed"}
_ENTRIES: Final = {
    "new": "new", "old": "published too long ago", "seen": "assessed before", "held": "held already", "waiting": "waiting already",
}  # fmt: skip
_JUDGED: Final = {
    "assessed": "assessed", "kept": "kept", "below": "not relevant enough", "full_text": "read in full", "excerpts": "left as excerpts",
    "postponed": "to be tried again", "submitted": "in a batch, to be found by a later run",
}  # fmt: skip


def _listed(monitored: Monitored, words: dict[str, str]) -> str:
    counts = monitored.counts()
    return ", ".join(f"{counts[name]:,} {word}" for name, word in words.items() if counts[name])
