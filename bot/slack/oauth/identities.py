"""The bot's identity in each workspace that installed it: read from Redis within its budget, and remembered for a while."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import structlog
from slack_bolt.authorization import AuthorizeResult

from bot.slack.once import EVENT_BUDGET_S
from bot.slack.under_way import UnderWay
from digest.errors import StoreError

if TYPE_CHECKING:
    from bot.slack.oauth.installations import SealedInstallations

_REMEMBERED_S: Final = 300.0
_MOST: Final = 5_000

_log = structlog.get_logger(__name__)


class InstalledIdentities:
    """``identity.Identities`` over what is installed. What was known stays in use while Redis is away."""

    def __init__(self, installations: SealedInstallations, under_way: UnderWay | None = None) -> None:
        self._installations = installations
        self._under_way = under_way or UnderWay()
        self._known: dict[str, tuple[float, AuthorizeResult]] = {}

    async def of(self, team_id: str, enterprise_id: str | None) -> AuthorizeResult | None:
        """See ``identity.Identities``."""
        at, known = self._known.get(team_id, (0.0, None))
        if known is not None and time.monotonic() - at < _REMEMBERED_S:
            return known
        try:
            bot = await self._under_way.within(
                EVENT_BUDGET_S, self._installations.async_find_bot(enterprise_id=enterprise_id, team_id=team_id)
            )
        except (StoreError, TimeoutError):
            _log.warning("installation_unknown_for_now", team=team_id)
            return known
        if bot is None:
            self._known.pop(team_id, None)
            return None
        found = AuthorizeResult(
            enterprise_id=bot.enterprise_id,
            team_id=team_id,
            bot_token=bot.bot_token,
            bot_id=bot.bot_id,
            bot_user_id=bot.bot_user_id,
        )
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[team_id] = (time.monotonic(), found)
        return found

    async def every(self) -> list[AuthorizeResult]:
        """See ``identity.Identities``."""
        return [known for team in await self._installations.teams() if (known := await self.of(team, None)) is not None]

    async def forget(self, team_id: str) -> None:
        """See ``identity.Identities``."""
        self._known.pop(team_id, None)
        await self._installations.async_delete_bot(enterprise_id=None, team_id=team_id)
        _log.info("installation_removed", team=team_id)
