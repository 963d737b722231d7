"""What was done lately, in this process's memory: implements ``watching.ports.Activity`` where no store is wanted."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from digest.watching.ports import Ran


class MemoryActivity:
    """Activity that is forgotten at exit."""

    def __init__(self) -> None:
        self._runs: dict[str, Ran] = {}
        self._answers: defaultdict[date, Counter[str]] = defaultdict(Counter)

    async def ran(self, run: Ran) -> None:
        """See ``watching.ports.Activity``."""
        self._runs[run.task] = run

    async def last(self) -> list[Ran]:
        """See ``watching.ports.Activity``."""
        return [run for _, run in sorted(self._runs.items())]

    async def answered(self, day: date, by: str, *, abstained: bool) -> None:
        """See ``watching.ports.Activity``."""
        self._answers[day].update([by, "abstained"] if abstained else [by])

    async def answers(self, day: date) -> dict[str, int]:
        """See ``watching.ports.Activity``."""
        return dict(sorted(self._answers[day].items()))
