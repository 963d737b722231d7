"""The fingerprint of a normalised text: two articles at different addresses with the same letters in the same order share it.

It finds verbatim syndication, whatever was done to case, spacing, punctuation or quotation marks. Lightly edited copies are a
different question.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Final

#: Texts with fewer letters and digits say nothing about being a copy: "Comments", "Watch the video", a teaser of a few words.
#: Sixty are about twelve English words, beyond chance in news.
MIN_LETTERS: Final = 60

_NOT_LETTERS: Final = re.compile(r"[\W_]+")
_ASCII_NOT_LETTERS: Final = bytes(b for b in range(128) if not chr(b).isalnum())


def text_fingerprint(body: str) -> str:
    """32 hex digits that are the same for the same letters and digits, or empty for a text of fewer than 60."""
    if body.isascii():  # the same result by the quick way
        letters = body.lower().encode().translate(None, _ASCII_NOT_LETTERS)
    else:
        letters = _NOT_LETTERS.sub("", unicodedata.normalize("NFKC", body).casefold()).encode("utf-8", "replace")
    if len(letters) < MIN_LETTERS:
        return ""
    return hashlib.blake2b(letters, digest_size=16).hexdigest()
