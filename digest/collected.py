"""What a run of collecting did: one number for each arrow of the flow, and what went wrong, in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from digest.prepared import Prepared

if TYPE_CHECKING:
    from digest.model import Incoming, SourceFailure
    from digest.ports import Stored


@dataclass(slots=True)
class Collected:
    """The counts of one run.

    ``new``, ``updated``, ``duplicate`` and ``unchanged`` are what became of what was read; ``duplicate`` is an article whose
    canonical URL was already held, whichever document it came from. ``unscored``: how many of those that were stored came
    without a valid score. ``same_text``: how many of the new have the text of an article at another address. ``assessed``: how
    many an assessor completed. ``gone``: how many things read before are no longer there. ``failures`` could not be read;
    ``waiting`` are still being written and are read next time; ``notes`` say what of an article was not understood.
    """

    new: int = 0
    updated: int = 0
    duplicate: int = 0
    unchanged: int = 0
    unscored: int = 0
    same_text: int = 0
    assessed: int = 0
    gone: int = 0
    failures: list[SourceFailure] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """How many could not be read."""
        return len(self.failures)

    @property
    def deferred(self) -> int:
        """How many are still being written."""
        return len(self.waiting)

    @property
    def seen(self) -> int:
        """Everything that was looked at."""
        return self.new + self.updated + self.duplicate + self.unchanged + self.failed + self.deferred

    def count(self, found: Incoming | Prepared, stored: Stored) -> None:
        """Count what became of one document."""
        match stored.outcome:
            case "new":
                self.new += 1
            case "updated":
                self.updated += 1
            case "duplicate":
                self.duplicate += 1
            case "unchanged":
                self.unchanged += 1
        if stored.outcome == "unchanged":
            return
        if isinstance(found, Prepared):
            unscored, key, notes = found.unscored, found.key, found.notes
        else:
            unscored, key, notes = found.assessment.score is None, found.origin.key, found.article.notes
        self.unscored += unscored
        self.same_text += stored.outcome == "new" and bool(stored.same_text_as)
        self.notes += [(key, note) for note in notes]

    def counts(self) -> dict[str, int]:
        """The numbers by name."""
        names = (
            "seen",
            "new",
            "updated",
            "duplicate",
            "unchanged",
            "failed",
            "deferred",
            "unscored",
            "same_text",
            "assessed",
            "gone",
        )
        return {name: getattr(self, name) for name in names}

    def described(self) -> dict[str, Any]:
        """Everything, for ``--json``."""
        return {
            **self.counts(),
            "failures": [{"file": f.where, "reason": f.reason, "source": f.source} for f in self.failures],
            "waiting": list(self.waiting),
            "notes": [{"file": where, "note": note} for where, note in self.notes],
        }
