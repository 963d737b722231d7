"""Meanings of headlines by wordllama, where the extra ``semantic`` is installed: the sum of its vectors of a headline's tokens.

The weights come with its wheel and are read from there; it is told not to download. They are looked up and summed as double
precision numbers, which is exact for so few and so short ones, so that every machine makes the same bytes. A plain sum did better
than one weighted by how rare words are, than one less the field's own mean, and than lower case.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog

from digest.errors import ConfigurationError
from digest.stories.meaning import quantised

if TYPE_CHECKING:
    from collections.abc import Callable

_log = structlog.get_logger(__name__)

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
        summed = _loaded()
        return quantised(summed(title[:_MAX_CHARS])) if summed else b""

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
def _loaded() -> Callable[[str], Any] | None:
    try:
        return _load()
    except Exception as error:  # noqa: BLE001 - stories are told by their words then
        _log.warning("meaning_unavailable", reason=str(error))
        return None


@cache
def _load() -> Callable[[str], Any]:
    """From a text to the sum of its tokens' vectors."""
    import numpy as np
    import wordllama

    # Its folder is named as the cache too: one that holds everything, so that there is nothing to download.
    place = Path(wordllama.__file__).parent
    model = wordllama.WordLlama.load(cache_dir=place, disable_download=True)
    vectors, tokenizer = np.asarray(model.embedding), model.tokenizer

    def summed(text: str) -> Any:
        found = tokenizer.encode(text, add_special_tokens=False).ids  # one by one: no threads, which would not survive a fork
        return vectors[found].sum(axis=0, dtype=np.float64)

    return summed
