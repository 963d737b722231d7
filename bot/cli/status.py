"""``ainews status``: how the installation is, once or live."""

from __future__ import annotations

import asyncio
import signal
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bot.cli.app import USAGE, err, out, print_json, run, settings

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from rich.console import RenderableType

    from digest.factory import Parts
    from digest.settings import Settings
    from digest.tasks import Engine
    from digest.watching.status import Status

#: Publications that are shown of each workspace.
_NEWEST: Final = 5
_EVERY_S: Final = 2.0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(status)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Report as one line of JSON.")] = False,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Go on, every two seconds, until Ctrl-C.")] = False,
) -> None:
    """Tell how it is: feeds, what waits, the last runs, digests, questions, what models cost and will have cost.

    Nothing but the store is asked, so it says the same wherever it is run.
    """
    loaded = settings()
    if watch and (as_json or not out().is_terminal):
        err().print("--watch is for a terminal, without --json. For programs there is --json, and /metrics.", markup=False)
        raise typer.Exit(USAGE)
    if watch:
        run(_watch(loaded))
        return
    found = run(_once(loaded))
    if as_json:
        from digest.watching.described import described

        print_json(described(found))
    else:
        from bot.cli.status_shown import shown

        out().print(shown(found))


async def _once(loaded: Settings) -> Status:
    from digest.factory import open_parts
    from digest.watching.status import status_of

    async with open_parts(loaded) as parts, _engine(parts) as engine:
        return await status_of(parts, datetime.now(UTC), newest=_NEWEST, engine=engine)


def _engine(parts: Parts) -> AbstractAsyncContextManager[Engine | None]:
    """Where tasks wait for workers; None where the work is not left to any."""
    if not parts.settings.workers:
        return nullcontext()
    from bot.slack.assembling import engine_over
    from digest.task_kinds import ALL

    return engine_over(parts, ALL)


async def _watch(loaded: Settings) -> None:
    """Until Ctrl-C, over one connection. A store that is away is told, and asked again."""
    from rich.live import Live

    from digest.factory import open_parts

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with open_parts(loaded) as parts, _engine(parts) as engine:
        with Live(console=out(), screen=True, auto_refresh=False) as live:
            while not stop.is_set():
                live.update(await _drawn(parts, engine), refresh=True)
                try:
                    async with asyncio.timeout(_EVERY_S):
                        await stop.wait()
                except TimeoutError:
                    continue


async def _drawn(parts: Parts, engine: Engine | None) -> RenderableType:
    from rich.text import Text

    from bot.cli.status_shown import shown
    from digest.errors import StoreError
    from digest.watching.status import status_of

    try:
        return shown(await status_of(parts, datetime.now(UTC), newest=_NEWEST, engine=engine))
    except StoreError as error:
        return Text(f"{datetime.now(UTC):%H:%M:%S} UTC: {error}. {error.remedy}", style="red")
