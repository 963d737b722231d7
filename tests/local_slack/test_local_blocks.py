"""What the local Slack takes and refuses of blocks and views, beside what slack_sdk's own models say."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError, SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.web.async_client import AsyncWebClient

from bot.local_slack.blocks import judge
from bot.local_slack.server import LocalSlack

NEWS = "C0AINEWS01"


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain("Go"), **more}


def actions(*elements: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def menu(n: int) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "m", "options": [{"text": plain(str(i)), "value": str(i)} for i in range(n)]}


def section(**more: Any) -> dict[str, Any]:
    return {"type": "section", **more}


FEEDBACK = {
    "type": "feedback_buttons",
    "positive_button": {"text": plain("Good"), "value": "1"},
    "negative_button": {"text": plain("Bad"), "value": "0"},
}
GOOD: list[dict[str, Any]] = [
    {"type": "header", "text": plain("h" * 150)},
    section(text={"type": "mrkdwn", "text": "t" * 3_000}),
    section(fields=[plain("f" * 2_000)] * 5 + [plain("f")] * 5),
    section(text=plain("x"), accessory=button(url="https://a.example/" + "u" * 2_900)),
    actions(*[button(action_id=str(n), value="v" * 2_000) for n in range(25)]),
    actions(menu(100), {"type": "overflow", "action_id": "o", "options": [{"text": plain("a"), "value": "1"}] * 5}),
    {"type": "context", "elements": [plain("c")] * 9 + [{"type": "image", "image_url": "https://a.example/i.png", "alt_text": "i"}]},
    {"type": "image", "image_url": "https://a.example/i.png", "alt_text": "a" * 2_000, "title": plain("i")},
    {"type": "divider", "block_id": "b" * 255},
    {"type": "context_actions", "elements": [FEEDBACK]},
    {"type": "card", "title": {"type": "mrkdwn", "text": "t" * 150}, "body": {"type": "mrkdwn", "text": "b" * 200}},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * 20] * 100},
    {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": "a", "style": {"bold": True}},
                                                   {"type": "link", "url": "https://a.example", "text": "b"}]}]}]},
]  # fmt: skip
#: What is wrong, and where and how Slack says it.
BAD: list[tuple[dict[str, Any], str]] = [
    ({"type": "header", "text": plain("h" * 151)}, "must be less than 151 characters [json-pointer:/blocks/0/text/text]"),
    (section(text=plain("")), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    (section(text={"type": "mrkdwn", "text": "t" * 3_001}), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    (section(fields=[plain("f")] * 11), "no more than 10 items allowed [json-pointer:/blocks/0/fields]"),
    (section(fields=[plain("f" * 2_001)]), "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]"),
    (actions(*[button(action_id=str(n)) for n in range(26)]), "no more than 25 items allowed [json-pointer:/blocks/0/elements]"),
    (actions(button(text=plain("b" * 76))), "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"),
    (actions(button(value="v" * 2_001)), "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]"),
    (actions(button(url="https://a.example/" + "u" * 3_000)), "must be less than 3001 characters [json-pointer:/blocks/0/elements/0/url]"),
    (actions(menu(101)), "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]"),
    ({"type": "context", "elements": [plain("c")] * 11}, "no more than 10 items allowed [json-pointer:/blocks/0/elements]"),
    ({"type": "divider", "block_id": "b" * 256}, "must be less than 256 characters [json-pointer:/blocks/0/block_id]"),
    ({"type": "image", "image_url": "https://a.example/i.png", "alt_text": "a" * 2_001}, "must be less than 2001 characters [json-pointer:/blocks/0/alt_text]"),
]  # fmt: skip
#: What slack_sdk's models let through or do not know, and Slack does not.
WORSE: list[tuple[dict[str, Any], str]] = [
    ({"type": "header", "text": {"type": "mrkdwn", "text": "h"}}, "unsupported type: mrkdwn"),
    ({"type": "image", "image_url": "https://a.example/i.png"}, "missing required field: alt_text"),
    (section(text=plain("x"), color="red"), "invalid additional property: color"),
    (section(), "missing required field: one of text, fields"),
    (actions(button(action_id="a"), button(action_id="a")), "action_id already exists: a"),
    (actions({"type": "plain_text_input", "action_id": "a"}), "unsupported type: plain_text_input"),
    (actions(button(url="javascript:alert(1)")), "must be a valid value"),
    (actions(button(style="loud")), "must be a valid enum value: primary, danger"),
    ({"type": "marquee"}, "unsupported type: marquee"),
    ({"elements": []}, "missing required field: type"),
]


@pytest.mark.parametrize("block", GOOD, ids=lambda b: b["type"])
async def test_what_is_within_the_limits_is_taken_by_both(client: AsyncWebClient, block: dict[str, Any]) -> None:
    assert judge([block], "message") == []
    parsed = Block.parse(block)
    assert parsed is not None
    parsed.validate_json()
    assert (await client.blocks_validate(blocks=[block]))["ok"]


@pytest.mark.parametrize(("block", "said"), BAD, ids=[said for _, said in BAD])
async def test_what_is_past_a_limit_is_refused_by_both(client: AsyncWebClient, block: dict[str, Any], said: str) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=NEWS, text="x", blocks=[block])
    assert caught.value.response["error"] == "invalid_blocks"
    assert caught.value.response["errors"] == [said]
    assert caught.value.response["response_metadata"]["messages"] == [f"[ERROR] {said}"]
    if "more than 0" in said or "/fields/" in said:
        return  # the models know neither an empty text nor the limit of a field
    parsed = Block.parse(block)
    assert parsed is not None
    with pytest.raises(SlackObjectFormationError):
        for inner in [parsed, *getattr(parsed, "elements", ())]:
            inner.validate_json()


@pytest.mark.parametrize(("block", "said"), WORSE, ids=[said for _, said in WORSE])
async def test_what_the_models_miss_is_refused_too(client: AsyncWebClient, block: dict[str, Any], said: str) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=NEWS, text="x", blocks=[block])
    assert said in caught.value.response["errors"][0]


async def test_fifty_blocks_are_a_message_and_fifty_one_are_none(client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel=NEWS, text="x", blocks=[{"type": "divider"}] * 50)
    with pytest.raises(SlackApiError, match="no more than 50 items allowed"):
        await client.chat_postMessage(channel=NEWS, text="x", blocks=[{"type": "divider"}] * 51)


async def test_two_blocks_of_one_id_are_refused(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="block_id already exists: b"):
        await client.chat_postMessage(channel=NEWS, text="x", blocks=[{"type": "divider", "block_id": "b"}] * 2)


async def test_blocks_of_messages_only_stand_in_no_view(client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel=NEWS, text="x", blocks=[{"type": "markdown", "text": "**x**"}])
    for block in ({"type": "markdown", "text": "x"}, {"type": "context_actions", "elements": [FEEDBACK]}):
        with pytest.raises(SlackApiError, match="unsupported type"):
            await client.views_publish(user_id="U0ADA00001", view={"type": "home", "blocks": [block]})


async def test_validate_points_at_what_is_wrong(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.blocks_validate(view={"type": "home", "blocks": [{"type": "header", "text": plain("h" * 151)}]})
    assert caught.value.response["error"] == "invalid_view"
    assert caught.value.response["errors"] == [
        {"pointer": "/blocks/0/text/text", "code": "failed_constraint", "message": "must be less than 151 characters"}
    ]
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.blocks_validate()


def modal(**more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("T"), "blocks": [{"type": "divider"}], **more}


@pytest.mark.parametrize(
    "view",
    [
        modal(title=plain("t" * 25)),
        modal(submit=plain("s" * 25)),
        modal(private_metadata="p" * 3_001),
        modal(callback_id="c" * 256),
        modal(blocks=[{"type": "divider"}] * 101),
        modal(colour="red"),
        modal(blocks=[{"type": "input", "label": plain("l"), "element": {"type": "plain_text_input"}}]),
        {"type": "home", "blocks": [], "title": plain("no")},
    ],
    ids=["title", "submit", "metadata", "callback", "blocks", "unknown", "no submit", "home with title"],
)
async def test_a_view_past_a_limit_is_refused_and_its_trigger_is_not_spent(
    client: AsyncWebClient, slack: LocalSlack, view: dict[str, Any]
) -> None:
    trigger = slack.lent.lend("U0ADA00001", None).trigger_id
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.views_open(trigger_id=trigger, view=view)
    assert (await client.views_open(trigger_id=trigger, view=modal()))["view"]["title"]["text"] == "T"


async def test_modals_go_three_deep_and_an_old_hash_conflicts(client: AsyncWebClient, slack: LocalSlack) -> None:
    def trigger() -> str:
        return slack.lent.lend("U0ADA00001", None).trigger_id

    first = (await client.views_open(trigger_id=trigger(), view=modal(external_id="one")))["view"]
    await client.views_push(trigger_id=trigger(), view=modal())
    await client.views_push(trigger_id=trigger(), view=modal())
    with pytest.raises(SlackApiError, match="push_limit_reached"):
        await client.views_push(trigger_id=trigger(), view=modal())
    with pytest.raises(SlackApiError, match="duplicate_external_id"):
        await client.views_update(view_id=(await slack.people.modal("ada") or {})["id"], view=modal(external_id="one"))
    second = (await client.views_update(external_id="one", hash=first["hash"], view=modal(external_id="one")))["view"]
    assert second["id"] == first["id"]
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_update(view_id=first["id"], hash=first["hash"], view=modal())
    with pytest.raises(SlackApiError, match="not_found"):
        await client.views_update(view_id="V0NOTHING1", view=modal())


async def test_what_a_person_typed_stays_while_a_view_changes_around_it(client: AsyncWebClient, slack: LocalSlack) -> None:
    def asks(*names: str) -> dict[str, Any]:
        def one(name: str) -> dict[str, Any]:
            return {
                "type": "input",
                "block_id": name,
                "label": plain(name),
                "element": {"type": "plain_text_input", "action_id": name},
            }

        return modal(submit=plain("Go"), blocks=[one(name) for name in names])

    opened = (await client.views_open(trigger_id=slack.lent.lend("U0ADA00001", None).trigger_id, view=asks("a", "b")))["view"]
    await slack.people.fill("ada", {"a": "kept", "b": "lost"})
    await client.views_update(view_id=opened["id"], view=asks("a", "c"))
    view = await slack.people.modal("ada")
    assert view is not None
    assert {block: inner[block]["value"] for block, inner in view["state"]["values"].items()} == {"a": "kept", "c": None}
