"""A primary that sentinels name: who it is now, and a client that goes after it when they make another one the primary.

The library's own pool for this is not used: it asks every sentinel with ten retries (12 s for three that are away), puts all that it knows of
them into its errors, and reads from a replica that it is sent to. Here a connection on which a server says that it is one is not used.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError, ResponseError

from digest.stores.address import Host
from digest.stores.failures import in_our_words, no_primary
from digest.stores.following import Nodes, following

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis.asyncio import Redis


class _Sentinels:
    """Implements ``following.Whereabouts``, of one primary. It takes at most ``timeout_s`` to find out."""

    def __init__(self, sentinels: Nodes, hosts: Sequence[Host], primary: str, timeout_s: float) -> None:
        self._sentinels = sentinels
        self._hosts = list(hosts)
        self._name = primary
        self._timeout_s = timeout_s
        self._known: Host | None = None
        self._lock = asyncio.Lock()

    async def primary(self, slot: int) -> Host:
        if self._known is None:
            async with self._lock:
                if self._known is None:
                    self._known = await self._ask()
        return self._known

    def doubt(self, slot: int, host: Host) -> None:
        if self._known == host:
            self._known = None

    def moved(self, slot: int, host: Host) -> None:
        """A server that tells so is a node of a cluster: the error is the caller's."""

    async def _ask(self) -> Host:
        """One after another, the one that answered last first, each for its part of the time."""
        told: list[RedisError | OSError] = []
        unknown = False
        for host in tuple(self._hosts):
            try:
                async with asyncio.timeout(self._timeout_s / len(self._hosts)):
                    found = await self._asked(host, "GET-MASTER-ADDR-BY-NAME")
            except (RedisError, OSError) as error:
                told.append(error)
                continue
            if found:
                self._hosts.remove(host)
                self._hosts.insert(0, host)
                return Host(found[0].decode(), int(found[1]))
            unknown = True
        raise _nobody(unknown, told)

    async def _asked(self, host: Host, what: str) -> Any:
        client: Any = self._sentinels.client(host)
        return await client.execute_command("SENTINEL", what, self._name)

    async def others(self) -> tuple[int, int, int]:
        """How many sentinels answer, of how many that are named; and of how many replicas in step the first of them knows."""
        told = list[int]()
        for host in self._hosts:
            try:
                async with asyncio.timeout(self._timeout_s / len(self._hosts)):
                    found = await self._asked(host, "REPLICAS")
            except (RedisError, OSError):
                continue
            told.append(sum(1 for r in found if not _is_down(r)))
        return len(told), len(self._hosts), told[0] if told else 0


def _is_down(replica: Any) -> bool:
    said = dict(zip(replica[::2], replica[1::2], strict=True)) if isinstance(replica, list) else replica
    return b"down" in bytes(said.get(b"flags", b"")) or bytes(said.get(b"master-link-status", b"ok")) != b"ok"


def _nobody(unknown: bool, told: Sequence[RedisError | OSError]) -> Exception:
    if unknown:
        return no_primary("the sentinels know no primary of that name", "Correct the name behind them in AINEWS_REDIS_URL.")
    if any("unknown command" in str(error).lower() for error in told if isinstance(error, ResponseError)):
        return no_primary("what answers there is no sentinel", "Name the sentinels in AINEWS_REDIS_URL, which listen on 26379.")
    meant = in_our_words(told[-1])
    why = str(meant).partition(": ")[2]
    return no_primary(f"no sentinel tells who the primary is: {why}", _of_sentinels(meant.remedy))


def _of_sentinels(remedy: str) -> str:
    """What to do about a server, said of the sentinels."""
    if "PASSWORD" in remedy or "password" in remedy:
        return "Add ?sentinel_password=PASSWORD to AINEWS_REDIS_URL, and sentinel_username where they have users."
    return remedy


class Sentinel:
    """Implements ``connection.Server``. ``sentinels`` and ``nodes``: how to connect to the ones and to the servers."""

    def __init__(
        self, sentinels: Nodes, nodes: Nodes, hosts: Sequence[Host], primary: str, again_s: Sequence[float], timeout_s: float,
        options: dict[str, Any],
    ) -> None:  # fmt: skip
        self._all = (sentinels, nodes)
        self._where = _Sentinels(sentinels, hosts, primary, timeout_s)
        self._name = primary
        self._client = following(nodes, self._where, 0, again_s, options)

    def client(self, workspace: str) -> Redis:
        """See ``connection.Server``."""
        return self._client

    async def primaries(self) -> list[tuple[str, Redis]]:
        """See ``connection.Server``."""
        return [("", self._client)]

    async def shape(self) -> tuple[str, list[tuple[str, str]]]:
        """See ``connection.Server``."""
        primary = await self._where.primary(0)
        answer, named, replicas = await self._where.others()
        odd = []
        if answer < named:
            odd.append(
                (f"{named - answer} of the {named} sentinels do not answer", "See to them, or correct AINEWS_REDIS_URL.")
            )
        if not replicas:
            odd.append((f"no replica of '{self._name}' is in step", "See to its replicas: without one nothing can take over."))
        return (
            f"'{self._name}' is {primary}, as {answer} of {named} sentinels say, with {replicas} replica{'s' * (replicas != 1)}",
            odd,
        )

    async def aclose(self) -> None:
        """See ``connection.Server``."""
        for nodes in self._all:
            await nodes.aclose()
