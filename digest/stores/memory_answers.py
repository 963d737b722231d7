"""Conversations, answers given and quotas in this process's memory: for one process, and until it ends."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any, Final

from digest.answers.ports import ANSWER_TTL_S, CONVERSATION_TTL_S, TURNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from digest.answers.ports import Answer, Turn

#: Names that are remembered at once; the one that was not used for longest goes first.
_MOST: Final = 10_000


class MemoryConversations:
    """Implements ``answers.ports.Conversations``. ``now``: a monotonic clock in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._held: OrderedDict[str, tuple[float, deque[Turn]]] = OrderedDict()

    async def turns(self, name: str) -> list[Turn]:
        """See the port."""
        until, turns = self._held.get(name, (0.0, deque()))
        return list(turns) if until > self._now() else []

    async def add(self, name: str, turn: Turn) -> None:
        """See the port."""
        turns = deque(await self.turns(name), maxlen=TURNS)
        turns.append(turn)
        self._held[name] = (self._now() + CONVERSATION_TTL_S, turns)
        _bound(self._held, name)


class MemoryAnswerCache:
    """Implements ``answers.ports.AnswerCache``. ``now``: a monotonic clock in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._held: OrderedDict[str, tuple[float, Answer]] = OrderedDict()

    async def get(self, key: str) -> Answer | None:
        """See the port."""
        until, answer = self._held.get(key, (0.0, None))
        return answer if until > self._now() else None

    async def put(self, key: str, answer: Answer) -> None:
        """See the port."""
        self._held[key] = (self._now() + ANSWER_TTL_S, answer)
        _bound(self._held, key)


class MemoryQuotas:
    """Implements ``answers.ports.Quotas``; of two days at once."""

    def __init__(self) -> None:
        self._days: dict[date, dict[str, int]] = {}

    async def take(self, day: date, limits: Mapping[str, int]) -> str:
        """See the port. Nothing is awaited, which makes it atomic."""
        counted = self._days.setdefault(day, {})
        for name, most in limits.items():
            if counted.get(name, 0) >= most:
                return name
        for name in limits:
            counted[name] = counted.get(name, 0) + 1
        for old in sorted(self._days)[:-2]:
            del self._days[old]
        return ""


def _bound(held: OrderedDict[str, Any], newest: str) -> None:
    held.move_to_end(newest)
    while len(held) > _MOST:
        held.popitem(last=False)
