"""``users.*`` and ``reactions.*``."""

from __future__ import annotations

from bot.local_slack.calls import Call, method
from bot.local_slack.wire import Json, Refused, cursor_after, limit_of, position_of


@method("users.info", "users:read", tier=4)
def info(call: Call) -> Json:
    """Who somebody is."""
    return {"user": call.workspace.user(call.need("user")).described(call.workspace.team_id)}


@method("users.list", "users:read", tier=2)
def list_(call: Call) -> Json:
    """Everybody."""
    users = list(call.workspace.users.values())
    ids = [user.id for user in users]
    start = 0
    if call.get("cursor"):
        position = position_of(call.get("cursor"))
        if position not in ids:
            raise Refused("invalid_cursor")
        start = ids.index(position)
    limit = limit_of(call.args.get("limit"), usual=len(users), most=1_000)
    after = ids[start + limit : start + limit + 1]
    return {
        "members": [user.described(call.workspace.team_id) for user in users[start : start + limit]],
        "cache_ts": int(call.workspace.clock.now()), "response_metadata": {"next_cursor": cursor_after(after[0]) if after else ""},
    }  # fmt: skip


@method("reactions.add", "reactions:write")
def add(call: Call) -> Json:
    """The bot reacts."""
    message = _message(call)
    reactions: list[Json] = message.setdefault("reactions", [])
    bot, name = call.workspace.app.bot_user_id, call.need("name").strip(":")
    found = next((r for r in reactions if r["name"] == name), None)
    if found is None:
        found = {"name": name, "users": [], "count": 0}
        reactions.append(found)
    if bot in found["users"]:
        raise Refused("already_reacted")
    found["users"].append(bot)
    found["count"] += 1
    call.workspace.tell("reaction_added", channel=call.get("channel"), ts=message["ts"], name=name)
    return {}


@method("reactions.remove", "reactions:write", tier=2)
def remove(call: Call) -> Json:
    """The bot takes its reaction back."""
    message = _message(call)
    bot, name = call.workspace.app.bot_user_id, call.need("name").strip(":")
    found = next((r for r in message.get("reactions", ()) if r["name"] == name and bot in r["users"]), None)
    if found is None:
        raise Refused("no_reaction")
    found["users"].remove(bot)
    found["count"] -= 1
    message["reactions"] = [r for r in message["reactions"] if r["count"]]
    call.workspace.tell("reaction_removed", channel=call.get("channel"), ts=message["ts"], name=name)
    return {}


def _message(call: Call) -> Json:
    message = call.channel(member=True).messages.get(call.need("timestamp"))
    if message is None:
        raise Refused("message_not_found")
    return message
