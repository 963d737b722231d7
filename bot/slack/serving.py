"""The bot as it runs: over Socket Mode or over HTTP, with what a crash left carried out, until it is told to stop.

Stopping takes ``_END_WITHIN_S`` at most: requests are taken no more, those taken are acked, listeners that run end or are cancelled (an event
that is cancelled is carried out after the next start), and only then what they use is closed.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final, Literal

import orjson
import structlog
from aiohttp import web

from bot.listening import listened
from bot.measured import measured
from bot.slack.assembling import assembled, ended, engine_over, sealed_installations
from bot.slack.client import SLACK_ERRORS, slack_client
from bot.slack.event_tasks import carried_out_again
from bot.slack.publishing.clockwork import Clockwork
from bot.slack.signed_http import PATH, SignedDoor
from bot.slack.socket_door import SocketDoor
from bot.slack.warming import warm
from digest.engines.in_process import InProcessEngine
from digest.errors import ConfigurationError, PublishError
from digest.task_kinds import EVENT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from slack_bolt.app.async_app import AsyncApp

    from bot.slack.once import Once
    from bot.slack.services import Services
    from digest.publishing.timing import Timing
    from digest.settings import Settings

#: Docker kills ten seconds after it asked.
_END_WITHIN_S: Final = 8.0
#: Of that, for a digest on its way: what is cancelled is gone on with after the next start.
_POST_WITHIN_S: Final = 1.0
#: Of that, for what was taken and not acked: Slack waits no longer.
_ACK_WITHIN_S: Final = 3.0

#: Where the bot is reached, in words, and what tells why it cannot be right now (empty: it can).
_Open = tuple[str, "Callable[[], str]"]

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
        health = await stack.enter_async_context(measured(services.parts, services.settings, "ainews-serve"))
        door: list[Callable[[], str]] = []
        health.needs("slack", lambda: door[0]() if door else "it is not connected yet")
        workers = await stack.enter_async_context(engine_over(services.parts, [EVENT])) if services.settings.workers else None
        health.engine = workers
        bot = await assembled(services, stack, handed_to=workers)
        stack.push_async_callback(bot.under_way.end, _END_WITHIN_S - _ACK_WITHIN_S - _POST_WITHIN_S)
        beside = {"warming": warm(services.parts.lookups), "store watch": bot.watch.watch()}
        if workers is None:
            engine = InProcessEngine(services.now, end_within_s=_POST_WITHIN_S)
            health.engine = engine
            clockwork = Clockwork(bot.services, bot.identities, engine, timing)
            await stack.enter_async_context(engine.running(clockwork.works()))
            beside |= {"deliveries": carry_out_what_is_left(bot.app, bot.once), "publishing": clockwork.run()}
        for name, each in beside.items():
            task = asyncio.create_task(each)
            stack.push_async_callback(ended, task)
            if name != "warming":  # which ends
                health.goes_on(name, task)
        socket = way == "socket"
        opened = _socket(bot.app, services.settings, secret) if socket else _http(bot.app, services, bot.once, secret)
        where, wrong = await stack.enter_async_context(opened)
        door.append(wrong)
        stack.callback(health.stop)
        yield where


@asynccontextmanager
async def _socket(app: AsyncApp, settings: Settings, token: str) -> AsyncIterator[_Open]:
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
        yield "over Socket Mode", door.wrong
    finally:
        await door.close(_ACK_WITHIN_S)


@asynccontextmanager
async def _http(app: AsyncApp, services: Services, once: Once, secret: str) -> AsyncIterator[_Open]:
    settings = services.settings
    door = SignedDoor(app, secret, once)
    application = web.Application()
    application.router.add_post(PATH, door.handle)
    if settings.slack_client_id is not None:
        from bot.slack.oauth.pages import add_routes

        add_routes(application, settings, sealed_installations(services), services.parts.installations)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_ACK_WITHIN_S)
    await runner.setup()
    try:
        remedy = "Set AINEWS_HTTP_PORT to a free one."
        host, port = await listened(runner, settings.http_host, settings.http_port, remedy)
        yield f"at http://{host}:{port}{PATH}", lambda: "" if runner.sites else "it does not listen"
    finally:
        await runner.cleanup()


async def carry_out_what_is_left(app: AsyncApp, once: Once, **times: float) -> None:
    """Events that were acked and never finished, because their process was killed: carried out as they are found. ``times``: of
    ``Once.left``."""
    async for body in once.left(**times):
        try:
            await carried_out_again(app, body)
            _log.info("event_carried_out_after_a_crash", event_id=orjson.loads(body).get("event_id"))
        except Exception:  # noqa: BLE001 one that cannot be read must not keep the others from being carried out
            _log.exception("event_not_carried_out")
