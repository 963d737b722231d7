"""A run of a task, from its beginning to its end: named in the log, timed, counted, and remembered for whoever asks for the last one."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from digest import measures
from digest.context import work
from digest.errors import AinewsError, StoreError
from digest.tracing import span
from digest.watching.ports import Ran

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from digest.watching.ports import Activity

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Run:
    """``counts`` is for whoever runs to fill."""

    name: str
    counts: Mapping[str, int] = field(default_factory=dict)


@asynccontextmanager
async def running(activity: Activity, workspace: str, task: str) -> AsyncIterator[Run]:
    """What happens within is one run of ``task`` (one word of a few). Whatever it raises goes on; that it failed is remembered."""
    began = time.monotonic()
    with work(workspace, task) as name, span(f"run {task}", workspace=workspace, task=task, run=name):
        run, error = Run(name), "it was stopped"
        try:
            yield run
            error = ""
        except AinewsError as failure:
            error = str(failure)
            raise
        except Exception as failure:
            error = type(failure).__name__
            raise
        finally:
            seconds = time.monotonic() - began
            measures.ran(task, seconds, well=not error)
            with suppress(StoreError):  # a store that is away was the failure, or will be the next
                await activity.ran(Ran(task, name, datetime.now(UTC), round(seconds, 3), dict(run.counts), error))
            _log.info("run_ended", seconds=round(seconds, 3), error=error)
