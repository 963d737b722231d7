"""``ainews playground``: the whole bot in a browser, without a Slack workspace."""

from __future__ import annotations

import asyncio
import signal
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from bot.cli.app import USAGE, err, out, run, settings

if TYPE_CHECKING:
    from digest.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(playground)


def playground(
    knowledge_base: Annotated[
        list[Path] | None,
        typer.Option("--knowledge-base", "-k", help="Folder of documents to show instead of the sample. May be given again."),
    ] = None,
    on: Annotated[
        str | None, typer.Option("--date", "-d", help="Day to begin on. Default: today, or the day of the newest article.")
    ] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="Port of the page; 0 takes a free one.")] = 0,
    opened: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
    claude: Annotated[
        bool,
        typer.Option("--claude", help="Let Claude assess and answer, by the key that is set; else nothing costs anything."),
    ] = False,
) -> None:
    """Show the bot in a browser: a channel with today's digest, its buttons, commands, threads and settings.

    It runs the embedded Valkey and a Slack of its own on this machine, in a folder that is gone when it ends. Whoever opens the
    page needs the link that is printed; nothing is reached from other machines.
    """
    from digest.stores.embedded import throwaway_folder

    folders = [folder.expanduser().resolve() for folder in knowledge_base or ()]
    loaded = settings()
    with throwaway_folder("playground") as folder:
        own: dict[str, object] = {"data_dir": folder, "redis_url": None}
        if not claude:
            own |= {"assessor": "offline", "anthropic_api_key": None, "anthropic_foundry_api_key": None}
        run(_playground(loaded.model_copy(update=own), folders, _day(on), port, opened=opened))


def _day(on: str | None) -> date | None:
    """The date that ``on`` names. Ends with exit code 2 where it names none."""
    try:
        return None if on is None else date.fromisoformat(on)
    except ValueError:
        err().print(f"'{on}' is no date. Write it as 2026-03-31.", markup=False)
        raise typer.Exit(USAGE) from None


async def _playground(loaded: Settings, folders: list[Path], day: date | None, port: int, *, opened: bool) -> None:
    from bot.playground.page_server import PageServer
    from bot.playground.running import playing, watch_templates
    from digest.rendering.templates import shipped

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with playing(loaded, folders, day) as played, PageServer(played, port) as page:
        await played.begin()
        watched = [folder for folder in (loaded.templates, shipped()) if folder is not None]
        watching = asyncio.create_task(watch_templates(played, watched, page.tell))
        if played.today() != datetime.now(ZoneInfo(loaded.time_zone)).date():
            err().print(f"It is {played.today()} in the playground, as of the newest article or as you asked.", markup=False)
        out().print(f"The playground: {page.url}", markup=False, soft_wrap=True)
        err().print(
            f"Templates are read again when saved, from {' and '.join(map(str, watched))}. Ctrl-C ends it.", markup=False
        )
        if opened:
            await asyncio.to_thread(_open, page.url)
        await stop.wait()
        watching.cancel()


def _open(url: str) -> None:
    """In the person's browser, where there is one."""
    import webbrowser

    webbrowser.open(url)
