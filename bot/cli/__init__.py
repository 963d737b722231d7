"""The command line ``ainews``: a module for each command, which imports what it needs only when it runs, so that ``--help``
is quick."""

from __future__ import annotations

import sys

from bot.cli import (
    add,
    ask,
    collect,
    demo,
    digest,
    doctor,
    editions,
    erase,
    export,
    feeds,
    health,
    latest,
    manifest,
    monitor,
    playground,
    preview,
    process,
    publish,
    reindex,
    search,
    serve,
    show,
    site,
    status,
    subscriptions,
    topics,
    why,
    worker,
)
from bot.cli.app import app, failed

__all__ = ["app", "main"]

for command in (
    demo, playground, monitor, feeds, process, add, collect, digest, preview, site, latest, topics, search, show, why, ask, serve, worker, publish,
    editions, manifest, subscriptions, reindex, export, erase,
    status, health, doctor,
):  # fmt: skip
    command.register(app)


def main() -> None:
    """Run ``ainews``. Exit code 0; 1 for a failure, 2 for wrong usage, 3 where a part of the input failed."""
    from digest.errors import AinewsError

    try:
        app()
    except AinewsError as error:
        sys.exit(failed(error))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
