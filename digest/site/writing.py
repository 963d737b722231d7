"""Writes the archive into a folder: pages by the templates in ``html/site/``, and a feed.

Every file is whole at every moment. Files of an earlier archive that are no longer in it are taken away, and no others.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from digest.lookups.tallies import words_of
from digest.publishing.page import write_whole
from digest.rendering import words
from digest.rendering.charts import svg
from digest.trends import counting

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from digest.model import Story
    from digest.rendering.templates import Templates
    from digest.site.archive import Archive

#: Names the files of the archive, so that those it no longer has can be told from what else lies there.
_LIST: Final = ".ainews-site.json"
#: Days in the feed, and on the first page in full.
_IN_FEED: Final = 30
_ON_INDEX: Final = 14


@dataclass(frozen=True, slots=True)
class Written:
    """How many files were written or changed, were as they should be, and were taken away."""

    changed: int
    same: int
    removed: int


def pages(
    archive: Archive, stories: Sequence[Story], now: datetime, zone: ZoneInfo, templates: Templates, *, address: str = ""
) -> Iterator[tuple[str, str]]:
    """Each file by its path from the root. ``stories``: what is counted in the charts. ``address``: where the archive will stand on the
    web, with a slash at its end; without it, links in the feed are relative. Raises ConfigurationError, RenderError."""
    charts = [
        counting.stories_a_day(stories, now, zone), counting.topics_by_week(stories, now, zone), counting.publishers(stories),
        counting.scores(stories),
    ]  # fmt: skip

    def page(path: str, template: str, **values: Any) -> tuple[str, str]:
        root = "../" * (len(PurePosixPath(path).parts) - 1)
        shared = {
            "archive": archive,
            "root": root,
            "words": words,
            "topic_page": lambda name: archive.topic_pages.get(words_of(name)),
        }
        return path, templates.render(f"html/site/{template}.html.j2", here=path, **shared, **values)

    yield page("index.html", "index", days=archive.days[:_ON_INDEX], older=archive.days[_ON_INDEX:])
    yield page("search.html", "search")
    yield page("topics.html", "topics")
    yield page("trends.html", "trends", charts=[{"chart": chart, "svg": Markup(svg(chart))} for chart in charts])  # noqa: S704 made of escaped parts
    for n, day in enumerate(archive.days):
        later, earlier = archive.days[n - 1] if n else None, archive.days[n + 1] if n + 1 < len(archive.days) else None
        yield page(day.page, "day", day=day, later=later, earlier=earlier)
    for story in archive.stories:
        yield page(story.page, "story", story=story)
    for topic in archive.topics:
        yield page(topic.page, "topic", topic=topic)
    yield (
        "feed.xml",
        templates.render(
            "html/site/feed.xml.j2", days=archive.days[:_IN_FEED], now=now, zone=zone, address=address, words=words
        ),
    )


async def write(folder: Path, files: Iterator[tuple[str, str]]) -> Written:
    """Write them. Raises OSError, and what making them raises."""
    return await asyncio.to_thread(_write, folder, files)


def _write(folder: Path, files: Iterator[tuple[str, str]]) -> Written:
    before = _listed(folder)
    changed = same = 0
    there: list[str] = []
    for name, text in files:
        there.append(name)
        path = folder / name
        if path.is_file() and path.read_bytes() == text.encode():
            same += 1
        else:
            write_whole(path, text)
            changed += 1
    gone = [name for name in before if name not in set(there) and (folder / name).is_file()]
    for name in gone:
        (folder / name).unlink()
    write_whole(folder / _LIST, json.dumps(sorted(there)))
    return Written(changed, same, len(gone))


def _listed(folder: Path) -> list[str]:
    """The files of the archive that is there; none where there is no list, or it names what is outside."""
    try:
        names = json.loads((folder / _LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    safe = isinstance(names, list) and all(isinstance(n, str) for n in names)
    return [n for n in names if ".." not in PurePosixPath(n).parts and not PurePosixPath(n).is_absolute()] if safe else []
