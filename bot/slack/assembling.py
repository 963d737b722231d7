"""The parts of the bot that every process of it has, whether Slack's requests come to it or it works beside: put together, and taken apart."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import structlog

from bot.slack.app import slack_app
from bot.slack.event_tasks import HandedOver
from bot.slack.identity import OneIdentity
from bot.slack.once import Once
from bot.slack.responding import Responder
from bot.slack.store_watch import StoreWatch
from bot.slack.under_way import UnderWay
from digest.reaching import open_link_adder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AsyncExitStack

    from slack_bolt.app.async_app import AsyncApp

    from bot.slack.identity import Identities
    from bot.slack.oauth.installations import SealedInstallations
    from bot.slack.services import Services
    from digest.engines.over_redis import DocketEngine
    from digest.factory import Parts
    from digest.tasks import Kind, Tasks

#: Whoever runs beside ends within milliseconds of being asked.
_ASKED_AGAIN_S: Final = 1.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Bot:
    """Nothing of it runs yet."""

    services: Services
    identities: Identities
    app: AsyncApp
    once: Once
    under_way: UnderWay
    watch: StoreWatch


async def assembled(services: Services, stack: AsyncExitStack, *, handed_to: Tasks | None = None) -> Bot:
    """What it holds open is closed with ``stack``. ``handed_to``: takes events to be carried out by others. Raises ConfigurationError,
    PublishError, StoreError."""
    under_way = UnderWay()
    identities = await identities_of(services, under_way)
    if services.settings.add_links:
        services = replace(services, links=await stack.enter_async_context(open_link_adder(services.parts)))
    watch = StoreWatch(services.parts.articles.total, under_way)
    services = replace(services, watch=watch, rates=services.parts.rates if services.settings.workers else None)
    once, responder = Once(services.parts.deliveries, under_way, lambda: watch.away), Responder()
    stack.push_async_callback(responder.close)
    hand_over = HandedOver(once, handed_to) if handed_to is not None else None
    app = slack_app(services, identities, once, responder, under_way, hand_over)
    stack.callback(gc.unfreeze)
    return Bot(services, identities, app, once, under_way, watch)


def engine_over(parts: Parts, kinds: Sequence[Kind]) -> DocketEngine:
    """Takes and does tasks of these kinds, together with every other process over the same Redis. To be opened as a context, which raises
    StoreError."""
    from digest.engines.over_redis import DocketEngine

    return DocketEngine(parts.redis_at, parts.keys, kinds)


async def ended(task: asyncio.Task[None]) -> None:
    """Let ``task`` end: what it holds it gives up. It is asked again, since a library that it waits for may take a cancellation for itself:
    ``asyncio.wait_for`` does so up to Python 3.11 (see ``stores.connection``)."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_ASKED_AGAIN_S)


async def identities_of(services: Services, under_way: UnderWay | None = None) -> Identities:
    """Where the bot is: with one token, asked of Slack; with several workspaces, where it was installed. Raises ConfigurationError,
    PublishError."""
    if services.settings.slack_client_id is not None:
        from bot.slack.oauth.identities import InstalledIdentities

        return InstalledIdentities(sealed_installations(services), under_way)
    one = OneIdentity(services.settings)
    known = await one.learn()
    _log.info("slack_identity", team=known.team_id, bot=known.bot_user_id)
    return one


def sealed_installations(services: Services) -> SealedInstallations:
    """The workspaces that installed the app, as they are kept. Raises ConfigurationError where there is no key."""
    from bot.slack.oauth.installations import SealedInstallations
    from bot.slack.oauth.tokens import Sealed

    return SealedInstallations(services.parts.installations, Sealed(services.settings))
