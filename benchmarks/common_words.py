"""Writes ``digest/stories/common_words.txt``: the stems of English by falling frequency, from a list of words in that order.

    python -m benchmarks.common_words WORDS > digest/stories/common_words.txt

WORDS is a text of words by falling frequency, plain or gzipped, such as ``wordninja_words.txt.gz`` of the wordninja package (MIT
licence, after the English Wikipedia). The forms of one stem are added up by Zipf's law: the word of rank r has 1/r.
"""

from __future__ import annotations

import argparse
import gzip
from collections import Counter
from pathlib import Path
from typing import Final

from digest.stories.words import stemmed

KEPT: Final = 10_000


def stems(words: list[str]) -> list[str]:
    """The most frequent stems of ``words``, which are in the order of their frequency."""
    frequency: Counter[str] = Counter()
    for rank, word in enumerate(words, start=1):
        frequency[stemmed(word.lower())] += 1 / rank  # type: ignore[assignment]
    return [stem for stem, _ in frequency.most_common(KEPT)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", type=Path, help="words by falling frequency")
    read = parser.parse_args().words.read_bytes()
    text = (gzip.decompress(read) if read[:2] == b"\x1f\x8b" else read).decode()
    print("\n".join(stems(text.split())))


if __name__ == "__main__":
    main()
