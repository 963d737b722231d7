"""The desk of one workspace, and its rounds: what publishing is made of where the bot runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.slack.client import slack_client
from bot.slack.publishing.alerts import OperatorAlerts
from bot.slack.publishing.channels import SlackChannels
from digest import measures
from digest.factory import digest_of
from digest.model import Edition
from digest.publishing.desk import Desk
from digest.publishing.office import Office
from digest.publishing.preparing import freeze, of_the_week
from digest.publishing.rounds import Rounds
from digest.publishing.timing import Timing
from digest.tracing import span

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from slack_bolt.authorization import AuthorizeResult

    from bot.slack.services import Team
    from digest.model import Digest, Subscription
    from digest.ports import Editions
    from digest.publishing.ports import Channels
    from digest.publishing.publication import Name, Publication
    from digest.publishing.schedule import Owed


@dataclass(frozen=True, slots=True)
class Publishing:
    """Of one workspace."""

    team: Team
    desk: Desk
    rounds: Rounds
    alerts: OperatorAlerts


def publishing_of(team: Team, identity: AuthorizeResult, timing: Timing | None = None, *, ahead_s: float = 0.0) -> Publishing:
    """For the bot that ``identity`` tells of. ``ahead_s``: of ``Rounds``. Nothing is asked of Slack yet."""
    timing = timing or Timing()
    client = slack_client(team.settings, identity.bot_token, again=False, timeout_s=timing.call_s, rates=team.rates)
    bot = str(identity.bot_id)
    channels = SlackChannels(client, bot_id=bot, workspace=team.own.keys.workspace, proof_s=timing.proof_s)
    alerts = OperatorAlerts(client, team.settings.alert_channel or "")
    office = Office(
        team.own.ledger, channels, alerts, bot=bot, timing=timing, clock=team.now,
        issued=recorder(team.own.editions, channels),
    )  # fmt: skip
    desk = Desk(office)

    async def prepare(subscription: Subscription, name: Name, owed: Owed) -> Publication:
        with span("digest prepare", workspace=team.own.keys.workspace, edition=name.kind, date=name.day.isoformat()) as step:
            digest = await digest_for(team, subscription, name, owed.due)
            measures.prepared(digest)
            step.set(articles=digest.articles, chosen=len(digest.chosen))
            return prepared_from(team, digest, name, owed)

    prove_in = team.settings.alert_channel or ""
    rounds = Rounds(desk, team.own.subscriptions, prepare, team.now, prove_in, ahead_s)
    return Publishing(team, desk, rounds, alerts)


async def digest_for(team: Team, subscription: Subscription, name: Name, until: datetime) -> Digest:
    """What ``subscription`` gets of that day, as of ``until`` (aware UTC). A weekly edition tells the best of seven days, whether or not
    they were shown. Raises StoreError."""
    if name.kind == "daily":
        return await digest_of(team.parts, subscription, day=name.day, until=until, team=team.own)
    made = await digest_of(team.parts, of_the_week(subscription), day=name.day, until=until, team=team.own, remember=False)
    return replace(made, kind="weekly")


def prepared_from(team: Team, digest: Digest, name: Name, owed: Owed) -> Publication:
    """Frozen by the templates and settings in use. Raises ConfigurationError, RenderError."""
    settings = team.settings
    return freeze(
        digest, name, owed, team.now(), team.parts.templates, least=settings.least_stories, slow_day=settings.slow_day
    )


def recorder(editions: Editions, channels: Channels) -> Callable[[Publication], Awaitable[None]]:
    """What remembers an edition as soon as its first message stands, and again when more of it does."""
    permalinks: dict[str, str] = {}

    async def record(publication: Publication) -> None:
        name, root = publication.name, publication.root
        if not root:
            return
        if not permalinks.get(root):
            permalinks[root] = await channels.permalink(name.channel, root)
        where = permalinks[root]
        if len(permalinks) > 1_000:
            permalinks.clear()
        told = {rank: piece.ts for piece in reversed(publication.pieces) for rank in piece.ranks if piece.ts}
        stories = tuple(replace(s, ts=told.get(rank, root)) for rank, s in enumerate(publication.stories, start=1))
        issued = publication.posted or publication.due
        await editions.record(Edition(name.channel, name.day, issued, where, stories, root, name.kind))

    return record
