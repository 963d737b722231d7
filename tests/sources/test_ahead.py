from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.codec import prepared
from digest.model import Incoming
from digest.ports import Found
from digest.sources import knowledge_base
from digest.sources.ahead import ahead
from digest.sources.knowledge_base import KnowledgeBaseSource
from tests.documents import monitored

NOW = datetime(2026, 11, 23, tzinfo=UTC)
BOTH = pytest.mark.parametrize("processes", [False, True])


def doubled(number: int) -> int:
    return 2 * number


def slow_first(number: int) -> int:
    time.sleep(0.2 if number == 0 else 0)
    return number


def fails_at_three(number: int) -> int:
    if number == 3:
        raise ValueError("three")
    return number


def dies_elsewhere(given: tuple[int, int]) -> int:
    number, home = given
    if number == 5 and os.getpid() != home:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@BOTH
async def test_results_come_in_the_order_of_the_chunks(processes: bool) -> None:
    assert [r async for r in ahead(doubled, range(50), processes=processes)] == [2 * n for n in range(50)]
    assert [r async for r in ahead(slow_first, range(6), processes=processes)] == list(range(6))


@BOTH
async def test_an_error_is_raised_where_its_turn_comes(processes: bool) -> None:
    seen = []
    results = ahead(fails_at_three, range(10), processes=processes)
    seen += [await anext(results) for _ in range(3)]
    with pytest.raises(ValueError, match="three"):
        await anext(results)
    assert seen == [0, 1, 2]


async def test_what_a_dead_process_had_to_do_is_done_here() -> None:
    chunks = [(n, os.getpid()) for n in range(20)]
    assert [r async for r in ahead(dies_elsewhere, chunks, processes=True)] == list(range(20))


@BOTH
async def test_who_stops_early_leaves_nothing_running(processes: bool) -> None:
    taken: list[int] = []

    def chunks():
        for n in range(1000):
            taken.append(n)
            yield n

    async with aclosing(ahead(doubled, chunks(), processes=processes)) as results:
        async for _ in results:
            break
    assert len(taken) < 10
    assert await asyncio.to_thread(_children) == set()


async def test_many_documents_are_read_the_same_in_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(150):
        (tmp_path / f"{n:03}.md").write_text(monitored(headline=f"Title {n}", url=f"https://news.example/{n}"))
    (tmp_path / "bad.md").write_bytes(b"\x00\x01")

    async def read() -> list[Found]:
        return [f async for f in KnowledgeBaseSource(tmp_path, clock=lambda: NOW).read({})]

    here = await read()
    monkeypatch.setattr(knowledge_base, "_MANY", 1)
    assert await read() == [prepared(f) if isinstance(f, Incoming) else f for f in here]
    assert len(here) == 151


PROGRAM = """
import asyncio, time
from digest.sources.ahead import ahead

async def main():
    async for n in ahead(time.sleep, [0.0] * 20 + [0.5] * 1000, processes=True):
        print("at work", flush=True)

asyncio.run(main())
"""


def test_a_program_that_is_killed_leaves_no_process_behind() -> None:
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(root)},
        start_new_session=True,
    ) as program:
        assert program.stdout
        assert program.stdout.readline() == b"at work\n"
        workers = _session(program.pid) - {program.pid}
        assert workers
        program.kill()
        program.wait()
        until = time.monotonic() + 20
        while (left := _session(program.pid)) and time.monotonic() < until:
            time.sleep(0.1)
    assert left == set()


def _stats() -> list[list[str]]:
    """``/proc/PID/stat`` of every process: number, state, parent, group, session and more; zombies are left out."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, _, rest = place.read_text().partition(" ")
        except OSError:
            continue
        fields = [number, *rest.rpartition(") ")[2].split()]
        if fields[1] != "Z":
            found.append(fields)
    return found


def _session(leader: int) -> set[int]:
    return {int(f[0]) for f in _stats() if int(f[4]) == leader}


def _children() -> set[int]:
    """Processes begun by this one that are not the server of the tests."""
    return {
        int(f[0]) for f in _stats() if int(f[2]) == os.getpid() and "elsewhere" in Path(f"/proc/{f[0]}/cmdline").read_text()
    }
