"""Which articles have a term, and so which are like a given one. Four bytes for each term of each article."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from digest.stories.event_vector import tempered

if TYPE_CHECKING:
    from digest.stories.event_vector import EventVector


class TermIndex:
    """Articles by their terms. A posting is an article's slot and the term's weight in one number."""

    def __init__(self) -> None:
        self._postings: dict[int, array[int]] = {}
        self._ids: list[str] = []
        self._lengths: list[float] = []
        self._evidence: list[float] = []
        self._slots: dict[str, int] = {}
        self._free: list[int] = []

    def __len__(self) -> int:
        return len(self._slots)

    def add(self, article_id: str, vector: EventVector) -> None:
        """``article_id`` must not be in the index."""
        slot = self._free.pop() if self._free else len(self._ids)
        if slot == len(self._ids):
            self._ids.append("")
            self._lengths.append(0.0)
            self._evidence.append(0.0)
        self._ids[slot], self._lengths[slot], self._slots[article_id] = article_id, vector.length, slot
        self._evidence[slot] = vector.evidence
        for term, weight in zip(vector.terms, vector.weights, strict=True):
            posting = slot << 8 | weight
            held = self._postings.get(term)
            if held is None:
                self._postings[term] = array("I", (posting,))
            else:
                held.append(posting)

    def remove(self, article_id: str, vector: EventVector) -> None:
        """``vector`` is the one it was added with."""
        slot = self._slots.pop(article_id)
        for term, weight in zip(vector.terms, vector.weights, strict=True):
            self._postings[term].remove(slot << 8 | weight)
            if not self._postings[term]:
                del self._postings[term]
        self._ids[slot] = ""
        self._free.append(slot)

    def cosines(self, vector: EventVector, least: float = 0.0) -> dict[str, float]:
        """Each article that shares a term with ``vector``, and has a cosine of at least ``least``; the same as ``cosine``."""
        products: dict[int, int] = {}
        most: dict[int, int] = {}
        before, highest = products.get, most.get
        for term, weight in zip(vector.terms, vector.weights, strict=True):
            for posting in self._postings.get(term, ()):
                slot, product = posting >> 8, weight * (posting & 255)
                products[slot] = before(slot, 0) + product
                if product > highest(slot, 0):
                    most[slot] = product
        found: dict[str, float] = {}
        own_length, own_evidence = vector.length, vector.evidence
        for slot, product in products.items():
            length = own_length * self._lengths[slot]
            if product >= least * length:  # what is tempered is no more
                alike = tempered(product, most[slot], own_evidence + self._evidence[slot])
                if alike >= least * length:
                    found[self._ids[slot]] = min(1.0, alike / length)
        return found
