"""Progress on a terminal, and silence anywhere else."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def counting(what: str, total: int | None, *, hidden: bool = False) -> Iterator[Callable[[int], None]]:
    """A function that is told how many more are done. A bar is shown on standard error once there is something to show, and
    only where that is a terminal; ``total`` None shows a count."""
    if hidden or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from bot.cli.app import err

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=err(), transient=True)
    task = progress.add_task(what, total=total, visible=True)

    def advance(count: int) -> None:
        if not progress.live.is_started:
            progress.start()
        progress.advance(task, count)

    try:
        yield advance
    finally:
        if progress.live.is_started:
            progress.stop()


@contextmanager
def waiting(what: str) -> Iterator[Callable[[str], None]]:
    """Says on a terminal what is waited for; a function that says something else from then on."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from bot.cli.app import err

    with err().status(what) as status:
        yield status.update
