"""Copies of a text as news sites make them: what is added, cut, edited or moved, each kind for itself, the same for the same seed.

The words put in and the lines around a text are made up here or come from the other texts; nothing else is assumed of the
product that is measured on them.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_BEFORE: Final = (
    "This article was first published by our partner. It is republished here under licence and has not been edited by our staff.",
    "Sign up for our newsletter to get stories like this one in your inbox every weekday morning.",
    "Listen to this article. Estimated reading time: four minutes.",
    "Sponsored by our partners. Our journalism is independent of them, and we may earn a commission from links on this page.",
)
_AFTER: Final = (
    "Read the full story on our website. Follow us on social media for more news of the industry, and share this with a colleague.",
    "All rights reserved. This material may not be published, broadcast, rewritten or redistributed without permission.",
    "About the author: our editors have covered technology and business for more than ten years. Send them a tip by mail.",
    "The post appeared first on our partner's site. Related: five trends to watch, and what they mean for your team.",
)
_CITIES: Final = ("NEW YORK", "SAN FRANCISCO", "LONDON", "BERLIN", "SINGAPORE", "TORONTO", "SYDNEY", "BENGALURU")
_WIRES: Final = ("BUSINESS WIRE", "PRNewswire", "AP", "Reuters", "GLOBE NEWSWIRE")
_MONTHS: Final = ("Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.")
SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|\n+")


def boilerplate(text: str, rng: random.Random, _: Sequence[str]) -> str:
    """Lines of the site that republished it, before and after."""
    return f"{rng.choice(_BEFORE)}\n\n{text}\n\n{rng.choice(_AFTER)}"


def dateline(text: str, rng: random.Random, _: Sequence[str]) -> str:
    """Place, day and agency before the first word."""
    place = f"{rng.choice(_CITIES)}, {rng.choice(_MONTHS)} {rng.randint(1, 28)}, {rng.randint(2023, 2026)}"
    return f"{place} ({rng.choice(_WIRES)}) -- {text}"


def first_half(text: str, _: random.Random, __: Sequence[str]) -> str:
    """The first half of the words."""
    words = list(re.finditer(r"\S+", text))
    return text[: words[max(0, (len(words) + 1) // 2 - 1)].end()] if words else text


def edited(share: float) -> Callable[[str, random.Random, Sequence[str]], str]:
    """A kind that edits ``share`` (0 to 1) of the words: of five edited, three are replaced, one goes and one is put in."""

    def edit(text: str, rng: random.Random, vocabulary: Sequence[str]) -> str:
        words = text.split(" ")
        for place in rng.sample(range(len(words)), round(share * len(words))):
            match rng.randrange(5):
                case 0:
                    words[place] = ""
                case 1:
                    words[place] += f" {rng.choice(vocabulary)}"
                case _:
                    words[place] = rng.choice(vocabulary)
        return " ".join(w for w in words if w)

    return edit


def moved(text: str, rng: random.Random, _: Sequence[str]) -> str:
    """Its sentences in another order."""
    sentences = [s for s in SENTENCE.split(text) if s]
    rng.shuffle(sentences)
    return " ".join(sentences)


def scanned(text: str, rng: random.Random, _: Sequence[str]) -> str:
    """As read by a machine from paper: one letter in 25 wrong or lost, words parted, and the end missing where there was no room."""
    words = text.split()
    kept = " ".join(words[: int(len(words) * rng.uniform(0.6, 1))])
    wrong = ("", "i", "l", "e", "c", "o", "rn", ".", " ")
    return "".join(rng.choice(wrong) if c != " " and rng.random() < 0.04 else c for c in kept)


KINDS: Final[dict[str, Callable[[str, random.Random, Sequence[str]], str]]] = {
    "boilerplate": boilerplate,
    "dateline": dateline,
    "first half": first_half,
    "5 % edited": edited(0.05),
    "15 % edited": edited(0.15),
    "30 % edited": edited(0.30),
    "moved": moved,
}
