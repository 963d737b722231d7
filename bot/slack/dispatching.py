"""The one way that all of Slack's requests go, whatever door they came by: there work begins, and its ack is timed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from slack_bolt.app.async_app import AsyncApp

from digest import measures
from digest.context import work
from digest.tracing import span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from slack_bolt.request.async_request import AsyncBoltRequest
    from slack_bolt.response import BoltResponse

_KINDS: Final[Mapping[str, str]] = {
    "event_callback": "event", "block_actions": "action", "interactive_message": "action", "view_submission": "view",
    "view_closed": "view", "shortcut": "shortcut", "message_action": "shortcut",
}  # fmt: skip


class DispatchingApp(AsyncApp):
    """``workspace_of`` gives the workspace, as it is named in Redis, for Slack's id of one."""

    def __init__(self, *, workspace_of: Callable[[str], str], **given: Any) -> None:
        super().__init__(**given)
        self._workspace_of = workspace_of

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """As Bolt's. It returns with the ack; the listener goes on in a task that inherits what is bound here."""
        kind, workspace = kind_of(req.body), self._workspace_of(str(req.context.team_id or ""))
        with work(workspace, kind), span(f"slack {kind}", workspace=workspace, kind=kind):
            began = time.perf_counter()
            answered = await super().async_dispatch(req)
            if not req.body.get("ainews_again"):  # that was acked before, maybe by another process
                measures.acked(kind, time.perf_counter() - began)
            return answered


def kind_of(body: Mapping[str, Any]) -> str:
    """What kind of request it is, of a few."""
    return "command" if "command" in body else _KINDS.get(str(body.get("type")), "other")
