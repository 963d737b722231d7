"""Which articles a query finds, and in what order.

1. Articles with every clause come before those with only some; quoted clauses are never done without.
2. Among either, by BM25 over the weighted texts (see ``documents``); where every clause is there, clauses that stand next to
   each other as they were typed count more.
3. Of equal relevance, the newer first, then by id: recency decides nothing else.

A word that stands in no article is taken for a slip of the pen, and the likeliest neighbours that do occur stand in for it.
What was typed as two words is found where it is written as one, and the other way round with a hyphen.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from tantivy import Occur, Query, Schema, Searcher

from digest.ports import Hit
from digest.search.analysis import SPACELESS, Analyze
from digest.search.documents import DATED, JOINED, NUMBER, TEXT, id_of
from digest.search.query import Clause, clauses
from digest.search.spelling import slips

if TYPE_CHECKING:
    from collections.abc import Sequence

#: At most so many spellings stand in for an unknown word, each at least a tenth as frequent as the first.
_MOST_SPELLINGS: Final = 3
_LEAST_SHARE: Final = 0.1

#: What words that stand together as they were typed count, beside each for itself. On 161 real documents, asked for by three
#: words in a row, the mean reciprocal rank is 0.80 without, 0.83 with a tenth, 0.86 with a quarter and 0.87 with half; by three
#: words from anywhere it does not change up to a quarter, and falls a little with half.
_TOGETHER: Final = 0.25

#: Relevance is told apart to this many decimals: sums of the same terms in another order differ by less.
_DECIMALS: Final = 4

#: How far below the last article with every clause the first with some is put, where BM25 would put it above.
_BELOW: Final = 0.99


@dataclass(frozen=True, slots=True)
class _Asked:
    """A clause as it is looked up. ``whole`` finds the articles that have it, and is None where none can; ``parts`` find those
    that have something of it."""

    exact: bool
    whole: Query | None
    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Lookup:
    """One state of the index to ask, and what it takes to ask it."""

    searcher: Searcher
    schema: Schema
    analyze: Analyze

    def find(self, words: str, limit: int, offset: int) -> list[Hit]:
        """The hits from number ``offset``, at most ``limit``. Pages of one state of the index never overlap."""
        wanted = min(offset + limit, self.searcher.num_docs)
        found = clauses(words, self.analyze) if wanted > offset else ()
        ranked = self._ranked([self._asked(c) for c in found], self._together(found), wanted)
        return [Hit(id_of(number), relevance) for relevance, number in ranked[offset:wanted]]

    def _ranked(self, asked: Sequence[_Asked], together: Sequence[Query], wanted: int) -> list[tuple[float, int]]:
        possible = [a.whole for a in asked if a.whole is not None]
        exact = [a.whole for a in asked if a.exact]
        if not asked or None in exact:
            return []
        whole = self._best(_preferring(_every(possible), together), wanted) if possible else []
        parts = [p for a in asked if not a.exact for p in a.parts]
        if len(whole) >= wanted or not parts or (len(asked) == 1 and parts == possible):
            return whole
        some = _every([*(q for q in exact if q is not None), _some(parts)]) if exact else _some(parts)
        return [*whole, *_below(whole, self._best(some, wanted + len(whole)))]

    def _together(self, found: Sequence[Clause]) -> list[Query]:
        """Each two clauses that follow one another, as a phrase."""
        pairs = (
            (*a.terms, *b.terms)
            for a, b in pairwise(found)
            if not (a.exact or b.exact or SPACELESS.match(a.terms[0]) or SPACELESS.match(b.terms[0]))
        )
        return [
            Query.boost_query(Query.phrase_query(self.schema, TEXT, list(pair)), _TOGETHER)
            for pair in pairs
            if all(map(self._frequency, pair))
        ]

    def _asked(self, clause: Clause) -> _Asked:
        known = [t for t in clause.terms if self._frequency(t)]
        joined = [self._term(t) for t in clause.joined if self._frequency(t)]
        if len(clause.terms) == 1:
            joined += [self._term(t, JOINED) for t in clause.terms if clause.word and self._frequency(t, JOINED)]
            terms = (*(self._term(t) for t in known or ([] if joined else self._mended(clause))), *joined)
            return _Asked(clause.exact, _some(terms) if terms else None, terms)
        phrase = Query.phrase_query(self.schema, TEXT, list(clause.terms)) if len(known) == len(clause.terms) else None
        if clause.exact or SPACELESS.match(clause.terms[0]):  # a lone character of a pair says too little
            return _Asked(clause.exact, phrase, (phrase,) if phrase else ())
        one_word = [phrase, *joined] if phrase else joined
        parts = (self._term(t) for t in known if len(t) > 1)  # the e of "e-mail" is in every other "e-" too
        return _Asked(False, _some(one_word) if one_word else None, (*parts, *joined))

    def _mended(self, clause: Clause) -> list[str]:
        """The terms that occur and are one slip away from what was typed, the most frequent first."""
        spellings = [] if clause.exact else slips(clause.word)
        near = dict.fromkeys(self.analyze(" ".join(spellings)))
        found = sorted(((n, t) for t in near if (n := self._frequency(t))), reverse=True)[:_MOST_SPELLINGS]
        return [t for n, t in found if n >= found[0][0] * _LEAST_SHARE]

    def _best(self, query: Query, wanted: int) -> list[tuple[float, int]]:
        """The ``wanted`` most relevant, as relevance and number; of equals the newer first."""
        most = self.searcher.num_docs
        wanted = min(wanted, most)
        taken = min(wanted + 1, most)
        hits = self.searcher.search(query, taken, count=False).hits
        while len(hits) == taken < most and round(hits[-1][0], _DECIMALS) == round(hits[wanted - 1][0], _DECIMALS):
            taken = min(taken * 4, most)  # equals go on behind the page: all of them, or their order is not the same next time
            hits = self.searcher.search(query, taken, count=False).hits
        places = [place for _, place in hits]
        numbers = self.searcher.fast_field_values(NUMBER, places)
        dated = self.searcher.fast_field_values(DATED, places)
        rows = zip((-round(score, _DECIMALS) for score, _ in hits), dated, numbers, strict=True)
        ranked = sorted((score, -(when or 0), number or 0) for score, when, number in rows)
        return [(-score, int(number)) for score, _, number in ranked[:wanted]]

    def _term(self, term: str, name: str = TEXT) -> Query:
        return Query.term_query(self.schema, name, term)

    def _frequency(self, term: str, name: str = TEXT) -> int:
        """In how many articles ``term`` stands."""
        return self.searcher.doc_freq(name, term)


def _every(queries: Sequence[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Must, q) for q in queries])


def _some(queries: Sequence[Query]) -> Query:
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, q) for q in queries])


def _preferring(query: Query, better: Sequence[Query]) -> Query:
    """What ``query`` finds, with more relevance where ``better`` finds it too."""
    return Query.boolean_query([(Occur.Must, query), *((Occur.Should, q) for q in better)]) if better else query


def _below(whole: Sequence[tuple[float, int]], partly: Sequence[tuple[float, int]]) -> list[tuple[float, int]]:
    """``partly`` without what is in ``whole``, its relevance lowered to below that of ``whole`` where it is not."""
    had = {number for _, number in whole}
    rest = [(relevance, number) for relevance, number in partly if number not in had]
    if not rest or not whole or rest[0][0] < whole[-1][0]:
        return rest
    factor = whole[-1][0] * _BELOW / rest[0][0]
    return [(relevance * factor, number) for relevance, number in rest]
