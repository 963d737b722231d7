"""The seams of what an operator looks at: what was done lately, and what waits. See ``digest/ports.py``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from digest.publishing.publication import Name


@dataclass(frozen=True, slots=True)
class Ran:
    """A run of ``task`` that ended ``at`` (aware UTC) after so many ``seconds``. ``counts``: its numbers by name; ``error``: in words why
    it did not come to its end, empty where it did. ``run``: its name in the log."""

    task: str
    run: str
    at: datetime
    seconds: float
    counts: Mapping[str, int]
    error: str = ""


class Activity(Protocol):
    """What all processes of an installation did lately."""

    async def ran(self, run: Ran) -> None:
        """Remember it, in place of the last run of the same task. Raises StoreError."""

    async def last(self) -> list[Ran]:
        """The last run of each task, by task. Raises StoreError."""

    async def answered(self, day: date, by: str, *, abstained: bool) -> None:
        """Count one question of the UTC date ``day``. Raises StoreError."""

    async def answers(self, day: date) -> dict[str, int]:
        """How many were answered that day, by whom, and under ``abstained`` how many of all were not. Raises StoreError."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """``count`` tasks of one ``kind``: an ``entry`` of a feed to be assessed, an ``article`` with a field missing, a ``delivery`` of Slack's
    that is not finished, or a kind of the engine's. ``due``: since when the one waits that was due first, aware UTC; None where none is due."""

    kind: str
    count: int
    due: datetime | None


class Backlogs(Protocol):
    """What of a workspace waits."""

    async def waiting(self, now: datetime) -> list[Waiting]:
        """Entries, articles and deliveries, in that order. Takes the same time however much waits. Raises StoreError."""

    async def taken_up(self, names: Sequence[Name]) -> set[Name]:
        """Those publications that were prepared, whatever became of them. Raises StoreError."""
