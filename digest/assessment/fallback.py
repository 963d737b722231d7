"""Claude where it can, the offline assessor where it cannot: no article is lost by a model's failure.

What is decided here is only who fills which field and what the note tells people; why a call failed is said by the
error.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import structlog

from digest.errors import AinewsError, AssessmentError

if TYPE_CHECKING:
    from digest.model import Article, Assessment
    from digest.ports import Assessor

log = structlog.get_logger(__name__)


@runtime_checkable
class Closes(Protocol):
    """An assessor that holds connections."""

    async def close(self) -> None:
        """Close them."""


@dataclass(slots=True)
class FallbackAssessor:
    """Implements ``ports.Assessor`` and fills every field that ``offline`` can fill, whatever ``primary`` does.

    ``failures`` counts the articles that ``primary`` failed, by the kind of failure, since this was made. Failures of the kinds in
    ``raised`` are raised instead, for whoever can try again later.
    """

    primary: Assessor
    offline: Assessor
    raised: frozenset[str] = frozenset()
    failures: Counter[str] = field(default_factory=Counter)

    async def assess(self, article: Article, known: Assessment) -> Assessment:
        """``known``, then what ``primary`` wrote, then what ``offline`` writes; the note says where it was not
        ``primary``. Raises AssessmentError only of the kinds in ``raised``.
        """
        if not known.missing:
            return known
        try:
            judged = await self.primary.assess(article, known)
        except AssessmentError as error:
            self.failures[error.kind] += 1
            if error.kind in self.raised:
                raise
            log.info("assessment.fell_back", article=article.id, kind=error.kind, reason=str(error))
            return await self._offline(article, known, str(error))
        except AinewsError as error:
            self.failures["unexpected"] += 1
            log.warning("assessment.fell_back", article=article.id, kind="unexpected", reason=str(error))
            return await self._offline(article, known, str(error))
        except Exception as error:  # a defect in one assessor must not cost the article
            self.failures["unexpected"] += 1
            log.exception("assessment.failed_unexpectedly", article=article.id, error=type(error).__name__)
            return await self._offline(article, known, "Claude's assessor failed")
        if not judged.missing:
            return judged
        missing = judged.missing
        self.failures["partial"] += 1
        log.info("assessment.completed_offline", article=article.id, fields=",".join(missing), reason=judged.note)
        return await self._offline(article, judged, judged.note or "Claude left something out", only=missing)

    async def close(self) -> None:
        """Close what ``primary`` holds open, if it holds anything."""
        if isinstance(self.primary, Closes):
            await self.primary.close()

    async def _offline(self, article: Article, known: Assessment, cause: str, only: tuple[str, ...] = ()) -> Assessment:
        written = await self.offline.assess(article, replace(known, note=""))
        what = f"{_listed(only)} assessed offline" if only else "assessed offline"
        sentence = f"{cause.rstrip('.')}; {what}."
        before = known.note if known.note and known.note not in cause else ""
        return replace(written, note=" ".join(n for n in (before, sentence, written.note) if n))


def _listed(names: tuple[str, ...]) -> str:
    words = [n.replace("_", " ") for n in names]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
