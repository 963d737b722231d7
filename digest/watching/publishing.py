"""How publishing stands in one workspace of Slack: what is open, what is late, what comes next, what was posted last."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from digest.publishing.rounds import owing, schedules
from digest.publishing.schedule import next_due

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from digest.model import Subscription
    from digest.publishing.publication import Name, Publication
    from digest.team_parts import TeamParts

#: Open publications that are looked into, those due first first. More are open only where hundreds of channels had theirs this hour.
_LOOKED_INTO: Final = 200
_STANDS: Final = frozenset({"sent", "verified"})


@dataclass(frozen=True, slots=True)
class Late:
    """A digest that was ``due`` (aware UTC) and does not stand in its channel. ``state``: of its publication, or ``missing`` where none was
    prepared."""

    name: Name
    due: datetime
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Next:
    """The digest of a channel that is due next."""

    name: Name
    due: datetime


@dataclass(frozen=True, slots=True)
class PublishingStatus:
    """Of one ``workspace``: ``channels`` that subscribed; publications that are ``open``, by state; those ``late``, the latest first;
    what is ``next``, the soonest first; and the ``newest`` publications."""

    workspace: str
    channels: int
    open: Mapping[str, int]
    late: tuple[Late, ...]
    next: tuple[Next, ...]
    newest: tuple[Publication, ...]


async def publishing_status(team: TeamParts, now: datetime, newest: int) -> PublishingStatus:
    """As of ``now`` (aware), with so many of the ``newest`` publications. Raises StoreError."""
    wanted = await team.subscriptions.every()
    found = [p for name in (await team.ledger.open())[:_LOOKED_INTO] if (p := await team.ledger.get(name)) is not None]
    late = [Late(p.name, p.due, p.state, p.reason) for p in found if p.state not in _STANDS and p.due <= now]
    late += await _missing(team, wanted, now)
    return PublishingStatus(
        team.keys.workspace,
        len(wanted),
        Counter(p.state for p in found),
        tuple(sorted(late, key=lambda late: (late.due, late.name))),
        tuple(sorted(_coming(wanted, now), key=lambda n: (n.due, n.name))),
        tuple(await team.ledger.newest(newest)) if newest else (),
    )


async def _missing(team: TeamParts, wanted: Sequence[Subscription], now: datetime) -> list[Late]:
    """What is due by now and nobody has prepared: whoever should was not there."""
    due = {name: each.due for s in wanted for name, each in owing(s, now) if each.at(now) == "due"}
    there = await team.backlogs.taken_up(list(due))
    return [Late(name, at, "missing") for name, at in due.items() if name not in there]


def _coming(wanted: Sequence[Subscription], now: datetime) -> list[Next]:
    from digest.publishing.publication import Name

    return [
        Next(Name(s.channel, owed.day, kind), owed.due)
        for s in wanted
        for kind, schedule in schedules(s)
        if (owed := next_due(schedule, now)) is not None
    ]
