"""A knowledge base on disk, to which documents are added: where each goes, and that none is ever lost or overwritten.

Documents are filed as ``CATEGORY/DATE_SLUG.md``. What stands in them is written by ``writing``. A file that is there belongs to
whoever edited it last: it is never written again, by us or by two programs at once.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from digest.errors import SourceError
from digest.knowledge_base.document import parse_document
from digest.knowledge_base.writing import monitor_file, processed_document
from digest.stories.urls import canonical_url

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from digest.knowledge_base.document import Document

#: As long as the longest of 175 real documents' names.
MAX_SLUG_CHARS: Final = 60
#: Documents of one day with one slug; more are a mistake.
_MOST_ALIKE: Final = 99
_NOT_IN_SLUG: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Filed:
    """Where a document is. ``new``: it was written now, and was not there before."""

    path: Path
    new: bool


class KnowledgeBaseFolder:
    """The documents under ``root``, which is made when it is first needed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(self, document: Document, *, original: str, on: date, now: datetime, inner: str = "") -> Filed:
        """File ``document``, processed ``on`` that day, unless the article is there under its name already.

        ``original`` is the name of the file it came from, and ``inner`` that file where it is in the monitor's dialect: it is
        kept word for word wherever what is read back of it is the same. Raises SourceError where it cannot be written.
        """
        text = _composed(document, original=original, on=on, now=now, inner=inner)
        folder = self.root / (slug(document.category) or "uncategorised")
        return file_under(folder, file_stem(document), text, document, now)


def file_under(folder: Path, name: str, text: str, document: Document, now: datetime) -> Filed:
    """Write ``text``, which tells ``document``, as ``name`` in ``folder``; under a number where another article has that name.

    Raises SourceError where it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, _MOST_ALIKE + 1):
            path = folder / (f"{name}.md" if number == 1 else f"{name}-{number}.md")
            if write_new(path, text):
                return Filed(path, new=True)
            if _tells(path, document, now):
                return Filed(path, new=False)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SourceError(f"it cannot be filed in {folder}: {reason}", where=str(folder)) from error
    raise SourceError(f"there are {_MOST_ALIKE} documents named {name} in {folder}", where=str(folder))


def file_stem(document: Document) -> str:
    """``DATE_SLUG``: the day it was published, else collected, and its headline."""
    day = (document.published or document.collected).date()
    return f"{day.isoformat()}_{slug(document.headline) or 'untitled'}"


def slug(text: str) -> str:
    """``text`` in lower case, letters and digits joined by hyphens, at most 60 characters, cut between words where it can be."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    found = _NOT_IN_SLUG.sub("-", plain.replace("'", "")).strip("-")
    if len(found) <= MAX_SLUG_CHARS:
        return found
    cut = found[: MAX_SLUG_CHARS + 1]
    return cut[: cut.rindex("-")] if "-" in cut else found[:MAX_SLUG_CHARS]


def write_new(path: Path, text: str) -> bool:
    """Write ``text`` to ``path``, whole or not at all, unless something is there. Of any number of writers one is told True."""
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".partial")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(partial, 0o644)
        try:
            os.link(partial, path)  # unlike a rename it never replaces what is there
        except FileExistsError:
            return False
    finally:
        os.unlink(partial)
    return True


def _composed(document: Document, *, original: str, on: date, now: datetime, inner: str) -> str:
    """The text of the document, with ``inner`` in it where that gives the same values back."""
    if inner:
        text = processed_document(document, inner=inner, original=original, on=on)
        with contextlib.suppress(SourceError):
            read = parse_document(text.encode(), now=now, collected=document.collected)
            if replace(read, notes=()) == replace(document, notes=()):
                return text
    return processed_document(document, inner=monitor_file(document), original=original, on=on)


def _tells(path: Path, document: Document, now: datetime) -> bool:
    """Whether the document at ``path`` is of the same article."""
    try:
        there = parse_document(path.read_bytes(), now=now)
        return canonical_url(there.url) == canonical_url(document.url)
    except (SourceError, ValueError):
        return False
