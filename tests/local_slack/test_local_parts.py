"""The parts of the local Slack that can be told without a server: clock, typing, manifest, inputs."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from slack_sdk.models.views import ViewState

from bot.local_slack.app import SlackApp
from bot.local_slack.clock import Clock
from bot.local_slack.inputs import CannotDo, missing, value_of, values
from bot.local_slack.team import populated
from bot.local_slack.typed import as_sent
from bot.local_slack.wire import as_kept, micros, stamp
from bot.local_slack.workspace import Workspace


def option(value: str) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": value.title()}, "value": value}


def field(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": element["action_id"],
        "label": {"type": "plain_text", "text": "L"},
        "element": element,
        **more,
    }


async def test_a_sleeper_wakes_when_the_clock_is_set_past_its_time() -> None:
    clock = Clock(1_000.0, scale=0)
    sleeping = asyncio.create_task(clock.sleep(60))
    await asyncio.sleep(0.01)
    clock.advance(59)
    await asyncio.sleep(0.01)
    assert not sleeping.done()
    clock.advance(2)
    await asyncio.wait_for(sleeping, 1)


async def test_time_runs_faster_by_the_scale() -> None:
    clock = Clock(1_000.0, scale=1_000)
    began = time.monotonic()
    await clock.sleep(50)
    assert time.monotonic() - began < 1
    assert clock.now() >= 1_050


def test_what_a_person_types_is_sent_with_names_only_to_commands() -> None:
    workspace = populated(Workspace())
    typed = "@ada in #general: R&D <b> https://a.example/?x=1&y=2 @nobody a@b.example <@U0GRACE001>"
    assert as_sent(workspace, typed) == (
        "<@U0ADA00001> in <#C0GENERAL1|>: R&amp;D &lt;b&gt; <https://a.example/?x=1&amp;y=2> @nobody a@b.example <@U0GRACE001>"
    )
    assert as_sent(workspace, "@ada #general", names=True) == "<@U0ADA00001|ada> <#C0GENERAL1|general>"


def test_what_the_bot_sends_is_kept_the_same_a_second_time() -> None:
    once = as_kept("R&D https://a.example <https://b.example|b> &lt;i&gt;")
    assert once == "R&amp;D <https://a.example> <https://b.example|b> &lt;i&gt;"
    assert as_kept(once) == once


def test_timestamps_keep_their_microseconds() -> None:
    assert stamp(micros("1763452800.000100")) == "1763452800.000100"
    assert micros("1763452800") == micros("1763452800.0")


def test_a_manifest_says_what_the_app_may_do() -> None:
    app = SlackApp.from_manifest({
        "display_information": {"name": "News"},
        "features": {
            "bot_user": {"display_name": "newsbot"},
            "slash_commands": [{"command": "/news", "should_escape": True}],
            "unfurl_domains": ["a.example"],
        },
        "oauth_config": {"scopes": {"bot": ["chat:write"]}},
        "settings": {"event_subscriptions": {"bot_events": ["app_mention"]}},
    })  # fmt: skip
    assert (app.name, app.scopes, app.events) == ("newsbot", {"chat:write"}, {"app_mention"})
    assert (app.commands, app.unfurl_domains, app.should_escape) == ({"/news"}, ("a.example",), True)
    assert "local-signing-secret" not in repr(app)


@pytest.mark.parametrize(
    ("element", "given", "sent"),
    [
        ({"type": "static_select", "options": [option("a")]}, "a", {"selected_option": option("a")}),
        ({"type": "static_select", "option_groups": [{"options": [option("a")]}]}, "a", {"selected_option": option("a")}),
        ({"type": "radio_buttons", "options": [option("a")]}, None, {"selected_option": None}),
        ({"type": "multi_static_select", "options": [option("a"), option("b")]}, ["b"], {"selected_options": [option("b")]}),
        ({"type": "checkboxes", "options": [option("a")]}, None, {"selected_options": []}),
        ({"type": "conversations_select"}, "C1", {"selected_conversation": "C1"}),
        ({"type": "multi_users_select"}, ["U1"], {"selected_users": ["U1"]}),
        ({"type": "timepicker", "timezone": "Europe/London"}, "09:00", {"selected_time": "09:00", "timezone": "Europe/London"}),
        ({"type": "datetimepicker"}, 1763452800, {"selected_date_time": 1763452800}),
        ({"type": "number_input"}, 7, {"value": "7"}),
        ({"type": "plain_text_input"}, "", {"value": None}),
    ],
)
def test_values_are_sent_in_slacks_shapes(element: dict[str, Any], given: Any, sent: dict[str, Any]) -> None:
    element = {**element, "action_id": "x"}
    assert value_of(element, given) == {"type": element["type"], **sent}
    if element["type"] not in ("datetimepicker", "timepicker"):  # slack_sdk's model knows neither that nor a zone
        state = ViewState(values={"block": {"x": value_of(element, given)}})
        assert state.to_dict()["values"]["block"]["x"]["type"] == element["type"]


def test_an_option_that_is_not_offered_cannot_be_chosen() -> None:
    with pytest.raises(CannotDo, match="'c' is not offered"):
        value_of({"type": "static_select", "action_id": "x", "options": [option("a")]}, "c")


def test_slack_itself_objects_to_what_is_missing_or_out_of_bounds() -> None:
    def said(element: dict[str, Any], given: Any, **more: Any) -> dict[str, str]:
        view = {"blocks": [field({**element, "action_id": "x"}, **more)]}
        key = ("x", "x")
        return missing(view, values(view, {key: value_of(view["blocks"][0]["element"], given)}))

    number = {"type": "number_input", "is_decimal_allowed": False, "min_value": "1", "max_value": "10"}
    assert said(number, "3") == {}
    assert said(number, "0") == {"x": "Please enter a number of at least 1."}
    assert said(number, "11") == {"x": "Please enter a number of at most 10."}
    assert said(number, "1.5") == {"x": "Please enter a whole number."}
    assert said(number, "few") == {"x": "Please enter a number."}
    assert said(number, "") == {"x": "Please complete this required field."}
    assert said(number, "", optional=True) == {}
    assert said({"type": "plain_text_input", "min_length": 3}, "ab") == {"x": "This field must be at least 3 characters."}
