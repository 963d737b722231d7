"""Whatever Claude does, each article gets an assessment, and the note and the marks say who wrote it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from digest.assessment.claude import claude_assessor
from digest.assessment.fallback import FallbackAssessor
from digest.assessment.profile import load_profile
from digest.errors import AssessmentError, StoreUnavailable
from digest.model import Assessment, judged_by
from digest.settings import Settings
from digest.stores.memory_spending import MemorySpendingLedger
from tests.assessment.claude_api import Answer, ClaudeApi, serve_claude, verdict
from tests.builders import article, assessment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from digest.model import Article

ARTICLE = article("Prices fall", body="Prices of ads fall by 45% in Europe. " * 20)


@dataclass
class Plain:
    """An offline assessor small enough to see through."""

    async def assess(self, article: Article, known: Assessment) -> Assessment:
        written = Assessment(5.0, "ads", "It mentions ads.", ("Prices fall.",), ("Buy now.",), ("ads",))
        return known.filled_from(judged_by("offline", written))


@dataclass
class Says:
    """An assessor that returns or raises what it is told to."""

    outcome: Any

    async def assess(self, article: Article, known: Assessment) -> Assessment:
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        judged: Assessment = known.filled_from(self.outcome)
        return replace(judged, note=self.outcome.note)


@pytest.fixture(scope="module")
def server() -> Iterator[ClaudeApi]:
    yield from serve_claude()


@pytest.fixture
def api(server: ClaudeApi) -> ClaudeApi:
    return server.reset()


@pytest.fixture
async def both(api: ClaudeApi) -> AsyncIterator[FallbackAssessor]:
    settings = Settings.load(anthropic_api_key="k", anthropic_base_url=api.url, assess_retries=0, assess_timeout_s=0.4)
    assessor = FallbackAssessor(claude_assessor(settings, load_profile(), MemorySpendingLedger()), Plain())
    yield assessor
    await assessor.close()


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (Answer(stop="refusal", content=[]), "Claude declined to assess this article; assessed offline."),
        (Answer("{", stop="max_tokens"), "Claude's answer was cut short; assessed offline."),
        (Answer("no"), "Claude's answer was not in the form asked for; assessed offline."),
        (Answer(status=429), "Claude was over its rate limit; assessed offline."),
        (Answer(status=529), "Claude was overloaded; assessed offline."),
        (Answer(status=500), "Claude's provider had an error (500); assessed offline."),
        (Answer(status=401), "Claude's provider refused the key; assessed offline."),
        (Answer(delay_s=0.6), "Claude did not answer in 0.4 s; assessed offline."),
    ],
)
async def test_a_failure_of_claude_ends_in_the_offline_assessment_with_a_note(
    both: FallbackAssessor, api: ClaudeApi, answer: Answer, note: str
) -> None:
    api.answers = [answer]
    judged = await both.assess(ARTICLE, Assessment())
    assert judged.note == note
    assert judged.missing == ()
    assert set(vars_of(judged).values()) == {"offline"}
    assert sum(both.failures.values()) == 1


async def test_without_failure_there_is_no_note(both: FallbackAssessor, api: ClaudeApi) -> None:
    api.answers = [verdict(summary=["Prices fall by 45%.", "Europe is first.", "Ads get cheaper."])]
    judged = await both.assess(ARTICLE, Assessment())
    assert judged.note == ""
    assert set(vars_of(judged).values()) == {"claude"}


async def test_what_claude_wrote_well_is_kept_and_the_rest_is_offline(both: FallbackAssessor, api: ClaudeApi) -> None:
    api.answers = [verdict(score=12, summary=["It rose 71%.", "It cost $9m.", "It lost 14."])]
    judged = await both.assess(ARTICLE, Assessment())
    assert (judged.score, judged.provenance.score) == (5.0, "offline")
    assert (judged.summary, judged.provenance.summary) == (("Prices fall.",), "offline")
    assert (judged.topic, judged.provenance.topic) == ("AI ad buying", "claude")
    assert judged.model == "claude-haiku-5-5"
    assert judged.note == (
        "3 of Claude's summary bullets left out: the article does not say “71”, “9m”, “14”; "
        "Claude gave no usable score; score and summary assessed offline."
    )


async def test_what_came_with_the_article_is_kept_through_a_failure() -> None:
    known = replace(assessment(score=9.0), summary=(), note="Front matter was mended.")
    both = FallbackAssessor(Says(AssessmentError("Claude was overloaded", kind="overloaded")), Plain())
    judged = await both.assess(ARTICLE, known)
    assert (judged.score, judged.provenance.score) == (9.0, "source")
    assert judged.provenance.summary == "offline"
    assert judged.note == "Front matter was mended. Claude was overloaded; assessed offline."


async def test_a_defect_in_claudes_assessor_does_not_cost_the_article() -> None:
    both = FallbackAssessor(Says(ZeroDivisionError("secret detail")), Plain())
    judged = await both.assess(ARTICLE, Assessment())
    assert judged.note == "Claude's assessor failed; assessed offline."
    assert both.failures == {"unexpected": 1}


async def test_a_store_that_is_away_is_named_in_the_note() -> None:
    judged = await FallbackAssessor(Says(StoreUnavailable("Redis is away.")), Plain()).assess(ARTICLE, Assessment())
    assert judged.note == "Redis is away; assessed offline."


async def test_cancelling_is_passed_on() -> None:
    with pytest.raises(asyncio.CancelledError):
        await FallbackAssessor(Says(asyncio.CancelledError()), Plain()).assess(ARTICLE, Assessment())


async def test_nothing_is_done_where_nothing_is_missing() -> None:
    known = assessment()
    assert await FallbackAssessor(Says(ZeroDivisionError()), Plain()).assess(ARTICLE, known) is known


def vars_of(judged: Assessment) -> dict[str, str]:
    return {n: getattr(judged.provenance, n) for n in ("score", "topic", "reason", "summary", "key_insights", "tags")}
