"""The list of feeds that an operator keeps: which file it is, reading it, and changing it.

That is the file of the settings, else ``feeds.yaml`` in the data folder, else the list shipped, which is copied into the data
folder when it is first changed. A file with anything wrong in it is refused as a whole, with all that is wrong; how each format
is read and written is told by ``yaml_list`` and ``opml``.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from digest.errors import ConfigurationError
from digest.feeds import opml, yaml_list
from digest.feeds.entry import Listed, checked, told
from digest.stories.urls import canonical_url

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from digest.feeds.feed import Feed
    from digest.settings import Settings

#: What ships with the program, and is used until somebody keeps a list of their own.
DEFAULT_LIST: Final = Path(__file__).parent / "default.yaml"
OWN_NAME: Final = "feeds.yaml"
#: A thousand feeds with comments are 200 KB.
MAX_BYTES: Final = 1_000_000

Format = Literal["yaml", "opml"]
_OPML_NAMES: Final = (".opml", ".xml")


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of the list: the file it is in, whether that was ``made`` by it, and the feeds that came and went."""

    path: Path
    made: bool
    added: tuple[Feed, ...] = ()
    removed: tuple[Feed, ...] = ()


def feeds_in_use(settings: Settings) -> tuple[Feed, ...]:
    """The feeds of the list in use. Raises ConfigurationError with everything that is wrong with it."""
    return read_feeds(feeds_path(settings))


def feeds_path(settings: Settings) -> Path:
    """The file of the list in use."""
    own = own_path(settings)
    return own if settings.feeds_file or own.exists() else DEFAULT_LIST


def own_path(settings: Settings) -> Path:
    """The file in which a changed list is kept, whether it is there yet or not."""
    return settings.feeds_file or settings.data_dir / OWN_NAME


def read_feeds(path: Path) -> tuple[Feed, ...]:
    """The feeds listed in ``path``, in order. Raises ConfigurationError with everything that is wrong, each with its line."""
    return _valid(path, bytes_of(path))


def parsed(data: bytes) -> Listed:
    """What ``data``, YAML or OPML, lists, and what is wrong in it. Raises ValueError, in words, where it is neither."""
    if len(data) > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES // 1000:,} KB")
    if format_of(data) == "opml":
        return checked(*opml.read(data))
    return checked(*yaml_list.read(_text(data)))


def format_of(data: bytes) -> Format:
    """The format of a list: what begins as XML does is OPML, everything else YAML."""
    start = data[:200].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return "opml" if start.startswith(b"<") else "yaml"


def format_by_name(path: Path) -> Format:
    """The format that the name of a file asks for."""
    return "opml" if path.suffix.lower() in _OPML_NAMES else "yaml"


def exported(settings: Settings, form: Format) -> str:
    """The list in use as a file of ``form``: word for word where it is one already. Raises ConfigurationError."""
    path = feeds_path(settings)
    data = bytes_of(path)
    feeds = _valid(path, data)
    if form == "yaml" and format_of(data) == "yaml":
        return _text(data)
    return _written(feeds, form)


def add(settings: Settings, feeds: Sequence[Feed]) -> Changed:
    """Add those of ``feeds`` that are not listed yet to the end of the list in use. Raises ConfigurationError."""
    with _changing(settings) as (path, data, made):
        listed = _valid(path, data)
        known = {canonical_url(f.url) for f in listed}
        new = tuple(f for f in feeds if canonical_url(f.url) not in known)
        if new:
            with _told_of(path):
                text = _written([*listed, *new], "opml") if _is_opml(data) else yaml_list.with_feeds(_text(data), new)
            _write(path, text, listed + new)
        return Changed(path, made and bool(new), added=new)


def remove(settings: Settings, urls: Collection[str]) -> Changed:
    """Take the feeds listed with ``urls`` out of the list in use. Raises ConfigurationError."""
    with _changing(settings) as (path, data, made):
        listed = _valid(path, data)
        gone = tuple(f for f in listed if f.url in urls)
        kept = tuple(f for f in listed if f.url not in urls)
        if gone:
            with _told_of(path):
                text = _written(kept, "opml") if _is_opml(data) else yaml_list.without(_text(data), urls)
            _write(path, text, kept)
        return Changed(path, made and bool(gone), removed=gone)


def replace(settings: Settings, feeds: Sequence[Feed]) -> Changed:
    """Keep ``feeds`` and no others. Raises ConfigurationError."""
    own = own_path(settings)
    with _locked(own):
        before = () if not own.exists() else _valid(own, bytes_of(own))
        known, wanted = ({canonical_url(f.url) for f in some} for some in (before, feeds))
        made = not own.exists()
        _write(own, _written(feeds, format_by_name(own)), tuple(feeds))
        return Changed(
            own,
            made,
            added=tuple(f for f in feeds if canonical_url(f.url) not in known),
            removed=tuple(f for f in before if canonical_url(f.url) not in wanted),
        )


@contextlib.contextmanager
def _changing(settings: Settings) -> Iterator[tuple[Path, bytes, bool]]:
    """The operator's own file, its content, and whether it is yet to be made: from the list shipped, or empty where the settings
    name it. Nobody else changes it meanwhile."""
    own = own_path(settings)
    with _locked(own):
        if own.exists():
            yield own, bytes_of(own), False
        elif settings.feeds_file:
            yield own, _written((), format_by_name(own)).encode(), True
        else:
            yield own, bytes_of(DEFAULT_LIST), True


def _valid(path: Path, data: bytes) -> tuple[Feed, ...]:
    with _told_of(path):
        listed = parsed(data)
    if listed.problems:
        raise _unusable(path, told(listed.problems))
    return listed.feeds


@contextlib.contextmanager
def _told_of(path: Path) -> Iterator[None]:
    """What is raised as ValueError is what is wrong with ``path``."""
    try:
        yield
    except ValueError as error:
        raise _unusable(path, str(error)) from error


def bytes_of(path: Path) -> bytes:
    """The content of ``path``, or as much as tells that it is too large. Raises ConfigurationError."""
    try:
        with open(path, "rb", opener=lambda p, flags: os.open(p, flags | os.O_NONBLOCK)) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _unusable(path, "it is no regular file")
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"There is no feeds file {path}", remedy="Check the path, or begin a list with: ainews feeds add URL."
        ) from error
    except OSError as error:
        raise _unusable(path, f"it cannot be read: {_in_words(error)}") from error


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ValueError(f"line {line}: it is not UTF-8 text") from error


def _is_opml(data: bytes) -> bool:
    return format_of(data) == "opml"


def _written(feeds: Sequence[Feed], form: Format) -> str:
    return opml.written(feeds) if form == "opml" else yaml_list.written(feeds)


def _write(path: Path, text: str, feeds: tuple[Feed, ...]) -> None:
    """Write ``text``, which must read as ``feeds``, so that at every moment the file there is whole."""
    listed = parsed(text.encode())
    if listed.problems or sorted(listed.feeds, key=_url) != sorted(feeds, key=_url):
        raise _unusable(path, "it is written in a way that could not be changed safely")
    try:
        write_whole(path, text)
    except OSError as error:
        raise ConfigurationError(
            f"The feeds file {path} cannot be written: {_in_words(error)}",
            remedy="Set AINEWS_FEEDS_FILE or AINEWS_DATA_DIR to a place that can be.",
        ) from error


def write_whole(path: Path, text: str) -> None:
    """Write ``text`` to ``path``, or to where it links, keeping its mode. The old file stays until the new one is whole. Raises
    OSError."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(partial, mode)
        os.replace(partial, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(partial)
        raise


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Nobody else who asks changes files in the folder of ``path``: of two additions at once none is lost."""
    folder = path.resolve().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise _unusable(path, f"its folder cannot be opened: {_in_words(error)}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _url(feed: Feed) -> str:
    return feed.url


def _in_words(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _unusable(path: Path, problem: str) -> ConfigurationError:
    return ConfigurationError(
        f"The feeds file {path} is not usable: {problem}", remedy="Correct it; docs/feeds.md says what such a file holds."
    )
