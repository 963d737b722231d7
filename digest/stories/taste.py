"""What a channel wants more and less of, from its people's votes on articles: a bounded addend to a story's place. Pure.

A vote on an article counts for each of its *aspects*: the words of its topic, its publisher, its tags. What a channel gets of an
aspect follows from the votes on it:

    one person    v = the sum of that person's votes, +1 for more and -1 for less, each halved every 30 days; counted as v / (1 + |v|),
                  so the first vote is worth a half and no number of them a whole
    the channel   V = the sum over its people; the aspect's weight is V / (1 + |V|), between -1 and 1, and of one person alone
                  between -1/2 and 1/2

A story's taste is

    0.6 × the mean weight of the two words of its topic that weigh most, for or against
  + 0.5 × the weight of its publisher
  + 0.4 × the mean weight of the two of its tags that weigh most

of its leading article: never more than 1.5 points either way, and 0.75 by the votes of one person. One vote moves the story it was
cast on by half a point at most. So it orders what is about equally relevant, as coverage does, and a channel's rules (threshold,
topics, exclusions) hold whatever its taste. There is one vote for each person and article: another takes its place, 0 takes it back.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from digest.model import Part
from digest.stories.commonness import commonness
from digest.stories.publishers import publisher_key
from digest.stories.words import stemmed, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from digest.model import AssessedArticle, Story

HALF_LIFE_DAYS: Final = 30.0
#: Most points of each kind, and how many of a story's aspects of that kind count. Together 1.5, as much as coverage.
POINTS: Final = {"topic": 0.6, "publisher": 0.5, "tag": 0.4}
COUNTED: Final = {"topic": 2, "publisher": 1, "tag": 2}
#: What moves a story by less than this is not worth a word.
_WORTH_SAYING: Final = 0.05
_MOST_SAID: Final = 3
#: Where votes for and against have cancelled out, nothing is wanted.
_TELLING: Final = 0.01
#: Aspects of one article, and characters of a name that are kept.
_MOST_ASPECTS: Final = 24
_MOST_CHARS: Final = 60
#: "AI" is in every topic, and shorter words say less.
_SHORTEST: Final = 3

Kind = Literal["topic", "publisher", "tag"]
Direction = Literal[-1, 0, 1]


@dataclass(frozen=True, slots=True)
class Aspect:
    """Something of an article that one can want more or less of. ``key`` is what two of them have in common, ``name`` is for people,
    in a stranger's words."""

    kind: Kind
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Vote:
    """More (1) or less (-1) like an article, or neither (0, which takes a vote back). ``article_id`` may also name something else that
    is made of articles, as an answer is. ``aspects`` are kept with it, as the article may be gone before the vote is."""

    person: str
    article_id: str
    direction: Direction
    aspects: tuple[Aspect, ...]
    at: datetime


def aspects(*articles: AssessedArticle) -> tuple[Aspect, ...]:
    """What ``articles`` have that one can want more or less of: publisher, words of the topic, tags; each once, 24 at most."""
    found = {(a.kind, a.key): a for article in reversed(articles) for a in _aspects(article)}
    return tuple(sorted(found.values(), key=lambda a: _ORDER[a.kind]))[:_MOST_ASPECTS]


_ORDER: Final = {"publisher": 0, "topic": 1, "tag": 2}


def _aspects(told: AssessedArticle) -> Iterator[Aspect]:
    if publisher := publisher_key(told.article.publisher):
        yield Aspect("publisher", publisher[:_MOST_CHARS], told.article.publisher.strip()[:_MOST_CHARS])
    for word in words(told.assessment.topic):
        stem = stemmed(word.casefold())
        if len(stem) >= _SHORTEST and stem not in commonness().stop:
            yield Aspect("topic", stem[:_MOST_CHARS], word[:_MOST_CHARS])
    for tag in told.assessment.tags:
        if key := " ".join(words(tag.casefold())):
            yield Aspect("tag", key[:_MOST_CHARS], tag.strip()[:_MOST_CHARS])


@dataclass(frozen=True, slots=True)
class Taste:
    """What a channel wants more and less of. ``weights`` are -1 to 1 by kind and key, ``names`` the aspects for people. Made by
    ``taste``."""

    weights: Mapping[tuple[Kind, str], float]
    names: Mapping[tuple[Kind, str], Aspect]

    def strongest(self, limit: int = 10) -> tuple[tuple[Aspect, float], ...]:
        """The aspects that count most with the points that each can give a story at most, the strongest first."""
        points = [(self.names[k], w * POINTS[k[0]] / COUNTED[k[0]]) for k, w in self.weights.items()]
        telling = [p for p in points if abs(p[1]) >= _TELLING]
        return tuple(sorted(telling, key=lambda p: (-abs(p[1]), p[0].kind, p[0].key))[:limit])

    def part(self, story: Story) -> Part | None:
        """What it adds to the story's place, and why; None where nobody voted on anything like it."""
        counted = self._counted(aspects(story.lead))
        points = sum(p for _, p in counted)
        if abs(points) < _WORTH_SAYING and all(abs(p) < _WORTH_SAYING for _, p in counted):
            return None
        return Part("taste", points, _because(counted))

    def _counted(self, having: Iterable[Aspect]) -> list[tuple[Aspect, float]]:
        """Those of ``having`` that count, with their points."""
        by_kind: dict[Kind, list[tuple[Aspect, float]]] = defaultdict(list)
        for aspect in having:
            by_kind[aspect.kind].append((aspect, self.weights.get((aspect.kind, aspect.key), 0.0)))
        counted = []
        for kind, weighed in by_kind.items():
            most = sorted(weighed, key=lambda w: (-abs(w[1]), w[0].key))[: COUNTED[kind]]
            counted += [(a, POINTS[kind] * w / len(most)) for a, w in most if w]
        return counted


def taste(votes: Iterable[Vote], at: datetime) -> Taste:
    """What ``votes`` say at ``at`` (aware UTC). A vote cast later counts as one of that moment: what a channel wants now holds for
    whatever it is shown now."""
    newest: dict[tuple[str, str], Vote] = {}
    for vote in sorted(votes, key=lambda v: v.at):
        newest[vote.person, vote.article_id] = vote
    by_person: dict[tuple[Kind, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    names: dict[tuple[Kind, str], Aspect] = {}
    for vote in sorted(newest.values(), key=lambda v: (v.at, v.person, v.article_id)):
        fresh = 0.5 ** (max(0.0, (at - vote.at).total_seconds()) / 86_400 / HALF_LIFE_DAYS)
        for aspect in vote.aspects if vote.direction else ():
            by_person[aspect.kind, aspect.key][vote.person] += vote.direction * fresh
            names[aspect.kind, aspect.key] = aspect
    return Taste({k: _damped(sum(map(_damped, people.values()))) for k, people in by_person.items()}, names)


def _damped(value: float) -> float:
    return value / (1 + abs(value))


def _because(counted: Iterable[tuple[Aspect, float]]) -> str:
    """``the channel wants more of 'agents' (+0.60), less of MarTech (−0.30)``: a word that is topic and tag is said once."""
    said: dict[str, float] = defaultdict(float)
    for aspect, points in counted:
        said[aspect.name if aspect.kind == "publisher" else f"'{aspect.name.casefold()}'"] += points
    strongest = sorted(said.items(), key=lambda s: (-abs(s[1]), s[0]))
    told = [s for s in strongest if abs(s[1]) >= _WORTH_SAYING][:_MOST_SAID] or strongest[:1]
    more, less = ([f"{name} ({_signed(p)})" for name, p in told if p * sign > 0] for sign in (1, -1))
    both = [f"{word} of {', '.join(names)}" for word, names in (("more", more), ("less", less)) if names]
    return f"the channel wants {', '.join(both)}"


def _signed(points: float) -> str:
    return f"{points:+.2f}".replace("-", "−")
