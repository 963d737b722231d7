"""What a run of the monitor did: one number for each arrow from feeds to documents, and what went wrong, in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from digest.feeds.ports import Admitted, FeedRead
    from digest.model import SourceFailure

_COUNTS: Final = (
    "feeds", "asked", "unchanged", "failed", "entries", "new", "old", "waiting", "seen", "held", "full_text", "excerpts", "assessed",
    "kept", "below", "postponed", "submitted",
)  # fmt: skip


@dataclass(slots=True)
class Monitored:
    """The counts of one run.

    ``feeds`` are listed, ``asked`` were due; of these ``unchanged`` had nothing new and ``failed`` failed. ``entries`` were read, of
    which ``old`` were published too long ago, ``new`` are candidates from now on, ``waiting`` were before, ``seen`` had been assessed
    and ``held`` are articles already. ``full_text``: pages read because a feed had an excerpt only, ``excerpts``: those that could
    not be. ``assessed`` were judged; ``kept`` are documents now and ``below`` the threshold. ``postponed`` are tried again later;
    ``submitted`` are in a batch whose answers a later run finds.
    ``failures`` are of feeds, entries and files; ``documents`` were written.
    """

    feeds: int = 0
    asked: int = 0
    unchanged: int = 0
    failed: int = 0
    entries: int = 0
    new: int = 0
    old: int = 0
    waiting: int = 0
    seen: int = 0
    held: int = 0
    full_text: int = 0
    excerpts: int = 0
    assessed: int = 0
    kept: int = 0
    below: int = 0
    postponed: int = 0
    submitted: int = 0
    failures: list[SourceFailure] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)

    def count_feed(self, read: FeedRead, admitted: list[Admitted]) -> None:
        """Count what came of one feed, and what became of its entries."""
        self.asked += 1
        self.unchanged += read.unchanged
        self.failed += bool(read.state.error)
        self.old += read.old
        self.entries += read.old + len(admitted)
        for answer in admitted:
            setattr(self, answer, getattr(self, answer) + 1)
        self.failures += read.failures

    def counts(self) -> dict[str, int]:
        """The numbers by name."""
        return {name: getattr(self, name) for name in _COUNTS}

    def described(self) -> dict[str, Any]:
        """Everything, for ``--json``."""
        failures = [{"where": f.where, "reason": f.reason, "source": f.source} for f in self.failures]
        return {**self.counts(), "failures": failures, "documents": list(self.documents)}
