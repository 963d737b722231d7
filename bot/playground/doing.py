"""What the person at the page can do, by name: no more than people do in Slack, set the date, and look closer."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from bot.local_slack.inputs import CannotDo
from bot.local_slack.wire import Refused
from bot.playground.inspecting import inspected
from digest.errors import AinewsError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.local_slack.wire import Json
    from bot.playground.running import Playground

#: Of ``local_slack.people.People``.
_OF_PEOPLE: Final = frozenset({
    "say", "command", "click", "suggest", "fill", "submit", "close", "open_home", "message_shortcut", "delete",
})  # fmt: skip
#: What can be wrong with a request, in words for who sent it.
PROBLEMS: Final = (CannotDo, Refused, AinewsError, LookupError, TypeError, ValueError)


class Doing:
    """Carries out what the page asks for."""

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._own: dict[str, Callable[..., Awaitable[Any]]] = {
            "set_date": self._set_date, "inspect_message": self._inspect_message, "inspect_view": self._inspect_view,
        }  # fmt: skip

    async def do(self, name: str, arguments: dict[str, Any]) -> Any:
        """The result as JSON's values. Raises one of ``PROBLEMS``."""
        if name in _OF_PEOPLE:
            return _plain(await getattr(self._playground.slack.people, name)(**arguments))
        if name not in self._own:
            raise LookupError(f"nobody can {name}")
        return await self._own[name](**arguments)

    async def _set_date(self, day: str) -> Json:
        await self._playground.set_date(date.fromisoformat(day))
        return {"today": self._playground.today().isoformat()}

    async def _inspect_message(self, channel: str, ts: str) -> Json:
        held = self._playground.slack.workspace.channel(channel)
        message = held.messages.get(ts) or next((m for _, m in held.ephemerals if m["ts"] == ts), None)
        if message is None:
            raise LookupError("this message is no longer there")
        return inspected(message, "message")

    async def _inspect_view(self, view: str) -> Json:
        _, found = self._playground.slack.workspace.views.find(view)
        return inspected(found, found["type"])


def _plain(result: Any) -> Any:
    return dataclasses.asdict(result) if dataclasses.is_dataclass(result) and not isinstance(result, type) else result
