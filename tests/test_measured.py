"""What a process shows of itself at its port: counted by real requests, with a real store that hangs and goes away."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.measured import Health, measured
from digest import measures
from digest.context import work
from digest.errors import ConfigurationError
from digest.factory import Parts, open_parts
from digest.settings import Settings
from digest.stores.keys import Keys
from tests.stores.servers import Server, free_port


@asynccontextmanager
async def shown(url: str, folder: Path, workspace: str = "local") -> AsyncIterator[tuple[Health, Parts, str]]:
    port = free_port()
    loaded = Settings.load(redis_url=url, data_dir=folder, metrics_port=port, workspace=workspace, redis_timeout_s=3.0)
    async with open_parts(loaded) as parts, measured(parts, loaded) as health:
        yield health, parts, f"http://127.0.0.1:{port}"


async def got(url: str, **headers: str) -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, answer.headers["Content-Type"], await answer.text()


async def said(url: str) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.json()


async def test_what_was_counted_and_what_the_store_says_come_at_one_address(
    valkey_url: str, keys: Keys, tmp_path: Path
) -> None:
    async with shown(valkey_url, tmp_path, keys.workspace) as (_, _, url):
        with work(keys.workspace, "test"):
            measures.alerted("blocked")
            measures.answered("offline", 0.2, abstained=True)
        status, kind, text = await got(f"{url}/metrics")
        assert status == 200
        assert kind.startswith("text/plain")
        samples = {(s.name, s.labels.get("kind", "")): s for f in text_string_to_metric_families(text) for s in f.samples
                   if s.labels.get("workspace") == keys.workspace}  # fmt: skip
        assert samples["ainews_alerts_total", "blocked"].value == 1
        assert samples["ainews_alerts_total", "expired"].value == 0, "what has not happened yet is told as 0"
        assert samples["ainews_store_up", ""].value == 1
        assert samples["ainews_abstentions_total", ""].labels["by"] == "offline"
        assert "process_resident_memory_bytes" in text
        status, kind, text = await got(f"{url}/metrics", Accept="application/openmetrics-text; version=1.0.0")
        assert kind.startswith("application/openmetrics-text")
        assert text.endswith("# EOF\n")
        assert text.count("# EOF") == 1


async def test_a_process_is_ready_when_all_that_it_needs_is_there(valkey_url: str, tmp_path: Path) -> None:
    async with shown(valkey_url, tmp_path) as (health, _, url):
        wrong = ["it is not connected yet"]
        health.needs("slack", lambda: wrong[0])
        status, body = await said(f"{url}/readyz")
        assert (status, body["status"], body["reasons"]) == (503, "not ready", {"slack": "it is not connected yet"})
        wrong[0] = ""
        status, body = await said(f"{url}/readyz")
        assert (status, body["status"], body["reasons"]) == (200, "ready", {})
        health.stop()
        assert (await said(f"{url}/readyz"))[1]["reasons"] == {"process": "it is stopping"}
        assert (await said(f"{url}/healthz"))[0] == 200


async def test_a_task_that_ended_makes_a_process_unhealthy(valkey_url: str, tmp_path: Path) -> None:
    async def fails() -> None:
        raise RuntimeError("a secret")

    async with shown(valkey_url, tmp_path) as (health, _, url):
        task = asyncio.create_task(fails())
        health.goes_on("publishing", task)
        await asyncio.wait([task])
        status, body = await said(f"{url}/healthz")
        assert (status, body["reasons"]) == (503, {"publishing": "it failed (RuntimeError)"})
        assert (await said(f"{url}/readyz"))[0] == 503


async def test_a_store_that_hangs_or_is_gone_is_said_in_bounded_time_and_counters_stay(short_dir: Path) -> None:
    server = Server(short_dir)
    try:
        async with shown(server.start(), short_dir) as (_, _, url):
            assert (await said(f"{url}/readyz"))[0] == 200
            server.processes[-1].send_signal(signal.SIGSTOP)
            began = time.monotonic()
            status, body = await said(f"{url}/readyz")
            assert (status, body["reasons"]) == (503, {"store": "it did not answer within 1 s"})
            assert time.monotonic() - began < 2.5
            assert (await said(f"{url}/healthz"))[0] == 200, "starting again would not help"
            _, _, text = await got(f"{url}/metrics")
            assert 'ainews_store_up{workspace="local"} 0.0' in text
            assert "ainews_alerts_total" in text
            assert "ainews_articles" not in text
            server.kill()
            status, body = await said(f"{url}/readyz")
            assert (status, [*body["reasons"]]) == (503, ["store"])
    finally:
        server.stop()


async def test_a_port_that_is_taken_and_an_address_of_another_machine_are_said(valkey_url: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for given in ({"metrics_port": taken.getsockname()[1]}, {"metrics_port": 0, "metrics_host": "203.0.113.1"}):
            loaded = Settings.load(redis_url=valkey_url, data_dir=tmp_path, **given)
            async with open_parts(loaded) as parts:
                with pytest.raises(ConfigurationError, match="cannot be listened on") as error:
                    async with measured(parts, loaded):
                        pass
                assert "AINEWS_METRICS_PORT" in error.value.remedy


async def test_without_a_port_nothing_is_listened_on(valkey_url: str, tmp_path: Path) -> None:
    loaded = Settings.load(redis_url=valkey_url, data_dir=tmp_path)
    async with open_parts(loaded) as parts, measured(parts, loaded) as health:
        health.needs("slack", lambda: "")
        assert not health.stopping


async def test_a_loop_that_hangs_does_not_answer(valkey_url: str, short_dir: Path) -> None:
    port = free_port()
    code = f"""
import asyncio, time
from pathlib import Path
from bot.measured import measured
from digest.factory import open_parts
from digest.settings import Settings
async def main():
    loaded = Settings.load(redis_url={valkey_url!r}, data_dir=Path({str(short_dir)!r}), metrics_port={port})
    async with open_parts(loaded) as parts, measured(parts, loaded):
        print("up", flush=True)
        await asyncio.to_thread(input)
        time.sleep(30)
asyncio.run(main())
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]
    )
    try:
        assert process.stdin
        assert process.stdout
        assert b"up\n" in iter(process.stdout.readline, b"")
        assert (await said(f"http://127.0.0.1:{port}/healthz"))[0] == 200
        process.stdin.write(b"hang\n")
        process.stdin.flush()
        await asyncio.sleep(0.3)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.0):
                await said(f"http://127.0.0.1:{port}/healthz")
    finally:
        process.kill()
        process.communicate()


def test_no_label_is_without_bound() -> None:
    allowed = {"workspace", "task", "outcome", "kind", "by", "stage", "state", "purpose", "model"}
    for metric in measures.ALL:
        assert set(metric._labelnames) <= allowed, metric._name


async def test_work_that_begins_within_work_is_counted_for_its_own_workspace() -> None:
    before = measures.ALERTS.labels("inner-test", "expired")._value.get()
    with work("outer-test", "a"), work("inner-test", "b"):
        await asyncio.to_thread(measures.alerted, "expired")
    assert measures.ALERTS.labels("inner-test", "expired")._value.get() == before + 1
