"""The parts a schema of blocks is put together from: each judges a value at a place and yields what Slack would say of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: where it is, as a JSON pointer, and Slack's sentence for it."""

    pointer: str
    message: str
    code: str = "failed_constraint"

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer}]"


Check = Callable[[Any, str], Iterator[Problem]]


def units(text: str) -> int:
    """The length of ``text`` as Slack counts it: UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def string(most: int, least: int = 1, pattern: str = "") -> Check:
    """A string of ``least`` to ``most`` characters, all of it as ``pattern``."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(at, "must be a string", "invalid_type")
        elif (length := units(value)) > most:
            yield Problem(at, f"must be less than {most + 1} characters")
        elif length < least:
            yield Problem(at, f"must be more than {least - 1} characters")
        elif pattern and not re.fullmatch(pattern, value, re.DOTALL):
            yield Problem(at, "must be a valid value")

    return check


def one_of(*values: object) -> Check:
    """One of ``values``."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not any(value == v and type(value) is type(v) for v in values):
            yield Problem(at, f"must be a valid enum value: {', '.join(map(str, values))}")

    return check


def flag(value: Any, at: str) -> Iterator[Problem]:
    """A truth value."""
    if not isinstance(value, bool):
        yield Problem(at, "must be a boolean", "invalid_type")


def number(least: int = -(2**53), most: int = 2**53) -> Check:
    """A whole number from ``least`` to ``most``."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield Problem(at, "must be an integer", "invalid_type")
        elif not least <= value <= most:
            yield Problem(at, f"must be between {least} and {most}")

    return check


def array(each: Check, most: int, least: int = 1) -> Check:
    """A list of ``least`` to ``most``, of which every one passes ``each``."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem(at, "must be an array", "invalid_type")
            return
        if len(value) > most:
            yield Problem(at, f"no more than {most} items allowed")
        if len(value) < least:
            yield Problem(at, f"no fewer than {least} items allowed")
        for n, item in enumerate(value):
            yield from each(item, f"{at}/{n}")

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with all of ``required``, any of ``optional``, and nothing else: Slack refuses what it does not know."""
    known = {**required, **(optional or {})}

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem(at, "must be an object", "invalid_type")
            return
        for name in required:
            if name not in value:
                yield Problem(at, f"missing required field: {name}", "missing_field")
        for name, inner in value.items():
            if name not in known:
                yield Problem(at, f"invalid additional property: {name}", "additional_property")
            else:
                yield from known[name](inner, f"{at}/{name}")

    return check


def by_type(kinds: Mapping[str, Check]) -> Check:
    """An object whose ``type`` names its schema."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str):
            yield Problem(at, "missing required field: type", "missing_field")
        elif kind not in kinds:
            yield Problem(f"{at}/type", f"unsupported type: {kind}", "unsupported_type")
        else:
            yield from kinds[kind](value, at)

    return check


def any_of(field_names: tuple[str, ...], check: Check) -> Check:
    """``check``, and at least one of the fields."""

    def both(value: Any, at: str) -> Iterator[Problem]:
        yield from check(value, at)
        if isinstance(value, dict) and not any(name in value for name in field_names):
            yield Problem(at, f"missing required field: one of {', '.join(field_names)}", "missing_field")

    return both
