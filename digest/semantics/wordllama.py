"""Meanings of headlines by wordllama, where the extra ``semantic`` is installed: the sum of its vectors of a headline's tokens.

The weights come with its wheel and are read from there; it is told not to download. All headlines of this field are alike in being
about it, so the direction of the field's own words is taken out: of 161 real headlines stripped of their texts a quarter fewer pairs
came together for that, and labelled ones kept theirs. A plain sum did better than one weighted by how rare words are, and than lower
case. Sums are exact (short numbers in double precision, or ``fsum``), so that every machine makes the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from math import fsum, sqrt
from operator import mul
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from digest.errors import ConfigurationError
from digest.stories.commonness import OFTEN, SOMETIMES
from digest.stories.meaning import quantised

if TYPE_CHECKING:
    from collections.abc import Callable

_log = structlog.get_logger(__name__)

#: Words of the field, the commonest counted twice.
_FIELD: Final = " ".join((OFTEN, OFTEN, *(w for w in SOMETIMES.split() if not w.isdigit())))
#: No headline needs more of itself to be read.
_MAX_CHARS: Final = 400


def installed() -> bool:
    """Whether the extra is there; it is not imported."""
    return find_spec("wordllama") is not None


@dataclass(frozen=True, slots=True)
class WordLlamaMeaning:
    """Meaning. It is loaded, which takes about a second and 60 MB, when the first headline without a text asks for it."""

    def __call__(self, title: str) -> bytes:
        """See ``Meaning``: where wordllama cannot be loaded nothing can be said, and it is logged once."""
        meant = _loaded()
        return quantised(meant(title[:_MAX_CHARS])) if meant else b""

    def check(self) -> str:
        """What is in use, for people. Raises ConfigurationError where wordllama is there and cannot be loaded."""
        try:
            dimensions = len(_load()("news"))
        except Exception as error:
            raise ConfigurationError(
                f"wordllama is installed and cannot be loaded: {error}",
                remedy="Install it anew (pip install --force-reinstall 'ainews[semantic]') or set AINEWS_MEANING=off.",
            ) from error
        return f"wordllama, {dimensions} dimensions"


@cache
def _loaded() -> Callable[[str], list[float]] | None:
    try:
        return _load()
    except Exception as error:  # noqa: BLE001 - stories are told by their words then
        _log.warning("meaning_unavailable", reason=str(error))
        return None


@cache
def _load() -> Callable[[str], list[float]]:
    """From a text to the sum of its tokens' vectors, less what of it points the field's way."""
    import numpy as np
    import wordllama

    # Its folder is named as the cache too: one that holds everything, so that there is nothing to download.
    place = Path(wordllama.__file__).parent
    model = wordllama.WordLlama.load(cache_dir=place, disable_download=True)
    vectors, tokenizer = np.asarray(model.embedding), model.tokenizer

    def summed(text: str) -> list[float]:
        text = text.encode("utf-8", "replace").decode()  # a lone surrogate is no text to the tokenizer
        found = tokenizer.encode(text, add_special_tokens=False).ids  # one by one: no threads, which would not survive a fork
        total: list[float] = vectors[found].sum(axis=0, dtype=np.float64).tolist()
        return total

    field = summed(_FIELD)
    length = sqrt(fsum(n * n for n in field))
    field = [n / length for n in field]

    def meant(text: str) -> list[float]:
        numbers = summed(text)
        along = fsum(map(mul, numbers, field))
        return [n - along * f for n, f in zip(numbers, field, strict=True)]

    return meant
