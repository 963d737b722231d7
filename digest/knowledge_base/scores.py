"""Scores as strangers write them. A malformed or missing score is *unscored*, None, and never 0."""

from __future__ import annotations

import re
from typing import Final

from digest.model import MAX_SCORE, MIN_SCORE

_NUMBER: Final = re.compile(
    r"\s*\*{0,2}([+-]?[0-9]{1,3}(?:[.,][0-9]{1,3})?)\s*\*{0,2}\s*(?:(?:/|out of)\s*10(?:\.0)?)?\s*\*{0,2}\s*(?:\([^()]*\))?\Z"
)


def parse_score(value: object) -> float | None:
    """``value`` as a score from 0 to 10, or None: ``8``, ``"8"``, ``"8.5"``, ``"8,5"``, ``"8/10"``, ``"8 out of 10"``, ``"**8**/10 (high)"``.

    Words, booleans, other scales and numbers outside 0 to 10 give None: to guess what was meant would be to invent a score.
    """
    number: int | float
    match value:
        case bool():
            return None
        case int() | float():
            number = value
        case str():
            found = _NUMBER.match(value)
            if found is None:
                return None
            number = float(found[1].replace(",", "."))
        case _:
            return None
    return float(number) if MIN_SCORE <= number <= MAX_SCORE else None
