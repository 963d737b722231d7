"""Whether digests are lost or stand twice, where everything that can go wrong does.

Two publishers, each a process, post digests of three messages to a local Slack in a process of its own, over a Valkey with an append-only
file. Publishers are killed (SIGKILL) at every step in turn and at random, and stopped (SIGSTOP) past their lease; Valkey is killed and
started again, and flushed; of Slack's answers and effects 30 percent are dropped, delayed, cut short, late, doubled, or errors, and
the history lags. Then all that ends, and the channels are looked at. A trial is one digest of one channel. All times are a part of the
real ones (``--scale``), but for the sweeps, which come soon. The naive publisher (look, post, remember) goes through the same.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from rich.console import Console
from rich.table import Table

from benchmarks.publishing_worker import PIECES, Config, days
from bot.local_slack.remote import RemoteSlack
from digest.publishing.publication import EVENT_TYPE
from digest.stores.connection import connect
from digest.stores.places import server_binary

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: What befalls calls, and how often; 30 percent in all.
FAULTS = {
    "drop_before": 0.03, "drop_after": 0.05, "cut": 0.03, "delay": 0.06, "late": 0.03, "double": 0.03, "error_500": 0.02,
    "error_500_after": 0.02, "garbage_after": 0.02, "hang_after": 0.01,
}  # fmt: skip
STEPS = ("prepared", "leased", "checking", "checked", "sending", "posted", "sent", "sweeping", "swept", "unknown")
CHANNELS = ("C0AINEWS01", "G0LEADS001")
#: Looks for doubles, in real seconds.
SWEEPS_S = (3.0, 8.0, 15.0)
QUICK_SWEEPS_S = (2.0, 4.0, 6.0)


@dataclass
class Found:
    """What came of trials. ``stood_after_s``: how long after everything worked again each digest that was not whole by then was."""

    trials: int = 0
    kills: int = 0
    stops: int = 0
    lost: int = 0
    left_doubled: int = 0
    doubled: int = 0
    removed: int = 0
    restarts: int = 0
    flushes: int = 0
    stood_after_s: list[float] = field(default_factory=list)


class Valkey:
    """A server that is killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.url = f"unix://{folder / 's'}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = {"port": "0", "unixsocket": f"{self._folder}/s", "dir": f"{self._folder}", "appendonly": "yes", "save": ""}
        given = [word for name, value in options.items() for word in (f"--{name}", value)]
        self._process = subprocess.Popen([str(server_binary()), *given], stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def flush(self) -> None:
        client = connect(self.url, timeout_s=1.0)
        with suppress(RedisError, OSError):
            await client.flushall()
        await client.aclose()


class Publishers:
    """Two processes, started again whenever one is gone."""

    def __init__(self, config: Config, dice: random.Random, found: Found) -> None:
        self._config, self._dice, self._found = config, dice, found
        self._running: list[subprocess.Popen[bytes] | None] = [None, None]
        self._steps = 0

    def keep_running(self, *, die: bool) -> None:
        for n, process in enumerate(self._running):
            if process is None or process.poll() is not None:
                if process is not None:
                    self._found.kills += process.returncode == -signal.SIGKILL
                self._running[n] = self._started(die=die and not self._config.naive)

    def _started(self, *, die: bool) -> subprocess.Popen[bytes]:
        at = None
        if die and self._dice.random() < 0.8:
            at = (STEPS[self._steps % len(STEPS)], self._dice.randint(1, 6))
            self._steps += 1
        config = json.dumps(asdict(replace(self._config, die_at=at)))
        return subprocess.Popen([sys.executable, "-m", "benchmarks.publishing_worker", config], stderr=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL)  # fmt: skip

    def kill_one(self) -> None:
        process = self._running[self._dice.randrange(2)]
        if process is not None and process.poll() is None:
            process.kill()

    async def stop_one(self, for_s: float) -> None:
        process = self._running[self._dice.randrange(2)]
        if process is None or process.poll() is not None:
            return
        os.kill(process.pid, signal.SIGSTOP)
        self._found.stops += 1
        await asyncio.sleep(for_s)
        os.kill(process.pid, signal.SIGCONT)

    def end(self) -> None:
        for process in self._running:
            if process is not None:
                process.kill()
                process.wait()


def main() -> None:
    """Print a table for people and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round of each")
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--naive-trials", type=int, default=200)
    parser.add_argument("--round", type=int, default=100, help="trials at once")
    parser.add_argument("--chaos", type=float, default=30.0, help="seconds of it in each round")
    parser.add_argument("--scale", type=float, default=30.0, help="how much shorter than real all times are")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.quick:
        given.trials = given.naive_trials = given.round = 20
        given.chaos = 12.0
    ours = asyncio.run(rounds(given, given.trials, naive=False))
    naive = asyncio.run(rounds(given, given.naive_trials, naive=True))
    show(ours, naive, given.scale)


async def rounds(given: argparse.Namespace, trials: int, *, naive: bool) -> Found:
    found, number = Found(), 0
    while found.trials < trials:
        number += 1
        size = min(given.round, trials - found.trials)
        await one_round(found, size, given, seed=given.seed * 1_000 + number, naive=naive)
        mine = "naive" if naive else "ours"
        print(
            f"{mine}: {found.trials} trials, {found.kills} kills, lost {found.lost}, left doubled {found.left_doubled}",
            file=sys.stderr,
        )
    return found


async def one_round(found: Found, size: int, given: argparse.Namespace, *, seed: int, naive: bool) -> None:
    dice, sweeps_s = random.Random(seed), QUICK_SWEEPS_S if given.quick else SWEEPS_S
    async with servers(seed) as (slack, valkey):
        start = time.time() + 2.0
        names = [f"{channel}:{day.isoformat()}" for day in days((size + 1) // 2) for channel in CHANNELS][:size]
        due = {name: start + dice.random() * given.chaos * 0.6 for name in names}
        config = Config(
            valkey.url, "bench", slack.api_url, slack.bot_token, str(slack.about["bot_id"]), given.scale, sweeps_s, due,
            lasts_s=given.chaos + 600.0, naive=naive,
        )  # fmt: skip
        publishers, ever = Publishers(config, dice, found), Counter[str]()
        following = asyncio.create_task(follow(slack, ever))
        try:
            await befall(slack)
            await chaos(publishers, valkey, dice, found, given)
            await slack.clear_faults()
            await slack.call("lag_history", seconds=0.0)
            await settle(publishers, slack, names, found, 2 * sum(sweeps_s))
            counts = await standing(slack)
        finally:
            publishers.end()
            following.cancel()
        count(found, names, counts, ever)


@asynccontextmanager
async def servers(seed: int) -> AsyncIterator[tuple[RemoteSlack, Valkey]]:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        valkey = Valkey(Path(folder))
        valkey.start()
        try:
            async with RemoteSlack.started(seed=seed) as slack:
                yield slack, valkey
        finally:
            valkey.kill()


async def befall(slack: RemoteSlack) -> None:
    """Each rule strikes of what those before it left, so that all together strike as often as ``FAULTS`` says."""
    left = 1.0
    for kind, share in FAULTS.items():
        await slack.add_fault(kind, "*", chance=share / left, seconds=0.6)  # type: ignore[arg-type]
        left -= share
    await slack.call("lag_history", seconds=0.2)


async def chaos(publishers: Publishers, valkey: Valkey, dice: random.Random, found: Found, given: argparse.Namespace) -> None:
    end = time.monotonic() + given.chaos
    kill_at, stop_at = time.monotonic() + 3, time.monotonic() + 4
    outages = [(time.monotonic() + given.chaos * 0.45, "kill"), (time.monotonic() + given.chaos * 0.7, "flush")]
    while time.monotonic() < end:
        publishers.keep_running(die=True)
        now = time.monotonic()
        if now > kill_at:
            publishers.kill_one()
            kill_at = now + dice.uniform(1.0, 4.0)
        if now > stop_at:
            await publishers.stop_one(dice.uniform(1.2, 3.0) * 30.0 / given.scale)
            stop_at = time.monotonic() + dice.uniform(3.0, 6.0)
        if outages and now > outages[0][0]:
            await outage(valkey, outages.pop(0)[1], found)
        await asyncio.sleep(0.05)


async def outage(valkey: Valkey, kind: str, found: Found) -> None:
    if kind == "flush":
        await valkey.flush()
        found.flushes += 1
        return
    valkey.kill()
    await asyncio.sleep(0.5)
    valkey.start()
    found.restarts += 1


async def settle(publishers: Publishers, slack: RemoteSlack, names: list[str], found: Found, within_s: float) -> None:
    """Everything works from now on: let it stand, and let the last sweep go by."""
    began, whole = time.monotonic(), set[str]()
    while time.monotonic() < began + within_s:
        publishers.keep_running(die=False)
        counts = await standing(slack)
        for name in names:
            if name not in whole and all(counts[f"bench:{name}:{n}"] for n in range(PIECES)):
                whole.add(name)
                if time.monotonic() - began > 1.0:
                    found.stood_after_s.append(time.monotonic() - began)
        await asyncio.sleep(1.0)


async def standing(slack: RemoteSlack) -> Counter[str]:
    """How many messages there are of each key."""
    found: Counter[str] = Counter()
    for channel in CHANNELS:
        for message in await slack.messages(channel):
            metadata = message.get("metadata") or {}
            if metadata.get("event_type") == EVENT_TYPE and message.get("subtype") != "tombstone":
                found[str(metadata["event_payload"]["key"])] += 1
    return found


async def follow(slack: RemoteSlack, ever: Counter[str]) -> None:
    """Count every message of each key that there ever was: those that were taken away too."""
    async for change in slack.changes():
        metadata = ((change.get("details") or {}).get("message") or {}).get("metadata") or {}
        if change["kind"] == "message_posted" and metadata.get("event_type") == EVENT_TYPE:
            ever[str(metadata["event_payload"]["key"])] += 1


def count(found: Found, names: list[str], counts: Counter[str], ever: Counter[str]) -> None:
    for name in names:
        keys = [f"bench:{name}:{n}" for n in range(PIECES)]
        found.trials += 1
        found.lost += any(not counts[k] for k in keys)
        found.left_doubled += any(counts[k] > 1 for k in keys)
        found.doubled += any(ever[k] > 1 for k in keys)
        found.removed += sum(ever[k] - counts[k] for k in keys)


def show(ours: Found, naive: Found, scale: float) -> None:
    table = Table(title="Digests of three messages, two publishers")
    for title in (
        "",
        "trials",
        "kills",
        "stops",
        "Valkey killed",
        "flushed",
        "lost",
        "doubled",
        "messages removed",
        "left doubled",
    ):
        table.add_column(title, justify="left" if not title else "right")
    for name, f in (("ainews", ours), ("naive", naive)):
        row = (f.trials, f.kills, f.stops, f.restarts, f.flushes, f.lost, f.doubled, f.removed, f.left_doubled)
        table.add_row(name, *map(str, row))
    Console(width=120).print(table)
    after = sorted(ours.stood_after_s)
    if after:
        print(f"{len(after)} digests stood only after everything worked again: median {statistics.median(after):.1f} s, at most {after[-1]:.1f} s "
              f"(times {scale:g}: {after[-1] * scale / 60:.1f} minutes)")  # fmt: skip
    print(json.dumps({
        "trials": ours.trials, "kills": ours.kills, "stops": ours.stops, "lost": ours.lost, "doubled": ours.doubled,
        "doubled_and_removed": ours.doubled - ours.left_doubled, "left_doubled": ours.left_doubled,
        "stood_after_s": round(after[-1], 2) if after else 0.0, "scale": scale,
        "naive_trials": naive.trials, "naive_lost": naive.lost, "naive_doubled": naive.left_doubled,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
