"""A digest on its way into a channel: what is posted, how far it got, and the rules by which it goes on. Values and pure functions.

    prepared ──▶ sending ──▶ sent ──▶ verified        the content is frozen from ``prepared`` on
       ▲  ▲         │ nobody knows whether it arrived
       │  └─ unknown ◀┘          after the settle time the channel's history says
       └──── blocked             an operator has to act; tried again while its time lasts
    expired  nobody could post it in its time          skipped  there was too little to say

A publication has one piece for the channel and further ones for its thread; each is known by a key that Slack keeps beside the message.
The channel's history is the truth, and what is remembered here a cache of it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import orjson

from digest.model import EditionKind, EditionStory  # noqa: TC001 - what is stored is read by the types of the fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.model import Message
    from digest.publishing.timing import Timing

#: Of the metadata beside every message of a digest.
EVENT_TYPE: Final = "ainews_digest"

State = Literal["prepared", "sending", "unknown", "blocked", "sent", "verified", "expired", "skipped"]
STATES: Final = get_args(State)
#: Nothing is done any more.
CLOSED: Final = frozenset({"verified", "expired", "skipped"})
_KIND_MARK: Final[dict[EditionKind, str]] = {"daily": "", "weekly": "w"}


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """Which digest of a channel: that of the nominal local date ``day``."""

    channel: str
    day: date
    kind: EditionKind = "daily"

    def __str__(self) -> str:
        return f"{self.channel}:{self.day.isoformat()}{_KIND_MARK[self.kind]}"

    @classmethod
    def of(cls, text: str) -> Name:
        """The Name that was written so. Raises ValueError."""
        channel, _, day = text.rpartition(":")
        kind = next(k for k, mark in reversed(_KIND_MARK.items()) if day.endswith(mark))
        return cls(channel, date.fromisoformat(day.removesuffix(_KIND_MARK[kind])), kind)

    def key(self, workspace: str, piece: int) -> str:
        """By which a message is known in the channel. Any member may read it, so there is no secret in it."""
        return f"{workspace}:{self}:{piece}"


@dataclass(frozen=True, slots=True)
class Piece:
    """One message. ``ranks``: of the stories that it tells. ``ts``: Slack's name of it, once it is known to be there."""

    text: str
    blocks: tuple[dict[str, Any], ...]
    ranks: tuple[int, ...] = ()
    ts: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """One digest and how far it got.

    ``pieces``: the first is the channel's, the others its thread's; ``seal`` is their hash, so that what is posted is what was
    prepared. ``digest`` is what they were drawn from (``codec.dump_digest``), for corrections. ``due`` and ``until``: when it may be
    posted. ``not_before``: nothing is tried until then. ``unreadable``: since when the history could not be read. ``posted``: when the
    first piece was. ``swept``: how many looks for doubles are done; ``removed``: doubles taken away. ``alerted``: what of it the
    operator was told. All instants are aware UTC.
    """

    name: Name
    due: datetime
    until: datetime
    prepared: datetime
    pieces: tuple[Piece, ...] = ()
    seal: str = ""
    stories: tuple[EditionStory, ...] = ()
    digest: bytes = b""
    state: State = "prepared"
    reason: str = ""
    tries: int = 0
    not_before: datetime | None = None
    unreadable: datetime | None = None
    posted: datetime | None = None
    swept: int = 0
    removed: int = 0
    alerted: tuple[str, ...] = ()

    @property
    def root(self) -> str:
        """Slack's name of the first piece; empty where it is not known to be in the channel."""
        return self.pieces[0].ts if self.pieces else ""

    @property
    def unsent(self) -> int | None:
        """The number of the first piece that is not known to be in the channel; None where all are."""
        return next((n for n, piece in enumerate(self.pieces) if not piece.ts), None)

    @property
    def closed(self) -> bool:
        """Whether nothing is done of it any more."""
        return self.state in CLOSED

    @property
    def intact(self) -> bool:
        """Whether its content is what was prepared."""
        return self.seal == sealed(self.pieces)


def pieces_of(message: Message) -> tuple[Piece, ...]:
    """The message and its replies as pieces."""
    return tuple(Piece(m.text, m.blocks, m.ranks) for m in (message, *message.replies))


def sealed(pieces: Iterable[Piece]) -> str:
    """The SHA-256 of what is posted, as hex digits."""
    said = orjson.dumps([(p.text, p.blocks) for p in pieces], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(said).hexdigest()


def prepared(
    name: Name, due: datetime, until: datetime, now: datetime, message: Message, stories: Sequence[EditionStory] = (), digest: bytes = b""
) -> Publication:  # fmt: skip
    """Frozen, and ready to be posted."""
    pieces = pieces_of(message)
    return Publication(name, due, until, now, pieces, sealed(pieces), tuple(stories), digest)


def with_ts(publication: Publication, number: int, ts: str) -> Publication:
    """The piece of that number is in the channel."""
    pieces = tuple(replace(p, ts=ts) if n == number else p for n, p in enumerate(publication.pieces))
    return replace(publication, pieces=pieces, reason="", tries=0, not_before=None, unreadable=None)


def sending(publication: Publication) -> Publication:
    """It is about to be sent: what happens from now on nobody may know."""
    return replace(publication, state="sending")


def adopted(publication: Publication, found: dict[int, str]) -> Publication:
    """``found``: what the channel holds, by the number of the piece."""
    pieces = tuple(replace(p, ts=p.ts or found.get(n, "")) for n, p in enumerate(publication.pieces))
    return replace(publication, pieces=pieces, unreadable=None)


def unknown(publication: Publication, now: datetime, timing: Timing, reason: str) -> Publication:
    """Nobody knows whether it arrived: the channel is asked once that can be believed."""
    settled = now + timedelta(seconds=timing.settle_s)
    return replace(publication, state="unknown", reason=reason, not_before=settled)


def not_sent(publication: Publication, now: datetime, timing: Timing, reason: str, after_s: float | None) -> Publication:
    """It did surely not arrive; ``after_s``: how long Slack says to wait."""
    pause = max(after_s or 0.0, timing.back_off_s[min(publication.tries, len(timing.back_off_s) - 1)])
    later = now + timedelta(seconds=pause)
    return replace(publication, state="prepared", reason=reason, tries=publication.tries + 1, not_before=later)


def blocked(publication: Publication, now: datetime, timing: Timing, reason: str) -> Publication:
    """An operator has to act; it is tried again now and then."""
    return replace(publication, state="blocked", reason=reason, not_before=now + timedelta(seconds=timing.blocked_s))


def unreadable(publication: Publication, now: datetime, timing: Timing, reason: str, after_s: float | None) -> Publication:
    """The history could not be read, so nothing can be posted."""
    waiting = not_sent(publication, now, timing, reason, after_s)
    state: State = "unknown" if publication.state in ("sending", "unknown") else "prepared"
    return replace(waiting, state=state, unreadable=publication.unreadable or now)


def sent(publication: Publication, now: datetime) -> Publication:
    """All of it is in the channel."""
    return replace(publication, state="sent", posted=publication.posted or now, reason="", not_before=None)


def expired(publication: Publication, reason: str) -> Publication:
    """Its time is over."""
    return replace(publication, state="expired", reason=reason, not_before=None)


def skipped(publication: Publication, reason: str) -> Publication:
    """It is not to be posted."""
    return replace(publication, state="skipped", reason=reason, not_before=None)


def swept(publication: Publication, timing: Timing) -> Publication:
    """A look for doubles was taken; the last one verifies it."""
    count = publication.swept + 1
    state: State = "verified" if count >= len(timing.sweeps_s) else "sent"
    return replace(publication, state=state, swept=count)


def sweep_due(publication: Publication, timing: Timing) -> datetime | None:
    """When to look for doubles next; None where that is not to be done."""
    if publication.state != "sent" or publication.posted is None or publication.swept >= len(timing.sweeps_s):
        return None
    due = publication.posted + timedelta(seconds=timing.sweeps_s[publication.swept])
    return max(due, publication.not_before or due)
