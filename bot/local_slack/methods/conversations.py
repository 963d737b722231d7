"""``conversations.*``: what was said, page by page, and what channels there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.local_slack.calls import Call, method
from bot.local_slack.members import KINDS
from bot.local_slack.messages import shown
from bot.local_slack.wire import Json, Refused, cursor_after, limit_of, micros, position_of, truth

if TYPE_CHECKING:
    from bot.local_slack.members import Channel


def _readable(call: Call, *, member: bool = True) -> Channel:
    channel = call.channel(member=member)
    call.scope(f"{KINDS[channel.kind]}:history")
    return channel


def _within(call: Call, messages: list[Json]) -> list[Json]:
    """Those between ``oldest`` and ``latest``; the ends themselves only if ``inclusive``."""
    visible = (call.workspace.clock.now() - call.workspace.history_lag_s) * 1_000_000
    oldest = micros(call.get("oldest", "0"), error="invalid_ts_oldest")
    latest = micros(call.get("latest")) if call.get("latest") else None
    inclusive = truth(call.args.get("inclusive"))

    def stands(message: Json) -> bool:
        at = micros(message["ts"])
        if call.workspace.history_lag_s and at > visible:
            return False
        after = at >= oldest if inclusive else at > oldest
        return after and (latest is None or (at <= latest if inclusive else at < latest))

    return [message for message in messages if stands(message)]


def _page(call: Call, messages: list[Json], *, usual: int, newest_first: bool) -> Json:
    distributed = call.workspace.app.distributed
    limit = limit_of(call.args.get("limit"), usual=15 if distributed else usual, most=15 if distributed else 999)
    metadata = truth(call.args.get("include_all_metadata"))
    if call.get("cursor"):
        start = micros(position_of(call.get("cursor")), error="invalid_cursor")
        messages = [m for m in messages if (micros(m["ts"]) <= start if newest_first else micros(m["ts"]) >= start)]
    page, rest = messages[:limit], messages[limit:]
    answer: Json = {"messages": [shown(m, metadata=metadata) for m in page], "has_more": bool(rest)}
    if rest:
        answer["response_metadata"] = {"next_cursor": cursor_after(rest[0]["ts"])}
    return answer


@method("conversations.history")
def history(call: Call) -> Json:
    """The channel's messages, newest first, without replies in threads."""
    channel = _readable(call)
    said = [
        m for m in channel.messages.values() if m.get("thread_ts", m["ts"]) == m["ts"] or m.get("subtype") == "thread_broadcast"
    ]
    return {**_page(call, _within(call, said[::-1]), usual=100, newest_first=True), "pin_count": 0}


@method("conversations.replies")
def replies(call: Call) -> Json:
    """A thread: its root, and its replies, oldest first."""
    channel = _readable(call)
    asked = channel.messages.get(call.need("ts"))
    if asked is None:
        raise Refused("thread_not_found")
    root = asked.get("thread_ts", asked["ts"])
    thread = [m for m in channel.messages.values() if root in (m["ts"], m.get("thread_ts"))]
    first, rest = thread[:1], _within(call, thread[1:])
    return _page(call, first + rest, usual=1_000, newest_first=False)


@method("conversations.info")
def info(call: Call) -> Json:
    """What a channel is."""
    channel = call.channel()
    call.scope(f"{KINDS[channel.kind]}:read")
    return {"channel": channel.described(call.workspace.team_id, call.workspace.app.bot_user_id)}


@method("conversations.open", "im:write", "mpim:write")
def open_direct(call: Call) -> Json:
    """The direct conversation with somebody."""
    if call.get("channel"):
        channel = call.channel()
    else:
        people = [who for who in call.get("users").split(",") if who]
        if not people:
            raise Refused("users_list_not_supplied")
        if any(who not in call.workspace.users for who in people):
            raise Refused("user_not_found")
        channel = call.workspace.direct(*people)
    if not truth(call.args.get("return_im")):
        return {"channel": {"id": channel.id}}
    return {"channel": channel.described(call.workspace.team_id, call.workspace.app.bot_user_id)}


@method("conversations.join", "channels:join")
def join(call: Call) -> Json:
    """The bot becomes a member of a public channel."""
    channel = call.channel()
    if channel.kind != "channel":
        raise Refused("method_not_supported_for_channel_type")
    if channel.archived:
        raise Refused("is_archived")
    bot = call.workspace.app.bot_user_id
    already = {"warning": "already_in_channel"} if bot in channel.members else {}
    channel.members.add(bot)
    return {"channel": channel.described(call.workspace.team_id, bot), **already}


@method("conversations.members", tier=4)
def members(call: Call) -> Json:
    """Who is in a channel."""
    channel = call.channel()
    call.scope(f"{KINDS[channel.kind]}:read")
    everybody = sorted(channel.members)
    return _listed(call, "members", everybody, everybody)


@method("conversations.list", "channels:read", "groups:read", "im:read", "mpim:read", tier=2)
def list_(call: Call) -> Json:
    """The channels of the kinds that were asked for."""
    words = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
    asked = [word for word in call.get("types", "public_channel").replace(" ", "").split(",") if word]
    if not asked or not set(asked) <= set(words):
        raise Refused("invalid_types")
    bot, kinds = call.workspace.app.bot_user_id, {words[word] for word in asked}
    for kind in sorted(kinds):
        call.scope(f"{KINDS[kind]}:read")
    found = [
        channel for channel in call.workspace.channels.values()
        if channel.kind in kinds and (channel.kind == "channel" or bot in channel.members)
        and not (channel.archived and truth(call.args.get("exclude_archived")))
    ]  # fmt: skip
    return _listed(call, "channels", [c.described(call.workspace.team_id, bot) for c in found], [c.id for c in found])


def _listed(call: Call, name: str, everything: list[Json] | list[str], ids: list[str]) -> Json:
    limit = limit_of(call.args.get("limit"), usual=100, most=1_000)
    start = 0
    if call.get("cursor"):
        position = position_of(call.get("cursor"))
        if position not in ids:
            raise Refused("invalid_cursor")
        start = ids.index(position)
    after = ids[start + limit : start + limit + 1]
    return {
        name: everything[start : start + limit],
        "response_metadata": {"next_cursor": cursor_after(after[0]) if after else ""},
    }
