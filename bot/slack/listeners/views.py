"""Modals that are handed in: settings, and questions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import structlog

from bot.slack import ids
from bot.slack.answering import in_words
from bot.slack.asked import Reply
from bot.slack.commands.digests import preview
from bot.slack.commands.subscribing import in_words as described
from bot.slack.commands.subscribing import not_allowed
from bot.slack.drawing.ask_view import asked_about
from bot.slack.drawing.elements import blocks, bullets, modal, paragraph, rich
from bot.slack.drawing.settings_view import fingerprint, read_settings
from bot.slack.drawing.zones import zones_like
from bot.slack.listeners.opening import open_modal
from bot.slack.questions import ask_of_article
from bot.slack.services import team_of
from digest.errors import StoreError
from digest.rendering import words
from digest.subscribing.ports import Change

if TYPE_CHECKING:
    from slack_bolt.app.async_app import AsyncApp
    from slack_bolt.context.ack.async_ack import AsyncAck
    from slack_bolt.context.async_context import AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.once import Once
    from bot.slack.responding import Responder
    from bot.slack.services import Services, Team
    from digest.model import Subscription

#: Slack waits three seconds for an ack, of which knowing whether the request was here before may take one.
_SAVE_WITHIN_S: Final = 1.5

_log = structlog.get_logger(__name__)


def register(app: AsyncApp, services: Services, once: Once, responder: Responder) -> None:
    """Add the listeners."""

    @app.view(ids.SETTINGS_VIEW)
    async def saved(ack: AsyncAck, context: AsyncBoltContext, body: dict[str, Any], view: dict[str, Any]) -> None:
        team, person, channel = services.team(team_of(body)), str(body["user"]["id"]), _channel(view)
        _, problems = read_settings(view["state"]["values"], team.settings.subscription(channel), team.today())
        if problems:
            await ack(response_action="errors", errors=problems)
            return
        if await once.replayed(context):
            await ack()
            return
        # Saved before the ack, which then says so: a view that is updated after an ack may be overtaken by it.
        reply = await in_words(_save(view, channel, person, team), what="settings", deadline_s=_SAVE_WITHIN_S, watch=team.watch)
        await ack(response_action="update", view=_told(reply.text))

    @app.options(ids.ZONE)
    async def zone(ack: AsyncAck, payload: dict[str, Any]) -> None:
        await ack(options=zones_like(str(payload.get("value") or "")))

    @app.action(ids.PREVIEW)
    async def previewed(ack: AsyncAck, context: AsyncBoltContext, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        if await once.replayed(context):
            return
        view = body["view"]
        team, channel = services.team(team_of(body)), _channel(view)
        before = await _before(team, channel)
        wanted, problems = read_settings(view["state"]["values"], before, team.today())
        if problems:
            shown: tuple[dict[str, Any], ...] = tuple(blocks([rich(bullets(problems.values()))]))
        else:
            reply = await in_words(preview(wanted, team), what="preview", watch=team.watch)
            shown = reply.blocks or (paragraph(reply.text),)
        await open_modal(client, str(body["trigger_id"]), modal(ids.PREVIEW_VIEW, "Preview", shown[:100]), push=True)

    @app.action(ids.FORGET_TASTE)
    async def forgotten(ack: AsyncAck, context: AsyncBoltContext, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        if await once.replayed(context):
            return
        view, person = body["view"], str(body["user"]["id"])
        team, channel = services.team(team_of(body)), _channel(view)
        reply = await in_words(_forget(channel, person, team), what="forget", watch=team.watch)
        await open_modal(client, str(body["trigger_id"]), _told(reply.text), push=True)

    @app.view(ids.ASK_VIEW)
    async def asked(
        ack: AsyncAck, context: AsyncBoltContext, body: dict[str, Any], view: dict[str, Any], client: AsyncWebClient
    ) -> None:
        await ack()
        if await once.replayed(context):
            return
        about = asked_about(view["private_metadata"])
        question = str(view["state"]["values"]["question"]["value"].get("value") or "")
        await ask_of_article(about, question, str(body["user"]["id"]), services.team(team_of(body)), responder, client)


async def _save(view: dict[str, Any], channel: str, person: str, team: Team) -> Reply:
    if not team.may_change(person):
        return not_allowed(team)
    before = await team.subscription(channel)
    if fingerprint(before) != _metadata(view).get("of", ""):
        return Reply(await _overtaken(channel, team))
    wanted, _ = read_settings(view["state"]["values"], before or team.settings.subscription(channel), team.today())
    changed = await team.own.subscriptions.put(wanted, person, team.now())
    what = "; ".join(changed) if changed else "nothing was changed"
    return Reply(f"Saved: {what}. The channel gets {described(wanted)}.")


async def _forget(channel: str, person: str, team: Team) -> Reply:
    if not team.may_change(person):
        return not_allowed(team)
    count = await team.own.votes.forget(channel)
    if not count:
        return Reply("Nobody here has asked for more or less of anything.")
    said = words.count(count, "vote")
    await team.own.subscriptions.note(channel, Change(team.now(), person, (f"more and less: {said} taken back",)))
    return Reply(f"Taken back: {said} for more or less. Stories are ordered by score, freshness and coverage alone.")


async def _overtaken(channel: str, team: Team) -> str:
    """What is said to whoever saves what somebody else changed while the modal was open."""
    last = await team.own.subscriptions.changes(channel, 1)
    what = f" ({'; '.join(last[0].what)})" if last else ""
    return (
        f"Nothing was saved: somebody changed the settings while you had them open{what}. Open them again to go on from there."
    )


async def _before(team: Team, channel: str) -> Subscription:
    try:
        return await team.subscription_or_default(channel)
    except StoreError:  # a preview says by itself what is missing
        return team.settings.subscription(channel)


def _told(words: str) -> dict[str, Any]:
    return modal(ids.PREVIEW_VIEW, "Daily digest", [paragraph(words)])


def _channel(view: dict[str, Any]) -> str:
    return str(_metadata(view)["channel"])


def _metadata(view: dict[str, Any]) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(view["private_metadata"])
    return held
