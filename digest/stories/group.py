"""Articles into stories. For now copies only: documents with one canonical URL, and one text at several addresses.

Pure: a partition of what it is given, whatever the order it is given in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.model import AssessedArticle, Story

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.ports import Held


def stories(found: Iterable[Held]) -> list[Story]:
    """One story for each text, ordered by when its lead is dated, then by id.

    The lead is the one scored by its source before any other, then the highest score, then the earliest, then by id: the same
    for any order of ``found``. Copies under the lead's own canonical URL come first among ``also``.
    """
    groups: dict[str, list[Held]] = {}
    for each in found:
        groups.setdefault(each.lead.article.same_text_as or each.lead.article.id, []).append(each)
    made = [_story(group) for group in groups.values()]
    return sorted(made, key=lambda s: (s.lead.article.dated, s.id))


def _story(group: list[Held]) -> Story:
    first, *others = sorted(group, key=lambda h: _rank(h.lead))
    also = [*first.copies, *(a for h in others for a in (h.lead, *h.copies))]
    return Story(first.lead, tuple(also))


def _rank(assessed: AssessedArticle) -> tuple[bool, float, float, str]:
    score, by = assessed.assessment.score, assessed.assessment.provenance.score
    return (by != "source", -(score if score is not None else -1.0), assessed.article.dated.timestamp(), assessed.article.id)
