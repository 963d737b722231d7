"""Stops calling a provider that has shown that it will not answer, and tries again after a while.

A refused key, a missing permission, an unknown model or an empty account stop calls at once, since every further call
would fail alike; rate limits, overload, timeouts and lost connections do so after five in a row. What is skipped
meanwhile fails with the error that stopped it, at no cost, so its note tells the true cause.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from digest.errors import AssessmentError

if TYPE_CHECKING:
    from collections.abc import Callable

#: Kinds that no later call of the same run can escape.
HOPELESS: Final = frozenset({"auth", "billing", "permission", "model", "client"})
#: Kinds that may be about the provider's state, which only a row of them tells.
PASSING: Final = frozenset({"rate_limit", "overloaded", "server", "timeout", "connection", "rejected"})
FAILURES_IN_A_ROW: Final = 5
#: A run over a day's articles ends within ten minutes: for it, a hopeless failure is final; ``serve`` tries again
#: later.
HOPELESS_PAUSE_S: Final = 600.0
PASSING_PAUSE_S: Final = 60.0


@dataclass(slots=True)
class Breaker:
    """One for each client. ``now`` is a monotonic clock in seconds."""

    now: Callable[[], float] = time.monotonic
    _failures: int = 0
    _until: float = field(default=float("-inf"))
    _cause: AssessmentError | None = None

    def check(self) -> None:
        """Raises the AssessmentError that stopped calls, while they are stopped."""
        if self._cause is not None and self.now() < self._until:
            cause = self._cause
            raise AssessmentError(
                str(cause), kind=cause.kind, remedy=cause.remedy, retry_after_s=cause.retry_after_s
            ) from cause

    def succeeded(self) -> None:
        """The provider answered, whatever the answer was worth."""
        self._failures, self._cause = 0, None

    def failed(self, error: AssessmentError) -> bool:
        """Takes a failure in; True where it is what stops further calls."""
        if error.kind in HOPELESS:
            return self._stop(error, HOPELESS_PAUSE_S)
        if error.kind not in PASSING:
            return False
        self._failures += 1
        if self._failures >= FAILURES_IN_A_ROW:
            return self._stop(error, min(max(error.retry_after_s or 0.0, PASSING_PAUSE_S), HOPELESS_PAUSE_S))
        return False

    def _stop(self, error: AssessmentError, pause_s: float) -> bool:
        first = self._cause is None or self.now() >= self._until
        self._cause, self._until = error, self.now() + pause_s
        return first
