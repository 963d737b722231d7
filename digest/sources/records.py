"""Cuts a stream of bytes into JSON records, a line each, without ever holding more than one line of the allowed length.

A stream that is one JSON array, or one object written over many lines, is taken as a whole where it is within the
limit. What a record means is for others.
"""

from __future__ import annotations

import codecs
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Record:
    """One record: ``where`` it stood, and its value, or the ``problem`` in words why there is none."""

    where: str
    value: Any = None
    problem: str = ""


class Records:
    """Feed it pieces in order, then ``finish``. ``max_bytes`` bounds one line, or the whole where it is one value."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._shape: Literal["unknown", "lines", "whole", "hopeless"] = "unknown"
        self._rest = b""
        self._number = 0
        self._skipping = False

    @property
    def seen(self) -> int:
        """How many lines are behind."""
        return self._number

    def feed(self, piece: bytes) -> list[Record]:
        """The records that are complete with ``piece``."""
        self._rest += piece
        if self._shape == "unknown":
            if self._rest.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                return self._given_up("it is UTF-16; write it as UTF-8")
            self._shape = self._recognised()
        match self._shape:
            case "lines":
                return self._lines()
            case "whole" if len(self._rest) > self._max_bytes:
                limit = f"{self._max_bytes:,} bytes"
                return self._given_up(f"it is one JSON value of more than {limit}; write one object a line")
            case "hopeless":
                return self._given_up("")
        return []

    def finish(self) -> list[Record]:
        """The records left when nothing more comes."""
        match self._shape:
            case "whole":
                return _members(self._rest)
            case "hopeless":
                return []
        self._shape = "lines"
        return self.feed(b"\n") if self._rest else []

    def _recognised(self) -> Literal["unknown", "lines", "whole", "hopeless"]:
        text = self._rest.removeprefix(codecs.BOM_UTF8).lstrip()
        first, newline, _ = text.partition(b"\n")
        if first.startswith(b"[") or (newline and first.strip() == b"{"):
            return "whole"
        return "lines" if newline or len(first) > 2 or len(self._rest) > self._max_bytes else "unknown"

    def _lines(self) -> list[Record]:
        *lines, self._rest = self._rest.split(b"\n")
        found = [record for line in lines if (record := self._line(line)) is not None]
        if len(self._rest) > self._max_bytes:
            self._rest = b""
            if not self._skipping:
                self._skipping = True
                found.append(self._too_long(self._number + 1))
        return found

    def _line(self, line: bytes) -> Record | None:
        self._number += 1
        if self._skipping:
            self._skipping = False
            return None
        if len(line) > self._max_bytes:
            return self._too_long(self._number)
        if self._number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        return _loaded(line, f"line {self._number}") if line.strip() else None

    def _too_long(self, number: int) -> Record:
        return Record(f"line {number}", problem=f"it is longer than {self._max_bytes:,} bytes")

    def _given_up(self, problem: str) -> list[Record]:
        self._shape, self._rest = "hopeless", b""
        return [Record("", problem=problem)] if problem else []


def _members(whole: bytes) -> list[Record]:
    record = _loaded(whole.removeprefix(codecs.BOM_UTF8), "")
    if record.problem:
        return [Record("", problem=f"it is neither one object a line nor one JSON value: {record.problem}")]
    values = record.value if isinstance(record.value, list) else [record.value]
    return [Record(f"item {number}", value) for number, value in enumerate(values, 1)]


def _loaded(text: bytes, where: str) -> Record:
    try:
        return Record(where, json.loads(text.decode("utf-8"), object_pairs_hook=_unique))
    except UnicodeDecodeError:
        return Record(where, problem="it is not UTF-8")
    except json.JSONDecodeError as error:
        return Record(
            where,
            problem=f"it is not valid JSON: {error.msg.lower().removesuffix(' starting at')} at character {error.pos + 1:,}",
        )
    except _Twice as error:
        return Record(where, problem=f"it has '{error.name}' twice")
    except RecursionError:
        return Record(where, problem="it is nested too deeply")
    except ValueError:
        return Record(where, problem="it holds a number that is too long")


class _Twice(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name[:40]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        uses = Counter(name for name, _ in pairs)
        raise _Twice(uses.most_common(1)[0][0])
    return found
