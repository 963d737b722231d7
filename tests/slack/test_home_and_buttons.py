"""Home, the buttons of a story, direct messages, mentions and links."""

from __future__ import annotations

from typing import Any

from tests.slack.conftest import ADA, NEWS, Bot, Starts
from tests.slack_judges import texts


async def home(bot: Bot) -> dict[str, Any]:
    await bot.slack.people.open_home(ADA)
    who = bot.slack.workspace.user(ADA).id
    await bot.slack.until(lambda _: who in bot.slack.workspace.views.homes)
    return bot.slack.workspace.views.homes[who]


async def test_home_has_top_stories_what_was_saved_the_channels_and_how_to_begin(bot: Bot) -> None:
    latest = await bot.command("latest 1")
    saved = await bot.slack.people.click(ADA, latest, "story_save")
    await bot.slack.until(lambda _: bool(saved.messages))
    await bot.command("subscribe")
    said = "\n".join(texts((await home(bot))["blocks"]))
    for expected in ("Top stories today", "Your saved articles", "Daily digests", "How to begin", "09:00, UTC"):
        assert expected in said


async def test_a_button_at_home_answers_in_the_direct_message(bot: Bot) -> None:
    view = await home(bot)
    direct = bot.slack.workspace.direct(bot.slack.workspace.user(ADA).id)
    before = len(direct.messages)
    await bot.slack.people.click(ADA, view, "run_command")
    await bot.slack.until(lambda _: len(direct.messages) > before)
    assert "/ainews latest" in "\n".join(texts(list(direct.messages.values())[-1]["blocks"]))


async def test_a_private_digest_is_set_up_from_home(bot: Bot) -> None:
    view = await home(bot)
    await bot.slack.people.click(ADA, view, "open_settings")
    who = bot.slack.workspace.user(ADA).id
    await bot.slack.until(lambda _: bool(bot.slack.workspace.views.open.get(who)))
    answer = await bot.slack.people.submit(ADA, {})
    assert (answer.errors, answer.error) == ({}, None)
    direct = bot.slack.workspace.direct(who).id
    await bot.slack.until(lambda _: "Saved" in "".join(texts(bot.slack.workspace.views.open[who][-1])))
    assert await bot.parts.subscriptions.get(direct) is not None


async def test_the_menu_of_a_story_asks_explains_and_votes(bot: Bot) -> None:
    latest = await bot.command("latest 1")
    article = latest["blocks"][2]["elements"][0]["value"]
    for choice, expected in (("story_why", "points"), ("story_more", "Noted"), ("story_less", "Noted")):
        answer = await bot.slack.people.click(ADA, latest, "story_menu", f"{choice}|{article}")
        await bot.slack.until(lambda _, answer=answer: bool(answer.messages))
        assert expected in "\n".join(texts(answer.messages[-1]["blocks"]))
    assert {v.direction for v in await bot.parts.votes.votes(bot.slack.workspace.channel(NEWS).id)} >= {-1}


async def test_a_question_about_a_story_is_answered_to_whoever_asked(bot: Bot) -> None:
    latest = await bot.command("latest 1")
    article = latest["blocks"][2]["elements"][0]["value"]
    await bot.slack.people.click(ADA, latest, "story_menu", f"story_ask|{article}")
    who = bot.slack.workspace.user(ADA).id
    await bot.slack.until(lambda _: bool(bot.slack.workspace.views.open.get(who)))
    channel = bot.slack.workspace.channel(NEWS)
    before = len(channel.ephemerals)
    await bot.slack.people.submit(ADA, {"question": "What is it about?"})
    await bot.slack.until(lambda _: len(channel.ephemerals) > before)
    assert "Question:" in "\n".join(texts(channel.ephemerals[-1][1]["blocks"]))


async def test_feedback_on_an_answer_counts_as_a_wish_for_more_or_less(bot: Bot) -> None:
    answer = await bot.command("ask How much of an agent's spending does Fennwick take?")
    assert "1.5 percent" in "\n".join(texts(answer["blocks"]))
    for choice, direction in (("positive", 1), ("negative", -1)):
        pressed = await bot.slack.people.click(ADA, answer, "answer_feedback", choice)
        await bot.slack.answered(pressed)
        assert "Noted" in "\n".join(texts(pressed.messages[-1]["blocks"]))
        votes = await bot.parts.votes.votes(bot.slack.workspace.channel(NEWS).id)
        assert [v.direction for v in votes] == [direction]


async def test_a_command_in_a_direct_message_is_carried_out_and_anything_else_is_a_question(bot: Bot) -> None:
    direct = bot.slack.workspace.direct(bot.slack.workspace.user(ADA).id)
    for said, expected in (("latest 2", "Latest stories"), ("What is new on agents?", "Question:")):
        before = len(direct.messages)
        await bot.slack.people.say(ADA, "dm", said)
        await bot.slack.until(lambda _, before=before: len(direct.messages) > before + 1)
        assert expected in "\n".join(texts(list(direct.messages.values())[-1]["blocks"]))


async def test_a_mention_is_answered_in_its_thread(bot: Bot) -> None:
    channel = bot.slack.workspace.channel(NEWS)
    said = await bot.slack.people.say(ADA, NEWS, f"<@{bot.slack.app.bot_user_id}> latest 1")
    await bot.slack.until(
        lambda _: any(m.get("thread_ts") == said["ts"] and m.get("bot_id") for m in channel.messages.values())
    )


async def test_others_who_write_to_each_other_are_left_alone(bot: Bot) -> None:
    channel = bot.slack.workspace.channel(NEWS)
    await bot.slack.people.say(ADA, NEWS, "latest 1")
    await bot.command("help")
    assert not any(m.get("bot_id") for m in channel.messages.values())


async def test_known_links_are_unfurled_where_the_operator_wants_it(start: Starts) -> None:
    bot = await start(unfurl_domains="martechcourier.example,retaillantern.example")
    latest = await bot.parts.lookups.latest(20)
    url = next(s.lead.article.url for s in latest.stories if "retaillantern.example" in s.lead.article.url)
    said = await bot.slack.people.share_link(ADA, NEWS, url)
    channel = bot.slack.workspace.channel(NEWS)
    await bot.slack.until(lambda _: bool(channel.messages[said["ts"]].get("attachments")))


async def test_a_question_asked_from_home_is_answered_in_the_direct_message(bot: Bot) -> None:
    view = await home(bot)
    who = bot.slack.workspace.user(ADA).id
    direct = bot.slack.workspace.direct(who)
    menu = next(e for b in view["blocks"] if b["type"] == "actions" for e in b["elements"] if e["type"] == "overflow")
    choices = [o["value"] for o in menu["options"]]
    assert {c.partition("|")[0] for c in choices} == {"story_ask", "story_why"}, "Home is nobody's channel: there are no votes"
    await bot.slack.people.click(ADA, view, "story_menu", choices[0])
    await bot.slack.until(lambda _: bool(bot.slack.workspace.views.open.get(who)))
    before = len(direct.messages)
    await bot.slack.people.submit(ADA, {"question": "What is it about?"})
    await bot.slack.until(lambda _: len(direct.messages) > before)
    assert "Question:" in "\n".join(texts(list(direct.messages.values())[-1]["blocks"]))


async def test_votes_twice_count_once_and_are_shown_and_taken_back_in_the_settings(bot: Bot) -> None:
    channel, who = bot.slack.workspace.channel(NEWS).id, bot.slack.workspace.user(ADA).id
    latest = await bot.command("latest 1")
    article = latest["blocks"][2]["elements"][0]["value"]
    before = "\n".join(texts((await bot.command(f"why {article}"))["blocks"]))
    assert "the channel wants" not in before
    for _ in range(2):
        await bot.slack.answered(await bot.slack.people.click(ADA, latest, "story_menu", f"story_more|{article}"))
    assert len(await bot.parts.votes.votes(channel)) == 1
    assert "the channel wants more of" in "\n".join(texts((await bot.command(f"why {article}"))["blocks"]))
    await bot.slack.people.command(ADA, NEWS, "/ainews settings")
    views = bot.slack.workspace.views.open
    await bot.slack.until(lambda _: bool(views.get(who)))
    assert "More of: " in "\n".join(texts(views[who][-1]["blocks"]))
    await bot.slack.people.click(ADA, views[who][-1], "forget_taste")
    await bot.slack.until(lambda _: len(views[who]) == 2)
    assert "Taken back: 1 vote" in "\n".join(texts(views[who][-1]["blocks"]))
    assert await bot.parts.votes.votes(channel) == []
    [change] = await bot.parts.subscriptions.changes(channel)
    assert (change.who, change.what) == (who, ("more and less: 1 vote taken back",))
    assert "\n".join(texts((await bot.command(f"why {article}"))["blocks"])) == before


async def test_key_insights_come_into_the_thread_once_and_to_whoever_asked_where_the_bot_may_not_post(bot: Bot) -> None:
    channel = bot.slack.workspace.channel(NEWS)
    shared = await bot.command("top 1 month --share")
    article = shared["blocks"][2]["elements"][0]["value"]
    button = {
        "type": "button",
        "action_id": "story_insights",
        "value": article,
        "text": {"type": "plain_text", "text": "Key insights"},
    }
    root = bot.slack.workspace.post(
        channel, {"type": "message", "user": bot.slack.app.bot_user_id, "bot_id": bot.slack.app.bot_id, "text": "Digest",
                  "blocks": [{"type": "actions", "block_id": "b", "elements": [button]}]},
    )  # fmt: skip

    def in_thread() -> list[dict[str, Any]]:
        return [m for m in channel.messages.values() if m.get("thread_ts") == root["ts"] and m["ts"] != root["ts"]]

    bot.slack.faults.add("refused", "chat.postMessage", next=1, error="not_in_channel")
    told = await bot.slack.answered(await bot.slack.people.click(ADA, root, "story_insights"))
    assert "Key insights" in told.text
    assert in_thread() == []
    await bot.slack.people.click(ADA, root, "story_insights")
    await bot.slack.until(lambda _: len(in_thread()) == 1)
    again = await bot.slack.answered(await bot.slack.people.click(ADA, root, "story_insights"))
    assert "in the thread already" in again.text
    assert len(in_thread()) == 1


async def suggested(bot: Bot) -> list[str]:
    """The prompts that Ada sees when she opens the bot's messages."""
    direct = bot.slack.workspace.direct(bot.slack.workspace.user(ADA).id)
    await bot.slack.people.open_home(ADA, "messages")
    await bot.command("help")
    return [p["message"] for p in bot.slack.workspace.assistant.get((direct.id, ""), {}).get("prompts", [])]


async def test_prompts_are_suggested_each_of_which_gets_an_answer(bot: Bot) -> None:
    direct = bot.slack.workspace.direct(bot.slack.workspace.user(ADA).id)
    prompts = await suggested(bot)
    assert len(prompts) == 3
    for prompt in prompts:
        before = len(direct.messages)
        await bot.slack.people.say(ADA, "dm", prompt)
        await bot.slack.until(lambda _, before=before: len(direct.messages) > before + 1)


async def test_what_the_operator_turned_off_is_not_there(start: Starts) -> None:
    bot = await start(agent_view="false", add_links="false")
    assert await suggested(bot) == []
    latest = await bot.parts.lookups.latest(20)
    said = await bot.slack.people.share_link(ADA, NEWS, latest.stories[0].lead.article.url)
    shared = {"type": "link_shared", "channel": bot.slack.workspace.channel(NEWS).id, "message_ts": said["ts"], "user": "U0ADA00001",
              "links": [{"url": latest.stories[0].lead.article.url, "domain": "x.example"}]}  # fmt: skip
    assert (await bot.slack.people.deliver(shared)).error is None
    shortcut = await bot.slack.people.message_shortcut(
        ADA, said, "add_link"
    )  # an app made from an earlier manifest has it still
    assert "not added here" in (await bot.slack.answered(shortcut)).text
    assert not bot.slack.workspace.channel(NEWS).messages[said["ts"]].get("attachments")


async def test_an_article_that_is_gone_is_told_in_a_sentence_by_every_button(bot: Bot) -> None:
    latest = await bot.command("latest 1")
    article = latest["blocks"][2]["elements"][0]["value"]
    menu = next(e for e in latest["blocks"][2]["elements"] if e["type"] == "overflow")
    for name in ("story_show", "story_save"):
        button = next(e for e in latest["blocks"][2]["elements"] if e["action_id"] == name)
        button["value"] = "ffffffffffff"
        told = await bot.slack.answered(await bot.slack.people.click(ADA, latest, name))
        assert "no article" in told.text.lower()
    for option in menu["options"]:
        option["value"] = option["value"].replace(article, "ffffffffffff")
    for name in ("story_why", "story_more", "story_less"):
        told = await bot.slack.answered(await bot.slack.people.click(ADA, latest, "story_menu", f"{name}|ffffffffffff"))
        assert "no article" in told.text.lower()
