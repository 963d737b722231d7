"""What of the passages a model is shown: all where it fits, else the pieces that are likeliest to answer; as documents whose places can be
found again in the articles. Pure.

A model is shown text without what no reader sees; ``Shown.citation`` gives back the article's own text, word for word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Final

from digest.answers.offline import ranked_sentences
from digest.answers.ports import Citation, Passage
from digest.answers.terms import question
from digest.assessment.prompt import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: About five sentences: what is shown of a long article is chosen in pieces of so many characters.
PIECE_CHARS: Final = 1_200
#: Longer than this no passage can be cited: a model that cites all of an article has cited nothing.
LONGEST_CITED: Final = 2_000
#: The chance that the beginning of an article counts at least.
_BEGINNING: Final = 0.1
#: An article of more pieces is a book: what is beyond is not looked at.
_MOST_PIECES: Final = 400
_PARAGRAPH: Final = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Shown:
    """A document as a model is shown it: ``text`` is what a reader sees of the passage from ``start`` on; ``places`` where each of its
    characters stands in the passage, None where all of them are shown."""

    passage: Passage
    start: int
    text: str
    places: tuple[int, ...] | None

    def citation(self, start: int, end: int, cited: str) -> Citation | None:
        """The passage from ``start`` to ``end`` of this document, which a model says is ``cited``; None where that is not so. A place that
        is not right is looked for: the words are what counts."""
        found = cited.strip()
        if not found or len(found) > LONGEST_CITED:
            return None
        at = start + len(cited) - len(cited.lstrip()) if self.text[start:end] == cited else self.text.find(found)
        if at < 0:
            return None
        first, last = self._place(at), self._place(at + len(found) - 1)
        return Citation(self.passage.article_id, first, last + 1, self.passage.text[first : last + 1])

    def _place(self, at: int) -> int:
        return self.start + at if self.places is None else self.places[at]


def shown(asked: str, passages: Sequence[Passage], *, max_chars: int) -> list[Shown]:
    """At most about ``max_chars`` characters of ``passages``, in their order; what there is of one in the order of its text."""
    if sum(len(p.text) for p in passages) <= max_chars:
        return [s for p in passages if (s := _shown(p, 0, len(p.text))).text.strip()]
    pieces = [(n, start, end) for n, p in enumerate(passages) for start, end in islice(_pieces(p.text), _MOST_PIECES)]
    left, chosen = max_chars, list[tuple[int, int, int]]()
    for piece in _likeliest(asked, passages, pieces):
        length = piece[2] - piece[1]
        if length <= left:
            chosen.append(piece)
            left -= length
    return [s for n, a, b in _joined(sorted(chosen)) if (s := _shown(passages[n], a, b)).text.strip()]


def _shown(passage: Passage, start: int, end: int) -> Shown:
    text = passage.text[start:end]
    seen = clean(text)
    if len(seen) == len(text):
        return Shown(passage, start, text, None)
    kept, places = list[str](), list[int]()
    for n, c in enumerate(text):
        if clean(c):
            kept.append(c)
            places.append(start + n)
    return Shown(passage, start, "".join(kept), tuple(places))


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """``text`` cut between paragraphs, and where one is too long, at a space."""
    ends = [m.end() for m in _PARAGRAPH.finditer(text)]
    start = 0
    for end in (*ends, len(text)):
        if end - start < PIECE_CHARS and end != len(text):
            continue
        while end - start > 2 * PIECE_CHARS:
            cut = text.rfind(" ", start + PIECE_CHARS // 2, start + PIECE_CHARS) + 1 or start + PIECE_CHARS
            yield start, cut
            start = cut
        if end > start:
            yield start, end
        start = end


def _likeliest(asked: str, passages: Sequence[Passage], pieces: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """``pieces``, the one with the likeliest sentence first; the first piece of each passage, which says what it is about, before those
    in which nothing answers."""
    wanted = question(asked)

    def likely(piece: tuple[int, int, int]) -> float:
        n, start, end = piece
        found = ranked_sentences(wanted, [replace(passages[n], text=passages[n].text[start:end])])
        return max(found[0].chance if found else 0.0, _BEGINNING * passages[n].relevance if start == 0 else 0.0)

    return [p for _, p in sorted((-likely(p), p) for p in pieces)]


def _joined(chosen: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Pieces that follow each other as one."""
    if not chosen:
        return []
    made = [chosen[0]]
    for before, piece in pairwise(chosen):
        if piece[0] == before[0] and piece[1] == before[2]:
            made[-1] = (piece[0], made[-1][1], piece[2])
        else:
            made.append(piece)
    return made
