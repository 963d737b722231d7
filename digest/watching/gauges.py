"""What is told to Prometheus of how things *are*: read from the store when somebody asks, so that every process says the same.

The store is asked within ``WITHIN_S``, and what it said is told again for ``KEPT_S``. Where it does not answer ``ainews_store_up`` is 0, and
nothing else is told: an old figure would look like a new one.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

import structlog
from prometheus_client.core import GaugeMetricFamily

from digest.errors import AinewsError
from digest.watching.status import Status, status_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from digest.factory import Parts
    from digest.tasks import Engine
    from digest.watching.publishing import PublishingStatus

#: Prometheus gives up after ten seconds.
WITHIN_S: Final = 3.0
#: Less than the interval of a scrape in most places, which is fifteen seconds or more.
KEPT_S: Final = 10.0
_OPEN_STATES: Final = ("prepared", "sending", "unknown", "blocked", "sent")
_HEALTHS: Final = ("ok", "failing", "moved", "new")

#: Every gauge: its name, what it means, and its labels beside ``workspace``.
GAUGES: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("store_up", "Whether the store answered, 1 or 0.", ()),
    ("status_read_seconds", "How long reading what follows took.", ()),
    ("build_info", "1, of the version that runs.", ("version",)),
    ("articles", "Articles held.", ()),
    ("newest_article_timestamp_seconds", "The date of the newest of them.", ()),
    ("feeds", "Listed feeds by how they are: ok, failing, moved, or new (never asked).", ("health",)),
    ("feeds_succeeded_timestamp_seconds", "When a feed last answered usefully.", ()),
    ("waiting", "Tasks that wait: entries to assess, articles to complete, deliveries of Slack to finish; and the engine's, by kind.", ("kind",)),
    ("oldest_waiting_seconds", "How long the one that was due first has been due.", ("kind",)),
    ("last_run_timestamp_seconds", "When the last run of each task ended.", ("task",)),
    ("last_run_failed", "Whether it failed, 1 or 0.", ("task",)),
    ("subscriptions", "Channels that subscribed.", ()),
    ("publications_open", "Publications that are not closed, by state; sent ones are looked at for an hour.", ("state",)),
    ("digests_late", "Digests that are due and do not stand in their channel, among them the missing.", ()),
    ("digests_missing", "Digests that are due and that nobody has prepared.", ()),
    ("digest_late_seconds", "How long the latest of the late ones has been due; 0 where none is late.", ()),
    ("next_digest_timestamp_seconds", "When the next digest of any channel is due.", ()),
    ("questions_today", "Questions of this UTC day, by who answered.", ("by",)),
    ("abstentions_today", "Of these, those that the articles do not answer.", ()),
    ("spent_today_dollars", "US dollars that models cost this UTC day.", ("purpose", "model")),
    ("spent_month_dollars", "The same of this month.", ()),
    ("spending_cap_dollars", "The most that a day may cost.", ()),
    ("spending_forecast_dollars", "What is forecast for the end of the day, and of the month.", ("period",)),
)  # fmt: skip

_log = structlog.get_logger(__name__)


class Gauges:
    """Of one installation. ``now`` gives the present, aware UTC; ``engine`` the engine of tasks that this process has, if any."""

    def __init__(
        self,
        parts: Parts,
        now: Callable[[], datetime],
        *,
        within_s: float = WITHIN_S,
        kept_s: float = KEPT_S,
        engine: Callable[[], Engine | None] = lambda: None,
    ) -> None:
        self._parts = parts
        self._now = now
        self._within_s = within_s
        self._kept_s = kept_s
        self._engine = engine
        self._read: tuple[float, list[GaugeMetricFamily]] = (float("-inf"), [])
        self._turn = asyncio.Lock()

    async def current(self) -> list[GaugeMetricFamily]:
        """As of now, or of up to ``kept_s`` seconds ago. Of several who ask at once one asks the store. Raises nothing."""
        async with self._turn:
            at, families = self._read
            if time.monotonic() - at >= self._kept_s:
                families = await self._asked()
                self._read = time.monotonic(), families
            return families

    async def _asked(self) -> list[GaugeMetricFamily]:
        began = time.monotonic()
        name = self._parts.settings.workspace
        try:
            async with asyncio.timeout(self._within_s):
                status = await status_of(self._parts, self._now(), engine=self._engine())
        except (AinewsError, TimeoutError) as error:
            _log.warning("gauges_not_read", reason=str(error) or "the store did not answer in time")
            return _families({"store_up": [((name,), 0.0)]})
        except Exception:  # noqa: BLE001 a defect here must not take the counters away with it
            _log.exception("gauges_not_read")
            return []
        values = dict(_values(status))
        return _families({**values, "store_up": [((name,), 1.0)], "status_read_seconds": [((name,), time.monotonic() - began)]})


_Values = list[tuple[tuple[str, ...], float]]


def _families(values: dict[str, _Values]) -> list[GaugeMetricFamily]:
    made = []
    for name, told, labels in GAUGES:
        if name in values:
            family = GaugeMetricFamily(f"ainews_{name}", told, labels=["workspace", *labels])
            for labelled, value in values[name]:
                family.add_metric(labelled, value)
            made.append(family)
    return made


def _values(status: Status) -> Iterator[tuple[str, _Values]]:
    s, name = status, status.workspace
    yield "build_info", [((name, s.version), 1.0)]
    yield "articles", [((name,), s.articles)]
    if s.newest:
        yield "newest_article_timestamp_seconds", [((name,), s.newest.timestamp())]
    yield "feeds", [((name, word), s.feeds.by_health.get(word, 0)) for word in _HEALTHS]
    if s.feeds.succeeded:
        yield "feeds_succeeded_timestamp_seconds", [((name,), s.feeds.succeeded.timestamp())]
    yield "waiting", [((name, w.kind), w.count) for w in s.waiting]
    yield "oldest_waiting_seconds", [((name, w.kind), _since(w.due, s.at)) for w in s.waiting]
    yield "last_run_timestamp_seconds", [((name, r.task), r.at.timestamp()) for r in s.runs]
    yield "last_run_failed", [((name, r.task), float(bool(r.error))) for r in s.runs]
    yield from _published(s.publishing, s.at)
    yield "questions_today", [((name, by), count) for by, count in s.answers.items() if by != "abstained"]
    yield "abstentions_today", [((name,), s.answers.get("abstained", 0))]
    yield "spent_today_dollars", [((name, *_purpose(n)), u.dollars) for n, u in s.spent.today.items()]
    yield "spent_month_dollars", [((name,), s.spent.month)]
    if s.spent.cap is not None:
        yield "spending_cap_dollars", [((name,), s.spent.cap)]
    forecast = s.spent.forecast
    yield "spending_forecast_dollars", [((name, "day"), forecast.day), ((name, "month"), forecast.month)]


def _published(teams: Sequence[PublishingStatus], now: datetime) -> Iterator[tuple[str, _Values]]:
    yield "subscriptions", [((t.workspace,), t.channels) for t in teams]
    yield "publications_open", [((t.workspace, state), t.open.get(state, 0)) for t in teams for state in _OPEN_STATES]
    yield "digests_late", [((t.workspace,), len(t.late)) for t in teams]
    yield "digests_missing", [((t.workspace,), sum(late.state == "missing" for late in t.late)) for t in teams]
    yield "digest_late_seconds", [((t.workspace,), _since(t.late[0].due if t.late else None, now)) for t in teams]
    yield "next_digest_timestamp_seconds", [((t.workspace,), t.next[0].due.timestamp()) for t in teams if t.next]


def _purpose(name: str) -> tuple[str, str]:
    """``assess/claude-haiku`` apart."""
    purpose, _, model = name.partition("/")
    return purpose, model


def _since(then: datetime | None, now: datetime) -> float:
    return max(0.0, (now - then).total_seconds()) if then else 0.0
