"""Questions to what is held, over a real Valkey: to one article with its story, and to everything."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest import pipeline
from digest.factory import Parts, open_parts, sources
from digest.sample.write import write_sample
from digest.settings import Settings
from digest.stores.keys import Keys
from tests.answers.claude_stream import said, serve_stream


@pytest.fixture
async def parts(valkey_url: str, keys: Keys, tmp_path: Path) -> AsyncIterator[Parts]:
    loaded = Settings.load(redis_url=valkey_url, workspace=keys.workspace, data_dir=tmp_path / "data")
    async with open_parts(loaded) as made:
        sample = write_sample(tmp_path / "sample", now=datetime.now(UTC))
        incoming = sources(loaded, knowledge_bases=[sample.knowledge_base, sample.inbox], feeds=[str(sample.feed)])
        await pipeline.collect(incoming, made.articles, made.assessor)
        yield made


async def test_everything_is_asked_and_the_article_that_answers_is_given(parts: Parts) -> None:
    answer, articles = await parts.questions.of_everything("How much of an agent's spending does Fennwick take?")
    assert not answer.abstained
    assert "1.5 percent" in " ".join(answer.text.split())
    assert {c.article_id for c in answer.citations} == set(articles)
    for cited in answer.citations:
        assert articles[cited.article_id].body[cited.start : cited.end] == cited.quote


async def test_an_article_is_asked_with_the_others_of_its_story(parts: Parts) -> None:
    page = await parts.lookups.search("Fennwick Handshake")
    lead = page.stories[0]
    assert len(lead.articles) > 1
    held = await parts.lookups.find(lead.lead.article.id)
    answer, _ = await parts.questions.of_article(held, "How much of an agent's spending does Fennwick take?")
    assert "1.5 percent" in " ".join(answer.text.split())
    nothing, articles = await parts.questions.of_article(held, "What do the shelf labels of Pellmarket cost?")
    assert nothing.abstained
    assert articles == {}


async def test_the_command_line_tells_what_claude_answered_and_cost(
    parts: Parts, valkey_url: str, keys: Keys, tmp_path: Path
) -> None:
    page = await parts.lookups.search("Fennwick Handshake")
    article = page.stories[0].lead.article
    for claude in serve_stream():
        claude.model = lambda _: said(("Fennwick takes 1.5 percent.", "1.5 percent"), (" Google pays.", "1.5 percent"))
        environment = {
            "AINEWS_REDIS_URL": valkey_url, "AINEWS_WORKSPACE": keys.workspace, "AINEWS_DATA_DIR": str(tmp_path / "data"),
            "ANTHROPIC_API_KEY": "sk-ant-secret", "ANTHROPIC_BASE_URL": claude.url, "PATH": "/usr/bin:/bin",
        }  # fmt: skip
        command = [sys.executable, "-m", "bot", "ask", article.id, "What does Fennwick take?"]
        told = await asyncio.to_thread(
            subprocess.run, [*command, "--json"], env=environment, capture_output=True, text=True, check=False
        )
        made = json.loads(told.stdout)
        assert (made["answer"], made["abstained"], made["provenance"]) == ("Fennwick takes 1.5 percent. [1]", False, "claude")
        (cited,) = made["citations"]
        assert "1.5 percent" in cited["quote"]
        held = await parts.lookups.find(cited["article"])
        assert held.lead.article.body[cited["start"] : cited["end"]] == cited["quote"]
        assert made["notes"] == ["A sentence of Claude's was left out: the passages cited do not bear that out."]
        assert (made["tokens"], made["model"]) == (960, "claude-sonnet-5-5")
        assert made["cost_usd"] == pytest.approx((900 * 2 + 60 * 10) / 1e6)
        again = await asyncio.to_thread(subprocess.run, command, env=environment, capture_output=True, text=True, check=False)
        assert "Fennwick takes 1.5 percent. [1]" in again.stdout
        assert len(claude.requests) == 1  # the second was answered from the cache


async def test_a_question_that_quotes_what_nobody_wrote_is_answered_all_the_same(parts: Parts) -> None:
    answer, _ = await parts.questions.of_everything('How much of an agent\'s "spending money" does "the Fennwick" take?')
    assert "1.5 percent" in " ".join(answer.text.split())


async def test_nothing_held_says_nothing(valkey_url: str, keys: Keys, tmp_path: Path) -> None:
    loaded = Settings.load(redis_url=valkey_url, workspace=keys.workspace, data_dir=tmp_path / "data")
    async with open_parts(loaded) as parts:
        answer, articles = await parts.questions.of_everything("Who?")
    assert (answer.abstained, articles) == (True, {})


async def test_the_command_line_answers_in_words_and_as_json(parts: Parts, valkey_url: str, keys: Keys, tmp_path: Path) -> None:
    environment = {
        "AINEWS_REDIS_URL": valkey_url, "AINEWS_WORKSPACE": keys.workspace, "AINEWS_DATA_DIR": str(tmp_path / "data"),
        "PATH": "/usr/bin:/bin",
    }  # fmt: skip

    def asked(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", "ask", *words], env=environment, capture_output=True, text=True, check=False
        )

    page = await parts.lookups.search("Fennwick Handshake")
    article = page.stories[0].lead.article.id
    told = asked(article, "How much of an agent's spending does Fennwick take?", "--json")
    made = json.loads(told.stdout)
    assert made["abstained"] is False
    assert made["provenance"] == "offline"
    assert (made["tokens"], made["cost_usd"]) == (0, 0)
    assert {"article", "start", "end", "quote"} == set(made["citations"][0])
    assert "Quoted, without a model." in asked("How much of an agent's spending does Fennwick take?").stdout
    assert "None of the articles says." in asked("Who founded Larkfield Robotics?").stdout
    assert asked("ffffffffff", "Who?").returncode == 1
    assert asked("a", "b", "c").returncode == 2
