"""Brings a channel its digest as the bot does, through its ledger, and draws it again when a template was changed.

The local Slack is at once what it says it is, so an empty history can be believed after a moment.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.slack.identity import OneIdentity
from bot.slack.publishing.desks import digest_for, prepared_from, publishing_of
from digest.errors import PublishError
from digest.publishing.preparing import drawn_again
from digest.publishing.publication import Name
from digest.publishing.rounds import by_hand
from digest.publishing.stored import load_digest
from digest.publishing.timing import Timing
from digest.translating.composing import in_its_language

if TYPE_CHECKING:
    from bot.slack.publishing.desks import Publishing
    from bot.slack.services import Services
    from digest.model import Digest
    from digest.publishing.publication import Publication

TIMING: Final = Timing(settle_s=0.2, between_s=0.0, proof_s=(0.0, 0.2))
_LOOK_S: Final = 0.05
_WITHIN_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Delivered:
    """A digest that stands in a channel: ``stamps`` are those of its message and of the replies in its thread, in order."""

    name: Name
    digest: Digest
    stamps: tuple[str, ...]

    @property
    def channel(self) -> str:
        """The id of its channel."""
        return self.name.channel


class Deliverer:
    """Of the playground's one workspace."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._made: Publishing | None = None

    async def today(self, channel: str) -> Delivered:
        """Post the digest of ``channel`` for today, unless it stands there. Raises AinewsError."""
        publishing = await self._publishing()
        team = publishing.team
        subscription = await team.subscription_or_default(channel)
        now = team.now()
        day = now.astimezone(team.zone(subscription)).date()
        name, owed = Name(channel, day), by_hand(subscription, day, "daily", now)
        made = prepared_from(team, await digest_for(team, subscription, name, now), name, owed)
        await publishing.desk.take_up_again(made)
        return await _posted(publishing, name)

    async def again(self, delivered: Delivered) -> Delivered:
        """The same digest by the templates as they now are, in the place of its messages. Raises AinewsError."""
        publishing = await self._publishing()
        team, desk, name = publishing.team, publishing.desk, delivered.name
        there = await desk.office.ledger.get(name)
        if there is None:
            return delivered
        parts = team.parts
        drawn = await drawn_again(there, parts.articles, parts.templates, lambda made: in_its_language(made, parts, team.own))
        if await desk.correct(name, drawn) is None:
            raise PublishError("The digest was not drawn again.", remedy="Save the template once more.")
        return await _posted(publishing, name)

    async def _publishing(self) -> Publishing:
        if self._made is None:
            identity = await OneIdentity(self._services.settings).learn()
            self._made = publishing_of(self._services.team(str(identity.team_id)), identity, TIMING)
        return self._made


async def _posted(publishing: Publishing, name: Name) -> Delivered:
    """As soon as it stands."""
    found: Publication | None = None
    try:
        async with asyncio.timeout(_WITHIN_S):
            while found is None or found.state not in ("sent", "verified", "skipped"):
                found = await publishing.desk.advance(name) or found
                await asyncio.sleep(_LOOK_S)
    except TimeoutError:
        reason = found.reason if found else "another process posts it"
        raise PublishError(f"The digest was not posted: {reason}.") from None
    return Delivered(name, load_digest(found.digest), tuple(p.ts for p in found.pieces))
