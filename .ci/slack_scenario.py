"""A day before the local Slack, in which everything that it sends and answers occurs once; each with the type that Slack publishes for it.

``collect`` gives them to ``slack_types.py``, which has TypeScript's compiler judge them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

sys.path.insert(0, str(Path(__file__).parents[1]))

from bot.local_slack.app import EVENTS, SCOPES, SlackApp
from bot.local_slack.server import LocalSlack

MORE_SCOPES = {
    "channels:read",
    "groups:read",
    "im:read",
    "im:write",
    "channels:join",
    "users:read",
    "reactions:write",
    "files:write",
}
NEWS, ADA = "C0AINEWS01", "U0ADA00001"

#: The type of each payload, by what it is. ``response_url`` is missing where an element stands in a view, which the type
#: does not know.
EVENT_TYPES = {
    "app_mention": "types.AppMentionEvent", "app_home_opened": "types.AppHomeOpenedEvent", "link_shared": "types.LinkSharedEvent",
    "app_uninstalled": "types.AppUninstalledEvent", "tokens_revoked": "types.TokensRevokedEvent",
    "message": "Said", "file_share": "Shared", "thread_broadcast": "Omit<types.ThreadBroadcastMessageEvent, 'root' | 'client_msg_id'> & { root: Within }",
    "message_changed": "Omit<types.MessageChangedEvent, 'message' | 'previous_message'> & { message: Within; previous_message: Within }",
    "message_deleted": "Omit<types.MessageDeletedEvent, 'previous_message'> & { previous_message: Within }",
}  # fmt: skip
INTERACTION_TYPES = {
    "view_submission": "bolt.ViewSubmitAction", "view_closed": "bolt.ViewClosedAction", "shortcut": "bolt.GlobalShortcut",
    "message_action": "bolt.MessageShortcut", "block_suggestion": "bolt.BlockSuggestion",
}  # fmt: skip
ACTION_TYPES = {
    "button": "bolt.ButtonAction", "static_select": "bolt.StaticSelectAction", "overflow": "bolt.OverflowAction",
    "multi_static_select": "bolt.MultiStaticSelectAction", "users_select": "bolt.UsersSelectAction",
    "conversations_select": "bolt.ConversationsSelectAction", "channels_select": "bolt.ChannelsSelectAction",
    "datepicker": "bolt.DatepickerAction", "timepicker": "bolt.TimepickerAction", "checkboxes": "bolt.CheckboxesAction",
    "radio_buttons": "bolt.RadioButtonsAction", "feedback_buttons": "bolt.FeedbackButtonsAction",
}  # fmt: skip


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def option(value: str) -> dict[str, Any]:
    return {"text": plain(value), "value": value}


def field(element: dict[str, Any]) -> dict[str, Any]:
    return {"type": "input", "block_id": element["action_id"], "label": plain("Label"), "element": element, "optional": True}


TWO = [option("a"), option("b")]
MENUS: list[tuple[dict[str, Any], Any]] = [
    ({"type": "button", "action_id": "button", "text": plain("Go"), "value": "7"}, None),
    ({"type": "static_select", "action_id": "static", "options": TWO}, "b"),
    ({"type": "multi_static_select", "action_id": "multi", "options": TWO}, ["a", "b"]),
    ({"type": "overflow", "action_id": "overflow", "options": TWO}, "a"),
    ({"type": "users_select", "action_id": "user"}, ADA),
    ({"type": "conversations_select", "action_id": "conversation"}, NEWS),
    ({"type": "channels_select", "action_id": "channel"}, NEWS),
    ({"type": "datepicker", "action_id": "date"}, "2026-11-23"),
    ({"type": "timepicker", "action_id": "time"}, "09:00"),
    ({"type": "checkboxes", "action_id": "boxes", "options": TWO}, ["a"]),
    ({"type": "radio_buttons", "action_id": "radio", "options": TWO}, "a"),
]
FEEDBACK = {
    "type": "feedback_buttons",
    "action_id": "feedback",
    "positive_button": option("up"),
    "negative_button": option("down"),
}
INPUTS = [
    *[field(menu) for menu, _ in MENUS if menu["type"] not in ("button", "overflow")],
    field({"type": "plain_text_input", "action_id": "words"}),
    field({"type": "number_input", "action_id": "number", "is_decimal_allowed": False}),
]
MODAL = {
    "type": "modal",
    "callback_id": "m",
    "title": plain("T"),
    "submit": plain("Go"),
    "notify_on_close": True,
    "blocks": INPUTS,
}
BLOCKS: list[dict[str, Any]] = [
    {"type": "header", "text": plain("Header")},
    {"type": "section", "text": {"type": "mrkdwn", "text": "*x*"}},
    {"type": "divider"},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "c"}]},
    {"type": "actions", "elements": [menu for menu, _ in MENUS]},
    {"type": "context_actions", "elements": [FEEDBACK]},
]


class Scenario:
    """What is sent in one run of everything: literals with the types they must have."""

    def __init__(self, slack: LocalSlack) -> None:
        self.slack = slack
        self.client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        self.found: list[tuple[str, Any]] = []

    async def ask(self, kind: str, call: Any) -> Any:
        """One call, whose answer is of ``kind``."""
        answer = dict((await call).data)
        judged, blocks = without_blocks(answer)
        self.found += [(f"Plain<web.{kind}Response>", judged), *[("types.KnownBlock[]", each) for each in blocks]]
        return answer

    async def run(self) -> list[tuple[str, Any]]:
        """Everything once."""
        await self._methods()
        await self._people()
        await self.slack.delivery.settle()
        self.found += [(type_of(told.kind, told.payload), told.payload) for told in self.slack.delivery.log]
        return self.found

    async def _methods(self) -> None:
        client, people = self.client, self.slack.people
        await self.ask("AuthTest", client.auth_test())
        await self.ask("AppsConnectionsOpen", client.apps_connections_open(app_token=self.slack.app_token))
        metadata = {"event_type": "k", "event_payload": {"key": "1"}}
        posted = await self.ask(
            "ChatPostMessage", client.chat_postMessage(channel=NEWS, text="x", blocks=BLOCKS, metadata=metadata)
        )
        await client.chat_postMessage(channel=NEWS, text="reply", thread_ts=posted["ts"], reply_broadcast=True)
        await self.ask("ConversationsHistory", client.conversations_history(channel=NEWS, limit=1, include_all_metadata=True))
        await self.ask("ConversationsReplies", client.conversations_replies(channel=NEWS, ts=posted["ts"]))
        await self.ask("ChatUpdate", client.chat_update(channel=NEWS, ts=posted["ts"], text="y", blocks=BLOCKS))
        await self.ask("ChatGetPermalink", client.chat_getPermalink(channel=NEWS, message_ts=posted["ts"]))
        await self.ask("ChatPostEphemeral", client.chat_postEphemeral(channel=NEWS, user=ADA, text="x"))
        await self.ask("ConversationsInfo", client.conversations_info(channel=NEWS))
        await self.ask("ConversationsOpen", client.conversations_open(users=ADA, return_im=True))
        await self.ask("ConversationsJoin", client.conversations_join(channel="C0GENERAL1"))
        await self.ask("ConversationsMembers", client.conversations_members(channel=NEWS))
        await self.ask("ConversationsList", client.conversations_list(types="public_channel,private_channel,im"))
        await self.ask("UsersInfo", client.users_info(user=ADA))
        await self.ask("UsersList", client.users_list())
        await self.ask("ReactionsAdd", client.reactions_add(channel=NEWS, timestamp=posted["ts"], name="eyes"))
        await self.ask("ReactionsRemove", client.reactions_remove(channel=NEWS, timestamp=posted["ts"], name="eyes"))
        await self.ask("BlocksValidate", client.blocks_validate(blocks=BLOCKS))
        home = await self.ask("ViewsPublish", client.views_publish(user_id=ADA, view={"type": "home", "blocks": BLOCKS[:5]}))
        self.found.append(("bolt.ViewOutput", home["view"]))
        said = await people.say("ada", "dm", "what is new?")
        channel = self.slack.workspace.direct(ADA).id
        await self.ask(
            "AssistantThreadsSetStatus",
            client.assistant_threads_setStatus(channel_id=channel, thread_ts=said["ts"], status="x"),
        )
        await self.ask(
            "AssistantThreadsSetTitle", client.assistant_threads_setTitle(channel_id=channel, thread_ts=said["ts"], title="x")
        )
        prompts = [{"title": "a", "message": "b"}]
        await self.ask(
            "AssistantThreadsSetSuggestedPrompts",
            client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=prompts),
        )
        stream = await self.ask(
            "ChatStartStream", client.chat_startStream(channel=channel, thread_ts=said["ts"], markdown_text="a")
        )
        await self.ask("ChatAppendStream", client.chat_appendStream(channel=channel, ts=stream["ts"], markdown_text="b"))
        await self.ask("ChatStopStream", client.chat_stopStream(channel=channel, ts=stream["ts"], markdown_text="c"))
        upload = await self.ask("FilesGetUploadURLExternal", client.files_getUploadURLExternal(filename="a.png", length=1))
        await client._upload_file(url=upload["upload_url"], data=b"x", logger=client.logger, timeout=5, proxy=None, ssl=None)
        await self.ask(
            "FilesCompleteUploadExternal",
            client.files_completeUploadExternal(files=[{"id": upload["file_id"]}], channel_id=NEWS),
        )
        await self.ask("ChatDelete", client.chat_delete(channel=NEWS, ts=posted["ts"]))

    async def _people(self) -> None:
        people, client = self.slack.people, self.client
        said = await people.say("ada", "ai-news", "@ainews look")
        linked = await people.share_link("ada", "ai-news", "https://news.example/a")
        unfurls = {"https://news.example/a": {"blocks": BLOCKS[:2]}}
        await self.ask("ChatUnfurl", client.chat_unfurl(channel=NEWS, ts=linked["ts"], unfurls=unfurls))
        await people.say("grace", "ai-news", "a reply", thread_ts=said["ts"])
        await people.say("ada", "leads", "hello")
        await people.edit(said, "edited")
        await people.delete(linked)
        await people.open_home("ada")
        await people.open_home("grace", "messages")
        await people.command("ada", "ai-news", "/ainews latest @grace")
        await people.message_shortcut("ada", said, "add")
        posted = await client.chat_postMessage(channel=NEWS, text="x", blocks=BLOCKS)
        home = (await client.views_publish(user_id=ADA, view={"type": "home", "blocks": BLOCKS[:5]}))["view"]
        for menu, choice in MENUS:
            await people.click("ada", posted["ts"], menu["action_id"], choice)
            await people.click("ada", home, menu["action_id"], choice)
        await people.click("ada", posted["ts"], "feedback", "positive")
        answer = await people.global_shortcut("ada", "open")
        opened = await self.ask("ViewsOpen", client.views_open(trigger_id=answer.trigger_id, view=MODAL))
        await self.ask("ViewsUpdate", client.views_update(view_id=opened["view"]["id"], view=MODAL))
        answer = await people.global_shortcut("ada", "open")
        pushed = await self.ask("ViewsPush", client.views_push(trigger_id=answer.trigger_id, view=MODAL))
        self.found.append(("bolt.ViewOutput", pushed["view"]))
        values = {menu["action_id"]: choice for menu, choice in MENUS if menu["type"] not in ("button", "overflow")}
        await people.submit("ada", {**values, "words": "x", "number": "3"})
        await people.close("ada")
        await self.slack.uninstall()


def type_of(kind: str, payload: dict[str, Any]) -> str:
    """The type that a delivery must have."""
    if kind == "slash_commands":
        return "bolt.SlashCommand"
    if kind == "events_api":
        event = payload["event"]
        return f"bolt.EnvelopedEvent<{EVENT_TYPES[event.get('subtype', event['type'])]}>"
    if payload["type"] != "block_actions":
        return INTERACTION_TYPES[payload["type"]]
    action = f"bolt.BlockAction<{ACTION_TYPES[payload['actions'][0]['type']]}>"
    return action if "response_url" in payload else f"Omit<{action}, 'response_url'>"


def without_blocks(answer: Any) -> tuple[Any, list[Any]]:
    """``answer`` with empty blocks, and those it had: ``@slack/web-api`` takes a context's text for an object."""
    blocks: list[Any] = []

    def inner(value: Any) -> Any:
        if isinstance(value, list):
            return [inner(each) for each in value]
        if not isinstance(value, dict):
            return value
        if isinstance(value.get("blocks"), list):
            blocks.append(value["blocks"])
            value = {**value, "blocks": []}
        return {name: inner(each) for name, each in value.items()}

    return inner(answer), blocks


async def collect() -> list[tuple[str, Any]]:
    """Run the scenario towards an app that acks everything."""

    async def ack(_request: web.Request) -> web.Response:
        return web.Response()

    application = web.Application()
    application.add_routes([web.post("/", ack)])
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    app = SlackApp(scopes=SCOPES | MORE_SCOPES, events=EVENTS, unfurl_domains=("news.example",))
    async with LocalSlack(app=app) as slack:
        slack.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        found = await Scenario(slack).run()
    await runner.cleanup()
    return found
