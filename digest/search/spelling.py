"""The spellings one slip away from a word: a letter too many, missing, wrong, or two exchanged (Damerau, 1964: four slips in
five are one of these).

Which of them are words is for the index to say.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

#: Shorter words have neighbours that are other words ("cat", "car"); longer ones are not typed. In a word of four letters a
#: wrong one makes another word still ("coke", "code"), so there only a letter too many, missing or exchanged is mended.
SHORTEST: Final = 4
LONGEST: Final = 24

_ALPHABETS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдежзиклмнопрстуфхцчшщъыьэюя",
    "αβγδεζηθικλμνξοπρστυφχψω",
)


def slips(word: str) -> list[str]:
    """Every spelling one slip away from ``word`` (lower case), each once. Empty for a word shorter than 4 or longer than 24
    letters, and for one in an alphabet that is not Latin, Cyrillic or Greek. The first letter is taken as right."""
    if not SHORTEST <= len(word) <= LONGEST:
        return []
    alphabet = next((a for a in _ALPHABETS if all(c in a for c in word)), "")
    if not alphabet:
        return []
    halves = [(word[:at], word[at:]) for at in range(1, len(word) + 1)]
    exchanged = (word[:at] + b + a + word[at + 2 :] for at, (a, b) in enumerate(pairwise(word)))
    lost = (head + tail[1:] for head, tail in halves if tail)
    mistaken = alphabet if len(word) > SHORTEST else ""
    wrong = (head + letter + tail[1:] for head, tail in halves if tail for letter in mistaken)
    more = (head + letter + tail for head, tail in halves for letter in alphabet)
    return [s for s in dict.fromkeys((*exchanged, *lost, *wrong, *more)) if s != word]
