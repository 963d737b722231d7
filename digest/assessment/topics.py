"""What a text is about, in a phrase and in tags: the profile's topics where their words occur, else the text's own words."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from digest.assessment.sentences import has_letters, is_boilerplate, sentences
from digest.assessment.terms import COMMON_WORDS, STOP_WORDS, Phrases, fold, terms, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.assessment.profile import Profile

FEWEST_TAGS, MOST_TAGS = 3, 6
MAX_TAG_CHARS: Final = 40
MAX_TOPIC_WORDS: Final = 8
MAX_TOPIC_CHARS: Final = 80
#: A mention in the headline is worth this many in the body, of which at most so many count.
HEADLINE_MENTIONS, MOST_MENTIONS = 3, 3
#: A phrase of several words was not met by chance.
PHRASE_FACTOR: Final = 1.5
#: Share of capitalised words from which a line is taken for a heading.
TITLE_CASE: Final = 0.7

_NAME: Final = re.compile(r"(?<=[a-z,;] )(?:[A-Z][\w.+-]*\w(?: (?=[A-Z0-9]))?){1,3}")
_CLAUSE: Final = re.compile(r"[:;,?!|]|\s[-–—]\s")
_SLUG: Final = re.compile(r"[^\W_]+")


class Topics:
    """Finds topic and tags by ``profile``."""

    def __init__(self, profile: Profile) -> None:
        self._phrases = Phrases({t.name: t.words for t in profile.topics})
        self._order = {t.name: n for n, t in enumerate(profile.topics)}

    def find(self, headline: str, body: str) -> tuple[str, tuple[str, ...]]:
        """Topic and tags.

        The topic is the name of the profile's that headline and body speak of most; where they speak of none, the headline's
        first clause; empty only where there are no words. The tags are up to six, in lower case and joined by hyphens, the
        most telling first; three at least where the text says anything twice.
        """
        lines = [s.text for s in sentences(body) if not is_boilerplate(s)]
        said = "\n".join(lines)
        strength: Counter[str] = Counter()
        worth: dict[str, float] = dict(_names(headline, lines))
        for name, phrase, points in self._mentions(headline, said):
            strength[name] += round(10 * points)
            worth[phrase] = max(worth.get(phrase, 0.0), points)
        topic = min(strength, key=lambda n: (-strength[n], self._order[n])) if strength else ""
        tags = _distinct(sorted(worth, key=lambda p: (-worth[p], p)), ())
        if len(tags) < FEWEST_TAGS:
            tags = _distinct((*filter(None, (topic,)), *_frequent(headline, said)), tags)[:FEWEST_TAGS]
        return topic or _first_clause(headline) or _first_clause(said) or _first_clause(body), tags

    def named(self, headline: str, body: str) -> str:
        """The profile's topic that headline and body speak of most; empty where they speak of none."""
        topic, _ = self.find(headline, body)
        return topic if topic in self._order else ""

    def _mentions(self, headline: str, body: str) -> list[tuple[str, str, float]]:
        """Topic, phrase of it that occurs, and what the mentions are worth."""
        above, below = self._phrases.count(terms(headline)), self._phrases.count(terms(body))
        found = []
        for name in sorted({*above, *below}, key=self._order.__getitem__):
            high, low = above.get(name, Counter()), below.get(name, Counter())
            for phrase in sorted({*high, *low}):
                worth = HEADLINE_MENTIONS * min(high[phrase], 1) + min(low[phrase], MOST_MENTIONS)
                found.append((name, phrase, worth * (PHRASE_FACTOR if len(terms(phrase)) > 1 else 1.0)))
        return found


def _names(headline: str, lines: Sequence[str]) -> list[tuple[str, float]]:
    """Capitalised names inside the lines of a body, those in the headline foremost. Headings in title case are no sentences."""
    counted = Counter(n.strip(" .-") for line in lines if not _in_title_case(line) for n in _NAME.findall(line))
    lowered = headline.lower()
    return [
        (name, min(n, MOST_MENTIONS) + HEADLINE_MENTIONS * (name.lower() in lowered))
        for name, n in counted.items()
        if (n > 1 or name.lower() in lowered) and _is_name(name)
    ]


def _in_title_case(line: str) -> bool:
    found = [w for w in words(line) if w.lower() not in STOP_WORDS]
    return len(found) > 3 and sum(w[0].isupper() for w in found) > TITLE_CASE * len(found)


def _is_name(name: str) -> bool:
    """Whether it can stand alone: two letters only as an abbreviation ("EU", not "Co"), no word that tells nothing."""
    return len(name) > (1 if name.isupper() else 2) and not any(w.lower() in STOP_WORDS | COMMON_WORDS for w in words(name))


def _frequent(headline: str, body: str) -> list[str]:
    """Words of headline and body that carry meaning, the headline's counting more; those met once only for want of others."""
    counted: Counter[str] = Counter()
    for text, worth in ((headline, HEADLINE_MENTIONS), (body, 1)):
        for word in words(text):
            lowered = word.lower()
            if len(lowered) > 3 and lowered not in STOP_WORDS and lowered not in COMMON_WORDS and not lowered.isdigit():
                counted[lowered] += worth
    ranked = sorted(counted, key=lambda w: (-counted[w], w))
    return [w for w in ranked if counted[w] > HEADLINE_MENTIONS] or ranked[:1]


def _distinct(candidates: Iterable[str], already: tuple[str, ...]) -> tuple[str, ...]:
    """``already`` and the slugs of ``candidates`` that say more than one before them does: "google-ads" after "ads", not the other way round."""
    kept = list(already)
    for candidate in candidates:
        slug = "-".join(_SLUG.findall(candidate.lower().replace("’", "").replace("'", "")))
        if not slug or len(slug) > MAX_TAG_CHARS or not any(c.isalpha() for c in slug):
            continue
        parts = {fold(p) for p in slug.split("-")}
        if not any(parts <= {fold(p) for p in k.split("-")} for k in kept):
            kept.append(slug)
        if len(kept) == MOST_TAGS:
            break
    return tuple(kept)


def _first_clause(text: str) -> str:
    for clause in _CLAUSE.split(" ".join(text[:1000].split())):
        if has_letters(clause):
            kept = clause.split()[:MAX_TOPIC_WORDS]
            while len(kept) > 1 and kept[-1].lower() in STOP_WORDS:
                kept.pop()
            return " ".join(kept)[:MAX_TOPIC_CHARS].strip()
    return ""
