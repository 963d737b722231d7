"""Articles as tellings of events: which of their texts is compared, by which date, and what is nearest to one.

It joins what the store holds to ``events``, which knows of no articles. Pure but for a memory of what was reckoned last.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from digest.stories.event_terms import MAX_LEAD_CHARS, event_vector
from digest.stories.event_vector import cosine
from digest.stories.events import clusters
from digest.stories.told import Told

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.model import Article, AssessedArticle, Story
    from digest.ports import Held
    from digest.stories.event_vector import EventVector
    from digest.stories.meaning import Meaning

#: Least cosine of articles that have to do with each other: below a sixth of what makes one event, they share words of the field only.
RELATED: Final = 0.08
MOST_RELATED: Final = 5


def told(article: Article, meaning: Meaning | None = None) -> Told:
    """What ``events`` compares of an article: its headline and its first words, by the day it is news of."""
    return Told(article.id, _vector(article.headline, article.body[:MAX_LEAD_CHARS], meaning), article.dated)


def events(found: Sequence[Held], meaning: Meaning | None = None) -> tuple[tuple[str, ...], ...]:
    """Which of some articles tell one event: their ids in groups, each article in one. The same for any order of ``found``."""
    return clusters(told(h.lead.article, meaning) for h in found)


def related(article: Article, others: Iterable[Article], count: int = 5) -> list[tuple[Article, float]]:
    """Those of ``others`` that are about the same things, the nearest first, each with its cosine, 0 to 1."""
    own = told(article).vector
    near = [(o, cosine(own, told(o).vector)) for o in others if o.id != article.id]
    return sorted((n for n in near if n[1] >= RELATED), key=lambda n: (-n[1], n[0].id))[:count]


def nearest(
    lead: AssessedArticle, found: Sequence[Held], story: Story, count: int = MOST_RELATED, meaning: Meaning | None = None
) -> tuple[AssessedArticle, ...]:
    """One article of each of the stories among ``found`` that are nearest to ``lead``, which is in ``story``; the nearest first."""
    own = {a.article.id for a in (*story.articles, *story.earlier)}
    others = {h.lead.article.id: h.lead for h in found if h.lead.article.id not in own}
    kept: list[AssessedArticle] = []
    told: set[str] = set()
    alike = related(lead.article, (o.article for o in others.values()), len(others))
    event_of = _event_of([h for h in found if h.lead.article.id in {a.id for a, _ in alike}], meaning)
    for article, _ in alike:
        if event_of[article.id] not in told:
            told.add(event_of[article.id])
            kept.append(others[article.id])
    return tuple(kept[:count])


def _event_of(found: Sequence[Held], meaning: Meaning | None) -> dict[str, str]:
    return {article: event[0] for event in events(found, meaning) for article in event}


@lru_cache(maxsize=20_000)
def _vector(headline: str, lead: str, meaning: Meaning | None = None) -> EventVector:
    return event_vector(headline, lead, meaning=meaning)
