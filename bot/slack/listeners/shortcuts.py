"""The shortcut of a message: adds its link to the knowledge base."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Final

from bot.slack import ids
from bot.slack.answering import in_words
from bot.slack.asked import Reply
from bot.slack.drawing.adding import added_blocks, added_text
from bot.slack.services import team_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slack_bolt.app.async_app import AsyncApp
    from slack_bolt.context.ack.async_ack import AsyncAck
    from slack_bolt.context.async_context import AsyncBoltContext

    from bot.slack.once import Once
    from bot.slack.responding import Responder
    from bot.slack.services import Services, Team

#: A page may take a minute and its assessment another; the response URL works for half an hour.
_DEADLINE_S: Final = 180.0
#: Who waits longer than this is told that something happens.
_SOON_S: Final = 3.0
#: Where blocks hold others, and where an app's attachment names what it is about.
_INNER: Final = ("text", "elements", "fields")
_ATTACHED: Final = ("title_link", "from_url", "original_url")
_LINK: Final = re.compile(r"<(https?://[^<>|\s]+)(?:\|[^<>]*)?>")


def register(app: AsyncApp, services: Services, once: Once, responder: Responder) -> None:
    """Add the listener."""

    @app.shortcut(ids.ADD_LINK)
    async def added(ack: AsyncAck, context: AsyncBoltContext, shortcut: dict[str, Any]) -> None:
        await ack()
        if await once.replayed(context):
            return
        url = next(links_of(shortcut.get("message") or {}), "")
        team = services.team(team_of(shortcut))
        channel, answers_to = str((shortcut.get("channel") or {}).get("id") or ""), str(shortcut["response_url"])
        async with asyncio.TaskGroup() as group:
            adding = group.create_task(
                in_words(_add(url, channel, team), what="add link", deadline_s=_DEADLINE_S, watch=team.watch)
            )
            await asyncio.wait([adding], timeout=_SOON_S)
            if not adding.done():
                await responder.send(answers_to, Reply("Reading the page. This may take a minute.", private=True))
        await responder.send(answers_to, adding.result())


def links_of(message: dict[str, Any]) -> Iterator[str]:
    """The web addresses in a message, those that people see first first: in its blocks, its text, and what an app attached."""
    for part in (message, *(message.get("attachments") or [])):
        yield from _in_blocks(part.get("blocks") or [])
        yield from _in_text(part.get("text"))
        for name in _ATTACHED:
            yield from filter(_is_web, [str(part.get(name) or "")])


def _in_blocks(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _in_blocks(each)
    elif isinstance(node, dict):
        if node.get("type") == "link":
            yield from filter(_is_web, [str(node.get("url") or "")])
        if node.get("type") == "mrkdwn":
            yield from _in_text(node.get("text"))
        for name in _INNER:
            if isinstance(node.get(name), dict | list):
                yield from _in_blocks(node[name])


def _in_text(text: Any) -> Iterator[str]:
    for found in _LINK.findall(str(text or "")):
        yield found.replace("&amp;", "&")


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://"))


async def _add(url: str, channel: str, team: Team) -> Reply:
    if not url:
        return Reply("There is no link in this message.", private=True)
    added = await team.add_link(url)
    zone = team.zone(await team.subscription(channel))
    return Reply(added_text(added), tuple(added_blocks(added, zone)), private=True)
