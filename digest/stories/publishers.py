"""Publishers, not feeds: two feeds of one publisher are one publisher."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from digest.model import Story

#: A feed is often named "Publisher - Section" or "Publisher | Section".
_SECTION: Final = re.compile(r"\s+[-–—|:»]\s+")


def publisher_key(name: str) -> str:
    """What two names of one publisher have in common: ``MarTech - AI`` and ``Martech`` give ``martech``."""
    return _SECTION.split(name.strip(), maxsplit=1)[0].casefold()


def publisher_count(story: Story) -> int:
    """How many publishers tell ``story``: as many as differ both in name and in host."""
    names = {publisher_key(a.article.publisher) for a in story.articles}
    hosts = {a.article.canonical_url.split("/", 3)[2] for a in story.articles}
    return min(len(names), len(hosts))
