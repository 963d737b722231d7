"""Which other article one leans on that has no strong pair: the likest of those that are faintly alike.

A headline like "World week ahead: dark clouds over China" is much like no other, and a little like many of one story. Leaning
puts it into that story's group, so that ``linkage.py`` can ask whether it belongs there, and joins no two groups: each leans on
one article only.
"""

from __future__ import annotations

from collections import defaultdict


class Leaning:
    """Articles by id. Which of two equally like articles one leans on goes by their ids, not by which came first."""

    def __init__(self) -> None:
        self._on: dict[str, tuple[float, str]] = {}
        self._by: defaultdict[str, set[str]] = defaultdict(set)

    def prefer(self, article_id: str, other: str, alike: float) -> bool:
        """``article_id`` leans on ``other`` unless it leans on a likelier one. Returns whether it does so from now on."""
        held = self._on.get(article_id)
        if held and (-held[0], held[1]) <= (-alike, other):
            return False
        self.stop(article_id)
        self._on[article_id] = (alike, other)
        self._by[other].add(article_id)
        return True

    def stop(self, article_id: str) -> bool:
        """``article_id`` leans on none. Returns whether it did."""
        held = self._on.pop(article_id, None)
        if held is None:
            return False
        leaning = self._by[held[1]]
        leaning.discard(article_id)
        if not leaning:
            del self._by[held[1]]
        return True

    def without(self, article_id: str) -> set[str]:
        """Takes an article out; returns those that leaned on it, and now on none."""
        self.stop(article_id)
        left = set(self._by.get(article_id, ()))
        for each in left:
            self.stop(each)
        return left

    def around(self, article_id: str) -> list[str]:
        """What it leans on and what leans on it, in the order of their ids."""
        held = self._on.get(article_id)
        return sorted({*self._by.get(article_id, ()), *((held[1],) if held else ())})
