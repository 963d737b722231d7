"""Writes the sample's articles into a folder, dated relative to a moment.

The texts are templates under ``documents/``, one for each file, in the formats that the sources read. Every publisher,
person, product and company in them is made up. This module owns their dates and their names; what becomes of them is
the sources' own work; to them these are files like any other.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SUFFIX: Final = ".j2"
#: Stands in a template's name for the day the document was collected on, as in real names (``2025-11-18_slug.md``).
_DATE: Final = "DATE"
#: Documents that come a day after the others.
_NEXT_DAY: Final = "next-day/"
_ANY_DATE: Final = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"


@dataclass(frozen=True, slots=True)
class Sample:
    """Where the sample is.

    ``knowledge_base`` is a folder of processed documents by category, ``inbox`` one of the monitor's files, ``feed`` an
    RSS file.
    """

    knowledge_base: Path
    inbox: Path
    feed: Path


def write_sample(folder: Path, *, now: datetime) -> Sample:
    """The sample, written into ``folder`` as of ``now`` (aware): most of it is from the two days before.

    The same ``now``, to the minute, gives the same bytes and the same file times. A file that is already as it should
    be is not touched; one that an earlier day's sample left under another date is removed; nothing else in the folder
    is looked at. Raises OSError where the folder cannot be written.
    """
    _write_all(folder, now, lambda name: not name.startswith(_NEXT_DAY))
    return Sample(folder / "knowledge-base", folder / "inbox", folder / "feed.xml")


def write_next_day(folder: Path, *, now: datetime) -> None:
    """What is told a day after the sample that is in ``folder``, as of ``now``: news of one of its stories, that story told again by
    one more outlet, and something else. Raises OSError as ``write_sample`` does."""
    _write_all(folder, now, lambda name: name.startswith(_NEXT_DAY))


def _write_all(folder: Path, now: datetime, wanted: Callable[[str], bool]) -> None:
    templates = _templates(now.astimezone(UTC).replace(second=0, microsecond=0))
    for name in templates.list_templates(filter_func=lambda n: n.endswith(_SUFFIX) and wanted(n)):
        document: Any = templates.get_template(name).module
        _write(folder, name.removesuffix(_SUFFIX).removeprefix(_NEXT_DAY), str(document), document.collected)


def _templates(now: datetime) -> Environment:
    """The documents, with the words they use for dates: ``ago`` and ``ahead`` count from ``now``."""
    environment = Environment(  # noqa: S701 markdown and XML with markup of its own; nothing from outside goes in
        loader=PackageLoader("digest.sample", "documents"),
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    environment.globals.update(
        ago=lambda **back: now - timedelta(**back),
        ahead=lambda **on: now + timedelta(**on),
    )
    environment.filters.update(
        rfc2822=format_datetime,
        iso=datetime.isoformat,
        stamp=_stamp,
        date=lambda moment: moment.date().isoformat(),
        day=lambda moment: f"{moment.day} {moment:%B %Y}",
        weekday=lambda moment: f"{moment:%A}",
        later=lambda moment, **on: moment + timedelta(**on),
    )
    return environment


def _stamp(moment: datetime) -> str:
    """The monitor's way to note when it fetched something: no zone, microseconds (``2025-11-19T04:06:37.314870``)."""
    return moment.replace(tzinfo=None, microsecond=314_870).isoformat()


def _write(folder: Path, name: str, text: str, collected: datetime) -> None:
    path = folder / name.replace(_DATE, collected.date().isoformat())
    path.parent.mkdir(parents=True, exist_ok=True)
    for other in path.parent.glob((folder / name).name.replace(_DATE, _ANY_DATE)):
        if other != path:
            other.unlink(missing_ok=True)
    content = text.encode()
    if path.is_file() and path.read_bytes() == content:
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_bytes(content)
    os.utime(part, (collected.timestamp(), collected.timestamp()))  # a program that reads along never sees half a file
    part.replace(path)
