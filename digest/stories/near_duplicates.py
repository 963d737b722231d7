"""Whether one text is a copy of another: syndicated, cut, with lines added, lightly edited or badly scanned.

A text becomes a sketch of at most 776 bytes, the same on every machine and in every version of Python: a sample of its telling
words, in their order, and a sample of the pairs that these words make. Both samples are of the lowest hashes, so that two
sketches answer for the whole texts which share of the shorter one is in the other. That is containment: a copy may have lost
half of the text, or have twice as much around it. ``bands`` are what copies have in common and strangers do not: where to look.

Pure. Which texts are compared at all is the store's to find out (``ports.NearDuplicates``). The same event told in other words is
no copy, and a text that is the same to the letter is found by ``fingerprint`` already.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from bisect import bisect_left
from functools import lru_cache
from itertools import pairwise
from math import exp, log
from typing import TYPE_CHECKING, Final, NamedTuple
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Hashes in each sample. In texts of 92 words 32 to 192 find the same; 96 leave room for long ones.
SAMPLE: Final = 96
#: Bands of one sketch: the lowest hashes of its pairs of words. Copies of which 30 percent of the words were edited share 10 of
#: 20; with 16, one in a thousand of them was missed.
BANDS: Final = 20
#: Fewer different telling words than these say nothing about being a copy; they are about ten words of English.
MIN_WORDS: Final = 4
#: What is looked at of a text: some 16,000 words. A sample of more would not tell more, and a text has to end somewhere.
MAX_CHARS: Final = 100_000
#: From this degree on two texts are copies; chosen on one half of the documents of ``benchmarks.duplicates``.
SAME: Final = 0.5

#: Weights of what two sketches have in common, as ``benchmarks.learn_copies`` learns them from 41,000 pairs of copies and strangers.
_PAIRS, _GAPS, _SIZES, _CONSTANT = 6.9, -9.1, 6.1, -0.6
#: Pairs that two sketches must share at the least, and which share of them. Of scanned copies 1 in 100 shares less.
_MIN_PAIRS, _MIN_PAIRS_SHARE = 2, 0.15
#: Where evidence is scarce, so few telling words (a teaser of 40 words) or so few pairs, this share of the words must be in the
#: other too. Of edited teasers 1 in 100 has less; two teasers of one subject have up to half.
_SCARCE_WORDS, _SCARCE_PAIRS, _MOST_WORDS = 25, 3, 0.6
#: A text so much shorter is a copy only as an excerpt: with this share of its words and of its pairs in the other.
_EXCERPT, _EXCERPT_WORDS, _EXCERPT_PAIRS = 0.2, 0.9, 0.7
#: In a gap, a word that both have closes as much as this many others open: strangers share words too.
_CLOSES: Final = 1.5
#: A gap this many times as long as chance makes it tells all that a gap can.
_LONGEST: Final = 3.0

#: English words of four letters and more that every text has. Shorter ones do not count as telling in any language.
_COMMON: Final = frozenset(
    b"about after also because been before being between both could does down each even every from have here into just like "
    b"made make many more most much only other over said same should some such than that their them then there these they "
    b"this those through under very well were what when where which while will with would your".split()
)
_WORD: Final = re.compile(r"[^\W_]+")
#: Scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, kana, Han. Two characters stand for a word there.
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
#: WordPress puts this under every entry of a feed.
_FOOTER: Final = re.compile(r"\bThe post .{1,300}? appeared first on .{1,100}?\.?\s*$", re.DOTALL)
_NOT_ALNUM: Final = bytes(b if b < 128 and chr(b).isalnum() else 0x20 for b in range(256))
_HEAD: Final = struct.Struct("<HHB")
_TOP: Final = 1 << 32


class _Seen(NamedTuple):
    """A sketch, read. ``words`` in the order of the text; ``words_below`` and ``pairs_below``: samples hold every hash below it."""

    words: tuple[int, ...]
    pairs: tuple[int, ...]
    words_in_all: int
    words_below: int
    pairs_below: int
    known_words: frozenset[int]
    known_pairs: frozenset[int]


def sketch(text: str) -> bytes:
    """The sketch of ``text``; empty where it has fewer than five different telling words and no copy of it can be known."""
    telling = [w for w in _words(text[:MAX_CHARS]) if (w not in _COMMON if len(w) > 3 else len(w) > 1 and w.isdigit())]
    words = list(dict.fromkeys(map(crc32, telling)))
    if len(words) < MIN_WORDS:
        return b""
    pairs = sorted(set(map(crc32, map(b" ".join, pairwise(telling)))))
    in_all = len(words)
    if in_all > SAMPLE:
        highest = sorted(words)[SAMPLE - 1]
        words = [w for w in words if w <= highest]
    head = _HEAD.pack(min(in_all, 0xFFFF), min(len(pairs), 0xFFFF), len(words))
    hashes = words + pairs[:SAMPLE]
    return head + struct.pack(f"<{len(hashes)}I", *hashes)


def bands(of: bytes) -> list[int]:
    """At most 20 numbers of 32 bits; copies share some of them. None for an empty sketch."""
    found = packed_bands(of)
    return list(struct.unpack(f"<{len(found) // 4}I", found))


def packed_bands(of: bytes) -> bytes:
    """The same as they stand in a sketch: 4 bytes each, the lowest first."""
    if not of:
        return b""
    start = _HEAD.size + 4 * of[4]
    return of[start : start + 4 * BANDS]


def same_text(one: bytes, other: bytes) -> bool:
    """Whether the texts of two sketches are copies, the one of the other or both of a third."""
    return degree(one, other) >= SAME


def degree(one: bytes, other: bytes) -> float:
    """How much two sketches are those of copies: 0 to 1, 0.5 and more says that they are. 0 where a sketch is empty. Symmetric."""
    if not one or not other:
        return 0.0
    a, b = sorted((_read(one), _read(other)), key=_size)
    shared, pairs, of_pairs = _shared(a, b)
    sizes = a.words_in_all / b.words_in_all
    if pairs < _MIN_PAIRS or not _enough(shared, pairs, of_pairs, sizes):
        return 0.0
    return 1 / (1 + exp(-(_CONSTANT + _PAIRS * pairs / of_pairs + _GAPS * _gaps(shared) + _SIZES * sizes)))


def _enough(shared: Sequence[bool], pairs: int, of_pairs: int, sizes: float) -> bool:
    """Whether there is evidence enough to weigh. Of a text in one that is hundreds of times as long no word may be sampled."""
    if len(shared) < MIN_WORDS:
        return False
    scarce = len(shared) < _SCARCE_WORDS or pairs < _SCARCE_PAIRS
    words = _EXCERPT_WORDS if sizes < _EXCERPT else _MOST_WORDS if scarce else 0.0
    share = _EXCERPT_PAIRS if sizes < _EXCERPT else _MIN_PAIRS_SHARE
    return sum(shared) >= words * len(shared) and pairs >= share * of_pairs


def _size(seen: _Seen) -> tuple[int, tuple[int, ...]]:
    return seen.words_in_all, seen.words


def _shared(a: _Seen, b: _Seen) -> tuple[list[bool], int, int]:
    """Of each word of the shorter text whether it is in the other; how many pairs of words both have, and of how many; all as far
    as both samples reach.
    """
    below = min(a.words_below, b.words_below)
    words = [w in b.known_words for w in a.words if w < below]
    below = min(a.pairs_below, b.pairs_below)
    ours, theirs = (bisect_left(seen.pairs, below) for seen in (a, b))
    return words, len(b.known_pairs.intersection(a.pairs[:ours])), min(ours, theirs)


def _gaps(shared: Sequence[bool]) -> float:
    """The share of the shorter text that is not in the other, 0 to 1, times the length of its longest gap, up to 3 times what it
    would be if words had been edited at random.

    Edited or badly scanned words lie all over a copy. Two texts with a paragraph in common have all else in one gap.
    """
    share = 1 - sum(shared) / len(shared)
    if share in (0.0, 1.0):
        return share * _LONGEST
    by_chance = max(1.0, log(max(2.0, len(shared) * (1 - share))) / -log(share))
    return share * min(_LONGEST, _longest_gap(shared) / by_chance)


def _longest_gap(shared: Sequence[bool]) -> float:
    longest = current = 0.0
    for each in shared:
        if not each:
            current += 1
            longest = max(longest, current)
        elif current:
            current = max(0.0, current - _CLOSES)
    return longest


@lru_cache(maxsize=1024)
def _read(of: bytes) -> _Seen:
    words_in_all, pairs_in_all, sampled = _HEAD.unpack_from(of)
    hashes = struct.unpack_from(f"<{(len(of) - _HEAD.size) // 4}I", of, _HEAD.size)
    words, pairs = hashes[:sampled], hashes[sampled:]
    below = _reach(words, words_in_all), _reach(pairs, pairs_in_all)
    return _Seen(words, pairs, words_in_all, *below, frozenset(words), frozenset(pairs))


def _reach(sample: Sequence[int], in_all: int) -> int:
    return _TOP if len(sample) >= in_all else max(sample) + 1


def _words(text: str) -> Iterable[bytes]:
    """Words in lower case, in order. ASCII takes a quick way to the same."""
    if "appeared first on" in text:
        text = _FOOTER.sub("", text)
    if text.isascii():
        return text.lower().encode().translate(_NOT_ALNUM).split()
    text = _UNSPACED.sub(_in_twos, unicodedata.normalize("NFKC", text).casefold())
    return [w.encode("utf-8", "replace") for w in _WORD.findall(text)]


def _in_twos(match: re.Match[str]) -> str:
    run = match[0]
    return f" {' '.join(map(''.join, pairwise(run)))} " if len(run) > 1 else f" {run} "
