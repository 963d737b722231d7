"""Clusters and sentinels of real servers on this machine, made without a command line client."""

from __future__ import annotations

import itertools
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any, Final

import redis

from digest.stores.places import server_binary
from tests.stores.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SLOTS: Final = 16_384
#: After so long without an answer a node counts as away, and its replica takes over.
_AWAY_MS: Final = 1_000


def until(met: Callable[[], Any], what: str) -> None:
    """Wait for what other processes do, at most a minute."""
    for _ in range(3_000):
        try:
            if met():
                return
        except redis.RedisError:
            pass
        time.sleep(0.02)
    raise AssertionError(f"not within a minute: {what}")


class Process:
    """A server at a port of its own. ``options``: as on its command line; ``password``: what it asks for."""

    def __init__(self, folder: Path, *options: str, config: str = "", password: str = "") -> None:
        folder.mkdir(parents=True)
        self.folder, self.port, self.options, self.password = folder, free_port(), options, password
        self.config = folder / "config"
        self.config.write_text(f"{config}\n", encoding="utf-8")
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                str(server_binary()), str(self.config), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder),
                "--save", "", "--logfile", str(self.folder / "log"), *self.options,
            ],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        until(lambda: self.call("PING"), "a server started")

    def call(self, *command: Any) -> Any:
        """The answer, as the server gives it."""
        secret = self.password or None
        with redis.Redis(port=self.port, password=secret, socket_timeout=5, decode_responses=True, protocol=3) as client:
            client.response_callbacks.clear()
            return client.execute_command(*command)

    def hang(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Cluster:
    """``primaries`` nodes that share the slots evenly, each with ``replicas`` replicas; all agree on it once this is made."""

    def __init__(self, folder: Path, *options: str, primaries: int = 3, replicas: int = 0) -> None:
        self.nodes = [self._node(folder / str(n), *options) for n in range(primaries * (1 + replicas))]
        bounds = [n * SLOTS // primaries for n in range(primaries + 1)]
        for number, (node, (first, end)) in enumerate(zip(self.nodes, itertools.pairwise(bounds), strict=False), 1):
            node.call("CLUSTER", "ADDSLOTSRANGE", first, end - 1)
            node.call("CLUSTER", "SET-CONFIG-EPOCH", number)
        for node in self.nodes[1:]:
            self.nodes[0].call("CLUSTER", "MEET", "127.0.0.1", node.port, self.bus(node))
        for number, node in enumerate(self.nodes[primaries:]):
            its = self.nodes[number % primaries].call("CLUSTER", "MYID")
            until(lambda node=node, its=its: node.call("CLUSTER", "REPLICATE", its) == "OK", "a replica knows its primary")
        until(lambda: all("cluster_state:ok" in str(n.call("CLUSTER", "INFO")) for n in self.nodes), "a cluster is ok")
        until(lambda: {len(self.slots(n)) for n in self.nodes} == {primaries}, "all know of all slots")
        until(lambda: all(len(s) == 3 + replicas for n in self.nodes for s in self.slots(n)), "all know of all replicas")

    @staticmethod
    def bus(node: Process) -> int:
        return int(node.options[node.options.index("--cluster-port") + 1])

    @staticmethod
    def slots(node: Process) -> list[Any]:
        return list(node.call("CLUSTER", "SLOTS"))

    @staticmethod
    def _node(folder: Path, *options: str) -> Process:
        return Process(
            folder, "--cluster-enabled", "yes", "--cluster-port", str(free_port()), "--cluster-node-timeout", str(_AWAY_MS),
            "--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0", *options,
        )  # fmt: skip

    @property
    def url(self) -> str:
        return f"redis+cluster://{','.join(f'127.0.0.1:{n.port}' for n in self.nodes)}/"

    def holder(self, slot: int) -> Process:
        """The node that holds ``slot``, as the first that runs tells."""
        asked = next(n for n in self.nodes if n.process.poll() is None)
        port = next(s[2][1] for s in self.slots(asked) if s[0] <= slot <= s[1])
        return next(n for n in self.nodes if n.port == port)

    def stop(self) -> None:
        for node in self.nodes:
            node.kill()


class Watched:
    """A primary named ``news``, a replica of it, and three sentinels that watch them, with a password of their own where one is given."""

    def __init__(self, folder: Path, *, password: str = "", of_sentinels: str = "") -> None:
        self.password = password
        secured = ("--requirepass", password, "--masterauth", password) if password else ()
        shared = ("--repl-diskless-sync-delay", "0", *secured)
        self.primary = Process(folder / "a", *shared, password=password)
        self.replica = Process(folder / "b", "--replicaof", f"127.0.0.1 {self.primary.port}", *shared, password=password)
        until(lambda: "master_link_status:up" in str(self.replica.call("INFO", "replication")), "a replica is in step")
        config = "\n".join([
            f"sentinel monitor news 127.0.0.1 {self.primary.port} 2",
            f"sentinel down-after-milliseconds news {_AWAY_MS}", "sentinel failover-timeout news 2000",
            *([f"sentinel auth-pass news {password}"] if password else []),
            *([f"requirepass {of_sentinels}", f"sentinel sentinel-pass {of_sentinels}"] if of_sentinels else []),
        ])  # fmt: skip
        self.sentinels = [Process(folder / f"s{n}", "--sentinel", password=of_sentinels, config=config) for n in range(3)]
        for sentinel in self.sentinels:  # they look every ten seconds else
            sentinel.call("SENTINEL", "DEBUG", "INFO-PERIOD", 300, "PING-PERIOD", 200)
        until(lambda: all(self._sees_all(s) for s in self.sentinels), "the sentinels know each other and the replica")

    @staticmethod
    def _sees_all(sentinel: Process) -> bool:
        others = sentinel.call("SENTINEL", "SENTINELS", "news")
        replicas = sentinel.call("SENTINEL", "REPLICAS", "news")
        return len(others) == 2 and len(replicas) == 1 and "ok" in str(replicas)

    @property
    def hosts(self) -> str:
        return ",".join(f"127.0.0.1:{s.port}" for s in self.sentinels)

    @property
    def url(self) -> str:
        who = f":{self.password}@" if self.password else ""
        return f"redis+sentinel://{who}{self.hosts}/news/0"

    def stop(self) -> None:
        for process in (*self.sentinels, self.replica, self.primary):
            process.kill()
