"""``chat.*`` except streams: posting, changing, deleting, and what belongs to a posted message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.local_slack.calls import Call, method
from bot.local_slack.messages import LONGEST_UPDATE, attached, content, has_content, shown
from bot.local_slack.wire import Json, Refused, truth

if TYPE_CHECKING:
    from bot.local_slack.members import Channel


def postable(call: Call) -> Channel:
    """The channel into which the bot may write. Raises :class:`Refused`."""
    channel = call.channel()
    if channel.archived:
        raise Refused("is_archived")
    everywhere = channel.kind == "channel" and "chat:write.public" in call.token.scopes
    if call.workspace.app.bot_user_id not in channel.members and not everywhere:
        raise Refused("not_in_channel")
    return channel


def own_message(call: Call, channel: Channel, ts: str, refusal: str) -> Json:
    """A message of the bot. Raises :class:`Refused`."""
    message = channel.messages.get(ts)
    if message is None or message.get("subtype") == "tombstone":
        raise Refused("message_not_found")
    if message.get("bot_id") != call.workspace.app.bot_id:
        raise Refused(refusal)
    return message


@method("chat.postMessage", "chat:write", tier=0)
def post_message(call: Call) -> Json:
    """Say something in a channel."""
    channel, found = postable(call), content(call)
    if not has_content(found):
        raise Refused("no_text")
    unfurls = {k: truth(call.args[k]) for k in ("unfurl_links", "unfurl_media") if k in call.args}
    message = call.workspace.by_bot(**found, **unfurls)
    broadcast = truth(call.args.get("reply_broadcast"))
    posted = call.workspace.post(channel, message, thread_ts=call.get("thread_ts") or None, broadcast=broadcast)
    return {"channel": channel.id, "ts": posted["ts"], "message": shown(posted, metadata=True)}


@method("chat.update", "chat:write")
def update(call: Call) -> Json:
    """Another content for a message of the bot."""
    channel = call.channel()
    ts = call.need("ts")
    before = own_message(call, channel, ts, "cant_update_message")
    if before.get("streaming_state") == "in_progress":
        raise Refused("streaming_state_conflict")
    found = content(call, longest=LONGEST_UPDATE)
    if not has_content(found) and not any(k in call.args for k in ("blocks", "attachments", "metadata")):
        raise Refused("no_text")
    # Blocks and attachments that are not named stay, as documented; an empty list takes them away.
    found |= {name: found[name] or None for name in ("blocks", "attachments") if name in found}
    if "text" not in call.args and "markdown_text" not in call.args:
        del found["text"]
    # Slack marks as edited only what has no blocks and no attachments.
    marked = None if any(found.get(n, before.get(n)) for n in ("blocks", "attachments")) else call.workspace.app.bot_user_id
    after = call.workspace.edit(channel, ts, found, by=marked)
    return {"channel": channel.id, "ts": ts, "text": after["text"], "message": shown(after, metadata=True)}


@method("chat.delete", "chat:write")
def delete(call: Call) -> Json:
    """Take back a message of the bot."""
    channel = call.channel()
    ts = call.need("ts")
    if own_message(call, channel, ts, "cant_delete_message").get("streaming_state") == "in_progress":
        raise Refused("cant_delete_message")
    call.workspace.delete(channel, ts)
    return {"channel": channel.id, "ts": ts}


@method("chat.postEphemeral", "chat:write", tier=4)
def post_ephemeral(call: Call) -> Json:
    """Say something that one person sees."""
    channel, found = postable(call), content(call)
    user = call.workspace.users.get(call.need("user"))
    if user is None or user.id not in channel.members:
        raise Refused("user_not_in_channel")
    if not has_content(found):
        raise Refused("no_text")
    thread = {"thread_ts": call.get("thread_ts")} if call.get("thread_ts") else {}
    said = call.workspace.say_to(channel, user.id, call.workspace.by_bot(**found, **thread))
    return {"message_ts": said["ts"]}


@method("chat.getPermalink", tier=0)
def get_permalink(call: Call) -> Json:
    """Where a message can be read."""
    channel = call.channel()
    message = channel.messages.get(call.need("message_ts"))
    if message is None:
        raise Refused("message_not_found")
    return {"channel": channel.id, "permalink": call.workspace.permalink(channel, message)}


@method("chat.unfurl", "links:write")
def unfurl(call: Call) -> Json:
    """Show something under the links of a person's message."""
    if call.get("unfurl_id"):
        place, _, ts = call.get("unfurl_id").partition("-")
        channel = call.workspace.channel(place)
    else:
        channel, ts = call.channel(), call.need("ts")
    message = channel.messages.get(ts)
    if message is None:
        raise Refused("cannot_find_message")
    unfurls = call.structure("unfurls", "invalid_unfurls_format")
    if not isinstance(unfurls, dict) or not unfurls:
        raise Refused("missing_unfurls")
    for url in unfurls:
        if url not in message["text"].replace("&amp;", "&") and url not in message["text"]:
            raise Refused("cannot_unfurl_url")
    app = {"bot_id": call.workspace.app.bot_id, "app_id": call.workspace.app.app_id, "is_app_unfurl": True}
    shown_there = [{**a, "app_unfurl_url": url, "from_url": url, **app}
                   for url, a in zip(unfurls, attached([dict(v) for v in unfurls.values()]), strict=True)]  # fmt: skip
    call.workspace.edit(channel, ts, {"attachments": shown_there})
    return {}
