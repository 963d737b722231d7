"""Traces, for OpenTelemetry, where they are asked for: spans around the steps of a run, calls of models, digests and answers.

Without ``OTEL_EXPORTER_OTLP_ENDPOINT`` nothing is imported and a span is one shared object that does nothing. Spans carry names, numbers and
ids of ours, never a text: not of an article, a question or an answer, and no name of a person. Of an error they have the kind alone, for its
words may quote what was read. Our tracer is private, so that no library's spans, which may hold such texts, go out with ours.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final, Protocol

from digest.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from digest.settings import Settings

#: The attributes that a span may have; a test holds every call to them.
ATTRIBUTES: Final = frozenset(
    {"workspace", "task", "run", "kind", "what", "by", "purpose", "model", "abstained", "outcome", "count", "stories", "chosen", "articles",
     "feeds", "input_tokens", "output_tokens", "dollars", "state", "piece", "date", "edition"}
)  # fmt: skip
_FLUSH_WITHIN_S: Final = 5.0


class Span(Protocol):
    """What a step can say of itself."""

    def set(self, **attributes: str | int | float | bool) -> None:
        """Add attributes, of ``ATTRIBUTES``."""


class _Nothing:
    def set(self, **attributes: str | int | float | bool) -> None:
        """Nobody listens."""


class _Recorded:
    def __init__(self, span: Any) -> None:
        self._span = span

    def set(self, **attributes: str | int | float | bool) -> None:
        """See ``Span``."""
        for name, value in attributes.items():
            self._span.set_attribute(f"ainews.{name}", value)


_OFF: Final[AbstractContextManager[Span]] = nullcontext(_Nothing())
_tracers: Final[list[Any]] = []


def span(name: str, **attributes: str | int | float | bool) -> AbstractContextManager[Span]:
    """A span around what happens within; what is raised there marks it as failed, by its kind."""
    return _opened(name, attributes) if _tracers else _OFF


@contextmanager
def _opened(name: str, attributes: dict[str, str | int | float | bool]) -> Iterator[Span]:
    from opentelemetry.trace import Status, StatusCode

    with _tracers[-1].start_as_current_span(name, record_exception=False, set_status_on_exception=False) as opened:
        recorded = _Recorded(opened)
        recorded.set(**attributes)
        try:
            yield recorded
        except BaseException as error:
            opened.set_attribute("error.type", type(error).__name__)
            opened.set_status(Status(StatusCode.ERROR))
            raise


@asynccontextmanager
async def tracing(settings: Settings, service: str) -> AsyncIterator[None]:
    """Send spans as ``service`` while the context is open, where that is set. Raises ConfigurationError where the extra is not installed.
    A collector that is away costs spans, and nothing else."""
    if settings.otlp_endpoint is None:
        yield
        return
    provider = _provider(settings, service)
    tracer = provider.get_tracer("ainews")
    _tracers.append(tracer)
    try:
        yield
    finally:
        _tracers.remove(tracer)
        await asyncio.to_thread(provider.force_flush, int(_FLUSH_WITHIN_S * 1_000))
        await asyncio.to_thread(provider.shutdown)


def _provider(settings: Settings, service: str) -> Any:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise ConfigurationError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, and what sends traces is not installed",
            remedy="pip install 'ainews[otel]' adds it; or leave that variable out.",
        ) from error
    from importlib.metadata import version

    told = {"service.name": service, "service.version": version("ainews"), "service.namespace": settings.workspace}
    headers = settings.otlp_headers.get_secret_value() if settings.otlp_headers else ""
    exporter = OTLPSpanExporter(
        endpoint=f"{str(settings.otlp_endpoint).rstrip('/')}/v1/traces", headers=_headers(headers), timeout=_FLUSH_WITHIN_S
    )
    provider = TracerProvider(resource=Resource.create(told), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def _headers(text: str) -> dict[str, str]:
    """``name=value,…``, as the standard has it."""
    pairs = (part.partition("=") for part in text.split(",") if "=" in part)
    return {name.strip(): value.strip() for name, _, value in pairs}
