"""Traces: sent to a real receiver, decoded by OpenTelemetry's own types, with no text of anybody's in them; and what they cost where
they are not asked for."""

from __future__ import annotations

import ast
import asyncio
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest import tracing as traces
from digest.errors import ConfigurationError, SourceError
from digest.settings import Settings
from digest.tracing import ATTRIBUTES, span, tracing
from tests.otlp import Receiver, receiving
from tests.stores.servers import free_port

ROOT = Path(__file__).parents[2]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def sending(url: str, **given: str) -> Settings:
    return Settings.load(otlp_endpoint=url, workspace="traced", **given)


async def test_spans_come_with_their_attributes_under_one_another(receiver: Receiver) -> None:
    async with tracing(sending(receiver.url), "ainews-test"):
        with span("run collect", workspace="traced", task="collect") as outer:
            outer.set(count=3)
            with span("collect read"):
                await asyncio.to_thread(lambda: span("within a thread").__enter__() and None)
            async with asyncio.TaskGroup() as group:
                group.create_task(inner())
    [run], [read], [task] = (receiver.named(n) for n in ("run collect", "collect read", "within a task"))
    assert run.attributes == {"workspace": "traced", "task": "collect", "count": 3}
    assert read.parent == task.parent == run.id
    assert {s.trace for s in receiver.spans} == {run.trace}
    assert run.resource["service.name"] == "ainews-test"
    assert run.resource["service.namespace"] == "traced"
    assert run.resource["service.version"]


async def inner() -> None:
    with span("within a task"):
        await asyncio.sleep(0)


async def test_a_failure_is_told_by_its_kind_and_never_by_its_words(receiver: Receiver) -> None:
    async with tracing(sending(receiver.url), "ainews-test"):
        with pytest.raises(SourceError), span("collect read"):
            raise SourceError("the article says: Kestrelyn 4 is out")
    [failed] = receiver.spans
    assert failed.failed
    assert failed.attributes == {"error.type": "SourceError"}
    assert failed.events == 0
    assert b"Kestrelyn" not in receiver.raw


async def test_headers_are_sent_and_are_secret(receiver: Receiver) -> None:
    loaded = sending(receiver.url + "/", otlp_headers="api-key=s3cr3t-key,x-team=news")
    assert "s3cr3t" not in repr(loaded)
    async with tracing(loaded, "ainews-test"):
        with span("run collect"):
            pass
    assert receiver.headers[0]["Api-Key"] == "s3cr3t-key"
    assert receiver.headers[0]["X-Team"] == "news"


async def test_no_other_librarys_spans_go_out_with_ours(receiver: Receiver) -> None:
    from opentelemetry import trace

    async with tracing(sending(receiver.url), "ainews-test"):
        with span("run collect"), trace.get_tracer("some.library").start_as_current_span("POST https://…?q=a+question"):
            pass
    assert [s.name for s in receiver.spans] == ["run collect"]


async def test_a_receiver_that_is_away_costs_spans_and_a_bounded_time(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    began = time.monotonic()
    async with tracing(sending(f"http://127.0.0.1:{free_port()}"), "ainews-test"):
        with span("run collect"):
            pass
    assert time.monotonic() - began < 12


async def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(ConfigurationError) as error:
        async with tracing(sending("http://127.0.0.1:4318"), "ainews-test"):
            pass
    assert "ainews[otel]" in error.value.remedy
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in str(error.value)


@pytest.mark.parametrize("wrong", ["localhost:4318", "grpc://localhost:4317", "http://a b"])
def test_an_address_that_is_none_is_refused(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", wrong)
    with pytest.raises(ConfigurationError, match="OTEL_EXPORTER_OTLP_ENDPOINT"):
        Settings.load()


def test_without_the_setting_nothing_is_imported_and_a_span_is_one_object() -> None:
    assert span("a") is span("b", workspace="w")
    code = (
        "import asyncio, sys; from digest.settings import Settings; from digest.tracing import span, tracing\n"
        "async def main():\n    async with tracing(Settings.load(), 'x'):\n        with span('a') as s: s.set(count=1)\n"
        "asyncio.run(main()); print([m for m in sys.modules if m.startswith('opentelemetry')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.strip() == "[]"


def test_every_span_has_a_constant_name_and_attributes_that_are_allowed() -> None:
    seen = 0
    for path in [*(ROOT / "digest").rglob("*.py"), *(ROOT / "bot").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "span"
                and path.name != "tracing.py"
            ):
                seen += 1
                assert {k.arg for k in node.keywords} <= ATTRIBUTES, path
                assert isinstance(node.args[0], ast.Constant | ast.JoinedStr), path
    assert seen >= 8
    assert not traces._tracers
