"""The seams of publishing: the channel, the ledger, and whom to tell. See ``digest/ports.py``.

What becomes of a call is a value, because each outcome has its own way on (the table of ``docs/publishing.md``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from digest.publishing.publication import Name, Piece, Publication


@dataclass(frozen=True, slots=True)
class Posted:
    """A message of ours in a channel: ``piece`` is its number; ``replies``: how many its thread has, ``people``: by how many others than
    the bot. ``stray``: it belongs into a thread and stands in the channel."""

    ts: str
    piece: int
    replies: int = 0
    people: int = 0
    stray: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """What the channel holds of one publication, the oldest first."""

    posted: tuple[Posted, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The history could not be read. ``blocked``: an operator has to act."""

    reason: str
    blocked: bool = False
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """It is in the channel, as ``ts``. ``stray``: outside the thread, whose first message is gone."""

    ts: str
    stray: bool = False


@dataclass(frozen=True, slots=True)
class NotSent:
    """It surely did not arrive."""

    reason: str
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether it arrived, or will."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Slack will not take it as things are: an operator has to act."""

    reason: str


class Channels(Protocol):
    """The channels of one workspace of Slack. Nothing is tried twice within a call, and nothing is raised for what a network or Slack
    may do."""

    async def read(self, name: Name, since: datetime, roots: Sequence[str] = ()) -> Read | Unreadable:
        """The messages of ``name``, posted by this bot after ``since``, and those in the threads of ``roots``. All pages."""

    async def post(self, name: Name, number: int, piece: Piece, root: str = "") -> Sent | NotSent | Unknown | Refused:
        """Post the piece, with ``root`` into its thread."""

    async def change(self, name: Name, number: int, piece: Piece) -> bool:
        """Make the message ``piece.ts`` say what ``piece`` says. False where Slack did not take it."""

    async def remove(self, channel: str, ts: str) -> bool:
        """Take a message away. True where it is gone now."""

    async def permalink(self, channel: str, ts: str) -> str:
        """The address of a message; empty where Slack does not say."""

    async def prove(self, channel: str) -> str:
        """Post, read back and take away one message: empty where Slack gives back what is kept beside a message, without which nothing
        can be proved; else why not."""


class Ledger(Protocol):
    """What is remembered of publications, by all processes. A cache: it may be lost."""

    async def life(self) -> str:
        """Names the life of what is remembered: another one after it was lost, or the server started again."""

    async def add(self, publication: Publication) -> Publication:
        """Remember it, unless there is one of that name; which of both is remembered now."""

    async def get(self, name: Name) -> Publication | None:
        """What is remembered."""

    async def lease(self, name: Name, ttl_s: float) -> str | None:
        """A token for ``ttl_s`` seconds; None where another has one. Of any number of callers one is given it."""

    async def save(self, publication: Publication, token: str, ttl_s: float) -> bool:
        """Remember it in place of what was, and hold it for ``ttl_s`` seconds from now: one step, and only while ``token`` holds it.
        False: another does by now, and nothing was done."""

    async def release(self, name: Name, token: str) -> None:
        """Give it up, if ``token`` holds it."""

    async def open(self) -> list[Name]:
        """Those that are not closed, by when they are due."""

    async def newest(self, limit: int, channel: str = "") -> list[Publication]:
        """Those due last, the newest first; of one channel, where one is named."""

    async def proved(self, bot: str) -> bool:
        """Whether it was proved lately that Slack gives back to ``bot`` what is kept beside a message."""

    async def remember_proof(self, bot: str) -> None:
        """It was. Remembered for a month."""


AlertKind = Literal["blocked", "expired", "unreadable", "doubled", "damaged", "unproved"]


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that whoever runs the bot should know: in one sentence, and what to do."""

    kind: AlertKind
    about: str
    words: str
    remedy: str = ""


class Alerts(Protocol):
    """Whom to tell."""

    async def tell(self, alert: Alert) -> None:
        """Pass it on. Raises nothing; may take its time."""
