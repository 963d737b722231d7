"""``ainews serve``: the Slack bot."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.app import err, run, settings

if TYPE_CHECKING:
    from digest.settings import Settings

#: Look-ups are reckoned on threads. At Python's 5 ms the thread that acks waits so long for its turn, some ten times for each request.
_SWITCH_S = 0.000_5


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    port: Annotated[int | None, typer.Option("--port", help="Port to listen on over HTTP.")] = None,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on over HTTP.")] = None,
) -> None:
    """Run the Slack bot until Ctrl-C: over Socket Mode with SLACK_APP_TOKEN, else over HTTP with SLACK_SIGNING_SECRET."""
    run(_serve(settings(http_port=port, http_host=host)))


async def _serve(loaded: Settings) -> None:
    from datetime import UTC, datetime

    from bot.slack.services import Services
    from bot.slack.serving import carried_by, serving
    from digest.factory import open_parts
    from digest.garbage import seldom_collected

    carried_by(loaded)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    sys.setswitchinterval(_SWITCH_S)
    async with seldom_collected(), open_parts(loaded) as parts:
        services = Services(parts, loaded, lambda: datetime.now(UTC))
        async with serving(services) as where:
            err().print(f"Listening {where}. Ctrl-C stops.")
            await stop.wait()
            err().print("Stopping.")
