"""One attempt at a task, by whatever engine: within its deadline, with its failure told in the log instead of raised."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from digest.context import work as work_of
from digest.context import workspace
from digest.errors import AinewsError

if TYPE_CHECKING:
    from datetime import datetime

    from digest.tasks import Kind, Task, Work

_log = structlog.get_logger(__name__)


async def performed(kind: Kind, work: Work, task: Task, attempt: int) -> tuple[bool, datetime | None]:
    """Whether it was done, and when it is to be looked at again. Lines logged meanwhile carry the task. Only cancelling raises."""
    last = attempt >= kind.attempts
    with work_of(workspace(), kind.name), structlog.contextvars.bound_contextvars(about=task.about, team=task.workspace):
        try:
            async with asyncio.timeout(kind.deadline_s):
                return True, await work(task)
        except TimeoutError:
            _log.warning("task_too_slow", deadline_s=kind.deadline_s, attempt=attempt, given_up=last)
        except AinewsError as error:
            _log.warning("task_failed", reason=str(error), attempt=attempt, given_up=last)
        except Exception:  # noqa: BLE001 a defect in one task must not stop the others
            _log.exception("task_failed", attempt=attempt, given_up=last)
    return False, None
