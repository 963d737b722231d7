"""Brings a channel its digest, as the bot's own client posts it, and draws it again when a template was changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.slack.client import SLACK_ERRORS, slack_client
from digest.errors import PublishError
from digest.factory import digest_of
from digest.model import Edition
from digest.rendering.slack import render_slack
from digest.stories.memory import edition_stories

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.services import Services
    from digest.model import Digest, Message


@dataclass(frozen=True, slots=True)
class Delivered:
    """A digest that stands in a channel: ``stamps`` are those of its message and of the replies in its thread, in order."""

    digest: Digest
    channel: str
    stamps: tuple[str, ...]


async def deliver_today(channel: str, team_id: str, services: Services) -> Delivered:
    """Make the digest of ``channel`` for today, post it with its thread, and remember it. Raises AinewsError."""
    team, client = services.team(team_id), slack_client(services.settings)
    subscription = await team.subscription_or_default(channel)
    now = team.now()
    day = now.astimezone(team.zone(subscription)).date()
    made = await digest_of(team.parts, subscription, day=day, until=now, team=team.own)
    try:
        stamps = await post(render_slack(made, team.parts.templates), channel, client)
        link = await client.chat_getPermalink(channel=channel, message_ts=stamps[0])
    except SLACK_ERRORS as error:
        raise PublishError(f"The digest was not posted: {error}") from error
    await team.own.editions.record(Edition(channel, day, now, str(link["permalink"]), edition_stories(made)))
    return Delivered(made, channel, stamps)


async def draw_again(delivered: Delivered, services: Services) -> Delivered:
    """The same digest by the templates as they now are, in the place of its messages. Raises AinewsError."""
    client = slack_client(services.settings)
    message = render_slack(delivered.digest, services.parts.templates)
    parts, root = (message, *message.replies), delivered.stamps[0]
    stamps = list(delivered.stamps)
    try:
        for stamp, part in zip(stamps, parts, strict=False):
            await client.chat_update(channel=delivered.channel, ts=stamp, text=part.text, blocks=list(part.blocks))
        stamps += [await _say(part, delivered.channel, client, root) for part in parts[len(stamps) :]]
        for stamp in stamps[len(parts) :]:
            await client.chat_delete(channel=delivered.channel, ts=stamp)
    except SLACK_ERRORS as error:
        raise PublishError(f"The digest was not drawn again: {error}") from error
    return Delivered(delivered.digest, delivered.channel, tuple(stamps[: len(parts)]))


async def post(message: Message, channel: str, client: AsyncWebClient) -> tuple[str, ...]:
    """Post ``message`` with its thread; the stamps of all its messages. Raises one of SLACK_ERRORS."""
    root = await _say(message, channel, client)
    return (root, *[await _say(reply, channel, client, root) for reply in message.replies])


async def _say(message: Message, channel: str, client: AsyncWebClient, thread: str | None = None) -> str:
    said = await client.chat_postMessage(
        channel=channel,
        text=message.text,
        blocks=list(message.blocks),
        thread_ts=thread,
        unfurl_links=False,
        unfurl_media=False,
    )
    return str(said["ts"])
