"""What happens in the workspace: Home is opened, a link is shared, the bot is removed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import structlog

from bot.slack.client import SLACK_ERRORS
from bot.slack.drawing.home import AtHome, home_view
from bot.slack.drawing.unfurling import unfurl
from digest.errors import AinewsError, NotFound

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from slack_bolt.app.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.identity import Identities
    from bot.slack.once import Once
    from bot.slack.services import Services, Team

_TOP: Final = 5
_SAVED: Final = 10
_LINKS: Final = 5
PROMPTS: Final = (
    ("Top stories this week", "What are the top stories this week?"),
    ("What is new on agents", "What is new on AI agents?"),
    ("What did I miss", "What did I miss in the last days?"),
)

_log = structlog.get_logger(__name__)


def register(app: AsyncApp, services: Services, once: Once, identities: Identities) -> None:
    """Add the listeners."""

    async def finishing(body: dict[str, Any], work: Awaitable[None]) -> None:
        """Carry out ``work``; whatever comes of it, the event is not carried out again."""
        try:
            await work
        except (AinewsError, *SLACK_ERRORS) as error:  # told nobody: nobody asked for an answer
            _log.warning("event_failed", type=body["event"].get("type"), reason=str(error) or type(error).__name__)
        finally:
            await once.finished(str(body.get("event_id")))

    @app.event("app_home_opened")
    async def home(body: dict[str, Any], event: dict[str, Any], client: AsyncWebClient) -> None:
        team = services.team(str(body["team_id"]))
        if event.get("tab") == "messages":
            await finishing(body, _prompts(event, team, client))
        else:
            await finishing(body, _publish_home(event, team, client))

    @app.event("link_shared")
    async def shared(body: dict[str, Any], event: dict[str, Any], client: AsyncWebClient) -> None:
        await finishing(body, _unfurl(event, services.team(str(body["team_id"])), client))

    @app.event("app_uninstalled")
    async def uninstalled(body: dict[str, Any]) -> None:
        await finishing(body, identities.forget(str(body["team_id"])))

    @app.event("tokens_revoked")
    async def revoked(body: dict[str, Any], event: dict[str, Any]) -> None:
        if (event.get("tokens") or {}).get("bot"):
            await finishing(body, identities.forget(str(body["team_id"])))
        else:  # those of people, which are not kept
            await once.finished(str(body.get("event_id")))


def register_last(app: AsyncApp, once: Once) -> None:
    """Add the listener of events that no other is for: they are finished as they come, and nobody carries them out again."""

    @app.event(re.compile(""))
    async def unheard(body: dict[str, Any]) -> None:
        await once.finished(str(body.get("event_id")))


async def _publish_home(event: dict[str, Any], team: Team, client: AsyncWebClient) -> None:
    person, direct = str(event["user"]), str(event.get("channel") or "")
    view = home_view(await at_home(person, direct, team), team.zone(None))
    await client.views_publish(user_id=person, view=view)


async def at_home(person: str, direct: str, team: Team) -> AtHome:
    """What stands in the Home of ``person``, whose conversation with the bot is ``direct``. Never raises."""
    try:
        found = _found_for_home(person, direct, team)
        return await (team.watch.unless_away(found) if team.watch else found)
    except AinewsError as error:
        _log.warning("home_without_stories", reason=str(error))
        return AtHome(
            (), (), 0, (), direct, "What is stored cannot be reached right now. Please open this page again in a minute."
        )


async def _found_for_home(person: str, direct: str, team: Team) -> AtHome:
    page = await team.parts.lookups.top(_TOP, "today")
    kept, in_all = await team.own.shelf.saved(person, limit=_SAVED)
    held = await team.parts.articles.get(kept)
    subscriptions = await team.own.subscriptions.every()
    return AtHome(page.stories, tuple(h.lead for h in held if h), in_all, tuple(subscriptions), direct)


async def _prompts(event: dict[str, Any], team: Team, client: AsyncWebClient) -> None:
    if not team.settings.agent_view:
        return
    prompts = [{"title": title, "message": message} for title, message in PROMPTS]
    await client.api_call(
        "assistant.threads.setSuggestedPrompts",
        json={"channel_id": event["channel"], "title": "Ask for news", "prompts": prompts},
    )


async def _unfurl(event: dict[str, Any], team: Team, client: AsyncWebClient) -> None:
    if not team.settings.unfurl_domains:  # and the app in Slack still has the domains of an earlier manifest
        return
    unfurls = {}
    for shared in (event.get("links") or [])[:_LINKS]:
        try:
            held = await team.parts.lookups.find(str(shared["url"]))
        except NotFound:
            continue
        unfurls[str(shared["url"])] = unfurl(held.lead, team.zone(None))
    if unfurls:
        await client.chat_unfurl(channel=str(event["channel"]), ts=str(event["message_ts"]), unfurls=unfurls)
