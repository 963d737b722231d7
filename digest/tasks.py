"""The engine's port: what is done piece by piece, by this process or by many.

A task only names what is to be looked at, never what is to be done with it: that is read from the store when it runs. So a task that runs
twice finds the second time that nothing is left to do, and a queue that is lost is filled again by the next look at what is due.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

#: Docker and Kubernetes kill some time after they asked: by default ten and thirty seconds.
END_WITHIN_S: Final = 8.0


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of task, with a queue of its own, so that no kind waits behind another. ``at_once``: so many in each process;
    ``each_workspace``: of one workspace, in all processes together, so that a workspace with thousands of tasks leaves room to the others; 0: as
    many as there are.
    One that lasts longer than ``deadline_s`` is cancelled, which counts as a failure; one that fails is tried again, ``attempts`` times in
    all, after ``wait_s`` and then twice that each time."""

    name: str
    at_once: int
    each_workspace: int
    deadline_s: float
    attempts: int = 3
    wait_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Task:
    """``workspace``: Slack's id of it, or empty for what is the installation's. ``about``: what is to be looked at, by a name that the store
    knows."""

    kind: str
    workspace: str
    about: str

    @property
    def key(self) -> str:
        """Of two tasks of a kind with one key, one waits or runs."""
        return f"{self.workspace}/{self.about}"


#: What is done with a task; when it is to be looked at again (aware UTC), or None. What it raises is a failure of the task.
Work = Callable[[Task], Awaitable[datetime | None]]


class Tasks(Protocol):
    """Takes tasks."""

    async def add(self, tasks: Sequence[Task], *, at: datetime | None = None) -> int:
        """Have each done, not before ``at`` (aware UTC): at least once, unless the queue is lost. How many were taken: one whose key waits or
        runs already is passed over. Raises StoreError; then some may have been taken."""


class Engine(Tasks, Protocol):
    """Takes tasks, and does them."""

    def running(self, works: Mapping[Kind, Work]) -> AbstractAsyncContextManager[None]:
        """Tasks of these kinds are done while the context is open. When it ends no more are begun; those under way have ``END_WITHIN_S``
        seconds, and what is cancelled then is left to another process, or to the next look at what is due."""

    async def waiting(self) -> Mapping[str, Waiting]:
        """By name of each kind. Raises StoreError."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Of one kind: how many tasks wait or run, and for how long the oldest that was to be begun by now has waited, in seconds."""

    count: int = 0
    oldest_s: float = 0.0
