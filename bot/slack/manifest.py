"""The app's manifest for Slack: made of the commands and settings, so that it says what the bot listens to and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.slack import ids
from bot.slack.command_line import COMMANDS, SLASH
from bot.slack.signed_http import PATH

if TYPE_CHECKING:
    from digest.settings import Settings

#: With what each is for.
SCOPES: Final = {
    "app_mentions:read": "questions in which the bot is mentioned",
    "assistant:write": "suggested prompts and a status line while it thinks",
    "channels:history": "replies in the threads of its digests, and whether a digest was posted already",
    "chat:write": "digests and answers",
    "commands": "/ainews and the shortcut",
    "files:write": "pictures of trends",
    "groups:history": "the same in private channels",
    "im:history": "direct messages to the bot",
    "links:read": "links to articles that are known",
    "links:write": "their summaries below the link",
}
EVENTS: Final = (
    "app_home_opened", "app_mention", "app_uninstalled", "link_shared", "message.channels", "message.groups", "message.im",
    "tokens_revoked",
)  # fmt: skip
_LINK_SCOPES: Final = ("links:read", "links:write")
_DESCRIPTION: Final = "The few AI-news stories a day that matter to your team."


def scopes(settings: Settings) -> list[str]:
    """The bot's scopes, no more than ``settings`` need."""
    unneeded = {
        *(() if settings.unfurl_domains else _LINK_SCOPES),
        *(() if settings.agent_view else ("assistant:write",)),
        *(("files:write",) if settings.charts == "off" else ()),
    }
    return [s for s in SCOPES if s not in unneeded]


def manifest(settings: Settings) -> dict[str, Any]:
    """The manifest as JSON's objects. Over HTTP where there is a public URL, else for Socket Mode."""
    url = f"{settings.public_url.rstrip('/')}{PATH}" if settings.public_url else ""
    events = [e for e in EVENTS if e != "link_shared" or settings.unfurl_domains]
    features: dict[str, Any] = {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "bot_user": {"display_name": "ainews", "always_online": True},
        "slash_commands": [_slash_command(url)],
    }
    if settings.agent_view:
        features["agent_view"] = {"agent_description": _DESCRIPTION}
    if settings.add_links:
        features["shortcuts"] = [
            {
                "name": "Add link to AI news", "type": "message", "callback_id": ids.ADD_LINK,
                "description": "Adds this message's link to the knowledge base",
            }
        ]  # fmt: skip
    if settings.unfurl_domains:
        features["unfurl_domains"] = list(settings.unfurl_domains)
    oauth: dict[str, Any] = {"scopes": {"bot": scopes(settings)}}
    if settings.slack_client_id and settings.public_url:
        oauth["redirect_urls"] = [f"{settings.public_url.rstrip('/')}/slack/oauth_redirect"]
    return {
        "display_information": {"name": "ainews", "description": _DESCRIPTION, "background_color": "#1f2933"},
        "features": features,
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": {**({"request_url": url} if url else {}), "bot_events": events},
            "interactivity": {"is_enabled": True, **({"request_url": url, "message_menu_options_url": url} if url else {})},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }


def _slash_command(url: str) -> dict[str, Any]:
    return {
        "command": SLASH,
        "description": "AI news: " + ", ".join(c.name for c in COMMANDS[:4]) + " and more",
        "usage_hint": "[latest | top | search WORDS | show ID | settings | help]",
        "should_escape": True,
        **({"url": url} if url else {}),
    }
