"""One suite for every engine: the contract of ``digest.tasks.Engine``."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from digest.engines.in_process import InProcessEngine
from digest.engines.over_redis import DocketEngine
from digest.errors import StoreError, StoreUnavailable
from digest.stores.keys import Keys
from digest.tasks import Kind, Task
from tests.stores.clusters import Watched

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from digest.tasks import Engine, Work

MANY = Kind("many", at_once=8, each_workspace=0, deadline_s=5, attempts=3, wait_s=0.05)
FAIR = Kind("fair", at_once=8, each_workspace=2, deadline_s=5, attempts=3, wait_s=0.05)
SHORT = Kind("short", at_once=2, each_workspace=0, deadline_s=0.1, attempts=2, wait_s=0.05)
KINDS = (MANY, FAIR, SHORT)


@pytest.fixture(params=["in_process", "over_redis", "over_a_cluster"])
async def engine(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    if request.param == "in_process":
        yield InProcessEngine(end_within_s=0.5)
    else:
        url = request.getfixturevalue("valkey_url")
        if request.param == "over_a_cluster":
            url = request.getfixturevalue("valkey_cluster").url
        async with DocketEngine(url, Keys(f"t{uuid4().hex[:8]}"), KINDS, redelivered_s=1, end_within_s=0.5) as made:
            yield made


async def until(true: object, within_s: float = 20) -> None:
    async with asyncio.timeout(within_s):
        while not true():  # type: ignore[operator]
            await asyncio.sleep(0.01)


def task(about: object, kind: Kind = MANY, workspace: str = "T1") -> Task:
    return Task(kind.name, workspace, str(about))


class Done:
    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.at: defaultdict[str, list[datetime]] = defaultdict(list)

    async def work(self, task: Task) -> None:
        self.count[task.about] += 1
        self.at[task.about].append(datetime.now(UTC))


async def test_each_task_is_done_once(engine: Engine) -> None:
    done = Done()
    async with engine.running({MANY: done.work}):
        assert await engine.add([task(n) for n in range(100)]) == 100
        await until(lambda: len(done.count) == 100)
        await asyncio.sleep(0.2)
    assert set(done.count.values()) == {1}


async def test_what_is_added_before_anything_runs_waits(engine: Engine) -> None:
    done = Done()
    assert await engine.add([task("a"), task("b", SHORT)]) == 2
    waiting = await engine.waiting()
    assert waiting["many"].count == waiting["short"].count == 1
    async with engine.running({MANY: done.work, SHORT: done.work}):
        await until(lambda: len(done.count) == 2)
        await asyncio.sleep(0.1)
        assert not any(w.count for w in (await engine.waiting()).values())


async def test_a_key_that_waits_or_runs_is_passed_over_and_is_free_when_it_was_done(engine: Engine) -> None:
    done, going = Done(), asyncio.Event()

    async def work(task: Task) -> None:
        await going.wait()
        await done.work(task)

    later = datetime.now(UTC) + timedelta(seconds=60)
    async with engine.running({MANY: work}):
        assert await engine.add([task("waits")], at=later) == 1
        assert await engine.add([task("waits")]) == 0
        assert await engine.add([task("runs"), task("other", workspace="T2"), task("runs", workspace="T2")]) == 3
        await asyncio.sleep(0.3)
        assert await engine.add([task("runs")]) == 0
        going.set()
        await until(lambda: done.count["runs"] == 2)
        await asyncio.sleep(0.1)
        assert await engine.add([task("runs")]) == 1
        await until(lambda: done.count["runs"] == 3)
    assert done.count["waits"] == 0


async def test_it_is_done_not_before_its_time(engine: Engine) -> None:
    done, at = Done(), datetime.now(UTC) + timedelta(seconds=0.7)
    async with engine.running({MANY: done.work}):
        await engine.add([task("a")], at=at)
        await until(lambda: done.count["a"])
    assert done.at["a"][0] >= at


async def test_what_its_work_asks_for_is_looked_at_again(engine: Engine) -> None:
    times: list[datetime] = []

    async def work(task: Task) -> datetime | None:
        times.append(datetime.now(UTC))
        return times[0] + timedelta(seconds=0.4) if len(times) == 1 else None

    async with engine.running({MANY: work}):
        await engine.add([task("a")])
        await until(lambda: len(times) == 2)
        await asyncio.sleep(0.1)
        assert await engine.add([task("a")]) == 1
    assert times[1] >= times[0] + timedelta(seconds=0.4)


async def test_one_that_fails_is_tried_again_so_often_and_then_its_key_is_free(engine: Engine) -> None:
    tries: Counter[str] = Counter()

    async def work(task: Task) -> None:
        tries[task.about] += 1
        if task.about == "never" or tries[task.about] < 2:
            raise StoreUnavailable("it is away", remedy="Wait.") if task.about == "never" else ValueError("a defect")

    async with engine.running({MANY: work}):
        await engine.add([task("never"), task("at last")])
        await until(lambda: tries == {"never": 3, "at last": 2})
        await asyncio.sleep(0.6)
        assert tries == {"never": 3, "at last": 2}
        assert await engine.add([task("never")]) == 1


async def test_one_that_lasts_too_long_is_cancelled_and_tried_again(engine: Engine) -> None:
    begun, cancelled = Counter[str](), Counter[str]()

    async def work(task: Task) -> None:
        begun[task.about] += 1
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            cancelled[task.about] += 1
            raise

    async with engine.running({SHORT: work}):
        await engine.add([task("slow", SHORT)])
        await until(lambda: cancelled["slow"] == 2)
        await asyncio.sleep(0.5)
    assert begun["slow"] == 2


async def test_no_more_run_at_once_than_their_kind_says(engine: Engine) -> None:
    running, most = 0, 0

    async def work(task: Task) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1
        done.add(task.about)

    done: set[str] = set()
    async with engine.running({MANY: work}):
        await engine.add([task(n) for n in range(40)])
        await until(lambda: len(done) == 40)
    assert most == 8


async def test_a_workspace_with_many_tasks_delays_no_other(engine: Engine) -> None:
    running: Counter[str] = Counter()
    most: Counter[str] = Counter()
    order: list[str] = []

    async def work(task: Task) -> None:
        running[task.workspace] += 1
        most[task.workspace] = max(most[task.workspace], running[task.workspace])
        await asyncio.sleep(0.05)
        running[task.workspace] -= 1
        order.append(task.workspace)

    async with engine.running({FAIR: work}):
        await engine.add([task(n, FAIR, "BIG") for n in range(60)])
        await engine.add([task(n, FAIR, "SMALL") for n in range(2)])
        await until(lambda: len(order) == 62)
    assert most["BIG"] == 2
    assert max(i for i, w in enumerate(order) if w == "SMALL") < 20


async def test_one_kind_waits_behind_no_other(engine: Engine) -> None:
    done = Done()

    async def slow(task: Task) -> None:
        await asyncio.sleep(0.2)

    async with engine.running({MANY: slow, SHORT: done.work}):
        await engine.add([task(n) for n in range(500)])
        await engine.add([task("quick", SHORT)])
        await until(lambda: done.count["quick"], within_s=2)


async def test_stopping_lets_what_is_under_way_end_and_leaves_the_rest(engine: Engine) -> None:
    ended: list[str] = []

    async def work(task: Task) -> None:
        await asyncio.sleep(0.3)
        ended.append(task.about)

    async with engine.running({MANY: work}):
        await engine.add([task(n) for n in range(30)])
        await asyncio.sleep(0.15)
    assert len(ended) == 8


async def test_what_is_too_slow_to_end_is_cancelled(engine: Engine) -> None:
    cancelled = asyncio.Event()

    async def work(task: Task) -> None:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    begin = datetime.now(UTC)
    async with engine.running({MANY: work}):
        await engine.add([task("a")])
        await asyncio.sleep(0.3)
    assert cancelled.is_set()
    assert datetime.now(UTC) - begin < timedelta(seconds=20)


def works(done: Done) -> dict[Kind, Work]:
    return {MANY: done.work}


@asynccontextmanager
async def of_the_same(url: str, workspace: str) -> AsyncIterator[DocketEngine]:
    async with DocketEngine(url, Keys(workspace), KINDS, redelivered_s=1, end_within_s=0.3) as made:
        yield made


async def test_what_a_process_hands_back_another_does_at_once(valkey_url: str) -> None:
    """Well before the first would be missed."""
    workspace, done = f"t{uuid4().hex[:8]}", Done()

    async def stuck(task: Task) -> None:
        await asyncio.sleep(60)

    async with of_the_same(valkey_url, workspace) as first, of_the_same(valkey_url, workspace) as second:
        async with first.running({MANY: stuck}):
            await first.add([task(n) for n in range(5)])
            await asyncio.sleep(0.3)
        async with second.running(works(done)):
            await until(lambda: len(done.count) == 5)
            await asyncio.sleep(2.5)  # when the first is missed its deliveries come once more, and are known to be old
    assert set(done.count.values()) == {1}


async def test_two_processes_share_the_tasks(valkey_url: str) -> None:
    workspace, left, right = f"t{uuid4().hex[:8]}", Done(), Done()
    async with (
        of_the_same(valkey_url, workspace) as first,
        of_the_same(valkey_url, workspace) as second,
        first.running(works(left)),
        second.running(works(right)),
    ):
        await first.add([task(n) for n in range(200)])
        await until(lambda: len(left.count) + len(right.count) == 200)
        await asyncio.sleep(0.2)
    assert not left.count.keys() & right.count.keys()
    assert left.count
    assert right.count


@pytest.mark.parametrize("of_sentinels", ["", "wh0-watches"], ids=["open", "with a password of their own"])
async def test_over_sentinels_it_goes_on_after_a_failover(short_dir: Path, of_sentinels: str) -> None:
    watched, done = Watched(short_dir, password="pr1mary", of_sentinels=of_sentinels), Done()
    url = watched.url + (f"?sentinel_password={of_sentinels}" if of_sentinels else "")
    try:
        async with (
            DocketEngine(url, Keys("w"), KINDS, redelivered_s=1, end_within_s=0.5) as engine,
            engine.running(works(done)),
        ):
            assert await engine.add([task(n) for n in range(10)]) == 10
            await until(lambda: len(done.count) == 10)
            await asyncio.to_thread(watched.primary.kill)
            more = [task(f"more {n}") for n in range(10)]
            async with asyncio.timeout(60):
                while len(done.count) < 20:
                    with suppress(StoreError):
                        await engine.add(more)
                    await asyncio.sleep(0.3)
    finally:
        await asyncio.to_thread(watched.stop)
