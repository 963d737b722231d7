"""One attempt at a task, by whatever engine: within its deadline, with its failure told in the log instead of raised."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog

from digest import measures
from digest.context import work as work_of
from digest.context import workspace
from digest.errors import AinewsError
from digest.tracing import span

if TYPE_CHECKING:
    from datetime import datetime

    from digest.tasks import Kind, Task, Work

_log = structlog.get_logger(__name__)


async def performed(kind: Kind, work: Work, task: Task, attempt: int) -> tuple[bool, datetime | None]:
    """Whether it was done, and when it is to be looked at again. Lines logged meanwhile carry the task. Only cancelling raises."""
    last, began, outcome = attempt >= kind.attempts, time.monotonic(), "failed"
    with (
        work_of(workspace(), kind.name),
        structlog.contextvars.bound_contextvars(about=task.about, team=task.workspace),
        span(f"task {kind.name}", workspace=workspace(), task=kind.name) as step,
    ):
        try:
            async with asyncio.timeout(kind.deadline_s):
                again = await work(task)
            outcome = "done"
            return True, again
        except TimeoutError:
            outcome = "late"
            _log.warning("task_too_slow", deadline_s=kind.deadline_s, attempt=attempt, given_up=last)
        except AinewsError as error:
            _log.warning("task_failed", reason=str(error), attempt=attempt, given_up=last)
        except Exception:  # noqa: BLE001 a defect in one task must not stop the others
            _log.exception("task_failed", attempt=attempt, given_up=last)
        finally:
            step.set(outcome=outcome)
            measures.attempted(kind.name, outcome, time.monotonic() - began)
    return False, None
