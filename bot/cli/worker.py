"""``ainews worker``: does what ``ainews serve`` leaves to others, beside any number of its like."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.app import err, run, settings
from digest.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.slack.working import Does
    from digest.settings import Settings

_WORDS = {"digests": "digests", "events": "questions and other events", "monitor": "feeds"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(worker)


def worker(
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Do this alone: digests, events or monitor. May be given more than once.")
    ] = None,
) -> None:
    """Do the work of the Slack bot until Ctrl-C: digests, questions and other events, feeds. Start as many as are needed, and `ainews serve`
    with AINEWS_WORKERS=true beside them."""
    from bot.slack.working import EVERYTHING

    if unknown := [o for o in only or () if o not in EVERYTHING]:
        raise typer.BadParameter(f"{unknown[0]!r} is none of {', '.join(EVERYTHING)}", param_hint="--only")
    does = [d for d in EVERYTHING if not only or d in only]
    run(_work(settings(), does))


async def _work(loaded: Settings, does: Sequence[Does]) -> None:
    from datetime import UTC, datetime

    from bot.slack.services import Services
    from bot.slack.working import working
    from digest.factory import open_parts
    from digest.garbage import seldom_collected

    if not loaded.workers:
        raise ConfigurationError(
            "The work is not left to workers", remedy="Set AINEWS_WORKERS=true, for `ainews serve` and `ainews worker` alike."
        )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with seldom_collected(), open_parts(loaded) as parts:
        services = Services(parts, loaded, lambda: datetime.now(UTC))
        async with working(services, does):
            err().print(f"Working on {', '.join(_WORDS[d] for d in does)}. Ctrl-C stops.")
            await stop.wait()
            err().print("Stopping.")
