"""The connection to Redis or Valkey: how it is made, what is never done again by itself, and what a server says of
itself.

The client's retries are off: redis-py 8 retries ten times by default, which runs INCR, XADD and RPUSH again after a
lost reply, and stalls for seconds when the server is down. Only opening a connection that was refused is tried again,
for then nothing was sent. Whoever calls knows what else is safe to do again. Errors in our words are in ``failures``.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, parse_qs, urlsplit

from redis.asyncio import Connection, ConnectionPool, Redis, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.connection import AbstractConnection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NotConnected
from redis.exceptions import RedisError, ResponseError
from redis.maint_notifications import MaintNotificationsConfig

from digest.errors import ConfigurationError
from digest.stores.failures import store_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ServerFacts", "Warned", "connect", "redacted", "server_facts", "store_errors"]

_OLDEST: Final = 7
#: Share of maxmemory from which an operator is told: there is time to act, at most installations days.
_NEARLY_FULL: Final = 0.9
#: Options that a URL may carry. The others are decided here: a URL with ``decode_responses`` would break every reader.
_OPTIONS: Final = frozenset(
    {"db", "username", "password", "client_name", "ssl_cert_reqs", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile",
     "ssl_check_hostname", "ssl_ca_path"}
)  # fmt: skip
#: What may stand behind the port.
_DATABASE: Final = re.compile(r"/?\d*/?")
_NO_NUMBER: Final = "its port or its database is no number"
#: Those that name a file or folder, which has to be there before anything is connected.
_FILES: Final = ("ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile")
#: When to try again to open a connection that was refused, in seconds after the first attempt. A server that restarts
#: with little data is back in 0.1 to 0.2 s. Never past the time a call may take.
_AGAIN_S: Final = (0.05, 0.15, 0.4, 1.0)
#: A peer that vanished is noticed on an idle connection after 60 + 3 * 10 s.
_KEEPALIVE: Final = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))


class _Opened(AbstractConnection):
    """Opens again what was refused, within the time that connecting may take; and loses no cancellation."""

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

    async def send_packed_command(self, command: bytes | str | Iterable[bytes], check_health: bool = True) -> None:
        """The client writes within ``asyncio.wait_for``, which up to Python 3.11 drops a cancellation that comes as the write ends: what
        was told to stop would go on (https://github.com/python/cpython/issues/86296)."""
        task = asyncio.current_task()
        before = task.cancelling() if task else 0
        await super().send_packed_command(command, check_health)
        if task is not None and task.cancelling() > before:
            await self.disconnect(nowait=True)
            raise asyncio.CancelledError


class _Tcp(_Opened, Connection):
    pass


class _Tls(_Opened, SSLConnection):
    pass


class _Unix(_Opened, UnixDomainSocketConnection):
    pass


_KINDS: Final[dict[str, type[AbstractConnection]]] = {"redis": _Tcp, "rediss": _Tls, "unix": _Unix}


def _pauses(within_s: float) -> Iterator[float]:
    """The seconds to wait between attempts, so that the last begins before ``within_s`` is over."""
    return (later - earlier for earlier, later in pairwise((0.0, *_AGAIN_S)) if later < within_s)


def connect(url: str, *, timeout_s: float = 5.0) -> Redis:
    """A client for ``redis://``, ``rediss://`` (TLS, verified) or ``unix://``; answers are bytes, in RESP3.

    Nothing is connected yet. ``timeout_s`` bounds opening a connection and each answer. Raises ConfigurationError for a
    URL that is none of these, or carries an option that is not ours to leave to it; the URL is not repeated in it.
    """
    kind = _KINDS.get(url.partition("://")[0].lower())
    if kind is None:
        raise _not_valid("it begins with none of redis://, rediss:// and unix://")
    try:
        _check(urlsplit(url), kind)
        options: dict[str, Any] = {**parse_url(url), "connection_class": kind}
        pool = ConnectionPool(
            **options, **({} if kind is _Unix else _over_tcp()), protocol=3, decode_responses=False,
            socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=Retry(NoBackoff(), 0), retry_on_error=[],
        )  # fmt: skip
        # Finds what is wrong with an option before the first call does; it connects nothing.
        pool.make_connection()  # type: ignore[no-untyped-call]
    except (ValueError, TypeError, RedisError) as error:
        # What the parser says may quote part of the password, so neither its words nor itself are passed on.
        told = _NO_NUMBER if isinstance(error, ValueError) else "one of its options is wrong"
        raise _not_valid(told) from None
    return Redis.from_pool(pool)


def _check(parts: SplitResult, kind: type[AbstractConnection]) -> None:
    """What the parser would pass over: another option, a file that is not there, a database that is no number. Raises
    ConfigurationError.
    """
    if _is_torn(parts):
        raise _not_valid("a character of its password or of a path in it stands as it is")
    if kind is not _Unix and not _DATABASE.fullmatch(parts.path):
        raise _not_valid(_NO_NUMBER)
    options = parse_qs(parts.query, keep_blank_values=True)
    if unknown := sorted(options.keys() - _OPTIONS):
        raise _not_valid(f"it may not carry {', '.join(unknown)}")
    for name in _FILES:
        if name in options and not os.access(options[name][0], os.R_OK):
            raise _not_valid(f"{name} names a file that cannot be read")


def _is_torn(parts: SplitResult) -> bool:
    """Whether a ``/``, ``?`` or ``#`` in a password ended the host too early: the rest of it stands where others look."""
    in_path = "@" in parts.path and (parts.scheme != "unix" or bool(parts.netloc and "@" not in parts.netloc))
    return in_path or bool(parts.fragment) or "@" in parts.query


def _over_tcp() -> dict[str, Any]:
    options = {getattr(socket, name): value for name, value in _KEEPALIVE if hasattr(socket, name)}
    # A handshake that only Redis' own cloud answers; every other server is asked in vain.
    quiet = MaintNotificationsConfig(enabled=False)
    return {"socket_keepalive": True, "socket_keepalive_options": options, "maint_notifications_config": quiet}


def _not_valid(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"AINEWS_REDIS_URL is not valid: {why}",
        remedy="Write redis://HOST:PORT/0, rediss:// for TLS, or unix:///PATH; in a password, write / @ : % ? # as "
        "%2F %40 %3A %25 %3F %23.",
    )


def redacted(url: str) -> str:
    """``url`` without user name, password and options, for people and logs."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "a URL that is not valid"
    if parts.scheme not in _KINDS or _is_torn(parts):
        return "a URL that is not valid"
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{parts.path}"


@dataclass(frozen=True, slots=True)
class Warned:
    """One thing about a server that an operator should know, and what to do."""

    text: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a server says of itself. Memory is in bytes; ``max_memory`` 0 is no limit. ``summary`` is one line for
    people.
    """

    name: str
    version: str
    role: str
    used_memory: int
    max_memory: int
    policy: str
    append_only: bool
    snapshots: bool
    writes: bool
    warnings: tuple[Warned, ...] = ()

    @property
    def summary(self) -> str:
        """Name, version, memory and persistence."""
        limit = f" of {self.max_memory / 1e6:,.0f}" if self.max_memory else ""
        kept = "append-only file" if self.append_only else "snapshots only" if self.snapshots else "memory only"
        return f"{self.name} {self.version}, {self.used_memory / 1e6:,.1f}{limit} MB used, {kept}"


async def server_facts(client: Redis) -> ServerFacts:
    """Version, memory and persistence of the server, and what of it puts data at risk. Raises StoreError."""
    with store_errors():
        info = await client.info()
        snapshots = await _takes_snapshots(client, info)
    facts = ServerFacts(
        name="Valkey" if "valkey_version" in info else "Redis",
        version=str(info.get("valkey_version") or info.get("redis_version", "?")),
        role=str(info.get("role", "")),
        used_memory=int(info.get("used_memory", 0)),
        max_memory=int(info.get("maxmemory", 0)),
        policy=str(info.get("maxmemory_policy", "noeviction")),
        append_only=bool(info.get("aof_enabled", 0)),
        snapshots=snapshots,
        writes=info.get("aof_last_write_status", "ok") == "ok",
    )
    spoken = int(str(info.get("redis_version", "0")).split(".")[0])
    return replace(facts, warnings=tuple(_warnings(facts, spoken)))


async def _takes_snapshots(client: Redis, info: dict[str, Any]) -> bool:
    """By its configuration, or where a hosted server does not show that, by what it has done."""
    try:
        return bool((await client.config_get("save")).get("save"))
    except ResponseError:
        return int(info.get("rdb_saves", 0)) > 0


def _warnings(facts: ServerFacts, spoken: int) -> Iterator[Warned]:
    """``spoken``: the version of Redis that it is compatible with, which Valkey tells apart from its own."""
    if spoken < _OLDEST:
        yield Warned(f"{facts.name} {facts.version} is older than 7", "Use Redis or Valkey 7 or newer.")
    if facts.role not in ("master", ""):
        yield Warned("it is a replica, which takes no writes", "Point AINEWS_REDIS_URL at the primary.")
    if facts.policy != "noeviction":
        yield Warned(f"when it is full it evicts articles ({facts.policy})", "Set maxmemory-policy noeviction.")
    if not facts.append_only:
        lost = "a crash loses what came after the last snapshot" if facts.snapshots else "a restart loses everything"
        yield Warned(f"it keeps no append-only file: {lost}", "Set appendonly yes.")
    elif not facts.writes:
        yield Warned("it could not write its append-only file", "Give its disk room.")
    if facts.max_memory and facts.used_memory > _NEARLY_FULL * facts.max_memory:
        yield Warned(
            f"{facts.used_memory / facts.max_memory:.0%} of its memory is used",
            "Raise maxmemory, or lower AINEWS_RETENTION_DAYS.",
        )
