"""Which files of a folder are documents of the knowledge base.

Every ``.md`` and ``.markdown`` below it; not what is hidden, not a symlink that leads out of it, and not the index page that
this program makes of the others. Whoever reads the folder goes by this list.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from digest.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES: Final = (".md", ".markdown")
#: Names of the index page: the second where somebody has a document of their own under the first.
PAGES: Final = ("INDEX.md", "INDEX.generated.md")
#: How a page of ours begins. A file of that name that begins otherwise is somebody's own.
MARKER: Final = "<!-- ainews:index "


@dataclass(slots=True)
class Listing:
    """``keys``: paths of documents within the folder, with ``/``, sorted. ``refused``: where something is that cannot be read,
    and why. ``partial``: a folder below could not be listed, so that what is missing need not be gone."""

    keys: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    partial: bool = False


def list_documents(root: Path) -> Listing:
    """The documents below ``root``. Raises SourceError where that is no folder, or cannot be read."""
    if not root.is_dir():
        raise SourceError(f"{root} is no folder", where=str(root), remedy="Give the folder of the knowledge base.")
    found, denied = Listing(), list[OSError]()
    for folder, subfolders, files in os.walk(root, onerror=denied.append):
        subfolders[:] = [s for s in subfolders if not s.startswith(".")]
        for name in subfolders:
            _refuse_outside(os.path.join(folder, name), root, found)
        for name in files:
            path = os.path.join(folder, name)
            if not name.startswith(".") and name.lower().endswith(SUFFIXES) and not (name in PAGES and is_index_page(path)):
                _add(path, root, found)
    for error in denied:
        where, reason = str(error.filename), (error.strerror or str(error)).lower()
        if where == str(root):
            raise SourceError(f"{where} cannot be read: {reason}", where=where) from error
        found.refused.append((where, f"the folder cannot be read: {reason}"))
    found.partial = bool(denied)
    found.keys.sort()
    return found


def is_index_page(path: str | os.PathLike[str]) -> bool:
    """Whether the file at ``path`` is an index page that this program wrote. What cannot be read is not."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe must not hang it
    except OSError:
        return False
    try:
        return stat.S_ISREG(os.fstat(handle).st_mode) and os.read(handle, len(MARKER)) == MARKER.encode()
    except OSError:
        return False
    finally:
        os.close(handle)


def _add(path: str, root: Path, found: Listing) -> None:
    if _refuse_outside(path, root, found):
        return
    key = os.path.relpath(path, root).replace(os.sep, "/")
    try:
        key.encode()
    except UnicodeEncodeError:
        found.refused.append((ascii(path), "its name is not UTF-8: rename it"))
    else:
        found.keys.append(key)


def _refuse_outside(path: str, root: Path, found: Listing) -> bool:
    if not os.path.islink(path):
        return False
    inside = os.path.realpath(root)
    if os.path.commonpath([inside, os.path.realpath(path)]) == inside:
        return False
    found.refused.append((path, "it is a symlink out of the folder"))
    return True
