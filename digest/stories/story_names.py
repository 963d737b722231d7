"""Identifiers of stories through growth, joins and splits, and what became of each.

A story keeps its identifier when it grows. When stories join, the one with more articles keeps its own; when one splits, its
largest part does; on a tie, the one with the earliest article. A new story is named after its earliest article.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    Articles = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of stories, each by its identifier.

    ``formed``: new ones, with no article of an earlier story. ``changed``: kept, with articles more or fewer. ``joined``: one
    that is no more, and the one that has most of its articles. ``split``: a new one, and the one most of it comes from.
    ``gone``: ones of which no article is left.
    """

    formed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    joined: tuple[tuple[str, str], ...] = ()
    split: tuple[tuple[str, str], ...] = ()
    gone: tuple[str, ...] = ()


def names(parts: Sequence[Articles], old: Mapping[str, Articles], taken: Container[str]) -> dict[str, Articles]:
    """Each of ``parts`` by its identifier. ``old`` are the stories whose articles were parted anew, ``taken`` other names.

    Each part has its articles by time, the earliest first.
    """
    made: dict[str, Articles] = {}
    named: set[Articles] = set()
    story_of = {a: story for story, articles in old.items() for a in articles}
    for part, story in _by_likeness(parts, old, story_of):
        if story not in made and part not in named:
            made[story] = part
            named.add(part)
    for part in parts:
        if part not in named:
            made[next(n for n in _candidates(part) if n not in made and n not in taken and n not in old)] = part
    return made


def _by_likeness(
    parts: Iterable[Articles], old: Mapping[str, Articles], story_of: Mapping[str, str]
) -> list[tuple[Articles, str]]:
    """Parts with the stories they share articles with: the most shared first, then the least else, then the earliest."""
    ranked = []
    for part in parts:
        for story, shared in _counts(part, story_of).items():
            first = next(a for a in old[story] if a in part)
            rank = (-shared, len(part) + len(old[story]), old[story].index(first), part.index(first))
            ranked.append((rank, part, story))
    return [(part, story) for _, part, story in sorted(ranked)]


def change(new: Mapping[str, Articles], old: Mapping[str, Articles]) -> Change:
    """What became of ``old``, which are parted anew into ``new``."""
    was = {a: story for story, articles in old.items() for a in articles}
    now = {a: story for story, articles in new.items() for a in articles}
    came = {story: _most(_counts(part, was)) for story, part in new.items() if story not in old}
    went = {story: _most(_counts(part, now)) for story, part in old.items() if story not in new}
    return Change(
        formed=tuple(sorted(s for s, origin in came.items() if not origin)),
        changed=tuple(sorted(s for s, part in new.items() if s in old and part != old[s])),
        joined=tuple(sorted((s, into) for s, into in went.items() if into)),
        split=tuple(sorted((s, origin) for s, origin in came.items() if origin)),
        gone=tuple(sorted(s for s, into in went.items() if not into)),
    )


def _counts(part: Articles, story_of: Mapping[str, str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for article in part:
        if article in story_of:
            counts[story_of[article]] = counts.get(story_of[article], 0) + 1
    return counts


def _most(counts: Mapping[str, int]) -> str:
    return min(counts, key=lambda s: (-counts[s], s), default="")


def _candidates(part: Articles) -> Iterator[str]:
    """Names for a new story: after its earliest article, and so on where one is taken."""
    yield from part
    number = 2
    while True:
        yield f"{part[0]}.{number}"
        number += 1
