"""Views: the modals each person has open, three deep at most, and each person's Home."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from bot.local_slack import inputs
from bot.local_slack.blocks import accept, refusal
from bot.local_slack.elements import text
from bot.local_slack.judging import Check, Problem, flag, record, string
from bot.local_slack.wire import Json, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.local_slack.workspace import Workspace

DEEPEST: Final = 3
LARGEST: Final = 250_000
_SHORT: Final = text(24, "plain_text")
_ID: Final = string(255, least=0)


def _anything(_value: Any, _at: str) -> Iterator[Problem]:
    return iter(())


_COMMON: Final[dict[str, Check]] = {
    "private_metadata": string(3_000, least=0), "callback_id": _ID, "external_id": _ID,
}  # fmt: skip
_SCHEMA: Final[dict[str, Check]] = {
    "modal": record({"type": _anything, "title": _SHORT, "blocks": _anything}, {
        **_COMMON, "close": _SHORT, "submit": _SHORT, "clear_on_close": flag, "notify_on_close": flag, "submit_disabled": flag,
    }),
    "home": record({"type": _anything, "blocks": _anything}, _COMMON),
}  # fmt: skip


def judged(view: Any, *surfaces: str) -> Json:
    """``view`` with its blocks as Slack keeps them. Raises :class:`Refused`."""
    if not isinstance(view, dict) or view.get("type") not in surfaces:
        raise refusal([Problem("/view/type", f"must be a valid enum value: {', '.join(surfaces)}")], "invalid_arguments")
    if problems := list(_SCHEMA[view["type"]](view, "/view")):
        raise refusal(problems, "invalid_arguments")
    if len(json.dumps(view)) > LARGEST:
        raise Refused("view_too_large")
    try:
        blocks = accept(view["blocks"], view["type"], "/view/blocks")
    except Refused as refused:
        if refused.error == "invalid_blocks":
            raise Refused("invalid_arguments", **refused.details) from None
        raise
    if any(block["type"] == "input" for block in blocks) and view["type"] == "modal" and "submit" not in view:
        raise refusal([Problem("/view/submit", "missing required field: submit", "missing_field")], "invalid_arguments")
    return {**view, "blocks": blocks}


class Views:
    """Open modals by person, the innermost last, and Homes. What a person typed is kept beside each view."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.open: dict[str, list[Json]] = {}
        self.homes: dict[str, Json] = {}
        self.typed: dict[str, dict[tuple[str, str], Json]] = {}

    def find(self, view_id: str | None, external_id: str | None = None) -> tuple[str, Json]:
        """The person and the view. Raises :class:`Refused`."""
        everything = [(u, v) for u, stack in self.open.items() for v in stack] + list(self.homes.items())
        for user, view in everything:
            if (view_id and view["id"] == view_id) or (external_id and view["external_id"] == external_id):
                return user, view
        raise Refused("not_found")

    def top(self, user: str) -> Json | None:
        """The modal that ``user`` looks at."""
        stack = self.open.get(user)
        return stack[-1] if stack else None

    def start(self, user: str, view: Any) -> Json:
        """Open a modal, instead of all that were open."""
        made = self._made(judged(view, "modal"))
        self._forget(self.open.get(user, []))
        self.open[user] = [made]
        self._workspace.tell("view_opened", user=user, view=made)
        return made

    def push(self, user: str, view: Any) -> Json:
        """Put a modal on top of those that are open. Raises :class:`Refused`."""
        stack = self.open.get(user)
        if not stack:
            raise Refused("not_found")
        if len(stack) >= DEEPEST:
            raise Refused("push_limit_reached")
        made = self._made(judged(view, "modal"))
        made |= {"root_view_id": stack[0]["id"], "previous_view_id": stack[-1]["id"]}
        stack.append(made)
        self._workspace.tell("view_pushed", user=user, view=made)
        return made

    def update(self, user: str, old: Json, view: Any, hash_: str | None = None) -> Json:
        """Another view in ``old``'s place; what was typed stays where block and action kept their ids."""
        if hash_ and hash_ != old["hash"]:
            raise Refused("hash_conflict")
        made = self._made(judged(view, old["type"]), old)
        if old["type"] == "home":
            self.homes[user] = made
        else:
            self.open[user] = [made if v["id"] == old["id"] else v for v in self.open[user]]
        still = {(b["block_id"], e["action_id"]) for b, e in inputs.elements(made)}
        self.typed[made["id"]] = {key: value for key, value in self.typed.get(made["id"], {}).items() if key in still}
        self._workspace.tell("view_updated", user=user, view=made)
        return made

    def publish(self, user: str, view: Any, hash_: str | None = None) -> Json:
        """``user``'s Home. Raises :class:`Refused`."""
        if (old := self.homes.get(user)) is not None:
            if hash_ and hash_ != old["hash"]:
                raise Refused("hash_conflict")
            self._forget([old])
        elif hash_:
            raise Refused("hash_conflict")
        made = self._made(judged(view, "home"), old)
        self.homes[user] = made
        self._workspace.tell("home_published", user=user, view=made)
        return made

    def close(self, user: str, *, all_of_them: bool = False) -> list[Json]:
        """The person is done with the top modal, or with all; what was closed, the innermost first."""
        stack = self.open.get(user, [])
        closed = stack[::-1] if all_of_them else stack[-1:]
        self.open[user] = stack[: len(stack) - len(closed)]
        self._forget(closed)
        for view in closed:
            self._workspace.tell("view_closed", user=user, view=view)
        return closed

    def type_in(self, view: Json, key: tuple[str, str], value: Json) -> None:
        """Keep what a person entered."""
        self.typed.setdefault(view["id"], {})[key] = value

    def with_state(self, view: Json) -> Json:
        """``view`` with what stands in its inputs, as interactions carry it."""
        return {**view, "state": {"values": inputs.values(view, self.typed.get(view["id"], {}))}}

    def _forget(self, views: list[Json]) -> None:
        for view in views:
            self.typed.pop(view["id"], None)

    def _made(self, view: Json, old: Json | None = None) -> Json:
        workspace, app = self._workspace, self._workspace.app
        taken = {v["external_id"] for stack in self.open.values() for v in stack if v is not old} - {""}
        if view.get("external_id", "") in taken:
            raise Refused("duplicate_external_id")
        view_id = old["id"] if old else workspace.new_id("V")
        body = json.dumps(view, sort_keys=True).encode()
        made: Json = {
            "id": view_id, "team_id": workspace.team_id, "type": view["type"], "blocks": view["blocks"],
            "private_metadata": view.get("private_metadata", ""), "callback_id": view.get("callback_id", ""),
            "state": {"values": {}},
            "hash": f"{workspace.next_ts().split('.', maxsplit=1)[0]}.{hashlib.sha256(body + workspace.next_ts().encode()).hexdigest()[:8]}",
            "clear_on_close": view.get("clear_on_close", False), "notify_on_close": view.get("notify_on_close", False),
            "previous_view_id": old["previous_view_id"] if old else None, "root_view_id": old["root_view_id"] if old else view_id,
            "app_id": app.app_id, "external_id": view.get("external_id", ""),
            "app_installed_team_id": workspace.team_id, "bot_id": app.bot_id,
        }  # fmt: skip
        if view["type"] == "modal":
            made |= {"title": view["title"], "close": view.get("close"), "submit": view.get("submit")}
        else:
            made |= {"title": {"type": "plain_text", "text": "View Title", "emoji": True}, "close": None, "submit": None}
        return made
