"""What people do in a local Slack of another process: the methods of :class:`people.People`, over the control API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.local_slack.delivery import Ack
from bot.local_slack.triggers import Answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.local_slack.wire import Json


class RemotePeople:
    """The people of a workspace elsewhere. An :class:`Answer` is as it was then; ``RemoteSlack.answered`` asks again."""

    def __init__(self, call: Callable[..., Awaitable[Any]]) -> None:
        self._call = call

    @staticmethod
    def answer_of(said: Json) -> Answer:
        """An answer as the control API wrote it."""
        return Answer(**said)

    async def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Json:
        """Write ``text``."""
        return dict(await self._call("people.say", user=user, channel=channel, text=text, thread_ts=thread_ts))

    async def edit(self, message: Json | str, text: str) -> Json:
        """Change one's own message."""
        return dict(await self._call("people.edit", message=message, text=text))

    async def delete(self, message: Json | str) -> None:
        """Take a message away."""
        await self._call("people.delete", message=message)

    async def command(self, user: str, channel: str, text: str) -> Answer:
        """Type a slash command."""
        return self.answer_of(await self._call("people.command", user=user, channel=channel, text=text))

    async def message_shortcut(self, user: str, message: Json | str, callback_id: str) -> Answer:
        """Choose the app's shortcut in a message's menu."""
        return self.answer_of(await self._call("people.message_shortcut", user=user, message=message, callback_id=callback_id))

    async def global_shortcut(self, user: str, callback_id: str) -> Answer:
        """Choose the app's shortcut in the workspace's menu."""
        return self.answer_of(await self._call("people.global_shortcut", user=user, callback_id=callback_id))

    async def click(
        self, user: str, where: Json | str, action_id: str, choice: Any = None, *, block_id: str | None = None
    ) -> Answer:
        """Press a button, or choose in a menu."""
        used = {"user": user, "where": where, "action_id": action_id, "choice": choice, "block_id": block_id}
        return self.answer_of(await self._call("people.click", **used))

    async def suggest(self, user: str, where: Json | str, action_id: str, typed: str) -> list[Json]:
        """Type into a menu whose options the app gives."""
        return list(await self._call("people.suggest", user=user, where=where, action_id=action_id, typed=typed))

    async def modal(self, user: str) -> Json | None:
        """The modal that ``user`` looks at."""
        view = await self._call("people.modal", user=user)
        return dict(view) if view else None

    async def home(self, user: str) -> Json | None:
        """The Home that ``user`` sees."""
        view = await self._call("people.home", user=user)
        return dict(view) if view else None

    async def fill(self, user: str, values: dict[str, Any]) -> None:
        """Enter values in the modal on top."""
        await self._call("people.fill", user=user, values=values)

    async def submit(self, user: str, values: dict[str, Any] | None = None) -> Answer:
        """Enter ``values`` and submit the modal."""
        return self.answer_of(await self._call("people.submit", user=user, values=values))

    async def close(self, user: str, *, all_of_them: bool = False) -> Answer | None:
        """Close the modal, or the whole stack."""
        said = await self._call("people.close", user=user, all_of_them=all_of_them)
        return self.answer_of(said) if said else None

    async def open_home(self, user: str, tab: str = "home") -> Ack:
        """Open the app's Home or its messages."""
        return Ack(**await self._call("people.open_home", user=user, tab=tab))

    async def share_link(self, user: str, channel: str, url: str, thread_ts: str | None = None) -> Json:
        """Write a message that is a link."""
        return dict(await self._call("people.share_link", user=user, channel=channel, url=url, thread_ts=thread_ts))

    async def deliver(self, event: Json, event_id: str | None = None) -> Ack:
        """Tell the app of any event."""
        return Ack(**await self._call("people.deliver", event=event, event_id=event_id))
