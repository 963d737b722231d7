"""Which topics and publishers there are among stories, and which of them somebody may have meant. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from digest.stories.publishers import publisher_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from digest.model import AssessedArticle, Story

#: Least likeness of a name to what was typed, as difflib reckons it: its own default, which one slip in a short word passes.
_NEAR: Final = 0.6
SUGGESTED: Final = 3
#: Names that are compared with what was typed, those of most stories first: 25 ms. Nobody means a tag of one article.
_COMPARED: Final = 1_000
_COMPARED_CHARS: Final = 60
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Tally:
    """A topic or a publisher, as it is written most often, with its stories and articles, and when the newest story is dated."""

    name: str
    stories: int
    articles: int
    newest: datetime


@dataclass(slots=True)
class _Counted:
    names: Counter[str] = field(default_factory=Counter)
    stories: int = 0
    articles: int = 0
    newest: datetime = _NEVER


def topics(stories: Sequence[Story]) -> tuple[Tally, ...]:
    """What stories are about, most stories first: their topics and tags, merged where they are the same words."""
    return _tallied(stories, lambda told: (told.assessment.topic, *told.assessment.tags), words_of)


def sources(stories: Sequence[Story]) -> tuple[Tally, ...]:
    """Who tells them, most stories first."""
    return _tallied(stories, lambda told: (told.article.publisher,), publisher_key)


def words_of(name: str) -> str:
    """The words of a name alone: ``AI-Agents`` and ``ai agents`` are one topic."""
    return " ".join(_WORD.findall(name.casefold()))


def nearest(said: str, found: Iterable[Tally]) -> tuple[str, ...]:
    """The names most like what was said, the most alike first, then those that share a word with it."""
    by_words: dict[str, str] = {}
    for _, tally in zip(range(_COMPARED), found, strict=False):
        by_words.setdefault(words_of(tally.name), tally.name)
    wanted = words_of(said[:_COMPARED_CHARS])
    near = get_close_matches(wanted, by_words, SUGGESTED, _NEAR) if wanted else []
    shared = set(wanted.split())
    near += [w for w in by_words if w not in near and shared & set(w.split())]
    return tuple(by_words[w] for w in near[:SUGGESTED])


def _tallied(
    stories: Sequence[Story], names: Callable[[AssessedArticle], Iterable[str]], key: Callable[[str], str]
) -> tuple[Tally, ...]:
    counted: defaultdict[str, _Counted] = defaultdict(_Counted)
    for story in stories:
        in_story: Counter[str] = Counter()
        for told in story.articles:
            keyed = {k: name.strip() for name in names(told) if (k := key(name))}
            for k, name in keyed.items():
                counted[k].names[name] += 1
            in_story.update(keyed.keys())
        for k, articles in in_story.items():
            one = counted[k]
            one.stories, one.articles = one.stories + 1, one.articles + articles
            one.newest = max(one.newest, story.lead.article.dated)
    tallies = [Tally(max(c.names, key=lambda n: (c.names[n], n)), c.stories, c.articles, c.newest) for c in counted.values()]
    return tuple(sorted(tallies, key=lambda t: (-t.stories, -t.newest.timestamp(), t.name)))
