"""Articles into stories: documents with one canonical URL, one text at several addresses, and what tells one event.

Which articles tell one event is given to it (``events``). Pure: a partition of what it is given, whatever the order it is given in.
The lead is chosen by these rules, the first that decides:

1. scored by its source before scored by an assessor, and within a point of the best score so found: what is shown is what was judged
   relevant;
2. an original before a copy of another's text, and the whole text before an excerpt;
3. the tier of its feed: who has the news first-hand, then who reports it, then who repeats it;
4. the higher score; the earlier date; the id.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from digest.model import Story
from digest.stories.publishers import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from digest.model import AssessedArticle
    from digest.ports import Held

#: Scores nearer to each other than this are one judgement: the monitors whose documents were read score in whole points.
_ABOUT_EQUAL: Final = 1.0
#: The tier of what no feed has ranked.
_USUAL_TIER: Final = 2


def stories(found: Iterable[Held], events: Iterable[Iterable[str]] = (), *, since: datetime | None = None) -> list[Story]:
    """One story for each text or event, ordered by when its lead is dated, then by id.

    ``events``: ids of articles that tell one event, each id at most once; ids that were not ``found`` are passed over. A story's id
    is that of the article that was collected first, so that it stays when others come. Documents under the lead's own canonical URL
    come first among ``also``, then others by these rules too. What is dated up to ``since`` (aware) is only ``earlier`` in a story, and
    none by itself. The same for any order of ``found``.
    """
    event_of = {article: number for number, event in enumerate(events) for article in event}
    texts: dict[str, list[Held]] = {}
    for each in _originals(found):
        texts.setdefault(text_of(each.lead.article), []).append(each)
    groups: dict[str | int, list[Held]] = {}
    for text, copies in sorted(texts.items()):
        told = next((event_of[i] for h in sorted(copies, key=_first_had) if (i := h.lead.article.id) in event_of), None)
        groups.setdefault(text if told is None else told, []).extend(copies)
    made = (_story(group, since) for group in groups.values())
    return sorted(filter(None, made), key=lambda s: (s.lead.article.dated, s.id))


def _originals(found: Iterable[Held]) -> list[Held]:
    """``found``, each naming the article that had its text first: the copy of a copy is one too."""
    held = list(found)
    copied = {h.lead.article.id: h.lead.article.same_text_as for h in held if h.lead.article.same_text_as}
    return [h if h.lead.article.same_text_as not in copied else _naming(h, copied) for h in held]


def _naming(held: Held, copied: Mapping[str, str]) -> Held:
    seen = {held.lead.article.id}
    first = held.lead.article.same_text_as
    while (before := copied.get(first)) and before not in seen:
        seen.add(first := before)
    article = replace(held.lead.article, same_text_as=first)
    return replace(held, lead=replace(held.lead, article=article))


def ranked(articles: Iterable[AssessedArticle]) -> list[AssessedArticle]:
    """``articles`` of one story, the one to lead it first."""
    told = list(articles)
    trusted = [a for a in told if _by_source(a)] or told
    best = max((a.assessment.score or 0.0 for a in trusted), default=0.0)
    lead_worthy = {a.article.id for a in trusted if (a.assessment.score or 0.0) >= best - _ABOUT_EQUAL}
    return sorted(told, key=lambda a: (a.article.id not in lead_worthy, *_rank(a)))


def _story(group: list[Held], since: datetime | None) -> Story | None:
    copies = {h.lead.article.id: h.copies for h in group}
    recent = [h.lead for h in group if since is None or h.lead.article.dated > since]
    if not recent:
        return None
    first, *others = ranked(recent)
    also = [*copies[first.article.id], *(a for other in others for a in (other, *copies[other.article.id]))]
    old = {h.lead.article.id for h in group} - {a.article.id for a in recent}
    earlier = sorted((h.lead for h in group if h.lead.article.id in old), key=_newest_first)
    return Story(min(group, key=_first_had).lead.article.id, first, tuple(also), tuple(earlier))


def _newest_first(told: AssessedArticle) -> tuple[float, str]:
    return -told.article.dated.timestamp(), told.article.id


def _first_had(held: Held) -> tuple[float, str]:
    return held.lead.article.collected.timestamp(), held.lead.article.id


def _by_source(assessed: AssessedArticle) -> bool:
    return assessed.assessment.score is not None and assessed.assessment.provenance.score == "source"


def _rank(assessed: AssessedArticle) -> tuple[bool, bool, bool, int, float, float, str]:
    article, score = assessed.article, assessed.assessment.score
    return (
        not _by_source(assessed),
        bool(article.same_text_as),
        bool(article.excerpt_only),
        article.tier or _USUAL_TIER,
        -(score if score is not None else -1.0),
        article.dated.timestamp(),
        article.id,
    )
