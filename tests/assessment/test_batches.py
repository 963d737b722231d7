"""Message batches over a real socket and the real SDK: what is asked, what comes back, what is paid, and what is tried again."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from digest.assessment.asking import Asking, Limits
from digest.assessment.batches import BatchAssessor, batch_assessor
from digest.assessment.claude import ClaudeAssessor
from digest.assessment.clients import make_client
from digest.assessment.prices import Prices
from digest.assessment.profile import load_profile
from digest.assessment.spending import Spending
from digest.errors import AssessmentError, BudgetExhausted, ConfigurationError, NotFound, StoreError
from digest.model import Article, Assessment, Incoming, Origin
from digest.ports import Batch, Usage
from digest.settings import Settings
from digest.stores.memory import MemoryArticles
from digest.stores.memory_batches import MemoryBatches
from digest.stores.memory_spending import MemorySpendingLedger
from tests.assessment.claude_api import Answer, ClaudeApi, serve_claude, verdict
from tests.builders import article, assessment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
RUBRIC = "High: it changes how marketers work. Low: it does not."
BODY = "Example Ads cut its prices by 45% on Monday. Revenue reached $3 billion. Advertisers in Europe go first. " + (
    "It is a change for many of them. " * 12
)
ARTICLES = [article(f"Story number {n}", body=BODY) for n in range(4)]
KNOWN = Assessment()


@pytest.fixture(scope="module")
def server() -> Iterator[ClaudeApi]:
    yield from serve_claude()


@pytest.fixture
def api(server: ClaudeApi) -> ClaudeApi:
    return server.reset()


@pytest.fixture
def ledger() -> MemorySpendingLedger:
    return MemorySpendingLedger()


@pytest.fixture
def remembered() -> MemoryBatches:
    return MemoryBatches()


@pytest.fixture
async def store() -> MemoryArticles:
    held = MemoryArticles()
    await held.put([Incoming(Origin("kb:x", a.title, "r1"), a, KNOWN) for a in ARTICLES])
    return held


@pytest.fixture
async def make(
    api: ClaudeApi, ledger: MemorySpendingLedger, remembered: MemoryBatches, store: MemoryArticles
) -> AsyncIterator[Callable[..., BatchAssessor]]:
    made: list[BatchAssessor] = []

    def assessor(cap: float | None = 5.0, url: str = "", batches: Any = None, **options: Any) -> BatchAssessor:
        settings = Settings.load(
            anthropic_api_key="sk-ant-secret", anthropic_base_url=url or api.url, assess_retries=0, assess_timeout_s=5.0
        )
        client = make_client(settings)
        spending = Spending(ledger, Prices(client.provider, client.model, batch=True), cap, "assess-batch", now=lambda: NOON)
        how = Asking(client.model, RUBRIC, Limits())
        made.append(BatchAssessor(client, how, spending, batches or remembered, held_in(store), **options))
        return made[-1]

    yield assessor
    for one in made:
        await one.close()


def held_in(store: MemoryArticles) -> Any:
    """What a batch's assessor looks articles up by."""

    async def look_up(ids: Any) -> list[tuple[Article, Assessment] | None]:
        return [None if h is None else (h.lead.article, h.lead.assessment) for h in await store.get(ids)]

    return look_up


def waiting(count: int = 4) -> list[tuple[Article, Assessment]]:
    return [(a, KNOWN) for a in ARTICLES[:count]]


async def under_way(assessor: BatchAssessor, count: int = 4) -> Batch:
    submitted = await assessor.submit(waiting(count))
    assert submitted.batch is not None
    return submitted.batch


def ended(api: ClaudeApi, batch: Batch, results: dict[int, Any] | None = None, **more: Any) -> None:
    """The batch ends at the stand-in. ``results`` by number of the article; the others are good."""
    standing = api.batches[batch.id]
    standing.status = "ended"
    standing.results = {ARTICLES[n].id: result for n, result in (results or {}).items()}
    for name, value in more.items():
        setattr(standing, name, value)


async def spent(ledger: MemorySpendingLedger) -> Usage:
    return (await ledger.spent(NOON.date())).get("assess-batch/claude-haiku-5-5", Usage())


async def test_a_batch_asks_of_each_article_what_a_call_asks(make: Any, api: ClaudeApi) -> None:
    known = replace(assessment(), summary=())
    await make().submit([(ARTICLES[0], KNOWN), (ARTICLES[1], known)])
    (sent,) = api.requests
    assert [r["custom_id"] for r in sent["requests"]] == [ARTICLES[0].id, ARTICLES[1].id]
    single = ClaudeAssessor(make_client_of(api), RUBRIC, Spending(MemorySpendingLedger(), Prices("anthropic", "m"), None))
    for (told, fields), request in zip([(ARTICLES[0], KNOWN), (ARTICLES[1], known)], sent["requests"], strict=True):
        await single.assess(told, fields)
        assert request["params"] == api.requests[-1]
    await single.close()


def make_client_of(api: ClaudeApi) -> Any:
    return make_client(Settings.load(anthropic_api_key="sk-ant-secret", anthropic_base_url=api.url))


async def test_while_it_runs_there_is_nothing_and_then_every_article_has_its_own_answer(
    make: Any, api: ClaudeApi, store: MemoryArticles, remembered: MemoryBatches
) -> None:
    assessor = make()
    batch = await under_way(assessor)
    assert await assessor.collect(batch.id) is None
    ended(api, batch, {n: verdict(score=n + 1) for n in range(4)})  # the stand-in gives them in the opposite order
    result = await assessor.collect(batch.id)
    assert [(i, a.score) for i, a in result.assessed] == [(a.id, n + 1.0) for n, a in enumerate(ARTICLES)]
    assert result.failures == ()
    assert {a.provenance.summary for _, a in result.assessed} == {"claude"}
    await store.judge(result.assessed)
    await assessor.settle(result)
    assert await store.unassessed(10) == []
    assert await remembered.under_way() == []


def errored(kind: str) -> dict[str, Any]:
    return {"type": "errored", "error": {"type": "error", "error": {"type": kind, "message": "no"}, "request_id": None}}


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        (errored("overloaded_error"), "overloaded"),
        (errored("invalid_request_error"), "rejected"),
        (errored("something_new"), "server"),
        ({"type": "errored"}, "server"),
        ({"type": "expired"}, "expired"),
        ({"type": "canceled"}, "canceled"),
        ({"type": "new"}, "canceled"),
        ({"type": "succeeded"}, "invalid"),
        ({"type": "succeeded", "message": {"usage": {}, "content": "x"}}, "invalid"),
        ({}, "invalid"),
        (Answer("", stop="refusal"), "refusal"),
        (Answer('{"score": 8', stop="max_tokens"), "truncated"),
        (Answer("not JSON"), "invalid"),
        (Answer('{"score": "zero"}'), "invalid"),
        (Answer(""), "invalid"),
    ],
)
async def test_one_that_failed_stops_no_other_and_waits_for_another_try_without_a_score(
    make: Any, api: ClaudeApi, store: MemoryArticles, result: Any, kind: str
) -> None:
    assessor = make()
    batch = await under_way(assessor)
    ended(api, batch, {1: result})
    found = await assessor.collect(batch.id)
    assert [i for i, _ in found.assessed] == [ARTICLES[n].id for n in (0, 2, 3)]
    ((failed, error),) = found.failures
    assert (failed, error.kind) == (ARTICLES[1].id, kind)
    await store.judge(found.assessed)
    await assessor.settle(found)
    (left,) = await store.unassessed(10)
    assert (left.lead.article.id, left.lead.assessment.score) == (ARTICLES[1].id, None)
    again = await assessor.submit([(left.lead.article, left.lead.assessment)])
    assert again.batch is not None
    assert again.batch.articles == (ARTICLES[1].id,)


async def test_a_result_that_is_missing_doubled_or_of_no_article_of_ours_is_no_confusion(make: Any, api: ClaudeApi) -> None:
    assessor = make()
    batch = await under_way(assessor, 2)

    def line(custom_id: object, score: int) -> str:
        message = json.loads(verdict(score=score).body())
        return json.dumps({"custom_id": custom_id, "result": {"type": "succeeded", "message": message}}) + "\n"

    first = ARTICLES[0].id
    ended(api, batch, raw=line(first, 3) + line(first, 9) + line("feedfacecafe", 9) + line(7, 9) + '5\n"x"\n[]\n')
    result = await assessor.collect(batch.id)
    assert [(i, a.score) for i, a in result.assessed] == [(first, 3.0)]
    assert [(i, e.kind) for i, e in result.failures] == [(ARTICLES[1].id, "invalid")]


async def test_a_line_that_is_no_json_costs_only_what_comes_after_it(make: Any, api: ClaudeApi) -> None:
    assessor = make()
    batch = await under_way(assessor, 2)
    lines = api.batches[batch.id].lines().splitlines(keepends=True)
    ended(api, batch, raw=lines[0] + "{broken\n" + lines[1])
    result = await assessor.collect(batch.id)
    assert (len(result.assessed), len(result.failures)) == (1, 1)


async def test_it_costs_half_of_what_calls_cost_and_is_counted_from_the_start(
    make: Any, api: ClaudeApi, ledger: MemorySpendingLedger
) -> None:
    assessor = make()
    batch = await under_way(assessor)
    before = await spent(ledger)
    assert before.dollars == pytest.approx(batch.committed, abs=1e-5)
    assert before.calls == 0
    ended(api, batch)
    result = await assessor.collect(batch.id)
    for _ in range(2):  # settled twice it counts once
        await assessor.settle(result)
    used = await spent(ledger)
    assert (used.calls, used.input_tokens, used.output_tokens) == (4, 4000, 1600)
    single = Prices("anthropic", "claude-haiku-5-5").priced(Usage(input_tokens=4000, output_tokens=1600))
    assert used.dollars == pytest.approx(single / 2, abs=1e-5)
    assert used.dollars < before.dollars


async def test_what_the_cap_has_no_room_for_is_left_over(make: Any, api: ClaudeApi, ledger: MemorySpendingLedger) -> None:
    one = (await under_way(make(), 1)).committed
    assessor = make(cap=one * 3.5)
    submitted = await assessor.submit(waiting())
    assert submitted.batch is not None
    assert submitted.batch.articles == tuple(a.id for a in ARTICLES[1:3])
    assert submitted.left_over == (ARTICLES[3].id,)
    assert (await spent(ledger)).dollars <= one * 3.5
    with pytest.raises(BudgetExhausted, match="no room for a batch"):
        await assessor.submit(waiting())
    assert len(api.requests) == 2


async def test_the_cap_holds_for_a_batch_of_yesterday_on_its_own_day(
    make: Any, api: ClaudeApi, ledger: MemorySpendingLedger
) -> None:
    assessor = make()
    batch = await under_way(assessor)
    assessor.spending.now = lambda: NOON + timedelta(days=1)
    ended(api, batch)
    await assessor.settle(await assessor.collect(batch.id))
    assert (await spent(ledger)).calls == 4
    assert await ledger.spent((NOON + timedelta(days=1)).date()) == {}


async def test_a_batch_has_its_limits_and_the_rest_is_left_over(make: Any) -> None:
    submitted = await make(max_requests=3).submit(waiting())
    assert len(submitted.batch.articles) == 3
    assert submitted.left_over == (ARTICLES[3].id,)


async def test_nothing_is_asked_twice_and_nothing_of_what_is_complete(make: Any, api: ClaudeApi) -> None:
    assessor = make()
    await under_way(assessor, 2)
    again = await assessor.submit([*waiting(3), *waiting(3), (ARTICLES[3], assessment())])
    assert again.batch.articles == (ARTICLES[2].id,)
    assert (await assessor.submit(waiting(3))).batch is None
    assert len(api.requests) == 2


@pytest.mark.parametrize(("status", "kind"), [(429, "rate_limit"), (400, "rejected"), (401, "auth"), (529, "overloaded")])
async def test_a_batch_that_is_refused_costs_nothing_and_loses_nothing(
    make: Any, api: ClaudeApi, ledger: MemorySpendingLedger, remembered: MemoryBatches, status: int, kind: str
) -> None:
    api.answers = [Answer(status=status, headers={"retry-after": "7"})]
    with pytest.raises(AssessmentError) as caught:
        await make().submit(waiting())
    assert caught.value.kind == kind
    assert await remembered.under_way() == []
    assert (await spent(ledger)).dollars == pytest.approx(0, abs=1e-5)
    assert len(api.requests) == 1, "a batch must never be sent a second time by itself"


async def test_a_provider_that_cannot_be_reached_costs_nothing(make: Any, ledger: MemorySpendingLedger) -> None:
    with pytest.raises(AssessmentError) as caught:
        await make(url="http://127.0.0.1:1").submit(waiting())
    assert caught.value.kind == "connection"
    assert (await spent(ledger)).dollars == pytest.approx(0, abs=1e-5)


async def test_a_batch_of_which_nobody_knows_whether_it_runs_stays_counted(
    make: Any, ledger: MemorySpendingLedger, remembered: MemoryBatches
) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as deaf:
        port = deaf.sockets[0].getsockname()[1]
        with pytest.raises(AssessmentError):
            await make(url=f"http://127.0.0.1:{port}").submit(waiting())
    assert (await spent(ledger)).dollars > 0
    assert await remembered.under_way() == []


class Forgetful(MemoryBatches):
    """Remembers nothing, as a store that has just gone away."""

    async def add(self, batch: Batch) -> None:
        raise StoreError("Redis cannot be reached")


async def test_a_batch_that_cannot_be_remembered_is_called_off_and_stays_counted(
    make: Any, api: ClaudeApi, ledger: MemorySpendingLedger, store: MemoryArticles
) -> None:
    with pytest.raises(StoreError):
        await make(batches=Forgetful()).submit(waiting())
    assert api.batches["msgbatch_0"].status == "canceling"
    assert (await spent(ledger)).dollars > 0
    assert len(await store.unassessed(10)) == 4


async def test_an_article_that_changed_meanwhile_is_asked_again_and_one_that_was_completed_is_left_alone(
    make: Any, api: ClaudeApi, store: MemoryArticles
) -> None:
    assessor = make()
    batch = await under_way(assessor)
    changed = replace(ARTICLES[0], body="It said something else after all.")
    await store.put([Incoming(Origin("kb:x", ARTICLES[0].title, "r2"), changed, KNOWN)])
    await store.judge([(ARTICLES[1].id, assessment("offline"))])
    ended(api, batch)
    result = await assessor.collect(batch.id)
    assert [i for i, _ in result.assessed] == [ARTICLES[2].id, ARTICLES[3].id]
    assert [(i, e.kind) for i, e in result.failures] == [(ARTICLES[0].id, "changed")]


async def test_what_claude_made_up_is_left_out_as_in_a_call(make: Any, api: ClaudeApi) -> None:
    assessor = make()
    batch = await under_way(assessor, 1)
    ended(
        api, batch, {0: verdict(summary=["Prices fell by 45%.", "Revenue reached $3bn.", "Europe goes first.", "It cost $99."])}
    )
    result = await assessor.collect(batch.id)
    ((_, judged),) = result.assessed
    assert judged.summary == ("Prices fell by 45%.", "Revenue reached $3bn.", "Europe goes first.")
    assert "“$99”" in judged.note or "“99”" in judged.note


@pytest.mark.parametrize("how", ["archived", "deleted"])
async def test_results_that_are_gone_are_failures_and_what_was_counted_stays(
    make: Any, api: ClaudeApi, ledger: MemorySpendingLedger, remembered: MemoryBatches, how: str
) -> None:
    assessor = make()
    batch = await under_way(assessor)
    ended(api, batch, gone=True)
    if how == "deleted":
        del api.batches[batch.id]
    result = await assessor.collect(batch.id)
    assert (len(result.failures), result.assessed, result.usage) == (4, (), None)
    await assessor.settle(result)
    assert await remembered.under_way() == []
    assert (await spent(ledger)).dollars == pytest.approx(batch.committed, abs=1e-5)


async def test_a_provider_that_is_away_while_collecting_leaves_the_batch_for_later(
    make: Any, api: ClaudeApi, remembered: MemoryBatches
) -> None:
    batch = await under_way(make())
    with pytest.raises(AssessmentError):
        await make(url="http://127.0.0.1:1").collect(batch.id)
    assert await remembered.under_way() == [batch]


async def test_another_process_collects_what_was_submitted_here(make: Any, api: ClaudeApi) -> None:
    batch = await under_way(make())
    ended(api, batch)
    assert len((await make().collect(batch.id)).assessed) == 4


async def test_a_batch_that_is_canceled_is_collected_as_any_other(make: Any, api: ClaudeApi) -> None:
    assessor = make()
    batch = await under_way(assessor)
    await assessor.cancel(batch.id)
    assert await assessor.collect(batch.id) is None
    ended(api, batch, {n: {"type": "canceled"} for n in (1, 2, 3)})
    result = await assessor.collect(batch.id)
    assert (len(result.assessed), {e.kind for _, e in result.failures}) == (1, {"canceled"})
    with pytest.raises(AssessmentError):
        await assessor.cancel("msgbatch_unknown")


async def test_a_batch_that_nobody_remembers_is_not_found(make: Any) -> None:
    with pytest.raises(NotFound):
        await make().collect("msgbatch_unknown")


async def test_a_provider_without_batches_says_so(ledger: MemorySpendingLedger, store: MemoryArticles) -> None:
    settings = Settings.load(provider="foundry", anthropic_foundry_resource="r", anthropic_foundry_api_key="k")
    assessor = batch_assessor(settings, load_profile(), ledger, MemoryBatches(), held_in(store))
    with pytest.raises(ConfigurationError, match="foundry has no Message Batches API"):
        await assessor.submit(waiting())
    await assessor.close()
