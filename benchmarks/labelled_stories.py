"""Articles with the story that somebody says they tell, from a file of JSON lines."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class BadInput(Exception):
    """The file cannot be measured; the message is for whoever gave it."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """``published``: aware, None where the file has no date. ``text`` may be empty."""

    id: str
    title: str
    text: str
    published: datetime | None
    story: str


def read(path: Path) -> list[Labelled]:
    """The articles of ``path`` in its order. Raises BadInput."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from error
    found = [_labelled(line, f"{path}, line {n}") for n, line in enumerate(lines, start=1) if line.strip()]
    if not found:
        raise BadInput(f"{path} has no articles")
    if twice := [name for name, count in Counter(a.id for a in found).items() if count > 1]:
        raise BadInput(f"{path} has two articles with the id {twice[0]!r}")
    return found


def _labelled(line: str, where: str) -> Labelled:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{where} is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise BadInput(f"{where} is not an object")
    text = given.get("text") or ""
    if not isinstance(text, str):
        raise BadInput(f"{where} has a text that is no string")
    return Labelled(
        _known(given, "id", where), _known(given, "title", where), text, _date(given, where), _known(given, "story", where)
    )


def _known(given: dict[str, Any], key: str, where: str) -> str:
    value = given.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int) or (value == "" and key != "title"):
        raise BadInput(f"{where} has no {key!r}")
    return str(value)


def _date(given: dict[str, Any], where: str) -> datetime | None:
    if not given.get("published"):
        return None
    try:
        date = datetime.fromisoformat(str(given["published"]))
    except ValueError as error:
        raise BadInput(f"{where} has a date that is not ISO 8601: {given['published']!r}") from error
    return date if date.tzinfo else date.replace(tzinfo=UTC)
