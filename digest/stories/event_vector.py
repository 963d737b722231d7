"""What is kept of an article to tell whether it tells the same event as another: a short list of weighted terms.

Terms are 32-bit hashes, weights one byte each, so that an article is about 250 bytes in a store and the same bytes give the
same similarity in every process: products of bytes are summed as integers, in which order does not matter. A headline may have
its meaning beside them (``meaning.py``).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: The heaviest terms kept of an article. Of 48, 64, 96 and 128 the clusters of labelled news texts are equally good, so the
#: shortest is taken.
MAX_TERMS: Final = 48
#: A headline alone makes about this many terms.
HEADLINE_TERMS: Final = 12
#: A lead of some twenty words makes this many, and is compared like any longer text.
FULL_TERMS: Final = 36
MAX_CLAIMS: Final = 15
#: Of two full texts, one term counts at most this many times what all others together do. Of 0.5, 1 and 2 none changed the
#: clusters of labelled texts by more than 0.005; with any of them no two of 161 real documents are one event by a name alone.
ALONE: Final = 1.0
#: Of a vector without a meaning, as ever, and of one with it.
_VERSION: Final = 1
_VERSION_WITH_MEANING: Final = 2
_HEAD: Final = struct.Struct("<BBB")
_MEANING: Final = struct.Struct("<H")


@dataclass(frozen=True, slots=True)
class EventVector:
    """``terms``: hashes, ascending. ``weights``: 1 to 255 for each. ``claims``: what the title claims, by ``veto.claims``.
    ``meaning``: of the title, where it is known and there is not text enough without it; signed bytes."""

    terms: tuple[int, ...]
    weights: bytes
    claims: tuple[int, ...] = ()
    meaning: bytes = b""
    #: The Euclidean length; 0 for a text without terms.
    length: float = field(init=False, repr=False, compare=False)
    #: How much there was to read: 0 for a headline alone, 1 for two hundred words.
    evidence: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        evidence = (len(self.terms) - HEADLINE_TERMS) / (FULL_TERMS - HEADLINE_TERMS)
        object.__setattr__(self, "length", sqrt(sum(w * w for w in self.weights)))
        object.__setattr__(self, "evidence", min(1.0, max(0.0, evidence)))

    def pack(self) -> bytes:
        """At most 306 bytes, with a meaning 564, that ``unpack`` reads on any machine."""
        version = _VERSION_WITH_MEANING if self.meaning else _VERSION
        packed = (
            _HEAD.pack(version, len(self.terms), len(self.claims)) + _little(self.terms) + _little(self.claims) + self.weights
        )
        return packed + _MEANING.pack(len(self.meaning)) + self.meaning if self.meaning else packed


def _little(numbers: tuple[int, ...]) -> bytes:
    return struct.pack(f"<{len(numbers)}I", *numbers)


def unpack(packed: bytes) -> EventVector:
    """The vector that was packed. Raises ValueError where ``packed`` is not one, or of another version."""
    try:
        version, terms, claims = _HEAD.unpack_from(packed)
        end = _HEAD.size + 5 * terms + 4 * claims
        numbers = struct.unpack_from(f"<{terms + claims}I", packed, _HEAD.size)
        meant = _MEANING.unpack_from(packed, end)[0] if version == _VERSION_WITH_MEANING else 0
    except struct.error as error:
        raise ValueError("these bytes are no vector") from error
    whole = end + (_MEANING.size + meant if meant else 0)
    if version != (_VERSION_WITH_MEANING if meant else _VERSION) or len(packed) != whole:
        raise ValueError("these bytes are no vector of this version")
    return EventVector(numbers[:terms], packed[end - terms : end], numbers[terms:], packed[whole - meant :] if meant else b"")


def vector(weighted: Mapping[int, float], claims: tuple[int, ...] = ()) -> EventVector:
    """The vector of the ``MAX_TERMS`` heaviest terms; weights are taken relative to the heaviest one."""
    heaviest = sorted(((w, t) for t, w in weighted.items() if w > 0), key=lambda p: (-p[0], p[1]))[:MAX_TERMS]
    kept = sorted((t, max(1, round(255 * w / heaviest[0][0]))) for w, t in heaviest)
    return EventVector(tuple(t for t, _ in kept), bytes(q for _, q in kept), tuple(sorted(claims)[:MAX_CLAIMS]))


def cosine(one: EventVector, other: EventVector) -> float:
    """0 to 1: how alike the weighted terms are, not by one of them alone (``tempered``). Symmetric to the last bit."""
    if not one.terms or not other.terms:
        return 0.0
    weights = dict(zip(other.terms, other.weights, strict=True))
    products = [w * weights[t] for t, w in zip(one.terms, one.weights, strict=True) if t in weights]
    product = tempered(sum(products), max(products, default=0), one.evidence + other.evidence)
    return min(1.0, product / (one.length * other.length))


def cosines(one: EventVector, others: Iterable[EventVector]) -> list[float]:
    """``cosine`` of ``one`` with each of ``others``."""
    of, length, evidence = dict(zip(one.terms, one.weights, strict=True)), one.length, one.evidence
    found = []
    for other in others:
        products = [w * of[t] for t, w in zip(other.terms, other.weights, strict=True) if t in of]
        product = tempered(sum(products), max(products), evidence + other.evidence) if products else 0.0
        found.append(min(1.0, product / (length * other.length)) if product else 0.0)
    return found


def tempered(product: int, most: int, evidence: float) -> float:
    """The product of two vectors, less what the term that gives the ``most`` of it has too much.

    Where there is text enough (``evidence`` of both, 0 to 2), one event has more than a word in common: a name that the field
    talks about all week is none by itself. Headlines have no room for more.
    """
    text = evidence / 2
    rest = product - most
    return rest + most * (1 - text) + min(most * text, rest * ALONE)
