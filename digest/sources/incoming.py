"""Makes one article of the parts that a source found: the rules that hold wherever an article comes from.

It owns which URL, title and date can be taken, the lengths kept, and the note that goes with everything changed.
Finding the parts, and making text of HTML, is the sources' own work.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from digest.errors import SourceError
from digest.knowledge_base.dates import EARLIEST, MOST_AHEAD
from digest.knowledge_base.scores import parse_score
from digest.model import Article, Assessment, Incoming, Judge, Origin, Provenance, article_id
from digest.stories.urls import canonical_url, without_credentials

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

#: Most characters kept. A text block of Slack's takes 3,000.
MAX_TITLE_CHARS: Final = 500
MAX_NAME_CHARS: Final = 200
MAX_TEXT_CHARS: Final = 3_000
MAX_TAG_CHARS: Final = 60
MAX_BULLETS: Final = 30
MAX_TAGS: Final = 30

#: Controls, lone surrogates, and what is invisible and can turn or hide text: bidirectional overrides, zero-width
#: spaces, language tags. Joiners stay: emoji and several scripts need them.
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_NOT_IN_URL: Final = re.compile(r"[\x00-\x20\x7f-\xa0\"<>\\^`{|}\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LINE_ENDS: Final = dict.fromkeys(map(ord, "\t\r\n"))


def incoming(
    *,
    source: str,
    key: str,
    revision: str,
    url: str,
    title: str,
    now: datetime,
    stamp: str = "",
    headline: str = "",
    publisher: str = "",
    published: datetime | None = None,
    collected: datetime | None = None,
    body: str = "",
    source_type: str = "article",
    folder: str = "",
    language: str = "",
    notes: Sequence[str] = (),
    score: float | None = None,
    topic: str = "",
    reason: str = "",
    summary: Sequence[str] = (),
    key_insights: Sequence[str] = (),
    tags: Sequence[str] = (),
    category: str = "",
    judge: Judge = "source",
    summary_judge: Judge = "source",
    excerpt_only: str = "",
    author: str = "",
    tier: int = 0,
    page_read: datetime | None = None,
) -> Incoming:
    """The article and as much of an assessment as came with it, everything given marked as written by ``judge``, but summary, insights and tags as
    written by ``summary_judge``.

    ``now``, ``published`` and ``collected`` are aware; ``collected`` is ``now`` where not given. ``body`` is clean text
    and ``score`` is 0 to 10 already. Title and headline stand in for each other, the URL's host for the publisher.
    Lines lose controls and extra spaces. Whatever is dropped or shortened is named in the article's notes.

    Raises SourceError, with ``where`` the key, where the URL is none of http(s) or there is no title.
    """
    said = list(notes)
    try:
        canonical = canonical_url(url)
        link = _link(url, said)
    except ValueError as error:
        raise SourceError(str(error), where=key) from error
    headline = headline and _line(headline, MAX_TITLE_CHARS, "headline", said)
    title = _line(title, MAX_TITLE_CHARS, "title", said) or headline
    if not title:
        raise SourceError("it has no title", where=key)
    published, collected = _dates(published, collected, now, said)
    publisher = _line(publisher, MAX_NAME_CHARS, "publisher", said) or canonical.split("/", 3)[2]
    topic = topic and _line(topic, MAX_NAME_CHARS, "topic", said)
    reason = reason and _line(reason, MAX_TEXT_CHARS, "reason", said)
    bullets = _lines(summary, MAX_BULLETS, MAX_TEXT_CHARS, "summary", said)
    insights = _lines(key_insights, MAX_BULLETS, MAX_TEXT_CHARS, "key insights", said)
    tags = _lines(tags, MAX_TAGS, MAX_TAG_CHARS, "tags", said)
    category = category and _line(category, MAX_NAME_CHARS, "category", said)
    given = Provenance(
        **_given(judge, score=score is not None, topic=topic, reason=reason, category=category),
        **_given(summary_judge, summary=bullets, key_insights=insights, tags=tags),
    )
    article = Article(
        article_id(canonical), link, canonical, title, headline or title, publisher, published, collected, body,
        source_type, folder, language, "", tuple(said), excerpt_only,
        author and _line(author, MAX_NAME_CHARS, "author", said), tier, page_read,
    )  # fmt: skip
    assessment = Assessment(score, topic, reason, bullets, insights, tags, category, given)
    return Incoming(Origin(source, key, revision, stamp), article, assessment)


def one_line(text: str) -> str:
    """``text`` on one line: no controls or hidden characters, one space between words, none at the ends."""
    if text.isprintable() and "  " not in text:  # nearly every title, and quick
        return text.strip()
    return " ".join(_HIDDEN.sub("", text).split())


def plausible(instant: datetime, now: datetime) -> bool:
    """Whether ``instant`` can be when an article was published: not before the web, and hardly after ``now``."""
    return EARLIEST <= instant <= now + MOST_AHEAD


def scored(value: object) -> tuple[float | None, str]:
    """A score as found, 0 to 10 or None for unscored, and the note where something was given that is no score."""
    try:
        score = parse_score(value)
    except OverflowError:  # JSON allows integers that no float can hold
        score = None
    if score is not None or value is None or (isinstance(value, str) and not value.strip()):
        return score, ""
    shown = one_line(str(value)) if isinstance(value, str | int | float) else type(value).__name__
    return None, f"unscored: '{_cut(shown, 40)}' is no score from 0 to 10"


def _line(text: str, limit: int, what: str, said: list[str]) -> str:
    line = one_line(text)
    if len(line) <= limit:
        return line
    said.append(f"the {what} was shortened from {len(line):,} to {limit:,} characters")
    return _cut(line, limit)


def _lines(texts: Sequence[str], most: int, limit: int, what: str, said: list[str]) -> tuple[str, ...]:
    if not texts:
        return ()
    joined = "".join(texts)
    if joined.isprintable() and "  " not in joined:
        lines = list(filter(None, dict.fromkeys(map(str.strip, texts))))
    else:
        lines = list(filter(None, dict.fromkeys(map(one_line, texts))))
    if len(lines) > most:
        said.append(f"of {len(lines):,} {what} the first {most} are kept")
        del lines[most:]
    if len(joined) > limit and any(len(line) > limit for line in lines):
        said.append(f"{what} longer than {limit:,} characters were shortened")
        lines = [_cut(line, limit) for line in lines]
    return tuple(lines)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _link(url: str, said: list[str]) -> str:
    """The address people are sent to: as given, without credentials, with nothing that breaks out of an attribute."""
    url = url.strip()
    if "@" in url:
        bare = without_credentials(url)
        if bare != url:
            said.append("the URL held a user name or password, which was dropped")
            url = bare
    if url.isascii() and not _NOT_IN_URL.search(url):
        return url
    url = _SURROGATE.sub("", url).translate(_LINE_ENDS)
    return _NOT_IN_URL.sub(lambda m: "".join(f"%{b:02X}" for b in m[0].encode()), url)


def _dates(
    published: datetime | None, collected: datetime | None, now: datetime, said: list[str]
) -> tuple[datetime | None, datetime]:
    if published is not None and not plausible(published, now):
        said.append(f"undated: {published:%d %B %Y} cannot be the day it was published")
        published = None
    if collected is not None and not plausible(collected, now):
        said.append(f"collected now: {collected:%d %B %Y} cannot be the day it was collected")
        collected = None
    return published, collected or now


@lru_cache(maxsize=128)
def _given(judge: Judge, **fields: object) -> dict[str, Judge]:
    """Who wrote each of ``fields``: nobody, where it is empty and no assessor of ours left it so."""
    return {name: judge if value or judge != "source" else "" for name, value in fields.items()}
