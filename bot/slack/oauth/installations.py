"""Installations as slack_sdk's OAuth flow saves and finds them, sealed, over the installation's ``ports.Installations``."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any

import orjson
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.models.bot import Bot
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

if TYPE_CHECKING:
    from slack_sdk.oauth.installation_store.models.installation import Installation

    from bot.slack.oauth.tokens import Sealed
    from digest.workspaces.ports import Installations

#: Seconds in which somebody who began to install has to agree in Slack.
STATE_TTL_S = 600


class SealedInstallations(AsyncInstallationStore):
    """One for each workspace: the bot's token; tokens of people are not kept."""

    def __init__(self, there: Installations, sealed: Sealed) -> None:
        self._there = there
        self._sealed = sealed

    @property
    def logger(self) -> logging.Logger:
        """Where slack_sdk would log."""
        return logging.getLogger("ainews.slack")

    async def async_save(self, installation: Installation) -> None:
        """In place of the one of the same workspace."""
        await self.async_save_bot(installation.to_bot())

    async def async_save_bot(self, bot: Bot) -> None:
        """The same."""
        kept = {k: v for k, v in bot.to_dict().items() if v is not None}
        await self._there.put(
            name_of(bot.enterprise_id, bot.team_id, bot.is_enterprise_install), self._sealed.seal(_dumped(kept))
        )

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        """That of a workspace, else that of its organisation."""
        for name in dict.fromkeys((team_id or "", enterprise_id or "")):
            sealed = await self._there.get(name) if name else None
            plain = self._sealed.open(sealed) if sealed else None
            if plain is not None:
                return _bot(orjson.loads(plain))
        return None

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """Nothing of people is kept."""
        return None

    async def teams(self) -> list[str]:
        """The workspaces and organisations that installed it. Raises StoreError."""
        return await self._there.teams()

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Its token is good no more."""
        await self._there.remove(team_id or enterprise_id or "")

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Somebody who installed it left: the bot stays."""


class States(AsyncOAuthStateStore):
    """Who began to install: a state is good once."""

    def __init__(self, there: Installations) -> None:
        self._there = there

    @property
    def logger(self) -> logging.Logger:
        """Where slack_sdk would log."""
        return logging.getLogger("ainews.slack")

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        """A new state."""
        state = secrets.token_urlsafe(24)
        await self._there.begin(state, STATE_TTL_S)
        return state

    async def async_consume(self, state: str) -> bool:
        """Whether it was issued in the last ten minutes, and is consumed for the first time."""
        return await self._there.end(state)


def name_of(enterprise_id: str | None, team_id: str | None, org_wide: bool | None) -> str:
    """The workspace, or the organisation where it is installed for all of it."""
    return (enterprise_id if org_wide else team_id) or enterprise_id or team_id or ""


def _dumped(kept: dict[str, Any]) -> bytes:
    return orjson.dumps(kept, default=str)


def _bot(kept: dict[str, Any]) -> Bot:
    scopes = kept.get("bot_scopes") or ""
    return Bot(
        app_id=kept.get("app_id"),
        enterprise_id=kept.get("enterprise_id"),
        enterprise_name=kept.get("enterprise_name"),
        team_id=kept.get("team_id"),
        team_name=kept.get("team_name"),
        bot_token=kept["bot_token"],
        bot_id=kept.get("bot_id", ""),
        bot_user_id=kept.get("bot_user_id", ""),
        bot_scopes=scopes,
        is_enterprise_install=kept.get("is_enterprise_install"),
        installed_at=kept.get("installed_at_ts") or 0.0,
    )
