"""The two pages by which a workspace installs the app: Bolt's own OAuth flow, with a state that is good once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings

from bot.slack.client import framework_logger, slack_client
from bot.slack.manifest import scopes
from bot.slack.oauth.installations import STATE_TTL_S, States
from digest.errors import AinewsError, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt.request.async_request import AsyncBoltRequest
    from slack_bolt.response import BoltResponse

    from bot.slack.oauth.installations import SealedInstallations
    from digest.settings import Settings
    from digest.workspaces.ports import Installations

INSTALL: Final = "/slack/install"
REDIRECT: Final = "/slack/oauth_redirect"

_log = structlog.get_logger(__name__)


def add_routes(
    application: web.Application, settings: Settings, installations: SealedInstallations, there: Installations
) -> None:
    """Serve them. Raises ConfigurationError where a secret is missing."""
    if settings.slack_client_id is None or settings.slack_client_secret is None:
        raise ConfigurationError(
            "SLACK_CLIENT_ID is set without SLACK_CLIENT_SECRET", remedy="Set both, or neither for one workspace."
        )
    redirect = f"{settings.public_url.rstrip('/')}{REDIRECT}" if settings.public_url else None
    flow = AsyncOAuthFlow(
        client=slack_client(settings),
        logger=framework_logger(),
        settings=AsyncOAuthSettings(
            client_id=settings.slack_client_id,
            client_secret=settings.slack_client_secret.get_secret_value(),
            scopes=scopes(settings),
            user_scopes=[],
            redirect_uri=redirect,
            install_path=INSTALL,
            redirect_uri_path=REDIRECT,
            installation_store=installations,
            installation_store_bot_only=True,
            state_store=States(there),
            state_expiration_seconds=STATE_TTL_S,
            logger=framework_logger(),
        ),
    )
    application.router.add_get(INSTALL, _page(flow.handle_installation))
    application.router.add_get(REDIRECT, _page(flow.handle_callback))


def _page(handle: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def page(request: web.Request) -> web.Response:
        try:
            return await to_aiohttp_response(await handle(await to_bolt_request(request)))
        except AinewsError as error:
            _log.warning("installation_failed", reason=str(error))
            return web.Response(status=503, text="The bot cannot be installed right now. Please try again in a minute.")

    return page
