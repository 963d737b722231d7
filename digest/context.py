"""Whose work is under way: its run, its workspace and its task. Bound once where work begins, so that every log line that it writes
carries all three, and everything that it counts is counted for that workspace."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Read at everything that is counted: to look into structlog's own context takes ten times as long.
_WORKSPACE: Final[ContextVar[str]] = ContextVar("ainews_workspace", default="")
_unless_said: list[str] = ["local"]


@contextmanager
def work(workspace: str, task: str) -> Iterator[str]:
    """What happens within is the work ``task`` (one word of a few: ``collect``, ``publish``) for ``workspace``; the name of this run of it,
    8 hex digits. Tasks and threads that begin within inherit it."""
    run = secrets.token_hex(4)
    token = _WORKSPACE.set(workspace)
    try:
        with structlog.contextvars.bound_contextvars(run=run, workspace=workspace, task=task):
            yield run
    finally:
        _WORKSPACE.reset(token)


@contextmanager
def of_workspace(workspace: str) -> Iterator[None]:
    """The same run of the same task, and of it this part is for ``workspace``."""
    token = _WORKSPACE.set(workspace)
    try:
        with structlog.contextvars.bound_contextvars(workspace=workspace):
            yield
    finally:
        _WORKSPACE.reset(token)


def workspace() -> str:
    """The workspace that the work under way is for."""
    return _WORKSPACE.get() or _unless_said[0]


def unless_said(workspace: str) -> None:
    """What this process does is for ``workspace``, where nothing else is said: the installation's."""
    _unless_said[0] = workspace
