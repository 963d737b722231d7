"""How text becomes the terms that are indexed and looked up: the same for an article and for a query, so that they meet.

Case, accents, compatibility forms and English endings do not count; letters and digits part ("GPT4" is found by "GPT-4").
Scripts that are written without spaces are taken character by character, and a run of them is looked up by its pairs. What a
query means by its words is in ``query``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

#: The name by which an index knows this analysis.
TOKENIZER: Final = "words"

#: Longer terms are left out, in bytes: no word of any language, but base64 and the like.
_LONGEST_TERM: Final = 128

#: Thai, Lao, Myanmar, Khmer, Kana, Han and Hangul. Korean has spaces, but its particles are written onto the word.
_SPACELESS: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
SPACELESS: Final = re.compile(f"[{_SPACELESS}]")
_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_POSSESSIVE: Final = re.compile(r"['’][sS]\b")
_DIGITS: Final = re.compile(r"\d+")
#: Up to four words with a joint between each two. Nothing is tried twice: a sixth of the time it would take otherwise.
_COMPOUND: Final = re.compile(r"\b[^\W\d_]++(?:[-‐‑/][^\W\d_]++){1,3}")
_JOINT: Final = re.compile(r"[-‐‑/]")


#: Gives the terms of a text that has been folded.
Analyze = Callable[[str], list[str]]


def analyzer() -> TextAnalyzer:
    """The part of the analysis that the index itself runs on what ``folded`` gives."""
    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.remove_long(_LONGEST_TERM))
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .filter(Filter.stemmer("english"))
        .build()
    )


def folded(text: str) -> str:
    """``text`` made ready for the analyzer. Takes any text, lone surrogates included."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.encode("utf-8", "replace").decode())
        text = unicodedata.normalize("NFC", _ACCENTS.sub("", text))
        text = SPACELESS.sub(r" \g<0> ", text)
    return _POSSESSIVE.sub("", _DIGITS.sub(r" \g<0> ", text))


def joined(text: str) -> str:
    """The words of ``text`` that are written with hyphens or strokes, as they are written without ("e-commerce" is
    "ecommerce" to others); parted by spaces, and empty where there are none.
    """
    return " ".join(_JOINT.sub("", c) for c in _COMPOUND.findall(text)) if _JOINT.search(text) else ""
