"""The connection to Redis or Valkey: how it is made, and what is never done again by itself.

The client's retries are off: redis-py 8 retries ten times by default, which runs INCR, XADD and RPUSH again after a
lost reply, and stalls for seconds when the server is down. Only opening a connection that was refused is tried again,
for then nothing was sent. Whoever calls knows what else is safe to do again. Errors in our words are in ``failures``,
what the URL says in ``address``, a cluster in ``cluster``, and sentinels in ``sentinel``: what ``open_server`` gives is the
same for all of them.
"""

from __future__ import annotations

import asyncio
import socket
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Protocol

from redis.asyncio import Connection, ConnectionPool, Redis, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NotConnected
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig

from digest.stores.address import Address, Host, not_valid, parse, redacted
from digest.stores.cluster import Cluster
from digest.stores.failures import store_errors
from digest.stores.following import Following, Nodes
from digest.stores.sentinel import Sentinel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Server", "connect", "open_server", "redacted", "store_errors"]

#: When to try again to open a connection that was refused, in seconds after the first attempt. A server that restarts
#: with little data is back in 0.1 to 0.2 s. Never past the time a call may take.
_AGAIN_S: Final = (0.05, 0.15, 0.4, 1.0)
#: A peer that vanished is noticed on an idle connection after 60 + 3 * 10 s.
_KEEPALIVE: Final = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))


class Server(Protocol):
    """The server, or the servers, behind one URL. Nothing is connected before it is used."""

    def client(self, workspace: str) -> Redis:
        """The client for all keys of ``workspace`` (``keys.Keys.workspace``), and for no others. The server closes it."""

    async def primaries(self) -> list[tuple[str, Redis]]:
        """Every server that is written to, with what to call it where there are several. Raises what a client does."""

    async def shape(self) -> tuple[str, list[tuple[str, str]]]:
        """What there is beside one server, in words; empty where that is all. And what is odd of it, each with what to do. Raises what
        a client does."""

    async def aclose(self) -> None:
        """Close every connection."""


class _Lossless(AbstractConnection):
    """Loses no cancellation."""

    async def send_packed_command(self, command: bytes | str | Iterable[bytes], check_health: bool = True) -> None:
        """The client writes within ``asyncio.wait_for``, which up to Python 3.11 drops a cancellation that comes as the write ends: what
        was told to stop would go on (https://github.com/python/cpython/issues/86296)."""
        task = asyncio.current_task()
        before = task.cancelling() if task else 0
        await super().send_packed_command(command, check_health)
        if task is not None and task.cancelling() > before:
            await self.disconnect(nowait=True)
            raise asyncio.CancelledError


class _Opened(_Lossless):
    """Opens again what was refused, within the time that connecting may take."""

    async def connect(self) -> None:
        for pause_s in _pauses(self.socket_connect_timeout or 0.0):
            try:
                await super().connect()  # type: ignore[no-untyped-call]
            except NotConnected as error:
                if not isinstance(error.__context__, (ConnectionRefusedError, FileNotFoundError)):
                    raise
                await asyncio.sleep(pause_s)
            else:
                return
        await super().connect()  # type: ignore[no-untyped-call]


class _Primary(_Lossless):
    """Is not used where the server says that it is a replica."""

    async def on_connect_check_health(self, check_health: bool = True) -> None:
        await super().on_connect_check_health(check_health)
        await self.send_command("HELLO", check_health=False)
        said: dict[bytes, Any] = await self.read_response()
        if said.get(b"role") != b"master":
            raise NotConnected("it is a replica")


class _Tcp(_Opened, Connection):
    pass


class _Tls(_Opened, SSLConnection):
    pass


class _Unix(_Opened, UnixDomainSocketConnection):
    pass


class _NodeTcp(_Lossless, Connection):
    pass


class _NodeTls(_Lossless, SSLConnection):
    pass


class _PrimaryTcp(_Primary, Connection):
    pass


class _PrimaryTls(_Primary, SSLConnection):
    pass


def _pauses(within_s: float) -> Iterator[float]:
    """The seconds to wait between attempts, so that the last begins before ``within_s`` is over."""
    return (later - earlier for earlier, later in pairwise((0.0, *_AGAIN_S)) if later < within_s)


def connect(url: str, *, timeout_s: float = 5.0, workspace: str = "") -> Redis:
    """A client for what ``workspace`` keeps there, which need not be told but of a cluster; answers are bytes, in RESP3. Closing it
    closes all. See ``open_server``.
    """
    server = open_server(url, timeout_s=timeout_s)
    client = server.client(workspace)
    if isinstance(client, Following):
        client.closes = server.aclose
    return client


def open_server(url: str, *, timeout_s: float = 5.0) -> Server:
    """What ``url`` names: see ``address``.

    Nothing is connected yet. ``timeout_s`` bounds opening a connection, each answer, and finding out who is the primary. Raises
    ConfigurationError for a URL that is none, or carries an option that is not ours to leave to it; the URL is not repeated in it.
    """
    there = parse(url)
    pools = _Pools(there, timeout_s)
    try:
        # Finds what is wrong with an option before the first call does; it connects nothing.
        pools.probe()
    except (ValueError, TypeError, RedisError):
        raise not_valid("one of its options is wrong") from None
    if there.kind == "server":
        return _Single(Redis.from_pool(pools.single()))
    again_s = tuple(_pauses(timeout_s))
    if there.kind == "cluster":
        return Cluster(Nodes(pools.node), there.hosts, again_s, timeout_s, pools.client)
    return Sentinel(Nodes(pools.sentinel), Nodes(pools.primary), there.hosts, there.primary, again_s, timeout_s, pools.client)


class _Single:
    """Implements ``Server``: one that serves all."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    def client(self, workspace: str) -> Redis:
        return self._client

    async def primaries(self) -> list[tuple[str, Redis]]:
        return [("", self._client)]

    async def shape(self) -> tuple[str, list[tuple[str, str]]]:
        return "", []

    async def aclose(self) -> None:
        await self._client.aclose()


class _Pools:
    """Makes pools of connections to what an address names."""

    def __init__(self, there: Address, timeout_s: float) -> None:
        self._there = there
        # A handshake that only Redis' own cloud answers; every other server is asked in vain.
        quiet = MaintNotificationsConfig(enabled=False)
        self.client: dict[str, Any] = {"protocol": 3, "decode_responses": False, "maint_notifications_config": quiet}
        self._waiting: dict[str, Any] = {
            "socket_timeout": timeout_s, "socket_connect_timeout": timeout_s, "retry": Retry(NoBackoff(), 0), "retry_on_error": [],
        }  # fmt: skip
        self._of_servers: dict[str, Any] = {"db": there.db, **_who(there.username, there.password), **there.options}

    def single(self) -> ConnectionPool:
        if self._there.path:
            # It takes no options of a network's, the quieted handshake among them.
            return ConnectionPool(
                connection_class=_Unix,
                path=self._there.path,
                protocol=3,
                decode_responses=False,
                **self._waiting,
                **self._of_servers,
            )
        return self._made(self._there.hosts[0], _Tls if self._there.tls else _Tcp, self._of_servers)

    def node(self, host: Host) -> ConnectionPool:
        return self._made(host, _NodeTls if self._there.tls else _NodeTcp, self._of_servers)

    def primary(self, host: Host) -> ConnectionPool:
        return self._made(host, _PrimaryTls if self._there.tls else _PrimaryTcp, self._of_servers)

    def sentinel(self, host: Host) -> ConnectionPool:
        """A sentinel has users of its own, and no databases."""
        who = _who(self._there.sentinel_username, self._there.sentinel_password)
        return self._made(host, _NodeTls if self._there.tls else _NodeTcp, {**who, **self._there.options})

    def probe(self) -> None:
        (self.single() if self._there.kind == "server" else self.node(self._there.hosts[0])).make_connection()  # type: ignore[no-untyped-call]

    def _made(self, host: Host, kind: type[AbstractConnection], options: dict[str, Any]) -> ConnectionPool:
        return ConnectionPool(
            connection_class=kind, host=host.name, port=host.port, **_over_tcp(), **self.client, **self._waiting, **options
        )


def _who(username: str, password: str) -> dict[str, str]:
    return {name: said for name, said in (("username", username), ("password", password)) if said}


def _over_tcp() -> dict[str, Any]:
    options = {getattr(socket, name): value for name, value in _KEEPALIVE if hasattr(socket, name)}
    return {"socket_keepalive": True, "socket_keepalive_options": options}
