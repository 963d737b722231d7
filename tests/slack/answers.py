"""For tests of questions in Slack: an edition of the sample in a channel, and what Slack holds of a conversation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.slack.client import slack_client
from digest.model import Edition, EditionStory
from tests.slack.conftest import Bot

QUESTIONED = "How much of an agent's spending does Fennwick take?"


async def edition(bot: Bot, *words: str, channel: str = "ai-news") -> tuple[str, list[str]]:
    """Post an edition of the stories that ``words`` find, one for each, as the bot; its thread and the ids of its articles."""
    stories = []
    for each in words:
        told = (await bot.parts.lookups.search(each)).stories[0]
        stories.append(EditionStory(told.id, told.lead.article.title, tuple(a.article.id for a in told.articles)))
    place = bot.slack.workspace.channel(channel).id
    client = slack_client(bot.settings)
    text = "; ".join(s.title for s in stories)
    posted = await client.chat_postMessage(channel=place, text=f"Digest: {text}")
    link = await client.chat_getPermalink(channel=place, message_ts=str(posted["ts"]))
    now = datetime.now(UTC)
    await bot.parts.editions.record(Edition(place, now.date(), now, str(link["permalink"]), tuple(stories), str(posted["ts"])))
    return str(posted["ts"]), [s.id for s in stories]


def replies(bot: Bot, thread: str, channel: str = "ai-news") -> list[dict[str, Any]]:
    """The bot's finished messages in a thread, the oldest first."""
    held = bot.slack.workspace.channel(channel).messages.values()
    return [
        m for m in held
        if m.get("thread_ts") == thread and m["ts"] != thread and m.get("bot_id") and m.get("streaming_state") != "in_progress"
    ]  # fmt: skip


async def answered(bot: Bot, thread: str, count: int, channel: str = "ai-news") -> dict[str, Any]:
    """The bot's last message in a thread, as soon as it has so many that are finished."""
    await bot.slack.until(lambda _: len(replies(bot, thread, channel)) >= count, timeout_s=15)
    return replies(bot, thread, channel)[-1]


def words(node: Any) -> str:
    """All that is to be read in a message."""
    if isinstance(node, list):
        return " ".join(filter(None, map(words, node)))
    if isinstance(node, dict):
        own = node.get("text") if isinstance(node.get("text"), str) and node.get("type") != "message" else ""
        return " ".join(
            filter(
                None,
                [
                    own,
                    *(words(node[k]) for k in ("blocks", "elements", "text") if not isinstance(node.get(k), str) and k in node),
                ],
            )
        )
    return ""
