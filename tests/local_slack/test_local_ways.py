"""The real Bolt app and the local Slack, by Socket Mode and by signed requests: every claim is made of both."""

from __future__ import annotations

import time
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from bot.local_slack.inputs import CannotDo
from bot.local_slack.server import LocalSlack
from bot.local_slack.signed_http import signed

ADA = "U0ADA00001"
MODAL: dict[str, Any] = {
    "type": "modal",
    "callback_id": "settings",
    "private_metadata": "C0AINEWS01",
    "title": {"type": "plain_text", "text": "Settings"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "words",
            "label": {"type": "plain_text", "text": "Words"},
            "element": {"type": "plain_text_input", "action_id": "words", "max_length": 20},
        },
        {
            "type": "input",
            "block_id": "topic",
            "optional": True,
            "label": {"type": "plain_text", "text": "Topic"},
            "element": {
                "type": "static_select",
                "action_id": "topic",
                "options": [{"text": {"type": "plain_text", "text": t}, "value": t} for t in ("models", "policy")],
            },
        },
        {
            "type": "input",
            "block_id": "time",
            "label": {"type": "plain_text", "text": "Time"},
            "element": {"type": "timepicker", "action_id": "time", "initial_time": "09:00"},
        },
    ],
}


def with_button(text: str = "Save") -> list[dict[str, Any]]:
    button = {"type": "button", "action_id": "save", "value": "article-7", "text": {"type": "plain_text", "text": text}}
    return [{"type": "actions", "block_id": "story", "elements": [button]}]


async def test_a_command_is_answered_to_the_person_and_to_the_channel(slack: LocalSlack, app: AsyncApp, start: Any) -> None:
    heard: list[dict[str, Any]] = []

    @app.command("/ainews")
    async def ainews(ack: Any, respond: Any, body: dict[str, Any]) -> None:
        heard.append(body)
        await ack("one moment")
        await respond("for you", blocks=[{"type": "divider"}])
        await respond("for all", response_type="in_channel")

    await start(app)
    answer = await slack.people.command("ada", "ai-news", "/ainews search R&D by @grace in #general <now>")
    await slack.answered(answer, 3)
    assert answer.error is None
    assert heard[0]["text"] == "search R&amp;D by <@U0GRACE001|grace> in <#C0GENERAL1|general> &lt;now&gt;"
    assert (heard[0]["channel_name"], heard[0]["user_name"], heard[0]["command"]) == ("ai-news", "ada", "/ainews")
    # Bolt sends the ack when it looks for it, and what was said by the response address may be there before.
    assert sorted(m["text"] for m in answer.messages) == ["for all", "for you", "one moment"]
    assert sorted(m["text"] for _, m in slack.workspace.channel("ai-news").ephemerals) == ["for you", "one moment"]
    assert [m["text"] for m in slack.workspace.channel("ai-news").messages.values()] == ["for all"]


async def test_a_command_that_is_not_acked_in_time_fails_for_the_person(slack: LocalSlack, app: AsyncApp, start: Any) -> None:
    slack.sockets.ack_within_s = 0.5

    @app.command("/ainews")
    async def ainews() -> None:
        pass

    await start(app)
    answer = await slack.people.command("ada", "ai-news", "/ainews help")
    assert answer.error in ("operation_timeout", "dispatch_failed")  # Bolt answers 404 by HTTP, and nothing over a socket


async def test_nobody_there_is_a_failure_to_dispatch(slack: LocalSlack) -> None:
    assert (await slack.people.command("ada", "ai-news", "/ainews help")).error == "dispatch_failed"


async def test_a_response_address_is_good_for_five_uses_and_half_an_hour(slack: LocalSlack, app: AsyncApp, start: Any) -> None:
    said: list[tuple[int, str]] = []

    @app.command("/ainews")
    async def ainews(ack: Any, respond: Any) -> None:
        await ack()
        for n in range(6):
            response = await respond(str(n))
            said.append((response.status_code, response.body))

    @app.command("/later")
    async def later(ack: Any, respond: Any) -> None:
        await ack()
        slack.clock.advance(31 * 60)
        response = await respond("too late")
        said.append((response.status_code, response.body))

    await start(app)
    await slack.people.command("ada", "ai-news", "/ainews")
    while len(said) < 6:
        await slack.clock.sleep(0.01)
    await slack.people.command("ada", "ai-news", "/later")
    while len(said) < 7:
        await slack.clock.sleep(0.01)
    assert [status for status, _ in said] == [200] * 5 + [404, 404]
    assert "used_url" in said[5][1]
    assert "expired_url" in said[6][1]


async def test_a_button_tells_its_value_and_its_message_can_be_replaced(slack: LocalSlack, app: AsyncApp, start: Any) -> None:
    heard: list[dict[str, Any]] = []

    @app.action("save")
    async def save(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        heard.append(body)
        await respond("saved", blocks=with_button("Saved"), replace_original=True)

    await start(app)
    posted = await app.client.chat_postMessage(channel="C0AINEWS01", text="digest", blocks=with_button())
    answer = await slack.people.click("grace", posted["ts"], "save")
    await slack.answered(answer)
    action = heard[0]["actions"][0]
    assert (action["action_id"], action["block_id"], action["value"]) == ("save", "story", "article-7")
    assert heard[0]["container"]["message_ts"] == posted["ts"]
    assert heard[0]["message"]["text"] == "digest"
    assert heard[0]["user"]["id"] == "U0GRACE001"
    assert slack.workspace.channel("ai-news").messages[posted["ts"]]["text"] == "saved"


async def test_an_ephemeral_answer_can_be_replaced_and_taken_away(slack: LocalSlack, app: AsyncApp, start: Any) -> None:
    @app.command("/ainews")
    async def ainews(ack: Any) -> None:
        await ack(text="page 1", blocks=with_button("Next"))

    @app.action("save")
    async def following(ack: Any, respond: Any, action: dict[str, Any]) -> None:
        await ack()
        if action["text"]["text"] == "Next":
            await respond(text="page 2", blocks=with_button("Close"), replace_original=True)
        else:
            await respond(delete_original=True)

    await start(app)
    answer = await slack.people.command("ada", "ai-news", "/ainews latest")
    shown = answer.messages[0]
    answer = await slack.people.click("ada", shown, "save")
    await slack.answered(answer)
    ephemerals = slack.workspace.channel("ai-news").ephemerals
    assert [m["text"] for _, m in ephemerals] == ["page 2"]
    await slack.people.click("ada", shown, "save")
    await slack.until(lambda _: not slack.workspace.channel("ai-news").ephemerals)


async def test_a_modal_shows_errors_until_it_is_right(slack: LocalSlack, app: AsyncApp, start: Any) -> None:
    heard: list[dict[str, Any]] = []

    @app.command("/ainews")
    async def ainews(ack: Any, client: Any, command: dict[str, Any]) -> None:
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=MODAL)

    @app.view("settings")
    async def settings(ack: Any, view: dict[str, Any]) -> None:
        heard.append(view)
        if view["state"]["values"]["words"]["words"]["value"] == "bad":
            await ack(response_action="errors", errors={"words": "not that"})
        else:
            await ack()

    await start(app)
    await slack.people.command("ada", "ai-news", "/ainews settings")
    await slack.until(lambda _: slack.workspace.views.top(ADA) is not None)
    assert (await slack.people.submit("ada")).errors == {"words": "Please complete this required field."}
    assert (await slack.people.submit("ada", {"words": "x" * 21})).errors == {
        "words": "This field must be at most 20 characters."
    }
    assert heard == []  # Slack itself objected
    assert (await slack.people.submit("ada", {"words": "bad"})).errors == {"words": "not that"}
    assert (await slack.people.submit("ada", {"words": "good", "topic": "policy"})).errors == {}
    assert await slack.people.modal("ada") is None
    values = heard[-1]["state"]["values"]
    assert values["words"]["words"] == {"type": "plain_text_input", "value": "good"}
    assert values["topic"]["topic"]["selected_option"]["value"] == "policy"
    assert values["time"]["time"] == {"type": "timepicker", "selected_time": "09:00"}
    assert heard[-1]["private_metadata"] == "C0AINEWS01"


async def test_a_modal_can_be_answered_with_another_and_cleared(slack: LocalSlack, app: AsyncApp, start: Any) -> None:
    @app.shortcut("open")
    async def open_(ack: Any, client: Any, body: dict[str, Any]) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.view("settings")
    async def settings(ack: Any) -> None:
        await ack(response_action="push", view={**MODAL, "callback_id": "sure", "blocks": [{"type": "divider"}]})

    @app.view("sure")
    async def sure(ack: Any) -> None:
        await ack(response_action="clear")

    await start(app)
    await slack.people.global_shortcut("ada", "open")
    await slack.until(lambda _: bool(slack.workspace.views.open.get(ADA)))
    await slack.people.submit("ada", {"words": "x"})
    first, second = slack.workspace.views.open[ADA]
    assert second["previous_view_id"] == second["root_view_id"] == first["id"]
    await slack.people.submit("ada")
    assert slack.workspace.views.open[ADA] == []


async def test_a_closed_modal_is_told_where_the_view_asked(slack: LocalSlack, app: AsyncApp, start: Any) -> None:
    heard: list[dict[str, Any]] = []

    @app.shortcut("open")
    async def open_(ack: Any, client: Any, body: dict[str, Any]) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view={**MODAL, "notify_on_close": True})

    @app.view_closed("settings")
    async def closed(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        heard.append(body)

    await start(app)
    await slack.people.global_shortcut("ada", "open")
    await slack.until(lambda _: bool(slack.workspace.views.open.get(ADA)))
    await slack.people.close("ada")
    assert heard[0]["is_cleared"] is False
    assert heard[0]["view"]["callback_id"] == "settings"


async def test_people_see_their_mention_their_thread_and_their_messages_answered(
    slack: LocalSlack, app: AsyncApp, start: Any
) -> None:
    heard: list[str] = []

    @app.event("app_mention")
    async def mention(event: dict[str, Any], say: Any) -> None:
        heard.append("mention")
        await say(text="hello", thread_ts=event["ts"])

    @app.event("message")
    async def message(event: dict[str, Any]) -> None:
        heard.append(f"{event['channel_type']}:{event.get('thread_ts', '')}:{event['text']}")

    await start(app)
    said = await slack.people.say("ada", "ai-news", "@ainews hi")
    await slack.until(lambda _: "reply_count" in slack.workspace.channel("ai-news").messages[said["ts"]])
    await slack.people.say("grace", "ai-news", "thanks", thread_ts=said["ts"])
    await slack.people.say("ada", "dm", "private")
    await slack.people.say("ada", "leads", "secret")
    await slack.people.say("ada", "general", "not for the bot")  # it is no member there
    await slack.delivery.settle()
    assert sorted(heard) == sorted([
        "mention", "channel::<@U0LOCALBOT> hi", f"channel:{said['ts']}:thanks", "im::private", "group::secret",
    ])  # fmt: skip


async def test_an_event_that_fails_comes_again_with_the_same_id(slack: LocalSlack, app: AsyncApp, start: Any) -> None:
    slack.sockets.ack_within_s = 0.5
    heard: list[tuple[str, Any]] = []

    @app.middleware
    async def fail_twice(req: Any, resp: Any, next: Any) -> Any:  # noqa: A002 - Bolt's name
        heard.append((req.body["event_id"], req.headers.get("x-slack-retry-num", [None])[0]))
        if len(heard) < 3:
            resp.status = 500
            return resp
        return await next()

    @app.event("app_home_opened")
    async def opened() -> None:
        pass

    await start(app)
    ack = await slack.people.open_home("ada")
    await slack.delivery.settle()
    assert ack.error
    assert len({event_id for event_id, _ in heard}) == 1
    assert [number for _, number in heard][1:] == ["1", "2"]
    assert [d.ack.error is None for d in slack.delivery.log] == [False, False, True]


async def test_a_home_is_published_and_its_buttons_work(slack: LocalSlack, app: AsyncApp, start: Any) -> None:
    heard: list[dict[str, Any]] = []

    @app.event("app_home_opened")
    async def opened(event: dict[str, Any], client: Any) -> None:
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": with_button()})

    @app.action("save")
    async def save(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        heard.append(body)

    await start(app)
    await slack.people.open_home("ada")
    await slack.until(lambda _: ADA in slack.workspace.views.homes)
    home = await slack.people.home("ada")
    assert home is not None
    await slack.people.click("ada", home, "save")
    assert heard[0]["container"] == {"type": "view", "view_id": home["id"]}
    assert heard[0]["view"]["type"] == "home"
    with pytest.raises(CannotDo, match="save"):
        await slack.people.click("ada", home, "buy")


async def test_a_link_of_the_apps_domains_is_shared_and_unfurled(slack: LocalSlack, app: AsyncApp, start: Any) -> None:
    @app.event("link_shared")
    async def shared(event: dict[str, Any], client: Any) -> None:
        unfurls = {link["url"]: {"blocks": [{"type": "divider"}]} for link in event["links"]}
        await client.chat_unfurl(unfurl_id=event["unfurl_id"], source=event["source"], unfurls=unfurls)

    await start(app)
    other = await slack.people.share_link("ada", "ai-news", "https://other.example/a")
    said = await slack.people.share_link("ada", "ai-news", "https://www.news.example/a?b=1&c=2")
    messages = slack.workspace.channel("ai-news").messages
    await slack.until(lambda _: "attachments" in messages[said["ts"]])
    assert messages[said["ts"]]["attachments"][0]["from_url"] == "https://www.news.example/a?b=1&c=2"
    assert "attachments" not in messages[other["ts"]]


async def test_a_message_shortcut_brings_the_message(slack: LocalSlack, app: AsyncApp, start: Any) -> None:
    @app.shortcut("add")
    async def add(ack: Any, respond: Any, shortcut: dict[str, Any]) -> None:
        await ack()
        await respond(f"added {shortcut['message']['text']}")

    await start(app)
    said = await slack.people.say("ada", "ai-news", "https://a.example")
    answer = await slack.people.message_shortcut("grace", said, "add")
    await slack.answered(answer)
    assert answer.text == "added <https://a.example>"


async def test_feedback_on_an_answer_says_which_button(slack: LocalSlack, app: AsyncApp, start: Any) -> None:
    heard: list[dict[str, Any]] = []

    @app.action("feedback")
    async def feedback(ack: Any, action: dict[str, Any]) -> None:
        await ack()
        heard.append(action)

    def button(word: str) -> dict[str, Any]:
        return {"text": {"type": "plain_text", "text": word}, "value": word.lower()}

    await start(app)
    element = {
        "type": "feedback_buttons",
        "action_id": "feedback",
        "positive_button": button("Good"),
        "negative_button": button("Bad"),
    }
    blocks = [{"type": "context_actions", "elements": [element]}]
    posted = await app.client.chat_postMessage(channel="C0AINEWS01", text="answer", blocks=blocks)
    await slack.people.click("ada", posted["ts"], "feedback", "negative")
    assert heard[0]["value"] == "bad"


async def test_a_menu_asks_the_app_for_its_options(slack: LocalSlack, app: AsyncApp, start: Any) -> None:
    @app.options("source")
    async def options(ack: Any, payload: dict[str, Any]) -> None:
        await ack(options=[{"text": {"type": "plain_text", "text": payload["value"] + "!"}, "value": "1"}])

    await start(app)
    menu = {"type": "external_select", "action_id": "source", "min_query_length": 1}
    posted = await app.client.chat_postMessage(channel="C0AINEWS01", text="x", blocks=[{"type": "actions", "elements": [menu]}])
    offered = await slack.people.suggest("ada", posted["ts"], "source", "arx")
    assert offered[0]["text"]["text"] == "arx!"


async def test_a_trigger_is_good_once_and_for_three_seconds(slack: LocalSlack, app: AsyncApp, start: Any) -> None:
    said: list[str] = []

    async def attempt(client: Any, trigger_id: str) -> None:
        try:
            await client.views_open(trigger_id=trigger_id, view=MODAL)
            said.append("ok")
        except SlackApiError as error:
            said.append(error.response["error"])

    @app.command("/ainews")
    async def ainews(ack: Any, client: Any, command: dict[str, Any]) -> None:
        await attempt(client, command["trigger_id"])
        await attempt(client, command["trigger_id"])
        await attempt(client, "1.2.nothing")
        await ack()

    @app.command("/slow")
    async def slow(ack: Any, client: Any, command: dict[str, Any]) -> None:
        slack.clock.advance(3.1)
        await attempt(client, command["trigger_id"])
        await ack()

    await start(app)
    await slack.people.command("ada", "ai-news", "/ainews")
    await slack.people.command("ada", "ai-news", "/slow")
    assert said == ["ok", "exchanged_trigger_id", "invalid_trigger_id", "expired_trigger_id"]


async def test_an_address_is_verified_and_only_slacks_requests_are_heard(slack: LocalSlack, app: AsyncApp) -> None:
    runner = web.AppRunner(app.web_app(path="/slack/events"), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    assert await slack.http.verify()
    body, now = "command=%2Fainews&text=help", int(time.time())
    async with aiohttp.ClientSession() as session:
        for headers in (signed("another-secret", body, now), signed(slack.signing_secret, body, now - 301), {}):
            async with session.post(slack.request_url, data=body, headers=headers) as answer:
                assert answer.status == 401
    await runner.cleanup()


async def test_an_uninstalled_app_hears_of_it_and_loses_its_token(slack: LocalSlack, app: AsyncApp, start: Any) -> None:
    heard: list[str] = []

    @app.event("app_uninstalled")
    async def uninstalled() -> None:
        heard.append("app_uninstalled")

    @app.event("tokens_revoked")
    async def revoked(event: dict[str, Any]) -> None:
        heard.append(f"tokens_revoked {event['tokens']['bot']}")

    await start(app)
    await slack.uninstall()
    assert sorted(heard) == ["app_uninstalled", "tokens_revoked ['U0LOCALBOT']"]
    with pytest.raises(SlackApiError, match="account_inactive"):
        await app.client.auth_test()


async def test_a_menu_of_a_modal_tells_its_choice_and_lends_an_address(slack: LocalSlack, app: AsyncApp, start: Any) -> None:
    chosen: list[dict[str, Any]] = []
    menu = {"type": "conversations_select", "action_id": "where", "response_url_enabled": True}
    choose = {
        "type": "input",
        "block_id": "where",
        "dispatch_action": True,
        "label": {"type": "plain_text", "text": "Where"},
        "element": menu,
    }

    @app.shortcut("open")
    async def open_(ack: Any, client: Any, body: dict[str, Any]) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view={**MODAL, "blocks": [choose]})

    @app.action("where")
    async def where(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        chosen.append(body)

    @app.view("settings")
    async def settings(ack: Any, respond: Any) -> None:
        await ack()
        await respond("subscribed", response_type="in_channel")

    await start(app)
    await slack.people.global_shortcut("ada", "open")
    await slack.until(lambda w: w.views.top(ADA) is not None)
    view = await slack.people.modal("ada")
    assert view is not None
    await slack.people.click("ada", view, "where", "C0AINEWS01")
    await slack.people.submit("ada")
    await slack.until(lambda w: bool(w.channel("ai-news").messages))
    assert chosen[0]["actions"][0]["selected_conversation"] == "C0AINEWS01"
    assert chosen[0]["view"]["state"]["values"]["where"]["where"]["selected_conversation"] == "C0AINEWS01"
    assert [m["text"] for m in slack.workspace.channel("ai-news").messages.values()] == ["subscribed"]
