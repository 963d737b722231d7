"""A channel's language: its digest's summaries are translated once, within its budget, and say no more than they did."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from digest.assessment.channel_ledger import ChannelLedger
from digest.assessment.clients import make_client
from digest.assessment.prices import Prices
from digest.assessment.spending import Spending
from digest.errors import BudgetExhausted
from digest.factory import digest_of, open_parts
from digest.model import Digest, Incoming, Origin, Subscription
from digest.ports import Usage
from digest.settings import Settings
from digest.stores.keys import Keys
from digest.stores.memory_spending import MemorySpendingLedger
from digest.stores.memory_translations import MemoryTranslations
from digest.stores.redis_translations import RedisTranslations
from digest.translating.claude import ClaudeTranslator
from digest.translating.composing import ledger_of
from digest.translating.faithful import is_faithful
from digest.translating.ports import Bullets
from digest.translating.wordings import Wordings
from tests.assessment.claude_api import Answer, ClaudeApi, serve_claude
from tests.builders import MOMENT, assessed, assessment, chosen, digest, story

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
GERMAN = Subscription("C1", language="de")


@pytest.fixture(scope="module")
def server() -> Iterator[ClaudeApi]:
    yield from serve_claude()


@pytest.fixture
def api(server: ClaudeApi) -> ClaudeApi:
    return server.reset()


def said(summary: list[str], insights: list[str]) -> Answer:
    return Answer(json.dumps({"summary": summary, "key_insights": insights}))


SAID = said(["Anzeigen schreibt nun die Plattform.", "Werbende behalten ein Veto."], ["Aus Schreiben wird Wählen."])


@pytest.fixture
async def wordings(api: ClaudeApi) -> AsyncIterator[Wordings]:
    client = make_client(Settings.load(anthropic_api_key="k", anthropic_base_url=api.url, assess_retries=0))
    yield Wordings(ClaudeTranslator(client), MemoryTranslations(), Prices(client.provider, client.model))
    await client.close()


def purse(of: Wordings, cap: float | None = 5.0, budget: float | None = None) -> Spending:
    ledger = ChannelLedger(MemorySpendingLedger(), MemorySpendingLedger(), budget)
    return Spending(ledger, of.prices, cap, "translate", now=lambda: NOON)


def one(**fields: Any) -> Digest:
    return replace(digest([chosen(1, story("Ads", **fields))]), subscription=GERMAN)


async def test_summary_and_key_insights_come_in_the_channels_language_and_the_digest_says_by_whom(
    api: ClaudeApi, wordings: Wordings
) -> None:
    api.answers = [SAID]
    made = await wordings.digest(one(), purse(wordings))
    lead = made.chosen[0].story.lead.assessment
    assert lead.summary == ("Anzeigen schreibt nun die Plattform.", "Werbende behalten ein Veto.")
    assert lead.key_insights == ("Aus Schreiben wird Wählen.",)
    assert made.notes == ("Summaries were translated by Claude.",)
    assert "into German" in json.dumps(api.requests[0]["messages"])


async def test_an_article_is_translated_once(api: ClaudeApi, wordings: Wordings) -> None:
    api.answers = [SAID]
    for _ in range(3):
        await wordings.digest(one(), purse(wordings))
    assert len(api.requests) == 1
    await wordings.digest(one(judged=assessment(summary=("Another summary.",))), purse(wordings))
    assert len(api.requests) == 2, "what was written anew is translated anew"


@pytest.mark.parametrize(
    ("language", "judge", "article_language", "asked"),
    [
        ("", "source", "", 0), ("en", "claude", "de", 0), ("en", "source", "", 0), ("en", "source", "en-GB", 0),
        ("en", "source", "de", 1), ("de", "source", "de-AT", 0), ("de", "claude", "de", 1), ("de", "source", "", 1),
    ],
)  # fmt: skip
async def test_what_is_in_that_language_already_is_not_translated(
    api: ClaudeApi, wordings: Wordings, language: str, judge: Any, article_language: str, asked: int
) -> None:
    made = replace(
        digest([chosen(1, story("Ads", judged=assessment(judge), language=article_language))]),
        subscription=Subscription("C1", language=language),
    )
    api.answers = [SAID]
    await wordings.digest(made, purse(wordings))
    assert len(api.requests) == asked


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=500), Answer("no JSON"), Answer("", stop="refusal"), said(["one alone"], []),
        said(["In 99 Tagen.", "Siehe https://evil.example/x."], ["x" * 400]), said(["", ""], [""]),
    ],
)  # fmt: skip
async def test_what_claude_did_not_say_well_stays_as_it_was_written(api: ClaudeApi, wordings: Wordings, answer: Answer) -> None:
    api.answers = [answer]
    before = one()
    made = await wordings.digest(before, purse(wordings))
    assert made.chosen[0].story.lead.assessment == before.chosen[0].story.lead.assessment


async def test_when_claude_hangs_the_digest_comes_all_the_same_and_says_so(api: ClaudeApi, wordings: Wordings) -> None:
    api.answers = [replace(SAID, delay_s=1.5)]
    wordings.within_s = 0.2
    made = await wordings.digest(one(), purse(wordings))
    assert made.notes == ("Some summaries stay in the language they were written in: Claude did not answer in time.",)


async def test_at_the_channels_budget_nothing_more_is_asked_and_the_digest_says_so(api: ClaudeApi, wordings: Wordings) -> None:
    made = await wordings.digest(one(), purse(wordings, budget=0.0))
    assert api.requests == []
    assert "the channel's budget of $0.00 a day for models is used up" in made.notes[0]
    other = await wordings.digest(one(), purse(wordings, cap=0.0))
    assert "the day's spending cap" in other.notes[0]


async def test_a_budget_is_the_channels_own_and_all_counts_under_the_cap() -> None:
    everybody, day = MemorySpendingLedger(), NOON.date()
    first = ChannelLedger(everybody, MemorySpendingLedger(), 0.5)
    second = ChannelLedger(everybody, MemorySpendingLedger(), None)
    assert await first.reserve(day, 0.4, 1.0)
    await first.settle(day, 0.4, Usage(calls=1, dollars=0.4), purpose="translate", model="m")
    with pytest.raises(BudgetExhausted, match=r"budget of \$0.50"):
        await first.reserve(day, 0.2, 1.0)
    assert await second.reserve(day, 0.6, 1.0)
    assert not await second.reserve(day, 0.2, 1.0), "the cap is everybody's"
    await second.settle(day, 0.6, Usage(calls=1, dollars=0.6), purpose="translate", model="m")
    assert {k: u.dollars for k, u in (await first.spent(day)).items()} == {"translate/m": 0.4}
    assert sum(u.dollars for u in (await everybody.spent(day)).values()) == pytest.approx(1.0)
    assert await first.reserve(day, 0.1, 2.0), "what the cap refuses is set aside nowhere"


@pytest.mark.parametrize(
    ("translated", "original", "faithful"),
    [
        ("Die Preise fielen um 45 %.", "Prices fell by 45%.", True), ("1.234,5 Mio.", "1,234.5 million", True),
        ("Im Jahr 2026 sind es 45 %.", "In 2026 it is 45 percent.", True), ("Preise fielen um 54 %.", "Prices fell by 45%.", False),
        ("Zwei von dreien.", "2 of 3.", True), ("٤٥ في المئة", "45 percent", True), ("Mehr auf www.x.example", "More of it.", False),
        ("a@b.example fragen", "Ask them.", False), ("", "Words.", False), ("x" * 500, "Words.", False),
    ],
)  # fmt: skip
def test_a_sentence_is_faithful_that_brings_in_no_figure_and_no_address(translated: str, original: str, faithful: bool) -> None:
    assert is_faithful(translated, original) is faithful


@given(st.text(min_size=1, max_size=80))
def test_every_text_is_faithful_to_itself(text: str) -> None:
    assert is_faithful(text, text)


@pytest.fixture(params=["redis", "memory"])
def translations(request: pytest.FixtureRequest, redis_client: Redis, keys: Keys) -> RedisTranslations | MemoryTranslations:
    return RedisTranslations(redis_client, keys) if request.param == "redis" else MemoryTranslations()


async def test_what_was_translated_is_kept_by_its_name(translations: RedisTranslations | MemoryTranslations) -> None:
    bullets = Bullets(("Eins.", "Zwei."), ())
    await translations.put("de:a:1", bullets)
    assert await translations.get(["de:b:1", "de:a:1"]) == [None, bullets]
    assert await translations.get([]) == []


async def test_what_another_version_kept_counts_for_nothing(redis_client: Redis, keys: Keys) -> None:
    await redis_client.set(keys.translation("de:a:1"), b'["another", "way"]')
    assert await RedisTranslations(redis_client, keys).get(["de:a:1"]) == [None]


async def test_a_channels_digest_is_translated_whoever_makes_it_and_paid_for_by_the_channel(
    api: ClaudeApi, valkey_url: str, keys: Keys, tmp_path: Path
) -> None:
    loaded = Settings.load(
        redis_url=valkey_url, workspace=keys.workspace, data_dir=tmp_path, anthropic_api_key="k", anthropic_base_url=api.url
    )
    api.answers = [SAID]
    async with open_parts(loaded) as parts:
        told = assessed("Ads are written by the platform")
        await parts.articles.put([Incoming(Origin("test", "a.md", "1"), told.article, told.assessment)])
        made = await digest_of(parts, GERMAN, day=MOMENT.date(), until=MOMENT)
        assert made.chosen[0].story.lead.assessment.key_insights == ("Aus Schreiben wird Wählen.",)
        today = datetime.now(UTC).date()
        [(purpose, used)] = (await ledger_of(parts, parts, GERMAN).spent(today)).items()
        assert purpose.startswith("translate/")
        assert used.dollars > 0
        assert (await parts.spending.spent(today))[purpose] == used
        assert await ledger_of(parts, parts, replace(GERMAN, channel="C2")).spent(today) == {}


async def test_a_workspaces_budget_is_kept_to_the_cent_by_any_number_of_workers_and_is_no_other_workspaces(
    valkey_url: str, keys: Keys, tmp_path: Path
) -> None:
    loaded = Settings.load(redis_url=valkey_url, workspace=keys.workspace, data_dir=tmp_path, workspace_cap_usd=1.0)
    day, granted = NOON.date(), 0
    async with open_parts(loaded) as one, open_parts(loaded) as other:
        ledgers = [
            ledger_of(parts, parts.of_team("T1"), replace(GERMAN, channel=channel) if channel else None)
            for parts in (one, other)
            for channel in ("C1", "C2", "")
        ]

        async def ask(ledger: Any) -> bool:
            try:
                return bool(await ledger.reserve(day, 0.1, 5.0))
            except BudgetExhausted as error:
                assert "This workspace's budget of $1.00" in str(error)
                return False

        granted = sum(await asyncio.gather(*(ask(ledgers[n % 6]) for n in range(60))))
        assert granted == 10
        elsewhere = ledger_of(one, one.of_team("T2"), GERMAN)
        assert await elsewhere.reserve(day, 0.9, 5.0)
        assert await one.spending.reserve(day, 3.1, 5.0)
        assert not await one.spending.reserve(day, 0.1, 5.0), "all of it counts under the installation's cap"
