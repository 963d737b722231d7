"""Learned relevance: a score as a weighted sum of what a text speaks of, from a file of word lists and weights that ships.

The file is JSON that people can read and correct: ``words`` lists the words of each subject, ``features`` what is weighed (a
subject, or several at once), each with the weight that the rubric suggests (``prior``) and the one that was learned
(``weight``). ``benchmarks/learn_relevance.py`` writes the weights; this module reads them and never learns.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from digest.assessment.profile import problems_of
from digest.assessment.terms import Phrases, terms
from digest.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 256 * 1024
#: Words of the body that are looked at: news tells its subject first. 100 to 400 made no difference on the sample.
BODY_WORDS: Final = 300
#: The headline's share of a subject's value. 0.5 to 0.75 made no difference.
HEADLINE_SHARE: Final = 0.6
#: Characters that are read for each word that is wanted: twice the length of an English word with its space.
CHARS_OF_WORD: Final = 12
#: Mentions from which a subject is fully there: in the headline, in a body of under 80 words, in a longer one.
FULL_HEADLINE, FULL_SHORT, FULL_LONG = 2, 2, 4
SHORT_WORDS: Final = 80

#: What is measured beside the subjects: the headline asks; the text has amounts of money or shares; how long it is.
SIGNALS: Final = ("question", "figures", "length")
#: Figures are looked for in so many characters, and fully there from three on; a text is fully long from so many words on.
FIGURES_CHARS: Final = 1_800
FULL_FIGURES: Final = 3
LONG_WORDS: Final = 400
#: No more of a body than this is looked at.
READ_CHARS: Final = LONG_WORDS * CHARS_OF_WORD
_FIGURE: Final = re.compile(r"[$€£₹¥]\s?\d|\d(?:\.\d+)?\s?%|\dk\b|\d percent\b", re.IGNORECASE)
_NOT: Final = "not "


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in one text: the value (0 to 1) of each subject and signal, and the phrases counted, by subject."""

    values: dict[str, float]
    phrases: dict[str, Counter[str]]


class Feature(BaseModel):
    """One thing that is weighed: the product of the values named in ``all``; ``not NAME`` is one minus the value."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=80)]
    all: Annotated[tuple[str, ...], Field(min_length=1, max_length=6)]
    prior: Annotated[float, Field(ge=-10, le=10)] = 0.0
    weight: Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)] = 0.0

    @property
    def present(self) -> frozenset[str]:
        """What it asks to be there."""
        return frozenset(n for n in self.all if not n.startswith(_NOT))

    @property
    def absent(self) -> frozenset[str]:
        """What it asks not to be there."""
        return frozenset(n.removeprefix(_NOT) for n in self.all if n.startswith(_NOT))


class Weights(BaseModel):
    """The file. The raw score is ``constant`` plus weight times value of each feature; what a text gets is that, its distance
    from ``centre`` (the mean of what was learned from) stretched by ``spread``, because what is learned from few and
    disagreeing judgements keeps too close to the mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: Annotated[str, Field(max_length=4_000)] = ""
    learned: dict[str, str | int | float] = {}
    centre: Annotated[float, Field(ge=0, le=10)] = 5.0
    constant: Annotated[float, Field(ge=-100, le=100)] = 0.0
    spread: Annotated[float, Field(gt=0, le=20)] = 1.0
    #: The subjects of which at least one must be there for an article to be within the rubric's field at all.
    subjects: tuple[str, ...]
    #: A name for several subjects at once: its value is that at least one of them is there.
    unions: dict[str, tuple[str, ...]] = {}
    words: Annotated[dict[str, Annotated[tuple[str, ...], Field(max_length=500)]], Field(min_length=1, max_length=100)]
    features: Annotated[tuple[Feature, ...], Field(min_length=1, max_length=200)]
    format: Literal[1] = 1

    @model_validator(mode="after")
    def _names_are_known(self) -> Weights:
        if doubled := sorted((self.words.keys() & self.unions.keys()) | ({*self.words, *self.unions} & {*SIGNALS})):
            raise ValueError(f"there are two of {', '.join(doubled)}")
        known = {*self.words, *self.unions, *SIGNALS}
        used = {n for f in self.features for n in f.present | f.absent} | set(self.subjects)
        united = {n for names in self.unions.values() for n in names}
        if unknown := sorted((used - known) | (united - self.words.keys())):
            raise ValueError(f"no list of words is called {', '.join(unknown)}")
        return self


def load_weights(file: Path) -> Weights:
    """The weights in ``file``. Raises ConfigurationError naming every problem of it."""
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise _wrong(file, f"it is larger than {MAX_BYTES // 1024} KB")
        return Weights.model_validate_json(data)
    except OSError as error:
        raise _wrong(file, f"it cannot be read: {error.strerror or type(error).__name__}") from error
    except ValidationError as error:
        raise _wrong(file, problems_of(error)) from None


class Scale:
    """Holds texts against ``weights``."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self._phrases = Phrases(weights.words)

    def see(self, headline: str, body: str) -> Seen:
        """What ``headline`` and the beginning of ``body`` speak of."""
        found = terms(body[: BODY_WORDS * CHARS_OF_WORD])[:BODY_WORDS]
        above, below = self._phrases.count(terms(headline)), self._phrases.count(found)
        full = FULL_SHORT if len(found) < SHORT_WORDS else FULL_LONG
        values = {
            name: HEADLINE_SHARE * _share(above.get(name), FULL_HEADLINE) + (1 - HEADLINE_SHARE) * _share(below.get(name), full)
            for name in self.weights.words
        }
        for name, members in self.weights.unions.items():
            values[name] = 1 - math.prod(1 - values[m] for m in members)
        values["question"] = float("?" in headline or "？" in headline)
        values["figures"] = min(len(_FIGURE.findall(f"{headline} {body[:FIGURES_CHARS]}")), FULL_FIGURES) / FULL_FIGURES
        values["length"] = min(body[:READ_CHARS].count(" "), LONG_WORDS) / LONG_WORDS
        phrases = {n: above.get(n, _NONE) + below.get(n, _NONE) for n in {*above, *below}}
        return Seen(values, phrases)

    def features(self, seen: Seen) -> list[float]:
        """The value of each feature, 0 to 1, in the order of the file."""
        return [math.prod(_value(seen.values, n) for n in f.all) for f in self.weights.features]

    def score(self, seen: Seen) -> float:
        """0 to 10, unrounded, before it is asked whether the text is within the field."""
        raw = self.weights.constant + sum(f.weight * v for f, v in zip(self.weights.features, self.features(seen), strict=True))
        return self.weights.centre + self.weights.spread * (raw - self.weights.centre)

    def within_field(self, seen: Seen) -> float:
        """0 to 1: whether the text speaks of any of the profile's subjects; 1 from one clear mention on."""
        return min(1.0, (1 - math.prod(1 - seen.values[s] for s in self.weights.subjects)) / CLEAR_MENTION)

    def contributions(self, seen: Seen) -> list[tuple[float, Feature]]:
        """Points that each feature brought or cost, those that moved the score most first."""
        parts = [
            (f.weight * v * self.weights.spread, f) for f, v in zip(self.weights.features, self.features(seen), strict=True)
        ]
        return sorted(parts, key=lambda p: (-abs(p[0]), p[1].name))


_NONE: Final[Counter[str]] = Counter()
#: The value of a subject that the body of a short article mentions once.
CLEAR_MENTION: Final = (1 - HEADLINE_SHARE) / FULL_SHORT


def _share(counted: Counter[str] | None, full: int) -> float:
    return min(counted.total(), full) / full if counted else 0.0


def _value(values: dict[str, float], name: str) -> float:
    return 1 - values[name.removeprefix(_NOT)] if name.startswith(_NOT) else values[name]


def _wrong(file: Path, problem: str) -> ConfigurationError:
    return ConfigurationError(
        f"the weights {file} are not usable: {problem}",
        remedy="Learn them anew by benchmarks/learn_relevance.py, or leave `weights` out of the profile.",
    )
