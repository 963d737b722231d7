"""A cluster: which node holds which slot, and a client for each workspace, all of whose keys lie in one.

The library's own client for clusters is not used. It sends a command again up to ten times after a lost reply, runs each command
that is put into a transaction in a thread with an event loop of its own, refuses RENAME in pipelines, says ASKING on one
connection and the command on another, and at every fifth MOVED closes all connections, those in use included (redis-py 8.1).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from redis.crc import key_slot
from redis.exceptions import RedisError, ResponseError

from digest.stores.address import Host
from digest.stores.failures import no_cluster
from digest.stores.following import Following, Nodes, following
from digest.stores.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from redis.asyncio import Redis

SLOTS: Final = 16_384


@dataclass(frozen=True, slots=True)
class Range:
    """Slots ``first`` to ``last`` of one primary, with its replicas."""

    first: int
    last: int
    primary: Host
    replicas: tuple[Host, ...]


class _Slots:
    """Implements ``following.Whereabouts``. ``seeds``: nodes that are there to begin with. It takes at most ``timeout_s`` to find out."""

    def __init__(self, nodes: Nodes, seeds: Sequence[Host], timeout_s: float) -> None:
        self._nodes = nodes
        self._seeds = seeds
        self._timeout_s = timeout_s
        self._ranges: tuple[Range, ...] = ()
        self._moved: dict[int, Host] = {}
        self._doubted: Host | None = None
        self._lock = asyncio.Lock()

    async def primary(self, slot: int) -> Host:
        ranges = await self.ranges()
        if slot in self._moved:
            return self._moved[slot]
        found = next((r.primary for r in ranges if r.first <= slot <= r.last), None)
        if found is None:
            self._ranges = ()
            raise no_cluster(f"no node of the cluster holds slot {slot}")
        return found

    def doubt(self, slot: int, host: Host) -> None:
        known = self._moved.get(slot) or next((r.primary for r in self._ranges if r.first <= slot <= r.last), None)
        if known == host:
            self._doubted = host

    def moved(self, slot: int, host: Host) -> None:
        self._moved[slot] = host

    async def ranges(self) -> tuple[Range, ...]:
        """What every node holds, as a node tells it that answers."""
        if self._doubted or not self._ranges:
            async with self._lock:
                if self._doubted or not self._ranges:
                    await self._learn()
        return self._ranges

    async def _learn(self) -> None:
        known = [h for r in self._ranges for h in (r.primary, *r.replicas)]
        doubted, failed = self._doubted, list[RedisError | OSError]()
        hosts = sorted(dict.fromkeys((*known, *self._seeds)), key=lambda h: h == doubted)
        for host in hosts:
            client: Any = self._nodes.client(host)
            try:
                async with asyncio.timeout(self._timeout_s / len(hosts)):  # one that hangs keeps nobody from the others
                    told = await client.execute_command("CLUSTER", "SLOTS")
            except (RedisError, OSError) as error:
                failed.append(error)
                continue
            self._ranges, self._moved, self._doubted = tuple(_ranges(told, host)), {}, None
            await self._nodes.keep({h for r in self._ranges for h in (r.primary, *r.replicas)})
            return
        if any(isinstance(error, ResponseError) and "cluster support disabled" in str(error) for error in failed):
            raise no_cluster("what answers there is no cluster", "Write redis:// for redis+cluster:// in AINEWS_REDIS_URL.")
        raise failed[-1]


def _ranges(told: Iterable[Any], asked: Host) -> Iterable[Range]:
    """From the reply to CLUSTER SLOTS: a node that does not know its own name is the one that was asked."""
    for first, last, *nodes in told:
        hosts = [Host(_text(name) or asked.name, int(port)) for name, port, *_ in nodes]
        yield Range(int(first), int(last), hosts[0], tuple(hosts[1:]))


def _text(name: bytes | None) -> str:
    said = (name or b"").decode()
    return "" if said == "?" else said


class Cluster:
    """Implements ``connection.Server``."""

    def __init__(
        self, nodes: Nodes, seeds: Sequence[Host], again_s: Sequence[float], timeout_s: float, options: dict[str, Any]
    ) -> None:
        self._nodes = nodes
        self._slots = _Slots(nodes, seeds, timeout_s)
        self._again_s = again_s
        self._options = options
        self._clients: dict[int, Following] = {}

    def client(self, workspace: str) -> Redis:
        """See ``connection.Server``."""
        slot = key_slot(Keys(workspace).prefix.encode())
        if slot not in self._clients:
            self._clients[slot] = following(self._nodes, self._slots, slot, self._again_s, self._options)
        return self._clients[slot]

    async def primaries(self) -> list[tuple[str, Redis]]:
        """See ``connection.Server``."""
        hosts = dict.fromkeys(r.primary for r in await self._slots.ranges())
        return [(str(host), self._nodes.client(host)) for host in hosts]

    async def shape(self) -> tuple[str, list[tuple[str, str]]]:
        """See ``connection.Server``."""
        ranges = await self._slots.ranges()
        primaries = dict.fromkeys(r.primary for r in ranges)
        replicas = {h for r in ranges for h in r.replicas}
        missing = SLOTS - sum(r.last - r.first + 1 for r in ranges)
        alone = sorted({str(r.primary) for r in ranges if not r.replicas})
        odd = []
        if missing:
            odd.append(
                (
                    f"{missing:,} slots of the cluster are held by no node",
                    "See to its nodes: cluster nodes tells which is away.",
                )
            )
        if alone:
            odd.append(
                (f"without a replica: {', '.join(alone)}", "Give each primary a replica, or its workspaces are away with it.")
            )
        nodes = f"{_counted(len(primaries), 'primary', 'primaries')} and {_counted(len(replicas), 'replica', 'replicas')}"
        return f"cluster of {nodes}, {SLOTS - missing:,} slots served", odd

    async def aclose(self) -> None:
        """See ``connection.Server``."""
        await self._nodes.aclose()


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
