"""The connection to Redis, and its errors in our words.

Commands are never retried by the client: redis-py 8 retries ten times by default, which runs INCR, XADD and RPUSH again after
a lost reply and stalls for seconds when the server is down. Whoever calls knows what is safe to do again.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from redis import exceptions as redis_errors
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from digest.errors import ConfigurationError, StoreError, StoreFull, StoreReadOnly, StoreRefused, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_OLDEST: Final = 7
_REFUSED: Final = ("WRONGPASS", "NOAUTH", "NOPERM", "AUTH ", "invalid username-password", "Authentication required")


def connect(url: str, *, timeout_s: float = 5.0) -> Redis:
    """A client for ``redis://``, ``rediss://`` (TLS, verified) or ``unix://``; answers are bytes.

    Nothing is connected yet. ``timeout_s`` bounds connecting and each answer. Raises ConfigurationError for another scheme.
    """
    try:
        return Redis.from_url(
            url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s, retry=Retry(NoBackoff(), 0), retry_on_error=[],
            decode_responses=False,
        )  # fmt: skip
    except ValueError as error:
        raise ConfigurationError(
            "AINEWS_REDIS_URL is not valid", remedy="Write redis://HOST:PORT/0, rediss:// for TLS, or unix:///PATH."
        ) from error


def redacted(url: str) -> str:
    """``url`` without user name and password, for people and logs."""
    parts = urlsplit(url)
    place = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{place}{port}{parts.path}"


@contextmanager
def store_errors() -> Iterator[None]:
    """Turns what the client raises within into a StoreError that says what to do. No password is in it."""
    try:
        yield
    except (redis_errors.RedisError, OSError) as error:
        raise _ours(error) from error
    except TimeoutError as error:
        raise _unavailable("it did not answer in time") from error


def _ours(error: Exception) -> StoreError:
    text = str(error)
    match error:
        case redis_errors.AuthenticationError() | redis_errors.NoPermissionError():
            return _refused(text)
        case redis_errors.ReadOnlyError():
            return _read_only("it is a replica")
        case redis_errors.OutOfMemoryError():
            return _full()
        case redis_errors.TimeoutError():
            return _unavailable("it did not answer in time")
        case redis_errors.BusyLoadingError():
            return _unavailable("it is still loading its data")
        case redis_errors.ConnectionError() | OSError():
            return _refused(text) if any(r in text for r in _REFUSED) else _unavailable(_cause(error))
    if any(r in text for r in _REFUSED):
        return _refused(text)
    if "OOM " in text:
        return _full()
    if "READONLY" in text:
        return _read_only("it is a replica")
    if "MISCONF" in text:
        return _read_only("it cannot write its disk")
    return StoreError(f"Redis refused a command: {text[:200]}", remedy="Redis or Valkey 7 or newer is needed: ainews doctor tells more.")


def _cause(error: Exception) -> str:
    """Why there is no connection, without the address, which may hold a password."""
    text = str(error).lower()
    for sign, said in (
        ("name or service not known", "its host name is not known"), ("name resolution", "its host name is not known"),
        ("nodename nor servname", "its host name is not known"), ("refused", "nothing listens there"),
        ("certificate", "its certificate is not trusted"), ("ssl", "TLS failed"), ("no such file", "its socket is not there"),
        ("timeout", "it did not answer in time"), ("max clients", "it has no connection left"),
    ):  # fmt: skip
        if sign in text:
            return said
    return "the connection was lost"


def _unavailable(why: str) -> StoreUnavailable:
    return StoreUnavailable(f"Redis cannot be reached: {why}", remedy="See that it runs and that AINEWS_REDIS_URL is right, then try again.")


def _refused(text: str) -> StoreRefused:
    if "NOPERM" in text or "permission" in text.lower():
        command = re.search(r"'([^']+)' command", text)
        return StoreRefused(
            f"Redis does not let this user run {command[1] if command else 'a command that is needed'}",
            remedy="Give the user of AINEWS_REDIS_URL +@all on its keys, ~ainews:*.",
        )
    return StoreRefused("Redis refused the password", remedy="Correct the user and password in AINEWS_REDIS_URL.")


def _full() -> StoreFull:
    return StoreFull(
        "Redis is full and refuses to write; what it acknowledged is kept",
        remedy="Raise its maxmemory, or lower AINEWS_RETENTION_DAYS.",
    )


def _read_only(why: str) -> StoreReadOnly:
    return StoreReadOnly(f"Redis refuses to write: {why}", remedy="Point AINEWS_REDIS_URL at the primary, and see that its disk has room.")


@dataclass(frozen=True, slots=True)
class Warned:
    """One thing about a server that an operator should know, and what to do."""

    text: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a server says of itself. ``summary`` is one line for people."""

    summary: str
    warnings: tuple[Warned, ...]


async def server_facts(client: Redis) -> ServerFacts:
    """Version, memory and persistence of the server, and what of it puts data at risk. Raises StoreError."""
    with store_errors():
        info = await client.info()
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = str(info.get("valkey_version") or info.get("redis_version", "?"))
    used, most = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    aof, policy = bool(int(info.get("aof_enabled", 0))), str(info.get("maxmemory_policy", "noeviction"))
    warnings: list[Warned] = []
    if int(str(info.get("redis_version", "0")).split(".")[0]) < _OLDEST:
        warnings.append(Warned(f"{name} {version} is older than 7", "Use Redis or Valkey 7 or newer."))
    if most and policy != "noeviction":
        warnings.append(Warned(f"it may evict articles ({policy})", "Set maxmemory-policy noeviction."))
    if not aof:
        warnings.append(Warned("it keeps no append-only file: a crash loses what was acknowledged", "Set appendonly yes."))
    if info.get("role") not in ("master", None):
        warnings.append(Warned("it is a replica", "Point AINEWS_REDIS_URL at the primary."))
    limit = f" of {most / 1e6:,.0f}" if most else ""
    kept = "append-only file" if aof else "no append-only file"
    return ServerFacts(f"{name} {version}, {used / 1e6:,.1f}{limit} MB used, {kept}", tuple(warnings))
