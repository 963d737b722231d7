"""A worker of ``benchmarks.scale``: does tasks until it is told to stop, or killed.

``throughput``: tasks that compute for ``CPU_S`` of this machine's time, and tasks that wait ``WAIT_S``. ``assess``: those of the product, that
assess waiting entries and file them; each run is counted in Redis before it begins.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from digest.engines.over_redis import DocketEngine
from digest.factory import open_parts
from digest.reaching import open_monitor_tasks
from digest.settings import Settings
from digest.stores.keys import Keys
from digest.task_kinds import ALL, ASSESS, COLLECT
from digest.tasks import Kind, Task

if TYPE_CHECKING:
    from datetime import datetime

CPU_S: Final = 0.005
WAIT_S: Final = 0.1
CPU: Final = Kind("cpu", at_once=8, each_workspace=0, deadline_s=60)
WAIT: Final = Kind("wait", at_once=50, each_workspace=0, deadline_s=60)
#: Another process notices that one is gone after so long, and its entries are free again.
REDELIVERED_S: Final = 1.5
LEASE_S: Final = 3.0
RUNS: Final = "benchmark:runs"


async def compute(task: Task) -> None:
    """Some processor time of this thread."""
    until = time.thread_time() + CPU_S
    while time.thread_time() < until:
        sum(range(500))


async def wait(task: Task) -> None:
    """As for an answer of somebody else."""
    await asyncio.sleep(WAIT_S)


async def throughput(url: str, workspace: str) -> None:
    """Both kinds."""
    async with DocketEngine(url, Keys(workspace), (CPU, WAIT)) as engine, engine.running({CPU: compute, WAIT: wait}):
        print("ready", flush=True)
        await asyncio.Event().wait()


async def assess(url: str, workspace: str, folder: str) -> None:
    """The product's, with leases that end soon."""
    settings = settings_of(url, workspace, Path(folder))
    async with (
        open_parts(settings) as parts,
        DocketEngine(url, parts.keys, ALL, redelivered_s=REDELIVERED_S) as engine,
        open_monitor_tasks(parts, engine, lease_s=LEASE_S) as monitor,
    ):

        async def counted(task: Task) -> datetime | None:
            await parts.client.incr(f"{parts.keys.prefix}{RUNS}")
            return await monitor.assess(task)

        async with engine.running({ASSESS: counted, COLLECT: monitor.collect}):
            print("ready", flush=True)
            await asyncio.Event().wait()


def settings_of(url: str, workspace: str, folder: Path) -> Settings:
    """Everything that is assessed is filed, and no page is read."""
    return Settings.load(
        redis_url=url, workspace=workspace, data_dir=folder / "data", knowledge_base=folder / "kb", full_text=False,
        monitor_threshold=0.0, assessor="offline", _env_file=None,
    )  # fmt: skip


def main() -> None:
    """Until SIGTERM."""
    what, *given = sys.argv[1:]
    made = throughput(*given) if what == "throughput" else assess(*given)

    async def until_stopped() -> None:
        task = asyncio.ensure_future(made)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        await asyncio.wait([task])

    asyncio.run(until_stopped())


if __name__ == "__main__":
    main()
