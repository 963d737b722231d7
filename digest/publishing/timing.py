"""How long each thing of publishing takes or waits, in seconds.

``settle_s`` has to be at least what a call may take, plus how late Slack may carry it out, plus how late the history may show it. Slack
publishes no bound for the latter two; a minute leaves them fifty seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Timing:
    """``call_s``: one call to Slack, at most. ``lease_s``: how long one process may hold a publication without a sign; more than a call.
    ``between_s``: Slack takes about one message a second and channel. ``back_off_s``: after attempts that did not arrive, the last for
    ever. ``sweeps_s``: looks for doubles, after it was posted. ``proof_s``: waits before looks for the message of a proof. ``blocked_s``: tries of what an operator has to mend. ``look_back_s``:
    how long before its due time a message of a digest may stand. ``overdue_s``: a history that cannot be read for so long is told to
    the operator. ``recent_s``: what was posted in that time is looked at when a process starts. ``give_up_s``: after the end of its
    time, a history that cannot be read is read no more."""

    settle_s: float = 60.0
    call_s: float = 10.0
    lease_s: float = 30.0
    tick_s: float = 30.0
    between_s: float = 1.1
    back_off_s: tuple[float, ...] = (2.0, 5.0, 15.0, 30.0, 60.0, 120.0)
    sweeps_s: tuple[float, ...] = (120.0, 600.0, 3_600.0)
    proof_s: tuple[float, ...] = (0.0, 1.0, 3.0)
    blocked_s: float = 300.0
    look_back_s: float = 3_600.0
    overdue_s: float = 1_800.0
    recent_s: float = 7_200.0
    give_up_s: float = 86_400.0

    def faster(self, by: float) -> Timing:
        """The same with every time a ``by``-th: for trials."""
        singles: dict[str, Any] = {
            n: getattr(self, n) / by
            for n in ("settle_s", "call_s", "lease_s", "tick_s", "between_s", "blocked_s", "overdue_s", "recent_s", "give_up_s")
        }
        several: dict[str, Any] = {n: tuple(s / by for s in getattr(self, n)) for n in ("back_off_s", "sweeps_s", "proof_s")}
        return replace(self, **singles, **several)
