"""What people do with modals, and what becomes of the app's answer to a submission: errors, another view, or an end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.local_slack import inputs, payloads
from bot.local_slack.inputs import CannotDo
from bot.local_slack.wire import Json, Refused

if TYPE_CHECKING:
    from bot.local_slack.delivery import Ack, Delivery
    from bot.local_slack.triggers import Answer, Lent
    from bot.local_slack.workspace import Workspace


class Modals:
    """The modals that people have open."""

    def __init__(self, workspace: Workspace, delivery: Delivery, lent: Lent) -> None:
        self._workspace = workspace
        self._delivery = delivery
        self._lent = lent

    async def modal(self, user: str) -> Json | None:
        """The modal that ``user`` looks at, with what stands in its inputs."""
        view = self._workspace.views.top(self._workspace.user(user).id)
        return self._workspace.views.with_state(view) if view else None

    async def home(self, user: str) -> Json | None:
        """The Home that ``user`` sees."""
        return self._workspace.views.homes.get(self._workspace.user(user).id)

    async def fill(self, user: str, values: dict[str, Any]) -> None:
        """Enter values in the modal on top, each by the ``action_id`` or ``block_id`` of its input, without submitting."""
        view = self._top(user)
        for name, given in values.items():
            block, element = _input(view, name)
            self._workspace.views.type_in(view, (block["block_id"], element["action_id"]), inputs.value_of(element, given))

    async def submit(self, user: str, values: dict[str, Any] | None = None) -> Answer:
        """Enter ``values`` and press the modal's submit button. What Slack itself objects to never reaches the app."""
        await self.fill(user, values or {})
        who, view = self._workspace.user(user).id, self._workspace.views.with_state(self._top(user))
        answer = self._lent.lend(who, None)
        answer.errors = inputs.missing(view, view["state"]["values"])
        if answer.errors:
            return answer
        payload = payloads.view_submission(self._workspace, answer, view, self._urls(answer, view))
        ack = await self._send(answer, "interactive", payload)
        if not ack.error:
            try:
                self._follow(answer, view, ack.body if isinstance(ack.body, dict) else {})
            except Refused as refused:  # a person then reads that something went wrong, and the modal stays
                answer.error = refused.error
        return answer

    async def close(self, user: str, *, all_of_them: bool = False) -> Answer | None:
        """Press cancel, or the cross that closes the whole stack; the app hears of it where the view asked to."""
        who, views = self._workspace.user(user).id, self._workspace.views
        closed = [views.with_state(v) for v in self._workspace.views.open.get(who, [])][::-1]
        if not closed:
            raise CannotDo(f"{user} has no modal open")
        closed = closed if all_of_them else closed[:1]
        views.close(who, all_of_them=all_of_them)
        answer = None
        for view in closed:
            if view["notify_on_close"]:
                answer = self._lent.lend(who, None)
                await self._send(
                    answer, "interactive", payloads.view_closed(self._workspace, answer, view, is_cleared=all_of_them)
                )
        return answer

    def _follow(self, answer: Answer, view: Json, body: Json) -> None:
        views, user = self._workspace.views, answer.user
        action = body.get("response_action")
        if action == "errors":
            answer.errors = self._errors(view, body.get("errors"))
        elif action == "update":
            views.update(user, views.find(view["id"])[1], body.get("view"))
        elif action == "push":
            views.push(user, body.get("view"))
        elif action == "clear":
            views.close(user, all_of_them=True)
        elif action is None:
            views.close(user)
        else:
            raise Refused("invalid_response_action")

    def _errors(self, view: Json, errors: Any) -> dict[str, str]:
        there = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
        if not isinstance(errors, dict) or not errors or not set(errors) <= there:
            raise Refused("invalid_errors")
        return {str(block): str(said) for block, said in errors.items()}

    def _urls(self, answer: Answer, view: Json) -> list[Json]:
        """Addresses to answer by, for the channels chosen in menus that ask for it."""
        urls: list[Json] = []
        for block, element in inputs.elements(view):
            value = view["state"]["values"][block["block_id"]][element["action_id"]]
            channel = value.get("selected_conversation") or value.get("selected_channel")
            if element.get("response_url_enabled") and channel:
                lent = self._lent.lend(answer.user, channel)
                urls.append({"block_id": block["block_id"], "action_id": element["action_id"], "channel_id": channel,
                             "response_url": lent.response_url})  # fmt: skip
        return urls

    def _top(self, user: str) -> Json:
        view = self._workspace.views.top(self._workspace.user(user).id)
        if view is None:
            raise CannotDo(f"{user} has no modal open")
        return view

    async def _send(self, answer: Answer, kind: str, payload: Json) -> Ack:
        ack = await self._delivery.deliver(kind, payload)
        answer.error, answer.ack, answer.after_s = ack.error, ack.body, ack.after_s
        return ack


def _input(view: Json, name: str) -> tuple[Json, Json]:
    there = list(inputs.elements(view))
    for block, element in there:
        if name in (block["block_id"], element["action_id"]):
            return block, element
    raise CannotDo(f"the modal has no input {name!r}, only {', '.join(e['action_id'] for _, e in there) or 'none'}")
