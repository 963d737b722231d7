"""Faults on request: what may go wrong between an app and Slack, for the next calls or by chance.

The chances come from a seed, so that the same calls meet the same faults.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final, Literal, get_args

#: ``drop_before`` and ``drop_after`` break the connection without an answer, before or after the effect; ``cut`` sends half
#: of the answer and breaks it; ``double`` has the effect twice; ``delay`` has it at once and answers later; ``late`` has it
#: only later, whether or not the client still waits; ``error_500`` and ``garbage`` come instead of the effect and
#: ``error_500_after``, ``garbage_after``, ``fatal_error`` after it; ``hang`` never answers, ``hang_after`` has the effect first.
Kind = Literal[
    "drop_before", "drop_after", "delay", "late", "cut", "double", "error_500", "error_500_after", "garbage", "garbage_after",
    "fatal_error", "ratelimited", "hang", "hang_after", "refused",
]  # fmt: skip
KINDS: Final = get_args(Kind)


@dataclass(slots=True)
class Fault:
    """A rule: ``kind`` befalls calls of ``method`` (``*`` and ``chat.*`` are patterns), the ``next`` so many, or by ``chance``.

    ``response_url`` is a method here too. ``error`` is what ``refused`` answers; ``seconds``, by Slack's clock, is how long
    ``delay`` and ``late`` wait, and ``ratelimited`` asks to wait.
    """

    kind: Kind
    method: str = "*"
    next: int | None = None
    chance: float = 1.0
    seconds: float = 1.0
    error: str = "internal_error"
    #: How often it struck.
    struck: int = 0
    _dice: random.Random = field(default_factory=random.Random, repr=False)

    def strikes(self, method: str) -> bool:
        """Whether it befalls this call of ``method``; that is counted."""
        if not fnmatchcase(method, self.method) or self.next == 0:
            return False
        if self.chance < 1.0 and self._dice.random() >= self.chance:
            return False
        self.next = None if self.next is None else self.next - 1
        self.struck += 1
        return True


class Faults:
    """All rules. The first that strikes a call is the one that befalls it."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self.rules: list[Fault] = []

    def add(
        self, kind: Kind, method: str = "*", *, next: int | None = None, chance: float = 1.0, seconds: float = 1.0,  # noqa: A002 - reads as a sentence
        error: str = "internal_error",
    ) -> Fault:  # fmt: skip
        """A rule more; it is returned, so that one can see how often it struck."""
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is no fault; there are {', '.join(KINDS)}")
        dice = random.Random(f"{self._seed}:{len(self.rules)}:{kind}:{method}")  # noqa: S311 - chances of a test
        fault = Fault(kind, method, next, chance, seconds, error, _dice=dice)
        self.rules.append(fault)
        return fault

    def clear(self, seed: int | None = None) -> None:
        """No faults any more; another seed from now on, if given."""
        self.rules.clear()
        self._seed = self._seed if seed is None else seed

    def draw(self, method: str) -> Fault | None:
        """What befalls this call."""
        return next((fault for fault in self.rules if fault.strikes(method)), None)
