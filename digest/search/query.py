"""What the words of a query ask for. Any text is a query: there is no syntax to get wrong but quotation marks, which ask for
words next to each other, and a mark without its partner is passed over.

This is pure and knows nothing of an index; ``ranking`` looks the clauses up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from digest.search.analysis import SPACELESS, Analyze, analyzer, folded, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: What a query may cost is bounded: nobody types more, and a pasted page is still found by its beginning.
_MOST_CHARACTERS: Final = 1_000
_MOST_CLAUSES: Final = 32

#: Terms that belong together because they were written as one word ("e-mail", "GPT-4.5"). More of them are a URL or a path,
#: whose words are looked up one by one.
_MOST_IN_COMPOUND: Final = 4

#: Shorter words joined are other words ("in put").
_SHORTEST_JOINED: Final = 5

_QUOTED: Final = re.compile(r'"([^"]*)"')
_QUOTES: Final = str.maketrans(dict.fromkeys("“”„‟«»＂「」『』", '"'))

#: Words that tell no article from another. They count only where a query has no others, and inside quotation marks.
_STOP_WORDS: Final = (
    "a about an and are as at be been but by can could do does for from had has have how i if in into is it its me my of on "
    "or our should so that the their them these they this those to was we were what when where which who why will with "
    "would you your"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing to find: a term, or several that stand next to each other.

    ``exact``: it was in quotation marks, and is not to be had without. ``word`` is what was typed where that is a single
    word of letters, and empty otherwise; its spelling may be mended. ``joined``: terms that say the same in one word, alone
    ("e-mail", "email") or together with the clause before or after ("open ai", "openai").
    """

    terms: tuple[str, ...]
    exact: bool = False
    word: str = ""
    joined: tuple[str, ...] = field(default=(), compare=False)


def clauses(words: str, analyze: Analyze) -> tuple[Clause, ...]:
    """What ``words`` asks for, each thing once, in the order it was typed; at most 32. Empty where there is no letter or
    digit in it."""
    words = words[:_MOST_CHARACTERS].translate(_QUOTES)
    quoted = [Clause(tuple(terms), exact=True) for q in _QUOTED.findall(words) if (terms := analyze(folded(q)))]
    others = _neighbours_joined(list(_of_words(_QUOTED.sub(" ", words), analyze)), analyze)
    telling = [c for c in others if c.terms[0] not in _stop_terms() or len(c.terms) > 1]
    return tuple(dict.fromkeys([*quoted, *(telling or ([] if quoted else others))]))[:_MOST_CLAUSES]


def _of_words(words: str, analyze: Analyze) -> Iterator[Clause]:
    for typed in words.replace('"', " ").split():
        terms = analyze(folded(typed))
        if len(terms) == 1:
            bare = folded(typed).strip().lower()
            yield Clause((terms[0],), word=bare if bare.isalpha() else "")
        else:
            yield from _of_compound(terms, analyze(folded(joined(typed))))


def _neighbours_joined(found: list[Clause], analyze: Analyze) -> list[Clause]:
    """Each word together with the one beside it, for whoever writes "you tube"."""
    pairs = [a.word + b.word if a.word and b.word else "" for a, b in pairwise(found)]
    as_one = [analyze(p) if len(p) >= _SHORTEST_JOINED else [] for p in ("", *pairs, "")]
    beside = zip(found, as_one, as_one[1:], strict=False)
    return [replace(c, joined=(*c.joined, *before, *after)) for c, before, after in beside]


def _of_compound(terms: list[str], one_word: list[str]) -> Iterator[Clause]:
    """The parts of what was typed without a space: runs of a script without spaces by their pairs, the rest together."""
    for spaceless, run in _runs(terms):
        if spaceless:
            yield from (Clause(pair) for pair in pairwise(run)) if len(run) > 1 else (Clause(tuple(run)),)
        elif len(run) <= _MOST_IN_COMPOUND:
            yield Clause(tuple(run), joined=tuple(one_word))
        else:
            yield from (Clause((term,)) for term in run)


def _runs(terms: Iterable[str]) -> Iterator[tuple[bool, list[str]]]:
    run: list[str] = []
    kind = False
    for term in terms:
        spaceless = SPACELESS.match(term) is not None
        if run and spaceless != kind:
            yield kind, run
            run = []
        kind = spaceless
        run.append(term)
    if run:
        yield kind, run


@lru_cache(maxsize=1)
def _stop_terms() -> frozenset[str]:
    return frozenset(analyzer().analyze(_STOP_WORDS))
