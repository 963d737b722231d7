"""What the index page tells of each document, read from the folder, and kept beside it so that only what changed is read again.

The copy lies in a hidden folder that ignores itself in git. It can be lost: then every document is read once more. Nothing in it
is trusted further than the documents themselves are.
"""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from digest.errors import SourceError
from digest.knowledge_base.document import parse_document
from digest.knowledge_base.listing import list_documents
from digest.rendering.cleaning import one_line, shorten
from digest.stories.urls import canonical_url

if TYPE_CHECKING:
    from pathlib import Path

#: Raised whenever an Entry is made differently: then every document is read again.
_VERSION: Final = 1
_FOLDER: Final = ".ainews"
_FILE: Final = "index.json"
_MOST_CHARS: Final = 200
_MOST_TAGS: Final = 30


@dataclass(frozen=True, slots=True)
class Entry:
    """One document. ``key`` is its path within the folder, ``article`` the canonical URL, ``dated`` when it was published, else
    collected (ISO, UTC), ``folder`` where it is filed, ``score`` None where it has none. Each text is one line."""

    key: str
    article: str
    title: str
    publisher: str
    dated: str
    score: float | None
    folder: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """Every document that can be read, by path; and of every other where it is and why it cannot."""

    documents: tuple[Entry, ...]
    refused: tuple[tuple[str, str], ...]


def read_entries(root: Path, *, now: datetime, max_bytes: int) -> Entries:
    """The documents below ``root``. Raises SourceError where that cannot be read."""
    listing = list_documents(root)
    known = _kept(root)
    documents: list[Entry] = []
    refused = [(os.path.relpath(where, root) if os.path.isabs(where) else where, why) for where, why in listing.refused]
    kept: dict[str, tuple[str, Entry]] = {}
    for key in listing.keys:
        try:
            stamp = _stamp(root / key, max_bytes)
            entry = known.get((key, stamp)) or _entry(root, key, now)
        except SourceError as error:
            refused.append((key, str(error)))
        else:
            documents.append(entry)
            kept[key] = (stamp, entry)
    if {(key, stamp) for key, (stamp, _) in kept.items()} != known.keys():
        _keep(root, kept)
    return Entries(tuple(documents), tuple(sorted(refused)))


def _stamp(path: Path, max_bytes: int) -> str:
    try:
        status = path.stat()
    except OSError as error:
        raise SourceError(f"it cannot be read: {(error.strerror or str(error)).lower()}") from error
    if not stat.S_ISREG(status.st_mode):
        raise SourceError("it is no regular file")
    if status.st_size > max_bytes:
        raise SourceError(f"its {status.st_size:,} bytes are more than the {max_bytes:,} allowed")
    return f"{status.st_size}-{status.st_mtime_ns}-{status.st_ctime_ns}"


def _entry(root: Path, key: str, now: datetime) -> Entry:
    try:
        path = root / key
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        document = parse_document(path.read_bytes(), now=now, collected=changed)
    except (OSError, OverflowError) as error:
        raise SourceError(f"it cannot be read: {error}") from error
    if not document.url:
        raise SourceError("it has no URL: its front matter needs a 'url:'")
    try:
        article = canonical_url(document.url)
    except ValueError as error:
        raise SourceError(str(error)) from error
    return Entry(
        key=key,
        article=article,
        title=_line(document.title) or key,
        publisher=_line(document.publisher) or article.split("/")[2],
        dated=(document.published or document.collected).isoformat(timespec="seconds"),
        score=document.score,
        folder=key.rpartition("/")[0],
        tags=tuple(dict.fromkeys(filter(None, (_line(t).casefold() for t in document.tags[:_MOST_TAGS])))),
    )


def _line(text: str) -> str:
    return shorten(one_line(text), _MOST_CHARS)


def _kept(root: Path) -> dict[tuple[str, str], Entry]:
    """What was kept, by path and stamp; nothing where it cannot be read, or is of another version."""
    try:
        raw = orjson.loads((root / _FOLDER / _FILE).read_bytes())
        if raw["version"] != _VERSION:
            return {}
        return {(key, stamp): _known(key, fields) for key, (stamp, fields) in raw["documents"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _known(key: str, fields: dict[str, Any]) -> Entry:
    """An Entry as it was kept. Raises TypeError, ValueError, KeyError where it is none: then nothing of the copy is taken."""
    datetime.fromisoformat(fields["dated"])
    if not isinstance(fields["score"], float | None) or not isinstance(fields["article"], str):
        raise TypeError(f"{key} was not kept by this program")
    lines = {name: _line(fields[name]) for name in ("title", "publisher")}
    tags = tuple(map(_line, fields["tags"]))
    return Entry(**{**fields, **lines, "key": key, "folder": key.rpartition("/")[0], "tags": tags})


def _keep(root: Path, kept: dict[str, tuple[str, Entry]]) -> None:
    """Keep it for next time. Where that cannot be done, next time takes longer."""
    folder = root / _FOLDER
    partial = folder / f"{_FILE}.{os.getpid()}"
    with contextlib.suppress(OSError):
        folder.mkdir(exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
        partial.write_bytes(orjson.dumps({"version": _VERSION, "documents": kept}))
        os.replace(partial, folder / _FILE)
