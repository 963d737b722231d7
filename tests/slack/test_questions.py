"""Questions in Slack as people ask them: in the thread of a digest, by a mention and directly, over both doors; answered by Claude's real
client before a stand-in that streams, and offline."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.slack.client import slack_client
from bot.slack.conversing import conversation_of
from bot.slack.drawing.ask_view import AskedAbout
from bot.slack.questions import ask_of_article
from bot.slack.responding import Responder
from bot.slack.services import Services
from bot.slack.telling import Place
from digest.answers.ports import Turn
from tests.answers.claude_stream import ClaudeStream, Said, asked, documents, said, serve_stream
from tests.slack.answers import QUESTIONED, answered, edition, replies, words
from tests.slack.conftest import ADA, GRACE, NEWS, Bot, Starts
from tests.slack_judges import assert_slack_takes_blocks, objects

#: For what does not depend on the door by which a question came.
one_door = pytest.mark.parametrize("start", ["socket"], indirect=True)
FENNWICK, GROCER = "Fennwick Handshake", "Pellmarket shelf labels"


@pytest.fixture(scope="module")
def server() -> Iterator[ClaudeStream]:
    yield from serve_stream()


@pytest.fixture
def claude(server: ClaudeStream) -> ClaudeStream:
    return server.reset()


@pytest.fixture
async def bot(start: Starts, claude: ClaudeStream) -> Bot:
    """A bot whose questions Claude answers."""
    return await start(**claude.settings())


@pytest.fixture
async def plain(start: Starts) -> Bot:
    """A bot without a key."""
    return await start()


def by_question(sent: dict[str, Any]) -> Said:
    """What Claude would say of the sample's story."""
    question = asked(sent)
    if "take" in question:
        return said(("Fennwick takes 1.5 percent of what an agent spends.", "1.5 percent"))
    if "free" in question:
        return said(("The free period is 60 days.", "60 days"), (" After it 1.5 percent is taken.", "1.5 percent"))
    return said("The article doesn't say.")


async def test_a_conversation_of_three_turns_in_a_thread_is_streamed_and_remembered(bot: Bot, claude: ClaudeStream) -> None:
    claude.model = by_question
    thread, (article,) = await edition(bot, FENNWICK)
    await bot.slack.people.say(ADA, NEWS, QUESTIONED, thread)
    first = await answered(bot, thread, 1)
    assert "Fennwick takes 1.5 percent of what an agent spends. [1]" in words(first).replace("  ", " ")
    assert first["streaming_state"] == "completed"
    await bot.slack.people.say(ADA, NEWS, "And how long is it free?", thread)
    second = await answered(bot, thread, 2)
    assert "60 days" in words(second)
    await bot.slack.people.say(GRACE, NEWS, "Who founded it?", thread)
    third = await answered(bot, thread, 3)
    assert "The article doesn't say." in words(third)
    assert [m["role"] for m in claude.requests[2]["messages"]] == ["user", "assistant"] * 2 + ["user"]
    assert "1.5 percent" in claude.requests[1]["messages"][1]["content"]
    place = Place("", bot.slack.workspace.channel(NEWS).id, "", thread, thread)
    turns = await bot.parts.conversations.turns(conversation_of(place))
    assert [t.question for t in turns] == [QUESTIONED, "And how long is it free?", "Who founded it?"]
    assert turns[0].about[0] in {article, *turns[0].about}
    for message in replies(bot, thread):
        assert_slack_takes_blocks(
            [{k: v for k, v in b.items() if k != "block_id"} for b in message["blocks"] if b["type"] != "context_actions"]
        )
    state = bot.slack.workspace.assistant[(place.channel, thread)]
    await bot.slack.until(lambda _: state["status"] == "")  # it was there while it thought
    assert bot.slack.api.calls["chat.startStream"] >= 2


async def test_offline_the_same_conversation_quotes(plain: Bot) -> None:
    thread, _ = await edition(plain, FENNWICK)
    await plain.slack.people.say(ADA, NEWS, QUESTIONED, thread)
    first = words(await answered(plain, thread, 1))
    assert "1.5 percent" in first
    assert "Quoted word for word, without a model." in first
    await plain.slack.people.say(ADA, NEWS, "And why?", thread)
    await answered(plain, thread, 2)
    await plain.slack.people.say(ADA, NEWS, "Who founded Larkfield Robotics?", thread)
    assert "The article doesn't say." in words(await answered(plain, thread, 3))


async def test_the_answer_links_to_the_quoted_passage_and_shows_it_in_its_article(bot: Bot, claude: ClaudeStream) -> None:
    claude.model = by_question
    thread, _ = await edition(bot, FENNWICK)
    await bot.slack.people.say(ADA, NEWS, QUESTIONED, thread)
    message = await answered(bot, thread, 1)
    (link,) = [o for o in objects(message["blocks"]) if o.get("type") == "link"]
    assert "#:~:text=" in link["url"]
    assert any(o.get("type") == "feedback_buttons" for o in objects(message["blocks"]))
    await bot.slack.people.click(ADA, message, "answer_passages")
    ada = bot.slack.workspace.user(ADA).id
    await bot.slack.until(lambda w: bool(w.views.open.get(ada)))
    view = bot.slack.workspace.views.open[ada][-1]
    bold = [o["text"] for o in objects(view["blocks"]) if o.get("style") == {"bold": True} and o["type"] == "text"]
    assert any("1.5 percent" in b for b in bold)


@pytest.mark.parametrize(
    ("question", "expected"),
    [("2: what do the labels cost?", "pellmarket"), ("What does Pellmarket test on its shelf labels?", "pellmarket"),
     ("What does story 1 cost?", "fennwick"), ("How does Fennwick let AI agents buy campaigns?", "fennwick")],
)  # fmt: skip
@one_door
async def test_in_a_digest_the_question_is_matched_to_its_story(
    start: Starts, claude: ClaudeStream, question: str, expected: str
) -> None:
    bot = await start(**claude.settings())
    thread, _ = await edition(bot, FENNWICK, GROCER)
    await bot.slack.people.say(ADA, NEWS, question, thread)
    await answered(bot, thread, 1)
    assert expected in documents(claude.requests[0])[0]["source"]["data"].lower()
    assert not asked(claude.requests[0]).startswith("2:")


async def test_when_it_is_not_sure_the_bot_asks_which_story_and_a_button_answers(bot: Bot, claude: ClaudeStream) -> None:
    claude.model = by_question
    thread, _ = await edition(bot, FENNWICK, GROCER)
    await bot.slack.people.say(ADA, NEWS, "How much does it take?", thread)
    which = await answered(bot, thread, 1)
    assert "Which story do you mean?" in words(which)
    assert claude.requests == []
    await bot.slack.people.click(ADA, which, "which_story")
    answer = await answered(bot, thread, 2)
    assert "1.5 percent" in words(answer)
    await bot.slack.until(lambda _: "About:" in words(replies(bot, thread)[0]))
    assert "which_story" not in str(replies(bot, thread)[0])
    await bot.slack.people.say(ADA, NEWS, "And how long is it free?", thread)  # the conversation is about that story now
    assert "60 days" in words(await answered(bot, thread, 3))


async def test_others_threads_bots_and_what_is_no_question_are_left_alone(bot: Bot, claude: ClaudeStream) -> None:
    claude.model = by_question
    thread, _ = await edition(bot, FENNWICK)
    grace = bot.slack.workspace.user(GRACE).id
    for said_ in ("Thanks, that is useful!", "This will hurt small agencies.", f"<@{grace}> what do you think?", "🎉"):
        await bot.slack.people.say(ADA, NEWS, said_, thread)
    other = await bot.slack.people.say(GRACE, NEWS, "Lunch?")
    await bot.slack.people.say(ADA, NEWS, "Where?", other["ts"])
    await bot.slack.people.say(ADA, NEWS, "What does Fennwick take?")
    mine = await bot.slack.people.say(ADA, NEWS, QUESTIONED, thread)
    await bot.slack.people.edit(mine, "What is free?")
    await answered(bot, thread, 1)
    await asyncio.sleep(0.3)
    assert len(replies(bot, thread)) == 1
    assert replies(bot, other["ts"]) == []
    assert len(claude.requests) == 1


async def test_a_mention_in_the_thread_of_a_digest_is_answered_once_from_its_story(bot: Bot, claude: ClaudeStream) -> None:
    claude.model = by_question
    thread, _ = await edition(bot, FENNWICK)
    await bot.slack.people.say(ADA, NEWS, f"<@{bot.slack.app.bot_user_id}> {QUESTIONED}", thread)
    await answered(bot, thread, 1)
    await asyncio.sleep(0.3)
    assert len(replies(bot, thread)) == 1
    assert all("fennwick" in d["source"]["data"].lower() for d in documents(claude.requests[0]))


async def test_by_setting_only_a_mention_is_answered_in_a_thread(start: Starts, claude: ClaudeStream) -> None:
    claude.model = by_question
    bot = await start(**claude.settings(thread_questions="mention"))
    thread, _ = await edition(bot, FENNWICK)
    await bot.slack.people.say(ADA, NEWS, QUESTIONED, thread)
    await bot.slack.people.say(ADA, NEWS, f"<@{bot.slack.app.bot_user_id}> {QUESTIONED}", thread)
    assert "1.5 percent" in words(await answered(bot, thread, 1))
    await asyncio.sleep(0.3)
    assert len(replies(bot, thread)) == 1
    assert len(claude.requests) == 1


async def test_a_mention_anywhere_and_a_direct_message_ask_everything(bot: Bot, claude: ClaudeStream) -> None:
    claude.model = by_question
    mention = await bot.slack.people.say(ADA, NEWS, f"<@{bot.slack.app.bot_user_id}> {QUESTIONED}")
    assert "1.5 percent" in words(await answered(bot, mention["ts"], 1))
    direct = await bot.slack.people.say(ADA, "dm", "For how long is the Handshake of Fennwick free?")
    place = bot.slack.workspace.direct(bot.slack.workspace.user(ADA).id)
    await bot.slack.until(
        lambda _: any(m.get("streaming_state") == "completed" and m["ts"] > direct["ts"] for m in place.messages.values()),
        timeout_s=10,
    )
    assert len(documents(claude.requests[0])) > 1


FAILURES = [
    {"status": 429}, {"status": 529}, {"stop": "refusal"}, {"cut_after": 1}, {"cut_after": 1, "error": "overloaded_error"},
    {"cut_after": 0},
]  # fmt: skip


@pytest.mark.parametrize("how", FAILURES, ids=str)
@one_door
async def test_claude_failing_leaves_a_finished_honest_message(
    start: Starts, claude: ClaudeStream, how: dict[str, Any]
) -> None:
    bot = await start(**claude.settings())
    claude.model = lambda _: said(("The free period is 60 days. ", "60 days"), ("Fennwick takes 1.5", "1.5 percent"), **how)
    thread, _ = await edition(bot, FENNWICK)
    await bot.slack.people.say(ADA, NEWS, QUESTIONED, thread)
    await bot.slack.until(lambda _: any("Claude" in words(m) for m in replies(bot, thread)), timeout_s=10)
    (message,) = replies(bot, thread)
    assert "1.5 percent" in words(message)
    assert ("The free period is 60 days." in words(message)) == ("cut_after" in how and how["cut_after"] == 1)
    held = bot.slack.workspace.channel(NEWS).messages.values()
    assert not [m for m in held if m.get("streaming_state") == "in_progress"]


STREAMS: list[tuple[str, dict[str, Any]]] = [
    ("chat.startStream", {"kind": "refused", "error": "method_not_supported_for_channel_type"}),
    ("chat.appendStream", {"kind": "refused", "error": "message_not_in_streaming_state"}),
    ("chat.stopStream", {"kind": "refused", "error": "message_not_in_streaming_state"}),
    ("chat.stopStream", {"kind": "error_500"}),
    ("chat.appendStream", {"kind": "drop_before"}),
    ("assistant.threads.setStatus", {"kind": "refused", "error": "missing_scope"}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "fault"), STREAMS, ids=str)
@one_door
async def test_where_slack_does_not_stream_the_whole_answer_is_there_all_the_same(
    start: Starts, claude: ClaudeStream, method: str, fault: dict[str, Any]
) -> None:
    bot = await start(**claude.settings())
    claude.model = by_question
    thread, _ = await edition(bot, FENNWICK)
    kind = fault["kind"]
    bot.slack.faults.add(kind, method, **{k: v for k, v in fault.items() if k != "kind"})
    await bot.slack.people.say(ADA, NEWS, "How long is it free?", thread)
    whole = "After it 1.5 percent is taken."

    def there(_: Any) -> bool:
        told = [
            m for m in bot.slack.workspace.channel(NEWS).messages.values() if m.get("thread_ts") == thread and m.get("bot_id")
        ]
        return any(whole in words(m) and "Passages" in words(m) and "60 days" in words(m) for m in told)

    await bot.slack.until(there, timeout_s=15)


KINDS = ("drop_before", "drop_after", "error_500", "error_500_after", "garbage", "garbage_after", "refused", "double")
ERRORS = ("message_not_in_streaming_state", "internal_error", "fatal_error")


@one_door
@pytest.mark.parametrize("seed", range(12))
async def test_whatever_slack_does_to_a_stream_the_whole_answer_is_in_the_thread(
    start: Starts, claude: ClaudeStream, seed: int
) -> None:
    bot = await start(**claude.settings())
    claude.model = lambda _: said(
        ("The free period is 60 days. ", "60 days"), ("After it 1.5 percent is taken. ", "1.5 percent"),
        ("That is of all that is spent by an agent.", "1.5 percent"), pause_s=0.02,
    )  # fmt: skip
    dice = random.Random(seed)
    bot.slack.faults.clear(seed)
    for method in ("chat.startStream", "chat.appendStream", "chat.stopStream", "chat.update"):
        if dice.random() < 0.6:
            bot.slack.faults.add(dice.choice(KINDS), method, chance=dice.choice((0.5, 1.0)), error=dice.choice(ERRORS))
    thread, _ = await edition(bot, FENNWICK)
    await bot.slack.people.say(ADA, NEWS, QUESTIONED, thread)

    def whole(message: dict[str, Any]) -> bool:
        told = words(message)
        return all(part in told for part in ("60 days", "After it 1.5 percent is taken.", "spent by an agent.", "Passages"))

    in_channel = bot.slack.workspace.channel(NEWS).messages
    await bot.slack.until(lambda _: any(whole(m) for m in in_channel.values() if m.get("thread_ts") == thread), timeout_s=15)


@one_door
async def test_a_stream_that_dies_of_age_is_updated(start: Starts, claude: ClaudeStream) -> None:
    bot = await start(**claude.settings())
    claude.model = lambda _: said(
        ("The free period is 60 days. ", "60 days"), ("Fennwick takes 1.5 percent.", "1.5 percent"), pause_s=0.5
    )
    thread, _ = await edition(bot, FENNWICK)
    await bot.slack.people.say(ADA, NEWS, QUESTIONED, thread)
    await bot.slack.until(lambda _: bool(bot.slack.api.calls.get("chat.startStream")), timeout_s=10)
    bot.slack.clock.advance(400)
    await bot.slack.until(lambda _: any("Passages" in words(m) for m in replies(bot, thread)), timeout_s=10)
    (message,) = replies(bot, thread)
    assert "Fennwick takes 1.5 percent." in words(message)


@one_door
async def test_a_long_answer_goes_on_in_further_messages(start: Starts, claude: ClaudeStream) -> None:
    bot = await start(**claude.settings())
    sentence = (
        "Fennwick takes 1.5 percent of what an agent spends, and " + "that is taken of all that is spent by an agent " * 10
    )
    claude.model = lambda _: said(*((f"{sentence.strip()}. ", "1.5 percent") for _ in range(40)))
    thread, _ = await edition(bot, FENNWICK)
    await bot.slack.people.say(ADA, NEWS, QUESTIONED, thread)
    await bot.slack.until(lambda _: any("Passages" in words(m) for m in replies(bot, thread)), timeout_s=15)
    told = replies(bot, thread)
    assert len(told) > 2
    assert sum(words(m).count("Fennwick takes 1.5 percent of what an agent spends, and") for m in told) == 40


async def test_the_modal_of_a_story_answers_in_the_thread_with_its_question(bot: Bot, claude: ClaudeStream) -> None:
    claude.model = by_question
    thread, (article,) = await edition(bot, FENNWICK)
    team = Services(bot.parts, bot.settings, lambda: datetime.now(UTC)).team(bot.slack.workspace.team_id)
    about = AskedAbout(article, bot.slack.workspace.channel(NEWS).id, thread, "")
    await ask_of_article(about, QUESTIONED, bot.slack.workspace.user(ADA).id, team, Responder(), slack_client(bot.settings))
    told = words(await answered(bot, thread, 1))
    assert "Question:" in told
    assert "Fennwick takes 1.5 percent of what an agent spends." in told


@one_door
async def test_quotas_and_the_cache_hold_in_slack(start: Starts, claude: ClaudeStream) -> None:
    bot = await start(**claude.settings(answers_per_person=1))
    claude.model = by_question
    for n, question in enumerate((QUESTIONED, QUESTIONED, "How long is it free?")):
        thread, _ = await edition(bot, FENNWICK)
        await bot.slack.people.say(ADA, NEWS, question, thread)
        told = words(await answered(bot, thread, 1))
        if n == 2:
            assert "You have asked as many questions of Claude today" in told
    assert len(claude.requests) == 1
    assert await bot.parts.conversations.turns("nothing") == list[Turn]()


@one_door
async def test_a_channels_own_budget_bounds_what_its_answers_cost(start: Starts, claude: ClaudeStream) -> None:
    bot = await start(**claude.settings())
    claude.model = by_question
    thread, _ = await edition(bot, FENNWICK)
    channel = bot.slack.workspace.channel(NEWS).id
    now = datetime.now(UTC)
    await bot.parts.subscriptions.put(replace(bot.settings.subscription(channel), budget_usd=0.0), "U0ADA00001", now)
    await bot.slack.people.say(ADA, NEWS, QUESTIONED, thread_ts=thread)
    told = words(await answered(bot, thread, 1))
    assert "The channel's budget of $0.00 a day" in told
    assert "1.5 percent" in told
    assert claude.requests == []
    await bot.parts.subscriptions.put(replace(bot.settings.subscription(channel), budget_usd=1.0), "U0ADA00001", now)
    await bot.slack.people.say(ADA, NEWS, QUESTIONED, thread_ts=thread)
    assert "budget" not in words(await answered(bot, thread, 2))
    assert len(claude.requests) == 1
