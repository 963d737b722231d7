"""The state of one workspace, in memory and without I/O: who and what there is, and every message.

Messages are held as Slack writes them, because that is what every method returns. What a method demands or refuses is
not known here, but in ``methods``.
"""

from __future__ import annotations

from typing import Any

from bot.local_slack.app import SlackApp
from bot.local_slack.changes import Change, Changes
from bot.local_slack.clock import Clock
from bot.local_slack.members import Channel, User
from bot.local_slack.modals import Views
from bot.local_slack.wire import Json, Refused, micros, stamp


class Workspace:
    """One team: its people, channels, messages, views and files."""

    def __init__(
        self, app: SlackApp | None = None, clock: Clock | None = None, *, team_id: str = "T0LOCAL001", domain: str = "local"
    ) -> None:
        self.app = app or SlackApp()
        self.clock = clock or Clock()
        self.team_id = team_id
        self.domain = domain
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.changes = Changes()
        self.views = Views(self)
        self.files: dict[str, Json] = {}
        #: By channel and thread: status and title of an assistant's thread, and suggested prompts by channel.
        self.assistant: dict[tuple[str, str], Json] = {}
        #: For how long a message is posted before reading the channel shows it.
        self.history_lag_s = 0.0
        self._last_ts = 0
        self._made = 0
        self.add_user(User(self.app.bot_user_id, self.app.name.lower().replace(" ", ""), self.app.name, is_bot=True))

    # -- who and where ---------------------------------------------------------------------------------------------

    def add_user(self, user: User) -> User:
        """Let ``user`` be a member."""
        self.users[user.id] = user
        return user

    def add_channel(self, channel: Channel) -> Channel:
        """Let there be ``channel``."""
        self.channels[channel.id] = channel
        return channel

    def user(self, who: str) -> User:
        """By id or by name. Raises :class:`Refused`."""
        found = self.users.get(who) or next((u for u in self.users.values() if u.name == who.removeprefix("@")), None)
        if found is None:
            raise Refused("user_not_found")
        return found

    def channel(self, where: str) -> Channel:
        """By id, or by name with or without ``#``. Raises :class:`Refused`."""
        by_name = where.removeprefix("#")
        found = self.channels.get(where) or next((c for c in self.channels.values() if c.name and c.name == by_name), None)
        if found is None:
            raise Refused("channel_not_found")
        return found

    def direct(self, *people: str) -> Channel:
        """The direct conversation of ``people`` with the bot, opened where there was none."""
        members = {*people, self.app.bot_user_id}
        kind = "im" if len(members) == 2 else "mpim"
        for channel in self.channels.values():
            if channel.kind == kind and channel.members == members:
                return channel
        name = "" if kind == "im" else "mpdm-" + "--".join(sorted(self.users[m].name for m in members)) + "-1"
        return self.add_channel(
            Channel(self.new_id("D" if kind == "im" else "G"), name, kind, members, created=int(self.clock.now()))
        )

    # -- ids and times ---------------------------------------------------------------------------------------------

    def new_id(self, letter: str) -> str:
        """An id that nothing has, as Slack forms them."""
        self._made += 1
        return f"{letter}0L{self._made:08d}"

    def next_ts(self) -> str:
        """A timestamp after all others."""
        self._last_ts = max(int(self.clock.now() * 1_000_000), self._last_ts + 100)
        return stamp(self._last_ts)

    def go_on_after(self, microseconds: int) -> None:
        """Stamp and number what comes so that it differs from what was there before."""
        self._last_ts = max(self._last_ts, microseconds)
        self._made += len(self.channels)

    def tell(self, kind: str, **details: Any) -> None:
        """Say to all watchers what changed."""
        self.changes.tell(Change(kind, self.clock.now(), details))

    # -- messages --------------------------------------------------------------------------------------------------

    def by_bot(self, **content: Any) -> Json:
        """A message's beginnings, as the app's bot says it."""
        app = self.app
        profile = {"id": app.bot_id, "app_id": app.app_id, "name": app.name, "icons": {}, "deleted": False,
                   "updated": 1763452800, "team_id": self.team_id}  # fmt: skip
        return {"type": "message", "user": app.bot_user_id, "bot_id": app.bot_id, "app_id": app.app_id, "team": self.team_id,
                "bot_profile": profile, **content}  # fmt: skip

    def post(self, channel: Channel, message: Json, *, thread_ts: str | None = None, broadcast: bool = False) -> Json:
        """Put ``message`` into ``channel``, in a thread where one is named.

        Where the thread's root is gone, Slack does not refuse, but posts outside any thread (slack-go/slack#1571).
        """
        root = self.root_of(channel, thread_ts) if thread_ts else None
        posted = {**message, "ts": self.next_ts()}
        if root is not None:
            posted |= {"thread_ts": root["ts"], "parent_user_id": root["user"]}
            if broadcast:
                posted |= {"subtype": "thread_broadcast", "root": {k: v for k, v in root.items() if k != "metadata"}}
        channel.messages[posted["ts"]] = posted
        if root is not None:
            self._count_replies(channel, root)
        self.tell("message_posted", channel=channel.id, ts=posted["ts"], message=posted)
        return posted

    def root_of(self, channel: Channel, thread_ts: str) -> Json | None:
        """The message at the head of the thread that ``thread_ts`` names, by its root or by a reply."""
        micros(thread_ts, error="invalid_thread_ts")
        named = channel.messages.get(thread_ts)
        return channel.messages.get(named["thread_ts"]) if named and "thread_ts" in named else named

    def edit(self, channel: Channel, ts: str, content: Json, *, by: str | None = None, kind: str = "message_changed") -> Json:
        """Put ``content`` over the message's; a key with None goes. ``by`` marks the message as edited."""
        before = channel.messages[ts]
        after = {k: v for k, v in {**before, **content}.items() if v is not None}
        if by is not None:
            after["edited"] = {"user": by, "ts": self.next_ts()}
        channel.messages[ts] = after
        self.tell(kind, channel=channel.id, ts=ts, message=after, previous=before)
        return after

    def delete(self, channel: Channel, ts: str) -> Json:
        """Take the message away; a root that has replies leaves a tombstone, as in Slack."""
        before = channel.messages.pop(ts)
        if before.get("reply_count"):
            kept = {k: before[k] for k in ("thread_ts", "reply_count", "reply_users", "reply_users_count", "latest_reply")}
            gone = {
                "type": "message",
                "subtype": "tombstone",
                "user": "USLACKBOT",
                "text": "This message was deleted.",
                "hidden": True,
            }
            channel.messages[ts] = {**gone, "ts": ts, **kept}
            channel.messages = dict(sorted(channel.messages.items()))
        root = channel.messages.get(before.get("thread_ts", ""))
        if root is not None and root["ts"] != ts:
            self._count_replies(channel, root)
        self.tell("message_deleted", channel=channel.id, ts=ts, previous=before)
        return before

    def say_to(self, channel: Channel, user: str, message: Json) -> Json:
        """An ephemeral message: only ``user`` sees it."""
        said = {**message, "ts": self.next_ts(), "is_ephemeral": True}
        channel.ephemerals.append((user, said))
        self.tell("ephemeral", channel=channel.id, user=user, ts=said["ts"], message=said)
        return said

    def _count_replies(self, channel: Channel, root: Json) -> None:
        replies = [m for m in channel.messages.values() if m.get("thread_ts") == root["ts"] and m["ts"] != root["ts"]]
        counted = ("thread_ts", "reply_count", "reply_users", "reply_users_count", "latest_reply", "is_locked", "subscribed")
        for name in counted:
            root.pop(name, None)
        if replies:
            users = list(dict.fromkeys(m["user"] for m in replies))
            root |= {"thread_ts": root["ts"], "reply_count": len(replies), "reply_users": users, "reply_users_count": len(users),
                     "latest_reply": replies[-1]["ts"], "is_locked": False, "subscribed": False}  # fmt: skip

    def permalink(self, channel: Channel, message: Json) -> str:
        """Where the message can be read."""
        link = f"https://{self.domain}.slack.com/archives/{channel.id}/p{message['ts'].replace('.', '')}"
        thread = message.get("thread_ts")
        return f"{link}?thread_ts={thread}&cid={channel.id}" if thread and thread != message["ts"] else link
