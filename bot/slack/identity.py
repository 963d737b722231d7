"""Who the bot is in a workspace: its token and its own ids, known before a request has to be acked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError

from bot.slack.client import SLACK_ERRORS, slack_client
from digest.errors import ConfigurationError, PublishError

if TYPE_CHECKING:
    from digest.settings import Settings


class Identities(Protocol):
    """The bot's identity in each workspace."""

    async def of(self, team_id: str, enterprise_id: str | None) -> AuthorizeResult | None:
        """In that workspace; None where it is not installed. Has to be quick: an ack waits for it."""

    async def every(self) -> list[AuthorizeResult]:
        """In every workspace that it is installed in. Raises StoreError."""

    async def forget(self, team_id: str) -> None:
        """Its token is good no more."""


class OneIdentity:
    """That of the one token that is set. ``learn`` asks Slack once, when the bot starts."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: AuthorizeResult | None = None

    async def learn(self) -> AuthorizeResult:
        """Ask Slack who the token belongs to. Raises ConfigurationError where it is refused, PublishError where Slack is away."""
        if self._settings.slack_bot_token is None:
            raise ConfigurationError(
                "there is no token for Slack", remedy="Set SLACK_BOT_TOKEN; the README says how to get one."
            )
        client = slack_client(self._settings)
        try:
            answer = await client.auth_test()
        except SlackApiError as error:
            reason = str(error.response.get("error", "unknown_error"))
            raise ConfigurationError(f"Slack refused the token: {reason}", remedy="Correct SLACK_BOT_TOKEN.") from error
        except SLACK_ERRORS as error:
            raise PublishError(
                f"Slack cannot be reached: {type(error).__name__}", remedy="Check the network and SLACK_API_URL."
            ) from error
        self._known = AuthorizeResult.from_auth_test_response(
            bot_token=self._settings.slack_bot_token.get_secret_value(), auth_test_response=answer
        )
        return self._known

    async def of(self, team_id: str, enterprise_id: str | None) -> AuthorizeResult | None:
        """See ``Identities``. Whatever workspace a request names, one token has one."""
        return self._known

    async def every(self) -> list[AuthorizeResult]:
        """See ``Identities``."""
        return [self._known] if self._known else []

    async def forget(self, team_id: str) -> None:
        """See ``Identities``."""
        self._known = None
