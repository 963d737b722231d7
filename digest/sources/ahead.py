"""Works on chunks ahead of who takes them: on a thread, or in processes of their own where there is enough to do.

It owns how much of it may lie ready, and that the results keep the order of the chunks, whoever is quicker. What is done is the
caller's; how processes are given work is in ``processes``.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

from digest.processes import Elsewhere

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

C = TypeVar("C")
T = TypeVar("T")

#: One process per core up to this many: the process that stores what they read takes a third of what one of them takes.
MOST_PROCESSES: Final = 4
#: Chunks for each worker that may be begun or lie ready: while one batch is stored, the workers do not run out of work.
_LIE_READY: Final = 2


async def ahead(work: Callable[[C], T], chunks: Iterable[C], *, processes: bool = False) -> AsyncGenerator[T, None]:
    """``work(chunk)`` for each of ``chunks``, in order, some of them done before they are asked for.

    What ``work`` raises is raised here, where its turn comes. With ``processes``, ``work``, chunks and results must be such that
    they can be pickled.
    """
    workers = min(_cores(), MOST_PROCESSES) if processes else 1
    elsewhere = Elsewhere(work, workers) if processes else None
    threads = ThreadPoolExecutor(workers, thread_name_prefix="ahead")
    loop, begun = asyncio.get_running_loop(), deque[asyncio.Future[T]]()
    try:
        for chunk in chunks:
            begun.append(loop.run_in_executor(threads, elsewhere or work, chunk))
            if len(begun) > _LIE_READY * workers:
                yield await begun.popleft()
        while begun:
            yield await begun.popleft()
    finally:
        for future in begun:
            future.cancel()
        await asyncio.to_thread(threads.shutdown)
        if elsewhere is not None:
            await asyncio.to_thread(elsewhere.close)


def _cores() -> int:
    """How many this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
