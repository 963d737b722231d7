"""Words and phrases of a text in a form in which "ads", "Ads" and "ad's" are one, and the quick counting of many phrases in it.

The folding is light on purpose: it joins the endings of English that a list of words would otherwise have to spell out, and
leaves every other language as it is but for case. In scripts without spaces each character is a word.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: English words that tell nothing of what a text is about.
STOP_WORDS: Final = frozenset(
    "a an the of and or but nor to in on at for with by from as is are was were be been being am it its this that these those he "
    "she they we you i his her hers their theirs our ours your yours my mine me them us him not no so if then than too very can "
    "could will would shall should may might must do does did done doing has have had having about into over under after before "
    "up down out off more most other some such only own same just also one what which who whom whose how when where why all any "
    "both each few there here again once between through during while because until against above below further now s t re ve ll "
    "d m don isn aren wasn won didn doesn via per vs".split()
)
#: Words that are everywhere in news and posts and carry little; they count, but less.
COMMON_WORDS: Final = frozenset(
    "say says said tell told explain explained according add added note noted people thing things way ways make makes made making "
    "take takes taken taking go goes going gone get gets getting got want wants need needs use uses used using like even still "
    "much many lot lots really actually know think see seen look looks looking come comes coming came back give gives given good "
    "better best well time times day days week weeks year years month months today yesterday first last next new old big small "
    "long short high low right part kind sort around without within however since although though instead rather yet already "
    "always never often sometimes maybe perhaps something anything everything nothing someone everyone two three every another "
    "work works working start started keep put set let try trying help helps able different similar important possible real "
    "simply simple example point case fact end number call called become becomes becoming seem seems feel show shows shown ask "
    "asked find found happen happened mean means turn run running move world place side bit great top full".split()
)


#: Words that are not forms of the word they look like one of: marketing is not a market.
_WHOLE_WORDS: Final = frozenset({"marketing", "training", "building", "meeting", "rating", "pricing", "shopping"})


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """``word`` in lower case without possessive and the commonest English endings: a key, not always a word."""
    word = word.lower()
    if word.endswith(("'s", "’s")):
        word = word[:-2]
    if not word.isascii():
        return word
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 2 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word in _WHOLE_WORDS:
        return word
    for ending in ("ing", "ed"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            word = word[: -len(ending)]
            break
    return word.removesuffix("e") if len(word) > 4 else word


def terms(text: str) -> list[str]:
    """The folded words of ``text`` in order."""
    return [fold(w) for w in words(text)]


def words(text: str) -> list[str]:
    """The words of ``text`` as they stand, in order."""
    return _pattern(text).findall(text)


def first_mention(phrase: str, text: str) -> str:
    """``phrase`` as ``text`` writes it where it first occurs ("Advertisers" for "advertiser"); empty where it does not."""
    wanted = terms(phrase)
    spans = [match.span() for match in _pattern(text).finditer(text)]
    folded = [fold(text[start:end]) for start, end in spans]
    for at in range(len(folded) - len(wanted) + 1):
        if folded[at : at + len(wanted)] == wanted:
            return " ".join(text[spans[at][0] : spans[at + len(wanted) - 1][1]].split())
    return ""


def count_words(text: str) -> int:
    """Words of ``text``; in scripts without spaces two characters are taken for a word."""
    if text.isascii():
        return len(_ASCII_WORD.findall(text))
    unspaced = len(_UNSPACED.findall(text))
    return len(words(text)) - unspaced // 2


def content_terms(text: str) -> list[str]:
    """The folded words of ``text`` that carry meaning, in order; single letters and digits left out, but for scripts in which
    one character is a word."""
    return [fold(w) for w in words(text) if (len(w) > 1 or not w.isascii()) and w.lower() not in STOP_WORDS]


class Phrases:
    """Groups of phrases, to be counted in a text in one pass."""

    def __init__(self, groups: Mapping[str, Iterable[str]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
        for group, phrases in groups.items():
            for phrase in dict.fromkeys(phrases):
                if folded := tuple(terms(phrase)):
                    self._by_first.setdefault(folded[0], []).append((folded, group, phrase))

    def count(self, found: Sequence[str]) -> dict[str, Counter[str]]:
        """How often each phrase occurs in ``found`` (the result of ``terms``), by group; only what occurs."""
        counts: dict[str, Counter[str]] = {}
        for at, term in enumerate(found):
            for folded, group, phrase in self._by_first.get(term, ()):
                if len(folded) == 1 or tuple(found[at : at + len(folded)]) == folded:
                    counts.setdefault(group, Counter())[phrase] += 1
        return counts


#: Chinese, Japanese, Thai, Lao, Khmer and Myanmar put no spaces between words.
_NO_SPACES: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_UNSPACED: Final = re.compile(f"[{_NO_SPACES}]")


def _pattern(text: str) -> re.Pattern[str]:
    return _ASCII_WORD if text.isascii() else _CHARACTER_OR_WORD if _UNSPACED.search(text) else _WORD


#: Three forms of one pattern, of which the narrower is the faster: letters and digits, apostrophes inside, a plus behind
#: ("Advantage+").
_ASCII_WORD: Final = re.compile(r"[A-Za-z0-9]+(?:'[A-Za-z0-9]+)*\+?")
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*\+?")
_CHARACTER_OR_WORD: Final = re.compile(rf"[{_NO_SPACES}]|[^\W_{_NO_SPACES}]+(?:['’][^\W_{_NO_SPACES}]+)*\+?")
