"""One digest, once: each row of the table in docs/publishing.md, before the local Slack with its faults and a real Valkey."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from redis.asyncio import Redis

from benchmarks.publishing_worker import work
from bot.slack.client import slack_client
from digest.errors import StoreError
from digest.model import Message
from digest.publishing.publication import Name, Publication
from digest.settings import Settings
from digest.stores.connection import connect
from digest.stores.keys import Keys
from digest.stores.redis_ledger import RedisLedger
from tests.publishing.stand import (
    CHANNEL,
    MESSAGE,
    NAME,
    QUICK,
    SLOW,
    WHOLE,
    Dead,
    Killed,
    Stand,
    killed_at,
    now,
    publication,
    sent,
    settle,
    stand,
    until,
    verified,
)


async def test_a_digest_is_posted_whole_in_its_thread_and_verified(here: Stand) -> None:
    desk = here.desk()
    await desk.take_up(publication())
    found = await until(desk, verified)
    root, *replies = here.standing()
    assert here.texts() == WHOLE
    assert [r["thread_ts"] for r in replies] == [root["ts"]] * 2
    assert [p.ts for p in found.pieces] == [m["ts"] for m in here.standing()]
    assert [m["metadata"]["event_payload"]["key"] for m in here.standing()] == [
        NAME.key(here.keys.workspace, n) for n in range(3)
    ]
    assert found.removed == 0
    assert here.heard.alerts == []
    assert here.recorded[0].root == root["ts"]


async def test_nothing_is_posted_before_an_empty_history_can_be_believed(here: Stand) -> None:
    desk = here.desk()
    await desk.take_up(publication())
    async with asyncio.timeout(QUICK.settle_s / 2):
        await work(desk)
    assert here.texts() == []
    assert (await until(desk, sent)).root


@pytest.mark.parametrize(
    "fault",
    ["drop_before", "drop_after", "cut", "error_500", "error_500_after", "garbage", "garbage_after", "fatal_error", "hang", "hang_after",
     "delay", "late", "double"],
)  # fmt: skip
@pytest.mark.parametrize("piece", [1, 2])
async def test_whatever_befalls_a_call_the_digest_stands_once(here: Stand, fault: Any, piece: int) -> None:
    sendings = 0

    async def befall(step: str, name: Name) -> None:
        nonlocal sendings
        sendings += step == "sending"
        if step == "sending" and sendings == piece:
            here.slack.faults.add(fault, "chat.postMessage", next=1, seconds=0.6)

    desk = here.desk(watch=befall)
    await settle(desk)
    await desk.take_up(publication())
    await until(desk, verified)
    assert sorted(here.texts()) == sorted(WHOLE)
    assert here.slack.faults.rules[0].struck == 1


@pytest.mark.parametrize(
    "step", ["prepared", "leased", "checking", "checked", "sending", "posted", "sent", "sweeping", "swept"]
)
async def test_a_desk_that_is_killed_at_any_step_is_gone_on_from(here: Stand, step: str) -> None:
    first = here.desk(watch=killed_at(step), ledger=Dead(here.client, here.keys))
    await settle(first)
    with pytest.raises((Killed, BaseExceptionGroup)):
        await first.take_up(publication())
        await until(first, verified)
    second = here.desk()
    await second.take_up(publication())
    await until(second, verified)
    assert here.texts() == WHOLE


@pytest.mark.parametrize("number", [2, 3])
async def test_it_goes_on_at_the_part_where_it_was_killed(here: Stand, number: int) -> None:
    first = here.desk(watch=killed_at("posted", number), ledger=Dead(here.client, here.keys))
    await settle(first)
    await first.take_up(publication())
    with pytest.raises(Killed):
        await first.advance(NAME)
    assert here.texts() == WHOLE[:number]
    await until(here.desk(), verified)
    assert here.texts() == WHOLE


async def test_what_is_posted_after_a_crash_is_what_was_prepared(here: Stand) -> None:
    first = here.desk(watch=killed_at("checked"), ledger=Dead(here.client, here.keys))
    await settle(first)
    await first.take_up(publication())
    with pytest.raises(Killed):
        await first.advance(NAME)
    second = here.desk()
    await second.take_up(publication(Message("Another by now", ())))
    await until(second, sent)
    assert here.texts() == WHOLE


async def test_two_desks_at_once_post_it_once(here: Stand) -> None:
    desks = [here.desk() for _ in range(4)]
    for desk in desks:
        await settle(desk)
    await asyncio.gather(*(d.take_up(publication()) for d in desks))
    await asyncio.gather(*(until(d, verified) for d in desks))
    assert here.texts() == WHOLE


async def test_a_ledger_that_was_lost_takes_over_what_stands(here: Stand) -> None:
    desk = here.desk()
    await desk.take_up(publication())
    before = await until(desk, sent)
    here.slack.workspace.history_lag_s = QUICK.settle_s / 2
    for key in await here.client.keys(f"{here.keys.prefix}*"):
        await here.client.delete(key)
    await here.proved()
    await desk.take_up(publication())
    after = await until(desk, sent)
    assert [p.ts for p in after.pieces] == [p.ts for p in before.pieces]
    assert here.texts() == WHOLE


async def test_without_the_ledger_nothing_is_posted_and_with_it_again_the_digest_stands(here: Stand) -> None:
    desk = here.desk()
    await settle(desk)
    await desk.take_up(publication())
    await here.client.client_pause(300)
    away = here.desk(ledger=RedisLedger(connect("redis://127.0.0.1:1/0", timeout_s=0.1), here.keys))
    with pytest.raises(StoreError):
        await work(away)
    assert here.texts() == []
    await until(desk, sent)
    assert here.texts() == WHOLE


async def test_a_desk_that_stood_still_past_its_lease_leaves_no_double(here: Stand) -> None:
    woken = asyncio.Event()

    async def stand_still(step: str, name: Name) -> None:
        if step == "sending":
            await woken.wait()

    still = here.desk(watch=stand_still)
    await settle(still)
    await still.take_up(publication(Message("The root", MESSAGE.blocks)))
    asleep = asyncio.create_task(still.advance(NAME))
    await asyncio.sleep(QUICK.lease_s + 0.1)
    other = here.desk(timing=replace(QUICK, sweeps_s=(1.5, 2.0)))
    await until(other, sent)
    assert here.texts() == ["The root"]
    woken.set()
    await asleep
    assert here.texts() == ["The root"] * 2
    found = await until(other, verified)
    assert here.texts() == ["The root"]
    assert found.removed == 1
    assert found.root == here.standing()[0]["ts"]
    assert [a.kind for a in here.heard.alerts] == ["doubled"]


@pytest.mark.parametrize(
    "error",
    [
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "missing_scope",
        "token_revoked",
        "invalid_auth",
        "restricted_action",
    ],
)
async def test_what_an_operator_has_to_mend_is_told_once_and_posted_after(here: Stand, error: str) -> None:
    desk = here.desk()
    await settle(desk)
    fault = here.slack.faults.add("refused", "chat.postMessage", error=error)
    await desk.take_up(publication())
    found = await until(desk, lambda p: p.state == "blocked" and fault.struck > 2)
    assert here.texts() == []
    assert found.reason
    assert [a.kind for a in here.heard.alerts] == ["blocked"]
    here.slack.faults.clear()
    await until(desk, verified)
    assert here.texts() == WHOLE


async def test_a_channel_that_the_bot_is_not_in_is_blocked_before_anything_is_sent(here: Stand) -> None:
    desk = here.desk()
    await settle(desk)
    general = replace(NAME, channel=here.slack.workspace.channel("general").id)
    await desk.take_up(publication(name=general))
    found = await until(desk, lambda p: p.state == "blocked", general)
    assert "invite" in found.reason
    assert here.slack.api.calls.get("chat.postMessage", 0) == 0


async def test_slack_is_asked_again_when_it_says(here: Stand) -> None:
    desk = here.desk()
    await settle(desk)
    here.slack.faults.add("ratelimited", "chat.postMessage", next=1, seconds=1)
    await desk.take_up(publication())
    found = await until(desk, lambda p: p.not_before is not None)
    assert found.not_before is not None
    assert (found.not_before - now()).total_seconds() > 0.5
    await until(desk, sent)
    assert here.texts() == WHOLE


async def test_while_the_history_cannot_be_read_nothing_is_posted_and_after_a_while_that_is_told(here: Stand) -> None:
    desk = here.desk()
    await settle(desk)
    here.slack.faults.add("error_500", "conversations.history")
    await desk.take_up(publication())
    await until(desk, lambda p: p.alerted == ("unreadable",))
    assert here.texts() == []
    here.slack.faults.clear()
    await until(desk, verified)
    assert here.texts() == WHOLE


async def test_slack_that_refuses_connections_is_waited_for(here: Stand) -> None:
    desk = here.desk()
    await settle(desk)
    await here.slack.go_away()
    await desk.take_up(publication())
    found = await until(desk, lambda p: p.tries > 2)
    assert found.state == "prepared"
    await here.slack.listen()
    await until(desk, sent)
    assert here.texts() == WHOLE


async def test_what_nobody_could_post_in_its_time_expires_and_is_told(here: Stand) -> None:
    desk = here.desk()
    await settle(desk)
    fault = here.slack.faults.add("error_500", "chat.postMessage")
    await desk.take_up(publication(lasts_s=0.5))
    found = await until(desk, lambda p: p.closed)
    assert found.state == "expired"
    assert fault.struck >= 1
    assert [a.kind for a in here.heard.alerts] == ["expired"]
    here.slack.faults.clear()
    await work(desk)
    assert here.texts() == []


async def test_what_arrived_although_nobody_knew_does_not_expire(here: Stand) -> None:
    desk = here.desk()
    await settle(desk)
    here.slack.faults.add("drop_after", "chat.postMessage", next=1)
    await desk.take_up(publication(lasts_s=0.4))
    found = await until(desk, verified)
    assert found.root
    assert here.texts() == WHOLE


async def test_what_a_person_deleted_is_not_posted_again(here: Stand) -> None:
    desk = here.desk()
    await desk.take_up(publication())
    found = await until(desk, sent)
    await here.slack.people.delete(found.root)
    await until(desk, verified)
    assert "The root" not in here.texts()


async def test_replies_whose_root_was_deleted_are_not_left_in_the_channel(here: Stand) -> None:
    async def delete(step: str, name: Name) -> None:
        if step == "posted" and len(here.standing()) == 1:
            channel = here.slack.workspace.channel("ai-news")
            here.slack.workspace.delete(channel, here.standing()[0]["ts"])

    desk = here.desk(watch=delete)
    await desk.take_up(publication())
    found = await until(desk, verified)
    assert here.texts() == []
    assert found.state == "verified"


async def test_only_the_bots_own_messages_count(here: Stand) -> None:
    forged = {"event_type": "ainews_digest", "event_payload": {"key": NAME.key(here.keys.workspace, 0)}}
    channel = here.slack.workspace.channel("ai-news")
    here.slack.workspace.post(channel, {"type": "message", "user": "U0ADA00001", "text": "forged", "metadata": forged})
    desk = here.desk()
    await desk.take_up(publication())
    await until(desk, verified)
    assert here.texts() == ["forged", *WHOLE]


async def test_a_history_of_many_pages_is_read_to_its_end(here: Stand) -> None:
    desk = here.desk(timing=SLOW)
    await desk.take_up(publication())
    await until(desk, sent)
    for n in range(450):
        await here.slack.people.say("ada", "ai-news", f"talk {n}")
    for key in await here.client.keys(f"{here.keys.prefix}publication*"):
        await here.client.delete(key)
    await desk.take_up(publication())
    await until(desk, sent)
    assert here.texts() == WHOLE


async def test_content_that_was_damaged_is_not_posted(here: Stand) -> None:
    desk = here.desk()
    await settle(desk)
    await desk.take_up(replace(publication(), seal="0" * 64))
    await until(desk, lambda p: p.state == "blocked")
    assert here.texts() == []
    assert [a.kind for a in here.heard.alerts] == ["damaged"]


async def test_a_correction_changes_what_stands(here: Stand) -> None:
    desk = here.desk()
    await desk.take_up(publication())
    before = await until(desk, sent)
    better = Message("The root, corrected", MESSAGE.blocks, replies=(replace(MESSAGE.replies[0], text="The reply, corrected"),))
    assert await desk.correct(NAME, publication(better))
    assert here.texts() == ["The root, corrected", "The reply, corrected"]
    assert [m["ts"] for m in here.standing()] == [p.ts for p in before.pieces[:2]]
    longer = replace(better, replies=(*better.replies, MESSAGE.replies[1]))
    assert await desk.correct(NAME, publication(longer))
    await until(desk, verified)
    assert here.texts() == ["The root, corrected", "The reply, corrected", "The second reply"]


async def test_where_metadata_does_not_come_back_nothing_is_posted_and_why_is_told(redis_client: Redis, keys: Keys) -> None:
    async with stand(redis_client, keys) as here:
        desk = here.desk()
        await settle(desk)
        fault = here.slack.faults.add("refused", "conversations.history", error="missing_scope")
        await desk.take_up(publication())
        found = await until(desk, lambda p: p.state == "blocked", within_s=30)
        assert "history cannot be read" in found.reason
        assert here.heard.alerts[0].kind == "unproved"
        assert here.texts() == []
        fault.next = 0
        await until(desk, sent)
        assert here.texts() == WHOLE


async def test_a_start_removes_what_stands_twice(here: Stand) -> None:
    desk = here.desk()
    await desk.take_up(publication(Message("The root", MESSAGE.blocks)))
    found = await until(desk, verified)
    settings = Settings.load(slack_bot_token=here.slack.bot_token, slack_api_url=here.slack.api_url)
    metadata = {"event_type": "ainews_digest", "event_payload": {"key": NAME.key(here.keys.workspace, 0)}}
    await slack_client(settings).chat_postMessage(channel=CHANNEL, text="The root", metadata=metadata)
    assert len(here.texts()) == 2
    await here.desk().look_back()
    assert [m["ts"] for m in here.standing()] == [found.root]


async def test_of_two_the_one_that_people_answered_stays(here: Stand) -> None:
    desk = here.desk(timing=replace(QUICK, sweeps_s=(1.0,)))
    await desk.take_up(publication(Message("The root", MESSAGE.blocks)))
    first = await until(desk, sent)
    settings = Settings.load(slack_bot_token=here.slack.bot_token, slack_api_url=here.slack.api_url)
    metadata = {"event_type": "ainews_digest", "event_payload": {"key": NAME.key(here.keys.workspace, 0)}}
    other = await slack_client(settings).chat_postMessage(channel=CHANNEL, text="The root", metadata=metadata)
    await here.slack.people.say("ada", "ai-news", "How much?", thread_ts=other["ts"])
    found = await until(desk, verified)
    assert found.root == other["ts"] != first.root
    assert [m["ts"] for m in here.standing()] == [other["ts"]]
    assert here.recorded[-1].root == other["ts"]


def test_a_publication_knows_what_is_missing() -> None:
    made = publication()
    assert made.unsent == 0
    assert Publication(NAME, now(), now(), now()).unsent is None
