"""One entry of a list of feeds as people write it: what must be true of it, and what is said where it is not.

Both formats bring their entries here as plain texts with the lines they stand on, so the same rules hold for both and every
problem of a file is told together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from digest.feeds.feed import TIERS, Feed
from digest.sources.incoming import MAX_NAME_CHARS, one_line
from digest.stories.urls import canonical_url, split_http

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

KEYS: Final = ("name", "url", "category", "tier", "interval")
#: Feeds of one list. Somebody's whole subscriptions are some hundred.
MOST_FEEDS: Final = 2_000
SHORTEST_INTERVAL_S: Final = 60
LONGEST_INTERVAL_S: Final = 30 * 86_400
#: Problems told at once: more than a screen of them is another kind of file.
MOST_PROBLEMS: Final = 12

_MAX_CATEGORY_CHARS: Final = 60
_UNITS_S: Final = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_INTERVAL: Final = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([smhd]?)\Z", re.ASCII)
_CREDENTIALS: Final = re.compile(r"//[^/]*@")
_NO_CHARACTER: Final = re.compile("[\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Raw:
    """An entry as found: texts by key, the ``line`` (from 1) it begins on and those of its keys; 0 where that is not known."""

    fields: Mapping[str, str]
    line: int = 0
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file, in words; ``line`` from 1, or 0 where it is not known."""

    line: int
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}" if self.line else self.what


@dataclass(frozen=True, slots=True)
class Listed:
    """What a file holds: the feeds that are right, and what is wrong with the others."""

    feeds: tuple[Feed, ...]
    problems: tuple[Problem, ...] = ()


def checked(entries: Iterable[Raw], problems: Iterable[Problem] = ()) -> Listed:
    """The feeds of ``entries``, in order, and all problems by line, those found before among them."""
    found, wrong, seen = list[Feed](), list(problems), dict[str, str]()
    for raw in entries:
        try:
            feed = _feed(_Entry.model_validate(dict(raw.fields)))
        except ValidationError as error:
            wrong += [_problem(raw, e) for e in error.errors(include_url=False, include_input=False)]
            continue
        if len(found) >= MOST_FEEDS:
            wrong.append(Problem(raw.line, f"there are more than {MOST_FEEDS:,} feeds"))
            break
        key = canonical_url(feed.url)
        if key in seen:
            wrong.append(Problem(_line(raw, "url"), f"'{feed.name}': its URL is already listed, {seen[key]}"))
            continue
        seen[key] = f"as '{feed.name}'" + (f" on line {_line(raw, 'url')}" if raw.line else "")
        found.append(feed)
    return Listed(tuple(found), tuple(sorted(wrong, key=lambda p: p.line)))


def told(problems: Iterable[Problem]) -> str:
    """Problems as one sentence: the first ``MOST_PROBLEMS``, and how many more there are."""
    words = [str(p) for p in problems]
    more = len(words) - MOST_PROBLEMS
    return "; ".join(words[:MOST_PROBLEMS]) + (f"; and {more:,} more" if more > 0 else "")


def seconds(text: str) -> float:
    """``30m``, ``2h``, ``1d``, ``90s`` or a number of seconds, as whole seconds. Raises ValueError, in words for people."""
    found = _INTERVAL.match(text.strip().lower())
    if found is None:
        raise ValueError(f"'{_shown(text)}' is no interval: write 30m, 2h, 1d or a number of seconds")
    wanted = round(float(found[1]) * _UNITS_S[found[2] or "s"])
    if not SHORTEST_INTERVAL_S <= wanted <= LONGEST_INTERVAL_S:
        raise ValueError(f"'{_shown(text)}' is not between a minute and 30 days")
    return float(wanted)


def interval(interval_s: float) -> str:
    """``interval_s`` as ``seconds`` reads it, in the largest unit that divides it."""
    whole = round(interval_s)
    unit = next(u for u, size in _UNITS_S.items() if whole % size == 0)
    return f"{whole // _UNITS_S[unit]}{unit}"


def name_of(text: str) -> str:
    """``text`` as a feed may be called: one line, nothing unseen, not too long."""
    return one_line(_NO_CHARACTER.sub("", text))[:MAX_NAME_CHARS].rstrip()


def made(name: str, url: str, *, category: str = "", tier: str = "", interval: str = "") -> Feed:
    """A feed of texts as they would stand in a file. Raises ValueError with everything that is wrong."""
    given = {"name": name, "url": url, "category": category, "tier": tier, "interval": interval}
    listed = checked([Raw({k: v for k, v in given.items() if v})])
    if listed.problems:
        raise ValueError(told(listed.problems))
    return listed.feeds[0]


def _line_of_text(limit: int) -> Callable[[str], str]:
    def line(text: str) -> str:
        clean = one_line(_NO_CHARACTER.sub("", text))
        if len(clean) > limit:
            raise ValueError(f"it is longer than {limit} characters")
        return clean

    return line


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("it is empty")
    return text


def _address(text: str) -> str:
    url = text.strip()
    if not url.isprintable() or " " in url:
        raise ValueError("it holds a space or a character that no URL has")
    parts = split_http(url)
    canonical_url(url)
    if "@" in parts.netloc:
        raise ValueError("it holds a user name or password, with which nothing is fetched")
    return url


def _tier(value: Any) -> int:
    text = str(value).strip()
    if text not in map(str, TIERS):
        raise ValueError(f"'{_shown(text)}' is none of {', '.join(map(str, TIERS))}")
    return int(text)


def _seconds(value: Any) -> float | None:
    return seconds(value) if isinstance(value, str) and value.strip() else None


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, AfterValidator(_line_of_text(MAX_NAME_CHARS)), AfterValidator(_not_empty)]
    url: Annotated[str, AfterValidator(_address)]
    category: Annotated[str, AfterValidator(_line_of_text(_MAX_CATEGORY_CHARS))] = ""
    tier: Annotated[int, BeforeValidator(_tier)] = 2
    interval: Annotated[float | None, BeforeValidator(_seconds)] = None


def _feed(entry: _Entry) -> Feed:
    return Feed(entry.name, entry.url, entry.category, entry.tier, entry.interval)


def _problem(raw: Raw, error: Any) -> Problem:
    key = str(error["loc"][0])
    shown = _shown(raw.fields.get("name") or _CREDENTIALS.sub("//", raw.fields.get("url", "")))
    called = f"'{shown}'" if shown else "a feed"
    match error["type"]:
        case "missing":
            return Problem(raw.line, f"{called} has no {key}")
        case "extra_forbidden":
            near = get_close_matches(key.lower(), KEYS, n=1)
            meant = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(KEYS)}"
            return Problem(_line(raw, key), f"{called}: unknown key '{_shown(key)}'; {meant}")
        case _:
            return Problem(_line(raw, key), f"{called}: {key}: {error['msg'].removeprefix('Value error, ')}")


def _line(raw: Raw, key: str) -> int:
    return raw.lines.get(key, raw.line)


def _shown(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= 60 else line[:59] + "…"
