"""The bot as it runs: over Socket Mode or over HTTP, with what a crash left carried out, until it is told to stop.

Stopping takes ``_END_WITHIN_S`` at most: requests are taken no more, those taken are acked, listeners that run end or are cancelled (an event
that is cancelled is carried out after the next start), and only then what they use is closed.
"""

from __future__ import annotations

import asyncio
import gc
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

import orjson
import structlog
from aiohttp import web
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.slack.app import slack_app
from bot.slack.client import SLACK_ERRORS, slack_client
from bot.slack.identity import OneIdentity
from bot.slack.measuring import offered
from bot.slack.once import Once
from bot.slack.publishing.clockwork import Clockwork
from bot.slack.responding import Responder
from bot.slack.signed_http import PATH, SignedDoor
from bot.slack.socket_door import SocketDoor
from bot.slack.store_watch import StoreWatch
from bot.slack.under_way import UnderWay
from bot.slack.warming import warm
from digest.engines.in_process import InProcessEngine
from digest.errors import ConfigurationError, PublishError
from digest.reaching import open_link_adder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from slack_bolt.app.async_app import AsyncApp

    from bot.slack.identity import Identities
    from bot.slack.oauth.installations import SealedInstallations
    from bot.slack.services import Services
    from digest.publishing.timing import Timing
    from digest.settings import Settings

#: Docker kills ten seconds after it asked.
_END_WITHIN_S: Final = 8.0
#: Whoever runs beside ends within milliseconds of being asked.
_ASKED_AGAIN_S: Final = 1.0
#: Of that, for what was taken and not acked: Slack waits no longer.
_ACK_WITHIN_S: Final = 3.0

_log = structlog.get_logger(__name__)


def carried_by(settings: Settings) -> tuple[Literal["socket", "http"], str]:
    """How requests come, and the secret that it takes. Raises ConfigurationError where neither can be."""
    if settings.slack_app_token is not None and settings.slack_client_id is None:
        return "socket", settings.slack_app_token.get_secret_value()
    if settings.slack_signing_secret is not None:
        return "http", settings.slack_signing_secret.get_secret_value()
    raise ConfigurationError(
        "Slack has no way to reach the bot",
        remedy="Set SLACK_APP_TOKEN (Socket Mode, no public address needed), or SLACK_SIGNING_SECRET to listen over HTTP.",
    )


@asynccontextmanager
async def serving(services: Services, timing: Timing | None = None) -> AsyncIterator[str]:
    """The bot, listening and publishing while the context is open; where, in words. ``timing`` is publishing's. Raises
    ConfigurationError, PublishError, StoreError."""
    way, secret = carried_by(services.settings)
    async with AsyncExitStack() as stack:
        under_way = UnderWay()
        identities = await identities_of(services, under_way)
        if services.settings.add_links:
            services = replace(services, links=await stack.enter_async_context(open_link_adder(services.parts)))
        watch = StoreWatch(services.parts.articles.total, under_way)
        services = replace(services, watch=watch)
        once, responder = Once(services.parts.deliveries, under_way, lambda: watch.away), Responder()
        stack.push_async_callback(responder.close)
        app = slack_app(services, identities, once, responder, under_way)
        if services.settings.metrics_port is not None:
            stack.callback(offered(services.settings.metrics_port))
        stack.callback(gc.unfreeze)
        stack.push_async_callback(under_way.end, _END_WITHIN_S - _ACK_WITHIN_S)
        engine = InProcessEngine(services.now)
        clockwork = Clockwork(services, identities, engine, timing)
        await stack.enter_async_context(engine.running(clockwork.works()))
        for beside in (carry_out_what_is_left(app, once), warm(services.parts.lookups), watch.watch(), clockwork.run()):
            stack.push_async_callback(_ended, asyncio.create_task(beside))
        if way == "socket":
            yield await stack.enter_async_context(_socket(app, services.settings, secret))
        else:
            yield await stack.enter_async_context(_http(app, services, once, secret))


async def _ended(task: asyncio.Task[None]) -> None:
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

        return InstalledIdentities(_sealed(services), under_way)
    one = OneIdentity(services.settings)
    known = await one.learn()
    _log.info("slack_identity", team=known.team_id, bot=known.bot_user_id)
    return one


def _sealed(services: Services) -> SealedInstallations:
    from bot.slack.oauth.installations import SealedInstallations
    from bot.slack.oauth.tokens import Sealed

    return SealedInstallations(services.parts.installations, Sealed(services.settings))


@asynccontextmanager
async def _socket(app: AsyncApp, settings: Settings, token: str) -> AsyncIterator[str]:
    client = slack_client(settings)
    try:  # the handler itself would try for ever, and say nothing
        await client.apps_connections_open(app_token=token)
    except SLACK_ERRORS as error:
        raise PublishError(
            f"Slack's Socket Mode cannot be reached: {error}",
            remedy="Check SLACK_APP_TOKEN (xapp-…, connections:write) and the network.",
        ) from error
    door = SocketDoor(app, token, client)
    await door.open()
    try:
        yield "over Socket Mode"
    finally:
        await door.close(_ACK_WITHIN_S)


@asynccontextmanager
async def _http(app: AsyncApp, services: Services, once: Once, secret: str) -> AsyncIterator[str]:
    settings = services.settings
    door = SignedDoor(app, secret, once)
    application = web.Application()
    application.router.add_post(PATH, door.handle)
    if settings.slack_client_id is not None:
        from bot.slack.oauth.pages import add_routes

        add_routes(application, settings, _sealed(services), services.parts.installations)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_ACK_WITHIN_S)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.http_host, settings.http_port)
        try:
            await site.start()
        except OSError as error:
            raise ConfigurationError(
                f"port {settings.http_port} of {settings.http_host} cannot be listened on: {error.strerror}",
                remedy="Set AINEWS_HTTP_PORT to a free one.",
            ) from error
        host, port = runner.addresses[0][:2]
        yield f"at http://{host}:{port}{PATH}"
    finally:
        await runner.cleanup()


async def carry_out_what_is_left(app: AsyncApp, once: Once, **times: float) -> None:
    """Events that were acked and never finished, because their process was killed: carried out as they are found. ``times``: of
    ``Once.left``."""
    async for body in once.left(**times):
        try:
            again = {**orjson.loads(body), "ainews_again": True}
            _log.info("event_carried_out_after_a_crash", event_id=again.get("event_id"))
            await app.async_dispatch(AsyncBoltRequest(body=again, mode="socket_mode"))
        except Exception:  # noqa: BLE001 one that cannot be read must not keep the others from being carried out
            _log.exception("event_not_carried_out")
