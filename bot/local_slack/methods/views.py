"""``views.*`` and ``blocks.validate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.local_slack.blocks import accept, judge
from bot.local_slack.calls import Call, invalid, method
from bot.local_slack.judging import Problem
from bot.local_slack.modals import judged
from bot.local_slack.wire import Json, Refused

if TYPE_CHECKING:
    from collections.abc import Callable


def _view(call: Call) -> object:
    view = call.structure("view", "invalid_arguments")
    if view is None:
        raise invalid(Problem("", "missing required field: view"))
    return view


def _shown(call: Call, show: Callable[[str, object], Json]) -> Json:
    """A view for who pressed; the trigger is spent only by a view that is well-formed."""
    view, trigger = _view(call), call.need("trigger_id")
    judged(view, "modal")
    answer = call.host.lent_in(call.workspace.team_id).exchange(trigger)
    return {"view": show(answer.user, view)}


@method("views.open", tier=4)
def open_(call: Call) -> Json:
    """Show a modal."""
    return _shown(call, call.workspace.views.start)


@method("views.push", tier=4)
def push(call: Call) -> Json:
    """Show a modal on top of the one that is open."""
    return _shown(call, call.workspace.views.push)


@method("views.update", tier=4)
def update(call: Call) -> Json:
    """Change a view that is open."""
    user, old = call.workspace.views.find(call.get("view_id") or None, call.get("external_id") or None)
    return {"view": call.workspace.views.update(user, old, _view(call), call.get("hash") or None)}


@method("views.publish", tier=4)
def publish(call: Call) -> Json:
    """Somebody's Home."""
    user = call.workspace.users.get(call.need("user_id"))
    if user is None:
        raise invalid(Problem("/user_id", "user not found"))
    return {"view": call.workspace.views.publish(user.id, _view(call), call.get("hash") or None)}


@method("blocks.validate", tier=4)
def validate(call: Call) -> Json:
    """What is wrong with blocks, a message or a view, without sending it."""
    given = [name for name in ("blocks", "message", "view") if call.args.get(name)]
    if len(given) != 1:
        raise invalid(Problem("", "provide exactly one of blocks, message, view"))
    name = given[0]
    value = call.structure(name, "invalid_arguments")
    holder: Json = value if isinstance(value, dict) else {}
    surface = str(holder.get("type", "")) if name == "view" else "message"
    at = "" if name == "blocks" else "/blocks"
    if surface not in ("message", "modal", "home"):
        raise _invalid(name, [Problem("/type", f"unsupported type: {surface}", "unsupported_type")])
    blocks = value if name == "blocks" else holder.get("blocks", [])
    if problems := judge(blocks, surface, at):
        raise _invalid(name, problems)
    if name == "view":
        judged(value, "modal", "home")
    else:
        accept(blocks, "message")
    return {}


def _invalid(name: str, problems: list[Problem]) -> Refused:
    said = [{"pointer": p.pointer, "code": p.code, "message": p.message} for p in problems]
    return Refused(f"invalid_{name}", errors=said)
