"""Memory across days: what a channel was shown stays out of its digest, until there is something new to tell. Pure.

A story was shown where an earlier edition had one of its articles. It comes again, as an update, where what was told since has

- facts (amounts, dates, names, acts) that were in none of the texts then: a fact counts 2 in a headline, 1 in the first sentences of
  an article, and 1 more where another publisher tells it too. A fact that counts 2 is enough; a detail told in passing by one
  outlet is not;
- or at least three more independent publishers than then: what everybody takes up matters more than it seemed.

Whatever else is told of it is the same news again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from digest.model import EditionStory, Story, Update
from digest.stories.facts import Fact, facts, name_words, new_facts, sentences, words
from digest.stories.group import ranked
from digest.stories.publishers import by_publisher, independent, publisher_key, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from digest.model import AssessedArticle, Digest, Edition

IN_HEADLINE: Final = 2
IN_LEAD: Final = 1
ENOUGH: Final = 2
#: Independent publishers beyond those of the last edition that make a story news again.
MORE_PUBLISHERS: Final = 3
#: Editions of a channel that are looked back on; of a daily digest, two weeks.
EDITIONS: Final = 14
#: Sentences of an article, after its headline, that tell what is new in it: news is written so that it can be cut from the end.
_LEAD_SENTENCES: Final = 3
_LONGEST_LINE: Final = 240
#: Facts of a story that an edition keeps: what its articles' first paragraphs tell, and no more than a few kilobytes.
_FACTS_KEPT: Final = 150
_KEPT_CHARS: Final = 6_000


@dataclass(frozen=True, slots=True)
class Shown:
    """A story as earlier editions had it: the newest of these, and everything that was in any of them."""

    newest: Edition
    articles: frozenset[str]
    publishers: int
    facts: tuple[Fact, ...]


class Memory:
    """What ``editions`` of one channel showed before ``day``; those of that day and later count for nothing."""

    def __init__(self, editions: Iterable[Edition], day: date) -> None:
        earlier = sorted((e for e in editions if e.day < day), key=lambda e: e.day, reverse=True)
        self._shown: dict[str, list[tuple[Edition, EditionStory]]] = defaultdict(list)
        for edition in earlier:
            for story in edition.stories:
                for article in {story.id, *story.articles}:
                    self._shown[article].append((edition, story))

    def shown(self, story: Story) -> Shown | None:
        """How ``story`` was shown; None where none of its articles was."""
        found = {(e.day, s.id): (e, s) for a in (*story.articles, *story.earlier) for e, s in self._shown.get(a.article.id, ())}
        if not found:
            return None
        told = [found[key] for key in sorted(found, reverse=True)]
        return Shown(
            told[0][0],
            frozenset(a for _, s in told for a in (s.id, *s.articles)),
            max(s.publishers for _, s in told),
            tuple(dict.fromkeys(_loaded(f) for _, s in told for f in s.facts)),
        )


def update(story: Story, shown: Shown) -> tuple[Story, Update] | None:
    """``story`` as an update to what was ``shown``: led by an article that brings the news, and what that is. None: nothing is new."""
    before = [a for a in (*story.articles, *story.earlier) if a.article.id in shown.articles]
    texts = {text_of(a.article) for a in before}
    since = [a for a in story.articles if a.article.id not in shown.articles and text_of(a.article) not in texts]
    news = _news(since, before, shown)
    if any(f.points >= ENOUGH for f in news.values()):
        lead = _bearer(since, news)
        said = tuple(f.fact.words for f in sorted(news.values(), key=lambda f: (-f.points, f.fact.kind, f.fact.key)))
        return _led_by(lead, story, since), Update(shown.newest.day, shown.newest.where, _line(lead, news), said)
    if len(independent(story)) >= shown.publishers + MORE_PUBLISHERS:
        names = {publisher_key(a.article.publisher) for a in before}
        more = [a.article.publisher for a in by_publisher(story) if publisher_key(a.article.publisher) not in names]
        return story, Update(shown.newest.day, shown.newest.where, f"Now told by {_listed(more)} too.")
    return None


def _bearer(since: Sequence[AssessedArticle], news: Mapping[tuple[str, str], _New]) -> AssessedArticle:
    """Who tells most of the news, the one that would lead the story first."""
    points = {a.article.id: sum(f.points for f in news.values() if a.article.id in f.told_by) for a in since}
    return next(a for a in ranked(since) if points[a.article.id] == max(points.values()))


def _led_by(lead: AssessedArticle, story: Story, since: Sequence[AssessedArticle]) -> Story:
    """``story`` with that lead, then what else was told ``since``, then what was shown."""
    others = [a for a in ranked(since) if a is not lead]
    rest = [a for a in story.articles if a is not lead and a not in others]
    return Story(story.id, lead, (*others, *rest), story.earlier)


def edition_stories(digest: Digest) -> tuple[EditionStory, ...]:
    """What an edition of ``digest`` remembers of its stories."""
    return tuple(edition_story(c.story) for c in digest.chosen)


def edition_story(story: Story) -> EditionStory:
    """What an edition remembers of a story."""
    return EditionStory(
        story.id,
        story.lead.article.title,
        tuple(dict.fromkeys(a.article.id for a in (*story.articles, *story.earlier))),
        len(independent(story)),
        tuple(f"{f.kind}|{f.key}" for f in _told((*story.articles, *story.earlier))[:_FACTS_KEPT]),
    )


@dataclass(slots=True)
class _New:
    """A new fact: the most points it had in one article, and the articles and publishers that tell it."""

    fact: Fact
    most: int
    told_by: set[str]
    publishers: set[str]

    @property
    def points(self) -> int:
        return self.most + (len(self.publishers) > 1)


def _news(since: Sequence[AssessedArticle], before: Sequence[AssessedArticle], shown: Shown) -> dict[tuple[str, str], _New]:
    known_text = "\n".join(map(_whole, before))
    known = (*shown.facts, *facts(known_text))
    known_words = words(known_text) | {w for f in shown.facts if f.kind == "name" for w in f.key.split()}
    names = name_words(known_text) | frozenset().union(*(name_words(_whole(a)) for a in since))
    found: dict[tuple[str, str], _New] = {}
    for told in since:
        own = words(f"{told.article.publisher} {told.article.author}")
        for text, points in _said(told):
            for fact in new_facts(facts(text, known_names=names), known, known_words | own):
                new = found.setdefault((fact.kind, fact.key), _New(fact, points, set(), set()))
                new.most = max(new.most, points)
                new.told_by.add(told.article.id)
                new.publishers.add(publisher_key(told.article.publisher))
    return found


def _said(told: AssessedArticle) -> list[tuple[str, int]]:
    """The headline and the first sentences of an article, each with what a fact in it counts."""
    article = told.article
    lead = sentences(article.body)[:_LEAD_SENTENCES]
    return [(t, IN_HEADLINE) for t in dict.fromkeys((article.headline, article.title)) if t] + [(s, IN_LEAD) for s in lead]


def _line(lead: AssessedArticle, news: Mapping[tuple[str, str], _New]) -> str:
    """The sentence of ``lead`` that tells most of the news, the headline last among equals, as readers see that anyway."""
    said = _said(lead)
    counted = [
        (sum(1 for f in news.values() if f.fact.words.lower() in text.lower()), points == IN_LEAD, -n, text)
        for n, (text, points) in enumerate(said)
    ]
    text = " ".join(max(counted)[3].split())
    return text if len(text) <= _LONGEST_LINE else text[:_LONGEST_LINE].rpartition(" ")[0] + "…"


def _told(articles: Iterable[AssessedArticle]) -> list[Fact]:
    text = "\n".join(_whole(a)[:_KEPT_CHARS] for a in articles)
    return list(facts(text))


def _whole(told: AssessedArticle) -> str:
    """Everything a reader of the digest, or of the article, was told."""
    a, judged = told.article, told.assessment
    return "\n".join((a.headline, a.title, *judged.summary, *judged.key_insights, a.body))


def _loaded(text: str) -> Fact:
    kind, _, key = text.partition("|")
    return Fact(kind, key, key)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
