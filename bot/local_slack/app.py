"""The app as it is installed: its names, and what its manifest allows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

#: What the project's manifest asks for; another manifest may ask for something else.
SCOPES: Final = frozenset({
    "app_mentions:read", "assistant:write", "channels:history", "chat:write", "commands", "groups:history", "im:history",
    "links:read", "links:write",
})  # fmt: skip
EVENTS: Final = frozenset({
    "app_home_opened", "app_mention", "app_uninstalled", "link_shared", "message.channels", "message.groups", "message.im",
    "tokens_revoked",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class SlackApp:
    """An app of Slack: ids, secrets of this local Slack, scopes, events subscribed to.

    ``commands`` names the slash commands, and an empty set means any; ``unfurl_domains`` likewise.
    """

    app_id: str = "A0LOCALAPP"
    name: str = "AI News"
    bot_id: str = "B0LOCALBOT"
    bot_user_id: str = "U0LOCALBOT"
    client_id: str = "1234567890.1234567890"
    client_secret: str = field(default="local-client-secret", repr=False)
    signing_secret: str = field(default="local-signing-secret", repr=False)
    app_token: str = field(default="xapp-1-A0LOCALAPP-1-local", repr=False)
    bot_token: str = field(default="xoxb-1-local", repr=False)
    verification_token: str = field(default="local-verification-token", repr=False)
    scopes: frozenset[str] = SCOPES
    events: frozenset[str] = EVENTS
    commands: frozenset[str] = frozenset()
    unfurl_domains: tuple[str, ...] = ()
    #: Whether a command's text has its people and channels as ``<@U…|name>`` and ``<#C…|name>``.
    should_escape: bool = True
    #: Distributed outside Slack's Marketplace: reads one page of 15 messages a minute.
    distributed: bool = False

    @classmethod
    def from_manifest(cls, manifest: dict[str, Any]) -> SlackApp:
        """The app that ``manifest`` describes."""
        features, settings = manifest.get("features", {}), manifest.get("settings", {})
        commands = features.get("slash_commands", [])
        return cls(
            name=features.get("bot_user", {}).get("display_name") or manifest["display_information"]["name"],
            scopes=frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", ())),
            events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", ())),
            commands=frozenset(command["command"] for command in commands),
            unfurl_domains=tuple(features.get("unfurl_domains", ())),
            should_escape=any(command.get("should_escape", False) for command in commands),
        )
