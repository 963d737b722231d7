"""The Bolt app: who may speak to it, that each event has one effect, and every listener. What carries requests is in ``serving``."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import orjson
import structlog
from slack_bolt.response import BoltResponse

from bot.slack.client import framework_logger, slack_client
from bot.slack.dispatching import DispatchingApp
from bot.slack.listeners import actions, answers, commands, events, messages, shortcuts, views
from bot.slack.pacing import PacedClient
from digest import measures

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from slack_bolt.app.async_app import AsyncApp
    from slack_bolt.authorization import AuthorizeResult
    from slack_bolt.context.async_context import AsyncBoltContext
    from slack_bolt.request.async_request import AsyncBoltRequest

    from bot.slack.identity import Identities
    from bot.slack.once import Once
    from bot.slack.responding import Responder
    from bot.slack.services import Services
    from bot.slack.under_way import UnderWay

_log = structlog.get_logger(__name__)


def slack_app(
    services: Services,
    identities: Identities,
    once: Once,
    responder: Responder,
    under_way: UnderWay | None = None,
    hand_over: Callable[[dict[str, Any]], Awaitable[bool]] | None = None,
) -> AsyncApp:
    """The app with all its listeners, of which ``under_way`` is told when they run. ``hand_over`` leaves an event to another process, if it
    can. Nothing is asked of Slack yet. Signatures are the door's to check, before this."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        return await identities.of(team_id or enterprise_id or "", enterprise_id)

    with _without_slack_in_environment():
        app = DispatchingApp(
            workspace_of=lambda team: services.team(team).own.keys.workspace,
            name="ainews",
            logger=framework_logger(),
            client=slack_client(services.settings),  # each request gets one of its own, see ``paced``
            authorize=cast(
                "Callable[..., Awaitable[AuthorizeResult]]", authorize
            ),  # Bolt takes None for one that is not installed
            request_verification_enabled=False,
            signing_secret="",
            user_facing_authorize_error_message="This workspace has not installed the bot, or has removed it.",
        )

    async def each_once(req: AsyncBoltRequest, next: Callable[[], Awaitable[None]]) -> BoltResponse | None:  # noqa: A002 by Bolt's name
        event_id = _event_id(req.body)
        if event_id and not await once.event(event_id, orjson.dumps(req.body)):
            _log.info("event_again", event_id=event_id)
            return BoltResponse(status=200, body="")
        if event_id and hand_over is not None and await hand_over(req.body):
            return BoltResponse(status=200, body="")
        await next()
        return None

    async def failed(error: Exception, body: dict[str, Any]) -> BoltResponse:
        reference = secrets.token_hex(4)
        measures.replied("failed")
        _log.error("listener_failed", reference=reference, kind=body.get("type") or body.get("command"), exc_info=error)
        if body.get("type") == "event_callback":
            await once.finished(str(body.get("event_id")))  # a defect is met again by whoever carries it out again
        return BoltResponse(status=200, body="")

    async def paced(context: AsyncBoltContext, next: Callable[[], Awaitable[None]]) -> None:  # noqa: A002 by Bolt's name
        if services.rates is not None and context.client is not None:
            context["client"] = PacedClient.like(context.client, services.rates)
        await next()

    app.middleware(each_once)
    app.middleware(paced)
    app.error(failed)
    commands.register(app, services, once, responder)
    actions.register(app, services, once, responder)
    views.register(app, services, once, responder)
    events.register(app, services, once, identities)
    messages.register(app, services, once)
    answers.register(app, services, once)
    shortcuts.register(app, services, once, responder)
    events.register_last(app, once)
    if under_way is not None:
        app.listener_runner.listener_start_handler = under_way
    return app


@contextmanager
def _without_slack_in_environment() -> Iterator[None]:
    """Bolt turns on what it finds in the environment (OAuth, with files in the home folder); here settings alone count."""
    held = {name: os.environ.pop(name) for name in tuple(os.environ) if name.startswith("SLACK_")}
    try:
        yield
    finally:
        os.environ.update(held)


def _event_id(body: dict[str, Any]) -> str:
    """The id of an event; empty for what is none, and for an event that is carried out again after a crash."""
    if body.get("type") != "event_callback" or body.get("ainews_again"):
        return ""
    return str(body.get("event_id") or "")
