"""How Slack is called: one client for each token, with Slack's rate limits obeyed and nothing sent twice by itself."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.pacing import PacedClient

if TYPE_CHECKING:
    from digest.pacing import Rates
    from digest.settings import Settings

TIMEOUT_S: Final = 10
#: All that a call raises: Slack's refusal, an answer that is no JSON, and whatever the transport does.
SLACK_ERRORS: Final = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError, ValueError)
#: The SDK logs what it sends at debug, tokens left out, and warns of what it thinks of our texts: our own logs say what matters.
_LOGGER: Final = logging.getLogger("ainews.slack")
_LOGGER.setLevel(logging.ERROR)


def slack_client(
    settings: Settings,
    token: str | None = None,
    *,
    again: bool = True,
    timeout_s: float = TIMEOUT_S,
    rates: Rates | None = None,
) -> AsyncWebClient:
    """A client for ``token``; without one, for the bot token that is set. With ``rates`` it asks for a turn before each call.

    A call that Slack refused for its rate is tried again when Slack says, unless ``again`` is False; one whose connection was lost is
    not, since it may have been carried out.
    """
    given = token or (settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else None)
    options: dict[str, Any] = {
        "token": given,
        "base_url": settings.slack_api_url,
        "timeout": timeout_s,
        "trust_env_in_session": False,
        "retry_handlers": [AsyncRateLimitErrorRetryHandler(max_retry_count=2)] if again else [],
        "logger": _LOGGER,
    }
    return AsyncWebClient(**options) if rates is None else PacedClient(**options, rates=rates)


def framework_logger() -> logging.Logger:
    """For Bolt and Socket Mode."""
    return _LOGGER
