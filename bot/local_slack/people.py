"""What people do in the workspace, and what they then see.

People and channels are named by id or by name. Messages and views are given as they are, or by ``ts`` and id. What an
answer brings may come later: :class:`triggers.Answer` goes on growing, and ``LocalSlack.until`` waits for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.local_slack import payloads
from bot.local_slack.blocks import elements_of
from bot.local_slack.inputs import CannotDo
from bot.local_slack.modal_answers import Modals
from bot.local_slack.payloads import InMessage, InView
from bot.local_slack.response_urls import respond
from bot.local_slack.typed import as_sent
from bot.local_slack.wire import Json, Refused

if TYPE_CHECKING:
    from bot.local_slack.delivery import Ack
    from bot.local_slack.members import Channel
    from bot.local_slack.triggers import Answer


class People(Modals):
    """The people of one workspace: they write, command, press and look."""

    # -- messages --------------------------------------------------------------------------------------------------

    async def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Json:
        """Write ``text``; the app hears of it as its manifest asks. The message as it stands in the channel."""
        workspace = self._workspace
        who, where = workspace.user(user), self._place(user, channel)
        if who.id not in where.members:
            raise CannotDo(f"{who.name} is not in {where.name}")
        if thread_ts and workspace.root_of(where, thread_ts) is None:
            raise CannotDo(f"there is no message {thread_ts} to answer")
        said = as_sent(workspace, text)
        message: Json = {"type": "message", "user": who.id, "text": said, "team": workspace.team_id,
                         "client_msg_id": workspace.new_id("m").lower()}  # fmt: skip
        return dict(workspace.post(where, message, thread_ts=thread_ts))

    async def edit(self, message: Json | str, text: str) -> Json:
        """Change one's own message."""
        channel, before = self._message(message)
        return dict(self._workspace.edit(channel, before["ts"], {"text": as_sent(self._workspace, text)}, by=before["user"]))

    async def delete(self, message: Json | str) -> None:
        """Take a message away, as its author or an admin may."""
        channel, before = self._message(message)
        self._workspace.delete(channel, before["ts"])

    # -- commands and shortcuts ------------------------------------------------------------------------------------

    async def command(self, user: str, channel: str, text: str) -> Answer:
        """Type a slash command, such as ``/ainews latest 3``."""
        workspace = self._workspace
        where = self._place(user, channel)
        answer = self._lent.lend(workspace.user(user).id, where.id)
        name, _, rest = text.strip().partition(" ")
        if workspace.app.commands and name not in workspace.app.commands:
            answer.error = "invalid_command"
            return answer
        rest = as_sent(workspace, rest.strip(), names=True) if workspace.app.should_escape else rest.strip()
        ack = await self._send(answer, "slash_commands", payloads.command(workspace, answer, where, name, rest))
        body = {"text": ack.body} if isinstance(ack.body, str) else ack.body
        if not ack.error and body and (body.get("text") or body.get("blocks") or body.get("attachments")):
            try:
                respond(workspace, answer, body)
            except Refused as refused:
                answer.error = refused.error
        return answer

    async def message_shortcut(self, user: str, message: Json | str, callback_id: str) -> Answer:
        """Choose the app's shortcut in a message's menu."""
        channel, found = self._message(message)
        answer = self._lent.lend(self._workspace.user(user).id, channel.id)
        await self._send(answer, "interactive", payloads.message_shortcut(self._workspace, answer, callback_id, channel, found))
        return answer

    async def global_shortcut(self, user: str, callback_id: str) -> Answer:
        """Choose the app's shortcut in the workspace's menu."""
        answer = self._lent.lend(self._workspace.user(user).id, None)
        await self._send(answer, "interactive", payloads.global_shortcut(self._workspace, answer, callback_id))
        return answer

    # -- elements --------------------------------------------------------------------------------------------------

    async def click(
        self, user: str, where: Json | str, action_id: str, choice: Any = None, *, block_id: str | None = None
    ) -> Answer:
        """Press a button, or choose ``choice`` in a menu (an option's value), of a message or a view.

        ``choice`` is ``positive`` or ``negative`` for feedback buttons.
        """
        found = self._where(self._workspace.user(user).id, where)
        block, element = _element(found, action_id, block_id)
        value = payloads.clicked(element, choice)
        answer = self._lend(user, found)
        if isinstance(found, InView):
            if element["type"] not in ("button", "overflow"):
                self._workspace.views.type_in(found.view, (block["block_id"], action_id), value)
            found = InView(self._workspace.views.with_state(found.view))
        else:
            answer.origin, answer.origin_is_ephemeral = found.message["ts"], bool(found.message.get("is_ephemeral"))
        await self._send(answer, "interactive", payloads.block_actions(self._workspace, answer, block, element, value, found))
        return answer

    async def suggest(self, user: str, where: Json | str, action_id: str, typed: str) -> list[Json]:
        """Type into a menu whose options the app gives; the options or groups that it gives."""
        found = self._where(self._workspace.user(user).id, where)
        block, element = _element(found, action_id, None)
        answer = self._lend(user, found)
        payload = payloads.suggestion(self._workspace, answer, block, element, typed, found)
        ack = await self._send(answer, "interactive", payload)
        body = ack.body if isinstance(ack.body, dict) else {}
        return list(body.get("options") or body.get("option_groups") or ())

    # -- Home and the app ------------------------------------------------------------------------------------------

    async def open_home(self, user: str, tab: str = "home") -> Ack:
        """Open the app's Home or its messages; how the app acked the event."""
        who = self._workspace.user(user).id
        channel = self._workspace.direct(who)
        return await self._delivery.event(payloads.app_home_opened(self._workspace, who, channel, tab))

    async def share_link(self, user: str, channel: str, url: str, thread_ts: str | None = None) -> Json:
        """Write a message that is a link."""
        return await self.say(user, channel, url, thread_ts)

    async def deliver(self, event: Json, event_id: str | None = None) -> Ack:
        """Tell the app of any event, under ``event_id``: so can one come twice."""
        return await self._delivery.event(event, event_id)

    # -- who and where ---------------------------------------------------------------------------------------------

    def _place(self, user: str, channel: str) -> Channel:
        """The channel; the app's own id or name, and ``dm``, mean the person's direct messages with it."""
        workspace = self._workspace
        bot = workspace.users[workspace.app.bot_user_id]
        if channel in ("dm", bot.id, bot.name, f"@{bot.name}"):
            return workspace.direct(workspace.user(user).id)
        return workspace.channel(channel)

    def _message(self, message: Json | str) -> tuple[Channel, Json]:
        ts = message if isinstance(message, str) else message["ts"]
        for channel in self._workspace.channels.values():
            if ts in channel.messages:
                return channel, channel.messages[ts]
        raise CannotDo(f"there is no message {ts}")

    def _where(self, user: str, where: Json | str) -> InMessage | InView:
        """The message or view that ``user`` sees."""
        name = where if isinstance(where, str) else where.get("ts") or where["id"]
        for channel in self._workspace.channels.values():
            if name in channel.messages:
                return InMessage(channel, channel.messages[name])
            for owner, message in channel.ephemerals:
                if owner == user and message["ts"] == name:
                    return InMessage(channel, message)
        for view in (*self._workspace.views.open.get(user, ()), self._workspace.views.homes.get(user)):
            if view is not None and view["id"] == name:
                return InView(view)
        raise CannotDo(f"{user} sees neither a message nor a view {name}")

    def _lend(self, user: str, where: InMessage | InView) -> Answer:
        return self._lent.lend(self._workspace.user(user).id, where.channel.id if isinstance(where, InMessage) else None)


def _element(where: InMessage | InView, action_id: str, block_id: str | None) -> tuple[Json, Json]:
    holder = where.message if isinstance(where, InMessage) else where.view
    attached = [block for a in holder.get("attachments", ()) for block in a.get("blocks", ())]
    there: list[str] = []
    for block in [*holder.get("blocks", ()), *attached]:
        for element in elements_of(block):
            there.append(element["action_id"])
            if element["action_id"] == action_id and block_id in (None, block["block_id"]):
                return block, element
    raise CannotDo(f"there is no {action_id!r} to use, only {', '.join(there) or 'nothing'}")
