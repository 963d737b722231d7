"""Where a model is configured a channel chooses the language of its summaries, and what models may cost for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.assessment.claude_api import Answer, ClaudeApi, serve_claude
from tests.slack.conftest import ADA, NEWS, Bot, Starts
from tests.slack.test_settings_modal import opened
from tests.slack_judges import texts


class German(ClaudeApi):
    """Claude, which says everything in what passes for German here, but assesses nothing."""

    def answer_to(self, sent: dict[str, Any]) -> Answer:
        if "translate bullets" not in sent["system"][0]["text"]:
            return Answer(status=400)
        given = json.loads(sent["messages"][0]["content"][0]["source"]["data"])
        return Answer(json.dumps({name: [f"Auf Deutsch: {b}" for b in bullets] for name, bullets in given.items()}))


@pytest.fixture
def german() -> Iterator[German]:
    for api in serve_claude(German):
        assert isinstance(api, German)
        yield api


async def saved(bot: Bot, **values: Any) -> None:
    await opened(bot)
    answer = await bot.slack.people.submit(ADA, values)
    assert (answer.errors, answer.error) == ({}, None)
    views, who = bot.slack.workspace.views.open, bot.slack.workspace.user(ADA).id
    await bot.slack.until(lambda _: "Saved" in "".join(texts(views[who][-1])))


@pytest.fixture
async def bot(start: Starts, german: German) -> Bot:
    return await start(anthropic_api_key="k", anthropic_base_url=german.url, assess_retries=0, assessor="auto")


async def test_the_digest_of_a_channel_comes_in_its_language_and_its_cost_is_in_status(bot: Bot) -> None:
    assert "Auf Deutsch" not in "".join(texts((await bot.command("digest"))["blocks"]))
    await saved(bot, language="de", budget="0.5", threshold="0")
    told = "\n".join(texts((await bot.command("digest"))["blocks"]))
    assert "Auf Deutsch: " in told
    assert "Summaries were translated by Claude." in told
    status = "\n".join(texts((await bot.command("status"))["blocks"]))
    assert "For this channel: $0.0" in status
    assert "of at most $0.50" in status


async def test_with_no_budget_the_digest_stays_as_it_is_written_and_says_why(bot: Bot) -> None:
    await saved(bot, language="de", budget="0", threshold="0")
    told = "\n".join(texts((await bot.command("digest"))["blocks"]))
    assert "Auf Deutsch" not in told
    assert "the channel's budget of $0.00 a day for models is used up" in told


async def test_without_a_model_neither_is_asked_for(start: Starts) -> None:
    bot = await start()
    names = {b["block_id"] for b in (await opened(bot))["blocks"] if b["type"] == "input"}
    assert "topics" in names
    assert names.isdisjoint({"language", "budget"})
    channel = bot.slack.workspace.channel(NEWS).id
    assert await bot.parts.subscriptions.get(channel) is None
