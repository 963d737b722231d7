"""What is counted, for Prometheus: every name, its labels and what it means. Within one process, of what that process did.

What is *state* (what waits, what is late, what was spent today) is not counted here but read from the store when somebody asks:
``watching.gauges``. Labels are bounded: workspaces, tasks, purposes and models are few; channels, people and addresses are never one.
Counting takes two microseconds and never fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client import Counter, Histogram

from digest.context import workspace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.collected import Collected
    from digest.model import Assessment, Digest
    from digest.monitored import Monitored
    from digest.ports import Usage

#: Slack waits three seconds; 1.5 is where an operator is told.
_ACK_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3)
_ANSWER_BUCKETS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 90)
_RUN_BUCKETS: Final = (0.5, 1, 5, 15, 60, 300, 900, 3_600)
_TASK_BUCKETS: Final = (0.01, 0.05, 0.25, 1, 5, 15, 60, 300)
_LATE_BUCKETS: Final = (1, 5, 15, 30, 60, 120, 300, 900, 3_600, 14_400, 43_200)
_STATES: Final = ("blocked", "expired", "prepared", "sent", "skipped", "unknown")
_ALERT_KINDS: Final = ("blocked", "damaged", "doubled", "expired", "unproved", "unreadable")


def _counted(name: str, told: str, *labels: str) -> Counter:
    return Counter(f"ainews_{name}", told, ["workspace", *labels])


def _timed(name: str, told: str, buckets: Iterable[float], *labels: str) -> Histogram:
    return Histogram(f"ainews_{name}", told, labels, buckets=tuple(buckets))


RUNS: Final = _counted("runs", "Runs of collecting, of the monitor and of processing that ended.", "task", "outcome")
RUN_SECONDS: Final = _timed("run_seconds", "How long such a run took.", _RUN_BUCKETS, "workspace", "task")
TASKS: Final = _counted("tasks", "Attempts at tasks of the engine, by kind and by what became of them.", "task", "outcome")
TASK_SECONDS: Final = _timed("task_seconds", "How long such an attempt took.", _TASK_BUCKETS, "task")
FEEDS_ASKED: Final = _counted("feeds_asked", "Feeds that were asked.", "outcome")
FETCHED: Final = _counted("fetched", "Entries, documents, files and lines that were read; not what had not changed.", "task")
NEW: Final = _counted("new", "Of these, what was not known before.", "task")
DUPLICATES: Final = _counted("duplicates", "Articles that were held already, by canonical URL or by text.", "kind")
ASSESSED: Final = _counted("assessed", "Articles of which something was judged, by who did.", "by")
KEPT: Final = _counted("judged_entries", "Entries of feeds that the monitor kept, passed over or will try again.", "outcome")
FAILURES: Final = _counted("failures", "What could not be read, assessed or filed.", "stage")
STORIES: Final = _counted("stories", "Stories that were considered for digests of channels.")
CHOSEN: Final = _counted("chosen", "Of these, those that were chosen.")
PUBLISHED: Final = _counted("published", "Of these, those that stand in a channel.")
PUBLICATIONS: Final = _counted("publications", "Publications by the state that they came to.", "state")
ALERTS: Final = _counted("alerts", "What an operator was told of.", "kind")
DOUBLES: Final = _counted("doubles_removed", "Messages that stood twice and were taken away.")
LATENESS: Final = _timed(
    "digest_lateness_seconds", "From when a digest was due until it stood in its channel.", _LATE_BUCKETS, "workspace"
)
ACK_SECONDS: Final = _timed("ack_seconds", "From when a request of Slack's was read until it was acked.", _ACK_BUCKETS, "kind")
REPLIES: Final = _counted("replies", "What people asked for in Slack, by what became of it.", "outcome")
ANSWER_SECONDS: Final = _timed("answer_seconds", "How long an answer to a question took.", _ANSWER_BUCKETS, "workspace", "by")
ABSTENTIONS: Final = _counted("abstentions", "Questions that the articles do not answer, and were not answered.", "by")
MODEL_CALLS: Final = _counted("model_calls", "Calls of models that were paid for.", "purpose", "model")
TOKENS: Final = _counted("tokens", "Tokens that models read and wrote.", "purpose", "model", "kind")
DOLLARS: Final = _counted("dollars", "US dollars that models have cost, by the price list.", "purpose", "model")
REFUSED: Final = _counted("calls_refused", "Calls of models that a cap or a budget did not allow.", "purpose")

#: Everything above, for the page that lists it.
ALL: Final[tuple[Counter | Histogram, ...]] = (
    RUNS, RUN_SECONDS, TASKS, TASK_SECONDS, FEEDS_ASKED, FETCHED, NEW, DUPLICATES, ASSESSED, KEPT, FAILURES, STORIES, CHOSEN, PUBLISHED, PUBLICATIONS,
    ALERTS, DOUBLES, LATENESS, ACK_SECONDS, REPLIES, ANSWER_SECONDS, ABSTENTIONS, MODEL_CALLS, TOKENS, DOLLARS, REFUSED,
)  # fmt: skip


def begin(name: str) -> None:
    """Begin with zeros for the workspace of that name: an increase from nothing to one is none that an alert could see."""
    for state in _STATES:
        PUBLICATIONS.labels(name, state)
    for kind in _ALERT_KINDS:
        ALERTS.labels(name, kind)
    for outcome in ("answered", "failed", "refused", "store", "late"):
        REPLIES.labels(name, outcome)
    for purpose in ("answer", "assess", "assess-batch", "translate"):
        REFUSED.labels(name, purpose)
    for counter in (STORIES, CHOSEN, PUBLISHED, DOUBLES):
        counter.labels(name)


def ran(task: str, seconds: float, *, well: bool) -> None:
    """A run ended, ``well`` or not."""
    RUNS.labels(workspace(), task, "done" if well else "failed").inc()
    RUN_SECONDS.labels(workspace(), task).observe(seconds)


def attempted(task: str, outcome: str, seconds: float) -> None:
    """A task of that kind was attempted: ``done``, ``failed``, or ``late`` past its deadline."""
    TASKS.labels(workspace(), task, outcome).inc()
    TASK_SECONDS.labels(task).observe(seconds)


def collected(run: Collected) -> None:
    """A run of collecting came to its end."""
    name = workspace()
    FETCHED.labels(name, "collect").inc(run.seen - run.unchanged - run.deferred)
    NEW.labels(name, "collect").inc(run.new)
    DUPLICATES.labels(name, "url").inc(run.duplicate)
    DUPLICATES.labels(name, "text").inc(run.same_text)
    for failure in run.failures:
        FAILURES.labels(name, "assess" if failure.source == "assessment" else "collect").inc()


def monitored(run: Monitored) -> None:
    """A run of the monitor did. Articles that it found to be held count as duplicates."""
    name = workspace()
    for outcome, count in (
        ("read", run.asked - run.unchanged - run.failed),
        ("unchanged", run.unchanged),
        ("failed", run.failed),
    ):
        FEEDS_ASKED.labels(name, outcome).inc(max(0, count))
    FETCHED.labels(name, "monitor").inc(run.entries)
    NEW.labels(name, "monitor").inc(run.new)
    DUPLICATES.labels(name, "url").inc(run.held)
    for outcome in ("kept", "below", "postponed"):
        KEPT.labels(name, outcome).inc(getattr(run, outcome))
    FAILURES.labels(name, "monitor").inc(len(run.failures))


def processed(files: int, written: int, known: int, failed: int) -> None:
    """A run over an inbox did: of ``files``, ``written`` became documents and ``known`` had one."""
    name = workspace()
    FETCHED.labels(name, "process").inc(files)
    NEW.labels(name, "process").inc(written)
    DUPLICATES.labels(name, "url").inc(known)
    FAILURES.labels(name, "process").inc(failed)


def assessed(assessment: Assessment) -> None:
    """An assessor filled what was missing: counted for Claude where it wrote any of it."""
    by = assessment.provenance
    wrote = {getattr(by, n) for n in by.__slots__} & {"claude", "offline"}
    if wrote:
        ASSESSED.labels(workspace(), "claude" if "claude" in wrote else "offline").inc()


def prepared(digest: Digest) -> None:
    """A digest was made for a channel."""
    STORIES.labels(workspace()).inc(len(digest.chosen) + len(digest.left_out))
    CHOSEN.labels(workspace()).inc(len(digest.chosen))


def published(stories: int, late_s: float) -> None:
    """A digest of so many stories stands in its channel, ``late_s`` seconds after it was due."""
    PUBLISHED.labels(workspace()).inc(stories)
    LATENESS.labels(workspace()).observe(max(0.0, late_s))


def counted(state: str) -> None:
    """A publication came to that state."""
    PUBLICATIONS.labels(workspace(), state).inc()


def alerted(kind: str) -> None:
    """An operator was told."""
    ALERTS.labels(workspace(), kind).inc()


def doubled(count: int) -> None:
    """So many were taken away."""
    DOUBLES.labels(workspace()).inc(count)


def acked(kind: str, seconds: float) -> None:
    """A request of Slack's was acked. ``kind``: ``command``, ``event``, ``action``, ``view``, ``shortcut`` or ``other``."""
    ACK_SECONDS.labels(kind).observe(seconds)


def replied(outcome: str) -> None:
    """Somebody asked for something: ``answered``; ``refused``, in words; ``store`` away; ``late``; ``failed`` by a defect."""
    REPLIES.labels(workspace(), outcome).inc()


def answered(by: str, seconds: float, *, abstained: bool) -> None:
    """A question was answered by ``claude``, ``offline``, or by what was ``kept`` of an earlier answer."""
    ANSWER_SECONDS.labels(workspace(), by).observe(seconds)
    if abstained:
        ABSTENTIONS.labels(workspace(), by).inc()


def spent(usage: Usage, purpose: str, model: str) -> None:
    """A call of a model was paid for. What is taken back of what was counted beforehand lowers nothing here."""
    name = workspace()
    MODEL_CALLS.labels(name, purpose, model).inc(usage.calls)
    DOLLARS.labels(name, purpose, model).inc(max(0.0, usage.dollars))
    for kind in ("input", "output", "cache_write", "cache_read"):
        TOKENS.labels(name, purpose, model, kind).inc(getattr(usage, f"{kind}_tokens"))


def refused(purpose: str) -> None:
    """A cap or a budget left no room for a call."""
    REFUSED.labels(workspace(), purpose).inc()
