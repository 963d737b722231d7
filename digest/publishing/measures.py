"""What is counted of publishing, for Prometheus. Within a process; ``serve`` offers it at ``/metrics`` where that is set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client import Counter, Histogram

if TYPE_CHECKING:
    from digest.publishing.ports import AlertKind
    from digest.publishing.publication import State

_STATES: Final = Counter("ainews_publications", "Publications by the state that they came to.", ["state"])
_ALERTS: Final = Counter("ainews_alerts", "What an operator was told of.", ["kind"])
_DOUBLES: Final = Counter("ainews_doubles_removed", "Messages that stood twice and were taken away.")
_LATE: Final = Histogram(
    "ainews_digest_lateness_seconds", "From when a digest was due until it stood in its channel.",
    buckets=(1, 5, 15, 30, 60, 120, 300, 900, 3_600, 14_400, 43_200),
)  # fmt: skip


def counted(state: State) -> None:
    """A publication came to that state."""
    _STATES.labels(state).inc()


def alerted(kind: AlertKind) -> None:
    """An operator was told."""
    _ALERTS.labels(kind).inc()


def doubled(count: int) -> None:
    """So many were taken away."""
    _DOUBLES.inc(count)


def late(seconds: float) -> None:
    """A digest stands in its channel, so long after it was due."""
    _LATE.observe(max(0.0, seconds))
