"""A client that goes after the primary: of a cluster the one that holds a slot, of sentinels the one they name.

Which server that is, others find out (``cluster``, ``sentinel``). To the stores it is the client of one server like any other,
since all they touch lies in one slot; connections are shared by everyone who comes to the same server.

What is done again by itself is only what was surely not done: opening a connection, and what a server refused for another to do
(MOVED, ASK), for later (TRYAGAIN), or because it is no primary any more (READONLY). A reply that was lost is told, as with one
server, and the next call asks anew who is the primary. Every pipeline is a transaction, so that a server refuses all of it or
nothing. (WATCH is not followed: no store uses it.)
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import (
    AskError,
    ClusterDownError,
    MaxConnectionsError,
    MovedError,
    ReadOnlyError,
    RedisError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as NotConnected
from redis.exceptions import TimeoutError as TimedOut

from digest.stores.address import Host

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from redis.asyncio.connection import AbstractConnection

T = TypeVar("T")
#: When to send again what was refused, in seconds after each refusal: at once where it is told who to go to. With classic moving
#: of slots a key may be on its way for some milliseconds.
_AGAIN_S: Final = (0.0, 0.0, 0.05, 0.1, 0.2, 0.4)
#: What leaves it open who is the primary now. The library's error for a server that loads its data is a lost connection to it.
_DOUBTFUL: Final = (NotConnected, TimedOut, OSError, ClusterDownError)


class Whereabouts(Protocol):
    """Who is the primary. What was found out is kept until it is doubted."""

    async def primary(self, slot: int) -> Host:
        """The server that may write keys of ``slot``. Raises what the client or ``errors.StoreUnavailable`` does."""

    def doubt(self, slot: int, host: Host) -> None:
        """``host`` did not do as the primary of ``slot`` should: find out anew, unless that was done since."""

    def moved(self, slot: int, host: Host) -> None:
        """A server said that ``host`` holds ``slot``."""


@dataclass(slots=True)
class _Attempt:
    """One sending of a command. ``ask``: whom this command alone has to go to; ``host``: whom it went to."""

    ask: Host | None = None
    host: Host | None = None


_attempt: ContextVar[_Attempt | None] = ContextVar("attempt", default=None)


class Nodes:
    """A pool of connections for each server, made when first asked for."""

    def __init__(self, make: Callable[[Host], ConnectionPool]) -> None:
        self._make = make
        self._pools: dict[Host, ConnectionPool] = {}

    def pool(self, host: Host) -> ConnectionPool:
        """The connections to ``host``."""
        if host not in self._pools:
            self._pools[host] = self._make(host)
        return self._pools[host]

    def client(self, host: Host) -> Redis:
        """A client of that server alone. It does not have to be closed."""
        return Redis(connection_pool=self.pool(host))

    async def keep(self, hosts: Iterable[Host]) -> None:
        """Close what is open to others and not in use."""
        for gone in self._pools.keys() - set(hosts):
            await self._pools[gone].disconnect(inuse_connections=False)

    async def aclose(self) -> None:
        """Close all."""
        pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            await pool.aclose()


class _Pool(ConnectionPool):
    """Gives connections to the primary of ``slot``. ``again_s``: when to try again to open one that was refused."""

    def __init__(self, nodes: Nodes, where: Whereabouts, slot: int, again_s: Iterable[float], **options: Any) -> None:
        super().__init__(**options)
        self.slot = slot
        self._nodes = nodes
        self._where = where
        self._again_s = tuple(again_s)
        self._taken_from: dict[AbstractConnection, ConnectionPool] = {}
        self._asked: Host | None = None

    async def get_connection(self, command_name: Any = None, *keys: Any, **options: Any) -> AbstractConnection:
        attempt = _attempt.get() or _Attempt()
        if attempt.ask:
            return await self._asking(attempt.ask)
        pauses_s = iter(self._again_s)
        failed: BaseException | None = None
        while True:
            host = await self._where.primary(self.slot)
            if failed is not None and host == attempt.host:  # it is still the primary: nobody took over
                pause_s = next(pauses_s, None) if _is_refused(failed) else None
                if pause_s is None:
                    raise failed
                await asyncio.sleep(pause_s)
            attempt.host = host
            try:
                return await self._connected(host)
            except MaxConnectionsError:
                raise
            except _DOUBTFUL as error:  # nothing was sent
                failed = error
                self._where.doubt(self.slot, host)

    async def _asking(self, host: Host) -> AbstractConnection:
        self._asked = host
        connection = await self._connected(host)
        try:
            await connection.send_command("ASKING")
            await connection.read_response()
        except BaseException:
            await self.release(connection)
            raise
        return connection

    async def _connected(self, host: Host) -> AbstractConnection:
        pool = self._nodes.pool(host)
        connection = cast("AbstractConnection", await pool.get_connection())  # type: ignore[no-untyped-call]
        self._taken_from[connection] = pool
        return connection

    def beside(self) -> list[Redis]:
        """Clients of those who were asked beside the primary."""
        return [self._nodes.client(self._asked)] if self._asked else []

    async def release(self, connection: AbstractConnection) -> None:
        await self._taken_from.pop(connection).release(connection)

    async def follow(self, send: Callable[[], Awaitable[T]]) -> T:
        """What ``send`` gives, which sends one command or one transaction; again where a server refused it, and elsewhere."""
        ask: Host | None = None
        for pause_s in (*_AGAIN_S, None):
            attempt = _Attempt(ask)
            before = _attempt.set(attempt)
            ask = None
            try:
                return await send()
            except (AskError, TryAgainError, ReadOnlyError) as error:
                if pause_s is None or (isinstance(error, AskError) and error.slot_id != self.slot):
                    raise  # keys of another workspace than this client's, or no end of it
                ask = self._refused(error, attempt)
            except _DOUBTFUL:
                if attempt.host:
                    self._where.doubt(self.slot, attempt.host)
                raise
            finally:
                _attempt.reset(before)
            await asyncio.sleep(pause_s)
        raise AssertionError("unreachable")

    def _refused(self, error: AskError | TryAgainError | ReadOnlyError, attempt: _Attempt) -> Host | None:
        """Who is to be asked this once; None for the primary, of whom something may have been learnt."""
        if isinstance(error, AskError):
            known = attempt.ask or attempt.host
            there = Host(error.host or (known.name if known else ""), error.port)
            if not isinstance(error, MovedError):
                return there
            self._asked = None
            self._where.moved(self.slot, there)
        elif isinstance(error, ReadOnlyError) and attempt.host:
            self._where.doubt(self.slot, attempt.host)
        return attempt.ask if isinstance(error, TryAgainError) else None


def _is_refused(error: BaseException) -> bool:
    return isinstance(error.__context__, (ConnectionRefusedError, FileNotFoundError))


class Following(Redis):
    """A client of the primary of one slot."""

    connection_pool: _Pool
    #: What is closed with it; nothing where others go on.
    closes: Callable[[], Awaitable[None]] | None = None

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """As in the library, and again where it was refused."""
        send: Callable[..., Awaitable[Any]] = super().execute_command
        return await self.connection_pool.follow(lambda: send(*args, **options))

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        """A transaction, whatever is asked for: all its keys lie in one slot."""
        return _Transaction(self.connection_pool, self.response_callbacks, True, shard_hint)

    async def script_load(self, script: Any) -> Any:
        """Also where commands were sent while the slot is on its way: a script is there unknown, and was not run."""
        for client in self.connection_pool.beside():
            with suppress(RedisError, OSError):  # it may be gone since
                await client.script_load(script)
        return await super().script_load(script)

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """Close what is closed with it."""
        await super().aclose(close_connection_pool)
        if self.closes:
            await self.closes()


class _Transaction(Pipeline):
    connection_pool: _Pool

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        """As in the library, and again where it was refused."""
        commands, execute = list(self.command_stack), super().execute

        async def send() -> list[Any]:
            self.command_stack = list(commands)  # it is empty after each sending
            return await execute(raise_on_error)

        return await self.connection_pool.follow(send)


def following(nodes: Nodes, where: Whereabouts, slot: int, again_s: Iterable[float], options: dict[str, Any]) -> Following:
    """The client of the primary of ``slot``. ``options``: of the client that have no bearing on how it connects."""
    return Following(connection_pool=_Pool(nodes, where, slot, again_s, **options))
