"""Words as events are compared by them: what a word is, and what its forms have in common."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:[.,][0-9]+)*(?:'[a-z]+)?", re.IGNORECASE)


def words(text: str) -> list[str]:
    """The words and numbers of ``text`` as written, without punctuation."""
    return [m[0] for m in _WORD.finditer(unicodedata.normalize("NFKC", text).replace("’", "'"))]


@lru_cache(maxsize=65_536)
def stemmed(word: str) -> str:
    """``word``, in lower case, without a possessive or plural ending. Snowball's stemmer made no better clusters."""
    word = word.removesuffix("'s")
    if len(word) < 4 or word.isdigit():
        return word
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith("sses"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
