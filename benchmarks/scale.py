"""What more processes give, what is lost when one dies, and how late digests are when all channels want theirs at one minute.

    python -m benchmarks.scale [--quick] [--only throughput|killed|cluster|storm]

Everything runs as it does for an operator: the engine over a real Valkey with an append-only file, workers as processes of their own, Slack
as the local one with its rate limits.

throughput   tasks a second with 1, 2 and 4 workers: tasks that compute for 5 ms, and tasks that wait for 100 ms, fifty at once in each
             worker. The floor is what the machine and the waiting themselves allow.
killed       2,000 entries to be assessed and filed, by two workers of which one is killed (SIGKILL) when two fifths are done. ``lost``:
             entries that were not filed in the end; ``doubled``: articles filed twice; ``runs_more``: tasks that were begun again.
cluster      the tests of what every store and the engine promise, over three nodes of the shipped binary.
storm        300 channels in 20 workspaces, all due at one minute, with ``ainews serve`` and two ``ainews worker``: how late the last part of
             the last digest was, against what the rate limits alone make it; and how long a reader waited for an answer meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from benchmarks import scale_storm
from benchmarks.publishing import Valkey
from benchmarks.scale_worker import CPU, CPU_S, RUNS, WAIT, WAIT_S, settings_of
from benchmarks.synthetic import articles
from digest.codec import packed
from digest.engines.over_redis import DocketEngine
from digest.factory import open_parts
from digest.model import Assessment, Incoming, Origin
from digest.stores.keys import Keys
from digest.task_kinds import ALL, ASSESS
from digest.tasks import Task

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

PARTS = ("throughput", "killed", "cluster", "storm")
WORKERS = (1, 2, 4)
#: A worker takes so long over the entries that it has at once.
_MOMENT_S = 0.08
ROOT = Path(__file__).parents[1]


def started(count: int, *given: str) -> list[subprocess.Popen[bytes]]:
    """So many workers."""
    command = [sys.executable, "-m", "benchmarks.scale_worker", *given]
    return [subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) for _ in range(count)]


@asynccontextmanager
async def workers(count: int, *given: str) -> AsyncIterator[list[subprocess.Popen[bytes]]]:
    """The same, once each is at work."""
    made = started(count, *given)
    try:
        for process in made:
            if process.stdout is not None:
                await asyncio.to_thread(process.stdout.readline)
        yield made
    finally:
        for process in made:
            process.terminate()
        for process in made:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


async def throughput(url: str, *, quick: bool) -> dict[str, Any]:
    """Tasks a second by how many workers there are."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    found: dict[str, Any] = {"cores": cores}
    for kind, number in ((CPU, 300 if quick else 2_000), (WAIT, 1_000 if quick else 10_000)):
        rates = {}
        for count in WORKERS:
            workspace = f"scale-{kind.name}-{count}"
            async with DocketEngine(url, Keys(workspace), (CPU, WAIT)) as engine, workers(count, "throughput", url, workspace):
                await engine.add([Task(kind.name, "", f"warm {n}") for n in range(20)])
                await _until_done(engine, kind.name)
                begun = time.perf_counter()
                await engine.add([Task(kind.name, "", str(n)) for n in range(number)])
                await _until_done(engine, kind.name)
                rates[count] = number / (time.perf_counter() - begun)
        floor = {count: min(count, cores) / CPU_S if kind is CPU else count * WAIT.at_once / WAIT_S for count in WORKERS}
        found[kind.name] = {
            "tasks_per_s": {str(c): round(r, 1) for c, r in rates.items()},
            "floor_per_s": {str(c): round(f, 1) for c, f in floor.items()},
            "speed_up": {str(c): round(rates[c] / rates[1], 2) for c in WORKERS},
        }
    return found


async def _until_done(engine: DocketEngine, kind: str) -> None:
    async def done() -> bool:
        return not (await engine.waiting())[kind].count

    await _until(done)


async def _until(true: Callable[[], Awaitable[bool]], within_s: float = 900) -> None:
    async with asyncio.timeout(within_s):
        while not await true():  # noqa: ASYNC110 other processes make it true
            await asyncio.sleep(0.01)


async def killed(url: str, folder: Path, *, quick: bool) -> dict[str, Any]:
    """Entries to be assessed by two workers, of which one dies."""
    number, workspace, now = 300 if quick else 2_000, "scale-killed", datetime.now(UTC)
    settings = settings_of(url, workspace, folder)
    settings.knowledge_base_folder.mkdir(parents=True)
    async with open_parts(settings) as parts, DocketEngine(url, parts.keys, ALL) as engine:
        made = [
            Incoming(Origin("feed:benchmark", str(n), "1"), told.article, Assessment())
            for n, told in enumerate(articles(number, seed=7))
        ]
        entries = list({m.article.id: m for m in made}.values())
        await parts.candidates.admit([packed(m) for m in entries], now)
        begun = time.perf_counter()
        async with workers(2, "assess", url, workspace, str(folder)) as two:
            await engine.add([Task(ASSESS.name, "", m.article.id) for m in entries])

            async def no_more_wait_than(part: float) -> bool:
                return await parts.candidates.count() <= part * len(entries)

            await _until(lambda: no_more_wait_than(0.6))
            await asyncio.sleep(random.random() * _MOMENT_S)  # not just when entries were settled: then none is under way
            two[0].send_signal(signal.SIGKILL)
            at = time.perf_counter()
            await _until(lambda: no_more_wait_than(0.0))
            await _until_done(engine, ASSESS.name)
        runs = int(await parts.client.get(f"{parts.keys.prefix}{RUNS}") or 0)
        urls = Counter(
            match[1]
            for path in settings.knowledge_base_folder.rglob("*.md")
            if (match := re.search(r"^(?:url|source_url|URL): *\"?(\S+?)\"?$", path.read_text(encoding="utf-8"), re.MULTILINE))
        )
        seen = [await parts.candidates.score(m.article.id) for m in entries]
    wanted = {m.article.url for m in entries}
    return {
        "tasks": len(entries),
        "lost": len(wanted - urls.keys()) + seen.count(None),
        "doubled": sum(count - 1 for url, count in urls.items() if url in wanted),
        "runs_more": runs - len(entries),
        "seconds": round(time.perf_counter() - begun, 1),
        "seconds_after_the_kill": round(time.perf_counter() - at, 1),
    }


def cluster() -> dict[str, Any]:
    """The contract tests, over a cluster."""
    made = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/contracts", "tests/engines", "-k", "cluster"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = made.stdout.strip().splitlines()[-1:] or [""]
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|skipped|error)", said[0])}
    return {"passed": counts.get("passed", 0), "failed": counts.get("failed", 0) + counts.get("error", 0)}


def show(found: dict[str, Any]) -> None:
    """For people."""
    console = Console()
    if "throughput" in found:
        table = Table(
            "tasks a second",
            *(f"{c} workers" for c in WORKERS),
            "speed-up",
            "floor",
            title=f"{found['throughput']['cores']} cores",
        )
        for kind in ("cpu", "wait"):
            row = found["throughput"][kind]
            table.add_row(
                {"cpu": f"compute {CPU_S * 1000:.0f} ms", "wait": f"wait {WAIT_S * 1000:.0f} ms, {WAIT.at_once} at once"}[kind],
                *(f"{row['tasks_per_s'][str(c)]:,}" for c in WORKERS),
                " / ".join(str(row["speed_up"][str(c)]) for c in WORKERS),
                " / ".join(f"{row['floor_per_s'][str(c)]:,.0f}" for c in WORKERS),
            )
        console.print(table)
    for part in ("killed", "cluster", "storm"):
        if part in found:
            table = Table(part, "")
            for name, value in found[part].items():
                table.add_row(name.replace("_", " "), f"{value:,}" if isinstance(value, int | float) else str(value))
            console.print(table)


async def measured(wanted: list[str], *, quick: bool) -> dict[str, Any]:
    """What is wanted, one after the other."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="ainews-scale-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "valkey").mkdir()
        server = Valkey(folder / "valkey")
        server.start()
        await asyncio.sleep(0.5)
        try:
            if "throughput" in wanted:
                found["throughput"] = await throughput(server.url, quick=quick)
            if "killed" in wanted:
                found["killed"] = await killed(server.url, folder, quick=quick)
            if "storm" in wanted:
                found["storm"] = await scale_storm.storm(server.url, folder, quick=quick)
        finally:
            server.kill()
    if "cluster" in wanted:
        found["cluster"] = cluster()
    return found


def main() -> None:
    """Print tables, and one line of JSON. Exit code 1 where a task was lost or had its effect twice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer tasks; no storm and no cluster unless they are asked for")
    parser.add_argument("--only", action="append", choices=PARTS, help="this part; may be given more than once")
    given = parser.parse_args()
    wanted = given.only or (["throughput", "killed"] if given.quick else list(PARTS))
    found = asyncio.run(measured(wanted, quick=given.quick))
    show(found)
    print(json.dumps(found))
    worker = found.get("killed", {})
    if worker.get("lost") or worker.get("doubled"):
        sys.exit(1)


if __name__ == "__main__":
    main()
