"""Puts together what a store keeps apart: the documents under one canonical URL, and what an assessor wrote."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from digest.model import AssessedArticle, Assessment, Incoming
from digest.ports import Held

if TYPE_CHECKING:
    from collections.abc import Sequence


def held(documents: Sequence[Incoming], judged: Assessment | None, same_text_as: str = "") -> Held:
    """``documents`` (the leading one first, at least one) as one Held.

    A field of the lead's assessment is what its own document gave, else what the first of the copies that has it gave, else
    what was ``judged``. A copy keeps just what it came with.
    """
    first, *others = documents
    assessment = first.assessment
    for other in others:
        assessment = assessment.filled_from(other.assessment)
    if judged is not None:
        assessment = assessment.filled_from(judged)
    article = replace(first.article, same_text_as=same_text_as) if same_text_as else first.article
    return Held(
        lead=AssessedArticle(article, assessment),
        copies=tuple(AssessedArticle(d.article, d.assessment) for d in others),
        origins=tuple(d.origin for d in documents),
    )
