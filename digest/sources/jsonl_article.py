"""What one JSON object may say of an article, under the names that programs which score articles use.

Strangers write these, so a model guards the edge; after it the inside is the domain's own.
"""

from __future__ import annotations

import hashlib
import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from digest.errors import SourceError
from digest.knowledge_base.dates import parse_date
from digest.knowledge_base.html_text import line_of_html, text_of_html
from digest.sources.incoming import incoming, one_line, scored
from digest.stories.urls import canonical_url

if TYPE_CHECKING:
    from digest.model import Incoming

_MARK: Final = re.compile(r"\A\s*(?:[-*•–]|\d{1,2}[.)])\s+")
#: A number of seconds since 1970 above this is one of milliseconds: in seconds it would be the year 5138.
_MILLISECONDS: Final = 100_000_000_000


def _bullets(value: object) -> object:
    lines = value.splitlines() if isinstance(value, str) else value
    return [_MARK.sub("", line) if isinstance(line, str) else line for line in lines] if isinstance(lines, list) else value


def _words(value: object) -> object:
    return value.split(",") if isinstance(value, str) else value


def _name(value: object) -> object:
    """News APIs give a publisher as an object with a name."""
    return value.get("name", "") if isinstance(value, dict) else value


def _as(*names: str) -> Any:
    return Field(default="", validation_alias=AliasChoices(*names))


Bullets = Annotated[list[str], BeforeValidator(_bullets)]
Tags = Annotated[list[str], BeforeValidator(_words)]


class JsonArticle(BaseModel):
    """One object. ``url`` and ``title`` are needed, null is the same as absent, other names are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True, hide_input_in_errors=True)

    url: str = Field(validation_alias=AliasChoices("url", "link"))
    title: str
    id: str = ""
    headline: str = ""
    publisher: Annotated[str, BeforeValidator(_name)] = _as("publisher", "source")
    published: str | float = _as("published", "published_at", "publishedAt", "date_published", "date", "pubDate")
    collected: str | float = _as("collected", "fetched", "date_added")
    body: str = _as("body", "text", "content", "full_text")
    score: Any = Field(default=None, validation_alias=AliasChoices("score", "relevance_score"))
    topic: str = _as("topic", "primary_topic")
    reason: str = ""
    summary: Bullets = []
    key_insights: Bullets = Field(default=[], validation_alias=AliasChoices("key_insights", "insights"))
    tags: Tags = []
    category: str = ""

    @model_validator(mode="before")
    @classmethod
    def _without_null(cls, value: object) -> object:
        return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value


def article_of(value: object, *, source: str, now: datetime) -> Incoming:
    """The article that ``value``, a decoded JSON object, tells. Its key is its id, else its canonical URL.

    Raises SourceError, in words for people, where it is no object, lacks what is needed or has something of a wrong
    kind.
    """
    if not isinstance(value, dict):
        raise SourceError(f"it is no object with a url and a title but {_kind(value)}")
    try:
        given = JsonArticle.model_validate(value)
    except ValidationError as error:
        raise SourceError("; ".join(dict.fromkeys(_problem(e) for e in error.errors()))) from None
    notes: list[str] = []
    score, note = scored(given.score)
    notes += [note] if note else []
    published = _instant(given.published, "published", notes)
    collected = _instant(given.collected, "collected", notes)
    parts: dict[str, Any] = {
        "url": given.url,
        "title": line_of_html(given.title),
        "headline": line_of_html(given.headline),
        "publisher": line_of_html(given.publisher),
        "published": published,
        "body": text_of_html(given.body),
        "score": score,
        "topic": line_of_html(given.topic),
        "reason": line_of_html(given.reason),
        "summary": tuple(map(line_of_html, given.summary)),
        "key_insights": tuple(map(line_of_html, given.key_insights)),
        "tags": tuple(map(line_of_html, given.tags)),
        "category": line_of_html(given.category),
        "notes": tuple(notes),
    }
    revision = hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()[:16]
    return incoming(source=source, key=_key(given), revision=revision, now=now, collected=collected, **parts)


def _key(given: JsonArticle) -> str:
    key = one_line(given.id)
    if not key:
        try:
            key = canonical_url(given.url)
        except ValueError as error:
            raise SourceError(str(error)) from error
    return key if len(key) <= 500 else hashlib.sha256(key.encode()).hexdigest()


def _instant(value: str | float, what: str, notes: list[str]) -> datetime | None:
    """A date as given: words, or seconds or milliseconds since 1970."""
    if isinstance(value, str):
        value = value.strip()
        found = parse_date(value)
    else:
        seconds = value / 1000 if abs(value) > _MILLISECONDS else value
        found = datetime.fromtimestamp(seconds, UTC) if math.isfinite(seconds) and 0 < seconds < _MILLISECONDS else None
    if found is None and value != "":
        notes.append(f"'{one_line(str(value))[:40]}' in '{what}' is no date")
    return found


def _problem(error: Any) -> str:
    name = str(error["loc"][0]) if error["loc"] else "it"
    if error["type"] == "missing":
        return f"it has no {name}"
    wanted = "a list of texts or a text" if name in ("summary", "key_insights", "insights", "tags") else "a text"
    return f"'{name}' is not {wanted}"


def _kind(value: object) -> str:
    return {list: "a list", str: "a text", bool: "true or false", type(None): "null"}.get(type(value), "a number")
