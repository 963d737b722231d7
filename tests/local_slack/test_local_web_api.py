"""The Web API, asked by the real client."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.local_slack.app import SlackApp
from bot.local_slack.clock import Clock
from bot.local_slack.server import LocalSlack

NEWS = "C0AINEWS01"
KEY = {"event_type": "ainews_digest", "event_payload": {"key": "T:C:2026-11-23:0"}}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


async def refusal(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await call
    return dict(caught.value.response.data)


async def test_auth_test_names_the_bot_and_its_scopes(client: AsyncWebClient, slack: LocalSlack) -> None:
    answer = await client.auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0LOCAL001", "U0LOCALBOT", "B0LOCALBOT")
    assert set(answer.headers["X-OAuth-Scopes"].split(",")) == slack.app.scopes


async def test_a_posted_message_is_in_the_history_under_its_ts(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=NEWS, text="Three stories", blocks=[section("*One*")])
    history = await client.conversations_history(channel=NEWS)
    assert [m["ts"] for m in history["messages"]] == [posted["ts"]]
    assert history["messages"][0]["text"] == "Three stories"
    assert history["messages"][0]["blocks"][0]["text"]["text"] == "*One*"
    assert history["messages"][0]["blocks"][0]["block_id"]  # Slack gives one where there was none
    assert history["messages"][0]["bot_id"] == "B0LOCALBOT"


async def test_metadata_comes_back_only_where_it_is_asked_for(client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel=NEWS, text="digest", metadata=KEY)
    without = (await client.conversations_history(channel=NEWS))["messages"][0]
    with_it = (await client.conversations_history(channel=NEWS, include_all_metadata=True))["messages"][0]
    assert "metadata" not in without
    assert with_it["metadata"] == KEY


async def test_metadata_that_is_no_metadata_is_refused(client: AsyncWebClient) -> None:
    answer = await refusal(client.chat_postMessage(channel=NEWS, text="x", metadata={"event_type": "a"}))
    assert answer["error"] == "invalid_metadata_schema"


async def test_history_leads_through_all_its_pages_newest_first(client: AsyncWebClient) -> None:
    stamps = [(await client.chat_postMessage(channel=NEWS, text=str(n)))["ts"] for n in range(7)]
    found, pages = [], 0
    async for page in await client.conversations_history(channel=NEWS, limit=3):
        found += [m["ts"] for m in page["messages"]]
        pages += 1
    assert (found, pages) == (stamps[::-1], 3)


async def test_oldest_and_latest_exclude_their_ends_unless_inclusive(client: AsyncWebClient) -> None:
    stamps = [(await client.chat_postMessage(channel=NEWS, text=str(n)))["ts"] for n in range(4)]
    open_ends = await client.conversations_history(channel=NEWS, oldest=stamps[0], latest=stamps[3])
    closed_ends = await client.conversations_history(channel=NEWS, oldest=stamps[0], latest=stamps[3], inclusive=True)
    assert [m["text"] for m in open_ends["messages"]] == ["2", "1"]
    assert [m["text"] for m in closed_ends["messages"]] == ["3", "2", "1", "0"]


async def test_replies_are_in_the_thread_and_not_in_the_history(client: AsyncWebClient) -> None:
    root = (await client.chat_postMessage(channel=NEWS, text="root"))["ts"]
    reply = (await client.chat_postMessage(channel=NEWS, text="reply", thread_ts=root))["ts"]
    await client.chat_postMessage(channel=NEWS, text="loud", thread_ts=root, reply_broadcast=True)
    history = (await client.conversations_history(channel=NEWS))["messages"]
    thread = (await client.conversations_replies(channel=NEWS, ts=root))["messages"]
    assert [m["text"] for m in history] == ["loud", "root"]
    assert [m["text"] for m in thread] == ["root", "reply", "loud"]
    assert thread[0]["reply_count"] == 2
    assert thread[1]["thread_ts"] == root
    assert reply < history[0]["ts"]


async def test_timestamps_only_grow_even_where_the_clock_stands_still() -> None:
    async with LocalSlack(clock=Clock(1763452800, scale=0)) as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        stamps = [(await client.chat_postMessage(channel=NEWS, text="x"))["ts"] for _ in range(3)]
    assert stamps[0].startswith("1763452800.")
    assert stamps == sorted(set(stamps))


async def test_an_update_keeps_the_blocks_it_does_not_name(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=NEWS, text="before", blocks=[section("kept")])
    await client.chat_update(channel=NEWS, ts=posted["ts"], text="after")
    kept = (await client.conversations_history(channel=NEWS))["messages"][0]
    await client.chat_update(channel=NEWS, ts=posted["ts"], text="after", blocks=[])
    gone = (await client.conversations_history(channel=NEWS))["messages"][0]
    assert kept["text"] == "after"
    assert kept["blocks"][0]["text"]["text"] == "kept"
    assert "edited" not in kept  # Slack marks as edited only what has neither blocks nor attachments
    assert gone["edited"]["user"] == "U0LOCALBOT"
    assert "blocks" not in gone


async def test_an_update_leaves_the_metadata_as_it_was(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=NEWS, text="x", metadata=KEY)
    await client.chat_update(channel=NEWS, ts=posted["ts"], text="y")
    assert (await client.conversations_history(channel=NEWS, include_all_metadata=True))["messages"][0]["metadata"] == KEY


async def test_the_bot_cannot_change_or_delete_what_a_person_wrote(client: AsyncWebClient, slack: LocalSlack) -> None:
    said = await slack.people.say("ada", "ai-news", "mine")
    assert (await refusal(client.chat_update(channel=NEWS, ts=said["ts"], text="no")))["error"] == "cant_update_message"
    assert (await refusal(client.chat_delete(channel=NEWS, ts=said["ts"])))["error"] == "cant_delete_message"
    assert (await refusal(client.chat_update(channel=NEWS, ts="1.000001", text="no")))["error"] == "message_not_found"


async def test_a_deleted_root_leaves_a_tombstone_where_it_had_replies(client: AsyncWebClient) -> None:
    alone = (await client.chat_postMessage(channel=NEWS, text="alone"))["ts"]
    root = (await client.chat_postMessage(channel=NEWS, text="root"))["ts"]
    await client.chat_postMessage(channel=NEWS, text="reply", thread_ts=root)
    await client.chat_delete(channel=NEWS, ts=alone)
    await client.chat_delete(channel=NEWS, ts=root)
    left = (await client.conversations_history(channel=NEWS))["messages"]
    assert [(m["ts"], m.get("subtype")) for m in left] == [(root, "tombstone")]
    assert (await refusal(client.chat_delete(channel=NEWS, ts=root)))["error"] == "message_not_found"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C0NOWHERE1", "text": "x"}, "channel_not_found"),
        ({"channel": "C0GENERAL1", "text": "x"}, "not_in_channel"),
        ({"channel": NEWS, "text": " "}, "no_text"),
        ({"channel": NEWS, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": NEWS, "text": "x", "thread_ts": "soon"}, "invalid_thread_ts"),
        ({"channel": NEWS, "text": "x", "blocks": [{"type": "markdown", "text": "x" * 6_001}] * 2}, "msg_blocks_too_long"),
        ({"channel": NEWS, "text": "x", "blocks": [section("x" * 2_900)] * 4}, "msg_blocks_too_long"),
        ({"channel": NEWS, "text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ({"text": "x", "channel": ""}, "invalid_arguments"),
    ],
)
@pytest.mark.filterwarnings("ignore:The top-level:UserWarning")  # the client's, where there is no text
async def test_what_slack_refuses_to_post_is_refused_by_slacks_name(client: AsyncWebClient, arguments: Any, error: str) -> None:
    assert (await refusal(client.chat_postMessage(**arguments)))["error"] == error


async def test_a_reply_whose_root_is_gone_stands_outside_any_thread(client: AsyncWebClient) -> None:
    root = (await client.chat_postMessage(channel=NEWS, text="root"))["ts"]
    await client.chat_delete(channel=NEWS, ts=root)
    posted = await client.chat_postMessage(channel=NEWS, text="reply", thread_ts=root)
    assert "thread_ts" not in posted["message"]  # the only sign of it (slack-go/slack#1571)
    assert [m["text"] for m in (await client.conversations_history(channel=NEWS))["messages"]] == ["reply"]


async def test_an_archived_channel_takes_no_message(client: AsyncWebClient, slack: LocalSlack) -> None:
    slack.workspace.channel(NEWS).archived = True
    assert (await refusal(client.chat_postMessage(channel=NEWS, text="x")))["error"] == "is_archived"


async def test_an_update_takes_less_text_than_a_post(client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel=NEWS, text="x" * 4_001))["ts"]
    assert (await refusal(client.chat_update(channel=NEWS, ts=ts, text="x" * 4_001)))["error"] == "msg_too_long"


async def test_a_private_channel_does_not_exist_for_whoever_is_not_in_it(client: AsyncWebClient, slack: LocalSlack) -> None:
    slack.workspace.channel("leads").members.discard(slack.app.bot_user_id)
    assert (await refusal(client.conversations_info(channel="G0LEADS001")))["error"] == "channel_not_found"


async def test_a_method_without_its_scope_says_which_is_needed() -> None:
    async with LocalSlack(app=SlackApp(scopes=frozenset({"chat:write"}))) as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        answer = await refusal(client.conversations_history(channel=NEWS))
        assert answer == {"ok": False, "error": "missing_scope", "needed": "channels:history", "provided": "chat:write"}
        answer = await refusal(client.users_list())
        assert (answer["error"], answer["needed"]) == ("missing_scope", "users:read")


async def test_tokens_that_are_none_wrong_or_revoked_are_told_apart(client: AsyncWebClient, slack: LocalSlack) -> None:
    assert (await refusal(AsyncWebClient(base_url=slack.api_url).auth_test()))["error"] == "not_authed"
    assert (await refusal(AsyncWebClient("xoxb-no", base_url=slack.api_url).auth_test()))["error"] == "invalid_auth"
    assert (await refusal(AsyncWebClient(slack.app_token, base_url=slack.api_url).auth_test()))[
        "error"
    ] == "not_allowed_token_type"
    await client.auth_revoke()
    assert (await refusal(client.auth_test()))["error"] == "token_revoked"


async def test_a_method_that_does_not_exist_is_unknown(client: AsyncWebClient) -> None:
    assert (await refusal(client.api_call("chat.postEverywhere")))["error"] == "unknown_method"


async def test_an_ephemeral_message_is_seen_by_one_person_and_by_no_method(client: AsyncWebClient, slack: LocalSlack) -> None:
    await client.chat_postEphemeral(channel=NEWS, user="U0ADA00001", text="only you")
    assert [(user, m["text"]) for user, m in slack.workspace.channel(NEWS).ephemerals] == [("U0ADA00001", "only you")]
    assert (await client.conversations_history(channel=NEWS))["messages"] == []
    answer = await refusal(client.chat_postEphemeral(channel=NEWS, user="U0NOBODY01", text="x"))
    assert answer["error"] == "user_not_in_channel"


async def test_a_message_to_a_person_opens_their_direct_messages(client: AsyncWebClient) -> None:
    opened = (await client.conversations_open(users="U0ADA00001"))["channel"]["id"]
    posted = await client.chat_postMessage(channel="U0ADA00001", text="good morning")
    assert posted["channel"] == opened
    assert opened.startswith("D")
    assert (await client.conversations_info(channel=opened))["channel"]["user"] == "U0ADA00001"


async def test_a_permalink_leads_to_the_message_and_its_thread(client: AsyncWebClient) -> None:
    root = (await client.chat_postMessage(channel=NEWS, text="root"))["ts"]
    reply = (await client.chat_postMessage(channel=NEWS, text="reply", thread_ts=root))["ts"]
    link = (await client.chat_getPermalink(channel=NEWS, message_ts=reply))["permalink"]
    assert link == f"https://local.slack.com/archives/{NEWS}/p{reply.replace('.', '')}?thread_ts={root}&cid={NEWS}"


async def test_people_and_channels_are_listed_page_by_page(client: AsyncWebClient) -> None:
    names = [m["name"] async for page in await client.users_list(limit=2) for m in page["members"]]
    channels = [c["name"] async for page in await client.conversations_list(limit=1) for c in page["channels"]]
    members = await client.conversations_members(channel=NEWS)
    assert names == ["ainews", "ada", "grace"]
    assert channels == ["general", "ai-news"]
    assert members["members"] == ["U0ADA00001", "U0GRACE001", "U0LOCALBOT"]


async def test_the_bot_joins_a_public_channel_and_can_then_write(client: AsyncWebClient) -> None:
    assert (await client.conversations_join(channel="C0GENERAL1"))["channel"]["is_member"]
    assert (await client.chat_postMessage(channel="C0GENERAL1", text="hello"))["ok"]


async def test_a_reaction_counts_once(client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel=NEWS, text="x"))["ts"]
    await client.reactions_add(channel=NEWS, timestamp=ts, name="eyes")
    assert (await refusal(client.reactions_add(channel=NEWS, timestamp=ts, name="eyes")))["error"] == "already_reacted"
    assert (await client.conversations_history(channel=NEWS))["messages"][0]["reactions"] == [
        {"name": "eyes", "users": ["U0LOCALBOT"], "count": 1}
    ]
    await client.reactions_remove(channel=NEWS, timestamp=ts, name="eyes")
    assert (await client.conversations_history(channel=NEWS))["messages"][0]["reactions"] == []


async def test_a_file_is_uploaded_as_the_client_does_it(client: AsyncWebClient, slack: LocalSlack) -> None:
    await client.files_upload_v2(
        channel=NEWS, filename="chart.png", content=b"\x89PNG", title="Stories a day", alt_txt="A chart"
    )
    message = (await client.conversations_history(channel=NEWS))["messages"][0]
    assert message["files"][0]["title"] == "Stories a day"
    assert next(iter(slack.workspace.files.values()))["data"] == b"\x89PNG"


async def test_links_and_ampersands_are_kept_as_slack_keeps_them(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=NEWS, text="R&D &amp; https://a.example/?b=1 <https://c.example|c>")
    assert posted["message"]["text"] == "R&amp;D &amp; <https://a.example/?b=1> <https://c.example|c>"


async def test_an_assistants_thread_has_status_title_and_prompts(client: AsyncWebClient, slack: LocalSlack) -> None:
    said = await slack.people.say("ada", "dm", "hello")
    channel = slack.workspace.direct("U0ADA00001").id
    await client.assistant_threads_setStatus(channel_id=channel, thread_ts=said["ts"], status="is reading")
    await client.assistant_threads_setTitle(channel_id=channel, thread_ts=said["ts"], title="Models")
    await client.assistant_threads_setSuggestedPrompts(
        channel_id=channel, prompts=[{"title": "Today", "message": "What is new?"}]
    )
    assert slack.workspace.assistant[channel, said["ts"]]["status"] == "is reading"
    assert slack.workspace.assistant[channel, said["ts"]]["title"] == "Models"
    assert slack.workspace.assistant[channel, ""]["prompts"][0]["title"] == "Today"
    too_many = [{"title": "a", "message": "b"}] * 5
    answer = await refusal(client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=too_many))
    assert answer["error"] == "invalid_arguments"


@pytest.mark.filterwarnings("ignore:BasicAuth:DeprecationWarning")  # slack_sdk 3.47 with aiohttp 3.14
async def test_a_code_of_consent_becomes_a_token_once(slack: LocalSlack) -> None:
    anybody = AsyncWebClient(base_url=slack.api_url)
    known: Any = {"client_id": slack.app.client_id, "client_secret": slack.app.client_secret}
    code = slack.consent()
    granted = await anybody.oauth_v2_access(**known, code=code)
    assert (await AsyncWebClient(granted["access_token"], base_url=slack.api_url).auth_test())["team_id"] == granted["team"][
        "id"
    ]
    assert (await refusal(anybody.oauth_v2_access(**known, code=code)))["error"] == "invalid_code"
    wrong = await refusal(anybody.oauth_v2_access(client_id=slack.app.client_id, client_secret="no", code=code))
    assert wrong["error"] == "bad_client_secret"
