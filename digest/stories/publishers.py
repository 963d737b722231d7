"""Publishers, not feeds: two feeds of one publisher are one publisher, and who prints another's text tells nothing of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.model import Article, AssessedArticle, Story

#: A feed is often named "Publisher - Section" or "Publisher | Section".
_SECTION: Final = re.compile(r"\s+[-–—|:»]\s+")


def publisher_key(name: str) -> str:
    """What two names of one publisher have in common: ``MarTech - AI`` and ``Martech`` give ``martech``."""
    return _SECTION.split(name.strip(), maxsplit=1)[0].casefold()


def by_publisher(story: Story) -> tuple[AssessedArticle, ...]:
    """The lead, and the first article of each other publisher: one that differs both in name and in host."""
    return tuple(_firsts(story, texts=False))


def independent(story: Story) -> tuple[AssessedArticle, ...]:
    """The lead, and the first article of each other publisher that has a text of its own: copies count once."""
    return tuple(_firsts(story, texts=True))


def text_of(article: Article) -> str:
    """The id of the article whose text this one has first: its own, unless it is a copy."""
    return article.same_text_as or article.id


def _firsts(story: Story, *, texts: bool) -> Iterable[AssessedArticle]:
    names: set[str] = set()
    hosts: set[str] = set()
    seen: set[str] = set()
    for told in story.articles:
        name, host, text = publisher_key(told.article.publisher), _host(told.article.canonical_url), text_of(told.article)
        if name not in names and host not in hosts and not (texts and text in seen):
            yield told
        names.add(name)
        hosts.add(host)
        seen.add(text)


def _host(canonical_url: str) -> str:
    return canonical_url.partition("://")[2].partition("/")[0] or canonical_url


def publisher_count(stories: Iterable[Story]) -> int:
    """How many publishers tell ``stories``."""
    return len({publisher_key(a.article.publisher) for s in stories for a in by_publisher(s)})
