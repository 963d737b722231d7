"""Does what may take forever, or all memory, in processes that can be killed: parsing what strangers wrote.

Each piece of work has a deadline and its process a bound on its memory; past either the process is killed, and the next piece of
work gets a new one. What the process does is ``worker``'s.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from digest import worker

if TYPE_CHECKING:
    from collections.abc import Callable

C = TypeVar("C")
T = TypeVar("T")

#: Bytes of an answer that may lie in this process before they are taken; a longer answer is read as it comes.
_BUFFER: Final = 1 << 20
_TOO_BIG: Final = "took more memory than it may"
_CRASHED: Final = "crashed the process that worked on it"


class OutOfBounds(Exception):
    """Work took longer or more memory than it was allowed, in words that follow "it"."""


class Isolated(Generic[C, T]):
    """``work`` done in one of up to ``processes``, each started when it is first needed and kept; an async context manager.

    ``work``, what it is given and what it gives must be such that they can be pickled. ``deadline_s``: for one piece of work, the
    start of its process not counted. ``max_mb``: of a process's address space, of which Python and its libraries take some 300 at
    once (kept where the system does so; macOS does not).
    """

    def __init__(self, work: Callable[[C], T], processes: int, *, deadline_s: float, max_mb: int) -> None:
        self._setting = worker.dumped((work, max_mb))
        self._deadline_s = deadline_s
        self._idle: asyncio.LifoQueue[_Process] = asyncio.LifoQueue()
        self._all = [_Process() for _ in range(processes)]
        for process in self._all:
            self._idle.put_nowait(process)

    async def __aenter__(self) -> Isolated[C, T]:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Start the processes that are idle, before they are needed."""
        ready = [self._idle.get_nowait() for _ in range(self._idle.qsize())]

        async def begin(process: _Process) -> None:
            try:
                await process.begin(self._setting)
            except BaseException:
                await asyncio.shield(process.end())
                raise
            finally:
                self._idle.put_nowait(process)

        await asyncio.gather(*map(begin, ready), return_exceptions=True)  # what cannot be started fails where it is needed

    async def __call__(self, given: C) -> T:
        """What ``work`` gives or raises. Raises OutOfBounds where it passes a bound or takes its process with it."""
        process = await self._idle.get()
        try:
            await process.begin(self._setting)
            async with asyncio.timeout(self._deadline_s):
                done, result = await process.ask(worker.dumped(given))
        except TimeoutError as error:
            await process.end()
            raise OutOfBounds(f"took longer than {self._deadline_s:g} s") from error
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            await process.end()
            raise OutOfBounds(_CRASHED) from error
        except BaseException:  # who waited was cancelled: what the process says next would be nobody's answer
            await asyncio.shield(process.end())
            raise
        finally:
            self._idle.put_nowait(process)
        if done:
            answer: T = result
            return answer
        if isinstance(result, MemoryError):
            await process.end()  # what is left of it may hold no more
            raise OutOfBounds(_TOO_BIG)
        raise result

    async def close(self) -> None:
        """End the processes; what they are doing is lost."""
        await asyncio.gather(*(process.end() for process in self._all))


class _Process:
    """One process, or none yet."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    async def begin(self, setting: bytes) -> None:
        """Start it unless it runs, and wait until it has imported what it needs."""
        if self._process is None:
            command, environment = worker.command()
            self._process = await asyncio.create_subprocess_exec(
                *command, env=environment, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_BUFFER
            )
            await self.ask(setting)

    async def ask(self, given: bytes) -> tuple[bool, Any]:
        """Whether it was done, and the result or else the exception. Raises OSError, EOFError or UnpicklingError where it died."""
        assert self._process is not None  # noqa: S101 tells the type checker
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None  # noqa: S101
        assert answers is not None  # noqa: S101
        asked.write(given)
        await asked.drain()
        size = int.from_bytes(await answers.readexactly(worker.SIZE_BYTES), "big")
        answer: tuple[bool, Any] = pickle.loads(await answers.readexactly(size))  # noqa: S301 our own process wrote it
        return answer

    async def end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()  # closes the pipes and waits
