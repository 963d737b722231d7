"""``python -m bot.local_slack``: the local Slack as a process of its own.

It prints one line of JSON, with its addresses and tokens, and runs until it is told to end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from bot.local_slack import snapshot
from bot.local_slack.app import SlackApp
from bot.local_slack.clock import Clock
from bot.local_slack.control import Control, ControlServer
from bot.local_slack.server import LocalSlack


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(
        prog="python -m bot.local_slack", description="A small Slack on this machine, for tests and trials."
    )
    parser.add_argument("--port", type=_port, default=0, help="port of the Web API; 0 takes a free one")
    parser.add_argument("--control-port", type=_port, default=0, help="port of the control API; 0 takes a free one")
    parser.add_argument(
        "--state", type=Path, help="file to go on from, if it exists, and to keep the workspace in when the process ends"
    )
    parser.add_argument("--manifest", type=Path, help="manifest of the app, for its scopes, events and commands")
    parser.add_argument("--request-url", help="the app's address, for signed requests; Socket Mode goes first")
    parser.add_argument("--rate-limits", action="store_true", help="Slack's rate limits")
    parser.add_argument("--seed", type=int, default=0, help="seed of faults by chance")
    parser.add_argument("--scale", type=float, default=1.0, help="how many seconds pass in one; 0 stands still")
    parser.add_argument("--at", type=float, help="seconds since 1970 at which the clock begins")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when whoever started this is gone")
    try:
        asyncio.run(serve(parser.parse_args()))
    except OSError as error:
        parser.exit(1, f"{error.strerror or error}: {error.filename or 'choose another --port or --control-port'}\n")
    except (ValueError, LookupError, TypeError) as error:
        parser.exit(1, f"The manifest or the state cannot be read ({error}); give another file.\n")


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text} is no port; ports are 0 to 65535")
    return int(text)


async def serve(options: argparse.Namespace) -> None:
    """Run until a signal to end."""
    app = SlackApp.from_manifest(json.loads(options.manifest.read_text(encoding="utf-8"))) if options.manifest else None
    clock = Clock(options.at, options.scale)
    slack = LocalSlack(app=app, clock=clock, seed=options.seed, rate_limits=options.rate_limits, port=options.port)
    slack.request_url = options.request_url
    if options.state and options.state.exists():
        snapshot.restore(slack.workspace, json.loads(options.state.read_text(encoding="utf-8")))
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    if options.until_stdin_closes:
        asyncio.get_running_loop().add_reader(sys.stdin, ended.set)
    async with slack, ControlServer(slack, options.control_port) as control:
        about = await Control(slack).about()
        said = {**about, "control_url": control.url, "control_token": control.token, "pid": os.getpid()}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
        await ended.wait()
    if options.state:
        options.state.write_text(json.dumps(snapshot.taken(slack.workspace)), encoding="utf-8")


if __name__ == "__main__":
    main()
