"""One workspace with all that makes it live: how the app hears of it, what is lent to the app, and its people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.local_slack import payloads
from bot.local_slack.delivery import Delivery, Way
from bot.local_slack.events import Subscriptions
from bot.local_slack.members import Channel, User
from bot.local_slack.people import People
from bot.local_slack.triggers import Lent

if TYPE_CHECKING:
    from bot.local_slack.calls import Token
    from bot.local_slack.workspace import Workspace


class Team:
    """A workspace, its people, and the app's tokens for it."""

    def __init__(
        self, workspace: Workspace, ways: list[Way], retries_after_s: tuple[float, ...], trigger_lifetime_s: float
    ) -> None:
        self.workspace = populated(workspace)
        self.delivery = Delivery(workspace, ways, retries_after_s)
        self.lent = Lent(workspace.clock, trigger_lifetime_s=trigger_lifetime_s)
        self.people = People(workspace, self.delivery, self.lent)
        self.tokens: list[Token] = []
        workspace.changes.watch(Subscriptions(workspace, self.delivery).hear)

    async def uninstall(self) -> None:
        """An admin takes the app away: it hears of that, and its tokens hold no more."""
        await self.delivery.event(payloads.app_uninstalled())
        await self.revoke("account_inactive")

    async def revoke(self, error: str = "token_revoked") -> None:
        """The bot's tokens hold no more: every call answers ``error``, and the app hears of it."""
        for token in self.tokens:
            token.revoked = token.revoked or error
        await self.delivery.event(payloads.tokens_revoked(self.workspace))


def populated(workspace: Workspace) -> Workspace:
    """People and channels to begin with."""
    bot = workspace.app.bot_user_id
    ada = workspace.add_user(User("U0ADA00001", "ada", "Ada Lovelace", is_admin=True)).id
    grace = workspace.add_user(
        User("U0GRACE001", "grace", "Grace Hopper", tz="America/New_York", tz_offset=-18000, locale="en-US")
    ).id
    workspace.add_channel(Channel("C0GENERAL1", "general", members={ada, grace}))
    workspace.add_channel(Channel("C0AINEWS01", "ai-news", members={ada, grace, bot}))
    workspace.add_channel(Channel("G0LEADS001", "leads", "group", {ada, bot}))
    return workspace
