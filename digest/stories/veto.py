"""Titles that contradict each other are not one event, however alike their words.

"Google adds Gemini to Maps" and "Google removes Gemini from Maps" share all but one word. A title is read for claims, each an
axis and a place on it: somebody's act or its opposite ("Google adds", "Google removes"; a negation turns it round), a version
("GPT-5"), a quarter, a year. Two titles contradict where both speak on one axis and have no place on it in common. Sums of money are no axis: outlets
give one event's in different roundings and guesses.

A contradiction takes a pair's similarity away. It does not forbid a story: articles that agree with both may still hold it
together, so that one careless headline does not part it.
"""

from __future__ import annotations

import re
import zlib
from functools import cache
from typing import TYPE_CHECKING, Final

from digest.stories.commonness import commonness
from digest.stories.words import stemmed, words

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Acts and their opposites, one axis a line: stems of one place, then of the other.
_OPPOSITES: Final = """
add adds added adding introduce bring brings brought restore restored / remove removes removed removing drop drops dropped strip
launch launches launched launching unveil unveils debut debuts open opens opened / shut shuts shutter shutters shuttered discontinue discontinues discontinued close closes closed closing sunset sunsets retire retires retired scrap scraps scrapped kill kills
win wins won winning / lose loses lost losing
rise rises rose rising gain gains gained climb climbs climbed jump jumps jumped surge surges surged soar soars soared rally rallies rallied increase increases increased grow grows grew raise raises raised / fall falls fell falling decline declines declined slip slips slipped slide slides slid tumble tumbles tumbled plunge plunges plunged sink sinks sank slump slumps slumped decrease decreases decreased cut cuts cutting lower lowers lowered shrink shrinks shrank
approve approves approved approval allow allows allowed permit permits permitted accept accepts accepted legalise back backs backed / reject rejects rejected ban bans banned block blocks blocked forbid forbids prohibit prohibits refuse refuses refused oppose opposes opposed
hire hires hired hiring appoint appoints appointed join joins joined / fire fires fired sack sacks sacked lay layoff layoffs oust ousts ousted quit quits leave leaves left resign resigns resigned depart departs departed
buy buys bought acquire acquires acquired / sell sells sold divest divests divested
confirm confirms confirmed admit admits admitted / deny denies denied
enable enables enabled / disable disables disabled
begin begins began start starts started resume resumes resumed / end ends ended stop stops stopped halt halts halted pause pauses paused suspend suspends suspended cancel cancels cancelled canceled
succeed succeeds succeeded / fail fails failed
sue sues sued / settle settles settled
beat beats beating / miss misses missed
release releases released ship ships shipped / delay delays delayed postpone postpones postponed withhold withholds withdraw withdraws withdrew recall recalls recalled
expand expands expanded / limit limits limited restrict restricts restricted
"""
_NEGATIONS: Final = frozenset(
    "not no never without won't don't doesn't didn't isn't aren't can't cannot couldn't wouldn't".split()
)
#: A negation turns round an act at most this many words after it: "will not be allowed to".
_REACH: Final = 3
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_QUARTERS: Final = {"first": "1", "second": "2", "third": "3", "fourth": "4", "1st": "1", "2nd": "2", "3rd": "3", "4th": "4"}
_VERSION: Final = re.compile(
    r"\b([A-Z][A-Za-z]*)[ -]?v?(\d{1,2}(?:\.\d{1,2})?)(?![\w.,%]|\s*(?:%|percent|per cent|pct|million|billion))"
)


@cache
def _places() -> dict[str, tuple[str, str]]:
    """By word its axis, named by the first word of it, and its place."""
    found = {}
    for line in _OPPOSITES.strip().splitlines():
        for place, listed in zip("+-", line.split(" / "), strict=True):
            found.update(dict.fromkeys(listed.split(), (line.split()[0], place)))
    return found


def claims(title: str) -> tuple[int, ...]:
    """What ``title`` claims: numbers for ``contradict``, the axis in the upper 16 bits and the place on it in the lower."""
    lower = [word.lower() for word in words(title)]
    found = {*_acts(lower), *_times(lower), *_versions(title)}
    return tuple(sorted(_hash(axis) << 16 | _hash(place) for axis, place in found))


def contradict(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two titles' claims exclude each other: on some axis they have places, and none in common."""
    if not one or not other:
        return False
    agreed = {claim >> 16 for claim in set(one) & set(other)}
    return not ({c >> 16 for c in one} & {c >> 16 for c in other}) <= agreed


def _acts(lower: list[str]) -> Iterator[tuple[str, str]]:
    """Each act with who does it, the nearest word before it that says something: stocks may fall while yields rise."""
    negated, subject, said_nothing = -_REACH - 1, "", commonness().stop
    for n, word in enumerate(lower):
        if word in _NEGATIONS:
            negated = n
        elif word not in _places():
            stem = stemmed(word)
            subject = subject if stem in said_nothing or word[0].isdigit() else stem
        elif subject:
            axis, place = _places()[word]
            yield f"{subject} {axis}", ("-" if place == "+" else "+") if n - negated <= _REACH else place


def _times(lower: list[str]) -> Iterator[tuple[str, str]]:
    for word, after in zip(lower, [*lower[1:], ""], strict=False):
        if _YEAR.fullmatch(word):
            yield "year", word
        if word in ("q1", "q2", "q3", "q4"):
            yield "quarter", word[1]
        if after == "quarter" and word in _QUARTERS:
            yield "quarter", _QUARTERS[word]


def _versions(title: str) -> Iterator[tuple[str, str]]:
    for name, number in _VERSION.findall(title):
        stem = stemmed(name.lower())
        if stem not in commonness().stop and stem not in _places():
            yield "version of " + stem, number


def _hash(text: str) -> int:
    return zlib.crc32(text.encode()) & 0xFFFF
