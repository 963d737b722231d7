"""What a backup is made of, as lines of JSON: a header, a record for each key or part of one, and a closing line. Pure.

Text stands as text, so that people and other programs can read it; bytes that are none stand as ``{"base64": …}``. Lifetimes are instants,
so that what has expired by the time it is read is left out.
"""

from __future__ import annotations

import base64
import binascii
import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import orjson

from digest.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Of the file's format. Raise it where an older program could not read a file.
FORMAT: Final = 1
_WHAT: Final = "ainews state"

#: ``hash``: fields with values; ``zset``: members with scores; ``list`` and ``set``: members.
Type = Literal["string", "hash", "list", "set", "zset"]
Value = bytes | tuple[tuple[bytes, bytes], ...] | tuple[tuple[bytes, float], ...] | tuple[bytes, ...]
_TYPES: Final = frozenset(get_args(Type))


@dataclass(frozen=True, slots=True)
class Header:
    """``workspace`` is the installation's; ``team``: the one workspace of Slack that this is a backup of, empty for the whole installation;
    ``teams``: those that are in it. ``schema``: of what is stored. ``at``: when it was begun, aware UTC; ``by``: the program's version.
    ``keys``: about how many there are."""

    workspace: str
    schema: int
    at: datetime
    by: str = ""
    team: str = ""
    teams: tuple[str, ...] = ()
    keys: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """A key, or a part of one. ``team``: the workspace of Slack that it belongs to, empty for the installation. ``name`` is without the
    workspace's prefix. ``expires_ms``: since 1970; None for never. ``more``: it goes on where an earlier record of the key ended."""

    name: bytes
    type: Type
    value: Value
    expires_ms: int | None = None
    more: bool = False
    team: str = ""


@dataclass(frozen=True, slots=True)
class Closing:
    """``keys``: how many, by kind. ``sha256``: of every line before."""

    records: int
    sha256: str
    keys: dict[str, int] = field(default_factory=dict)


def dump_header(header: Header) -> bytes:
    """As one line."""
    h = header
    what = {"what": _WHAT, "format": FORMAT, "schema": h.schema, "workspace": h.workspace, "team": h.team, "at": h.at}
    return orjson.dumps({**what, "by": h.by, "teams": h.teams, "keys": h.keys}) + b"\n"


def load_header(line: bytes) -> Header:
    """The Header of ``dump_header``. Raises StateError where the line is something else, or of a newer format."""
    raw = _object(line, "it is no backup of ainews")
    if raw.get("what") != _WHAT:
        raise _refused("it is no backup of ainews", "Name a file that `ainews export` wrote, without --person.")
    try:
        if int(raw["format"]) > FORMAT:
            by = str(raw.get("by") or "a newer one")
            raise _refused(f"it was written by ainews {by}, in a format that this version cannot read", "Upgrade ainews.")
        at, teams = datetime.fromisoformat(raw["at"]), tuple(map(str, raw["teams"]))
        return Header(str(raw["workspace"]), int(raw["schema"]), at, str(raw["by"]), str(raw["team"]), teams, int(raw["keys"]))
    except (KeyError, TypeError, ValueError) as error:
        raise _refused("its first line is damaged") from error


def dump_record(record: Record) -> bytes:
    """As one line."""
    made: dict[str, Any] = {"key": _text(record.name), "type": record.type}
    if record.team:
        made["team"] = record.team
    if record.expires_ms is not None:
        made["expires"] = record.expires_ms
    if record.more:
        made["more"] = True
    return orjson.dumps({**made, "value": _dumped(record)}) + b"\n"


def load_line(line: bytes) -> Record | Closing:
    """The Record of ``dump_record``, or the Closing of ``dump_closing``. Raises StateError where the line is something else."""
    raw = _object(line, "a line of it is damaged")
    try:
        if "end" in raw:
            end = raw["end"]
            return Closing(int(end["records"]), str(end["sha256"]), {str(k): int(n) for k, n in end["keys"].items()})
        if raw["type"] not in _TYPES:
            raise ValueError(raw["type"])
        expires = None if raw.get("expires") is None else int(raw["expires"])
        more, team = bool(raw.get("more")), str(raw.get("team") or "")
        return Record(_bytes(raw["key"]), raw["type"], _loaded(raw["type"], raw["value"]), expires, more, team)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise _refused("a line of it is damaged") from error


def dump_closing(closing: Closing) -> bytes:
    """As one line."""
    return orjson.dumps({"end": {"records": closing.records, "keys": closing.keys, "sha256": closing.sha256}}) + b"\n"


def refused_as_cut() -> StateError:
    """What is said of a file without its end."""
    return _refused("it ends too early: it was cut off")


def refused_as_changed() -> StateError:
    """What is said of a file whose checksum is another."""
    return _refused("its checksum is wrong: it was changed or damaged")


def _refused(why: str, remedy: str = "Take another backup.") -> StateError:
    return StateError(f"The file cannot be used: {why}; nothing was changed", remedy=remedy)


def _object(line: bytes, otherwise: str) -> dict[str, Any]:
    try:
        raw = orjson.loads(line)
    except orjson.JSONDecodeError:
        raw = None
    if not isinstance(raw, dict):
        raise _refused(otherwise)
    return raw


def _dumped(record: Record) -> Any:
    value: Any = record.value
    match record.type:
        case "string":
            return _text(value)
        case "hash":
            return [(_text(f), _text(v)) for f, v in value]
        case "zset":
            return [(_text(m), score if math.isfinite(score) else repr(score)) for m, score in value]
        case _:
            return _texts(value)


def _loaded(kind: str, value: Any) -> Value:
    match kind:
        case "string":
            return _bytes(value)
        case "hash":
            return tuple((_bytes(f), _bytes(v)) for f, v in value)
        case "zset":
            return tuple((_bytes(m), _score(score)) for m, score in value)
        case _:
            return tuple(map(_bytes, value))


def _texts(values: Iterable[bytes]) -> list[Any]:
    return [_text(v) for v in values]


def _text(value: bytes) -> Any:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _bytes(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode()
    return base64.b64decode(value["base64"], validate=True)


def _score(value: Any) -> float:
    score = float(value)
    if math.isnan(score):
        raise ValueError("a score is a number")
    return score
