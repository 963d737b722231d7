"""Publishers, not feeds: two feeds of one publisher are one publisher."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.model import AssessedArticle, Story

#: A feed is often named "Publisher - Section" or "Publisher | Section".
_SECTION: Final = re.compile(r"\s+[-–—|:»]\s+")


def publisher_key(name: str) -> str:
    """What two names of one publisher have in common: ``MarTech - AI`` and ``Martech`` give ``martech``."""
    return _SECTION.split(name.strip(), maxsplit=1)[0].casefold()


def by_publisher(story: Story) -> tuple[AssessedArticle, ...]:
    """The lead, and the first article of each other publisher: one that differs both in name and in host."""
    names: set[str] = set()
    hosts: set[str] = set()
    found = []
    for told in story.articles:
        name, host = publisher_key(told.article.publisher), _host(told.article.canonical_url)
        if name not in names and host not in hosts:
            found.append(told)
        names.add(name)
        hosts.add(host)
    return tuple(found)


def _host(canonical_url: str) -> str:
    return canonical_url.partition("://")[2].partition("/")[0] or canonical_url


def publisher_count(stories: Iterable[Story]) -> int:
    """How many publishers tell ``stories``."""
    return len({publisher_key(a.article.publisher) for s in stories for a in by_publisher(s)})
