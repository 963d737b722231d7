"""A stand-in for whatever takes traces: OTLP over HTTP on a real socket, decoded by OpenTelemetry's own types."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response


@dataclass(frozen=True)
class Spanned:
    """A span as it came: its attributes without our prefix."""

    name: str
    id: bytes
    parent: bytes
    trace: bytes
    attributes: dict[str, Any]
    failed: bool
    events: int
    resource: dict[str, Any]


@dataclass
class Receiver:
    url: str
    spans: list[Spanned] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    raw: bytes = b""

    def named(self, name: str) -> list[Spanned]:
        return [s for s in self.spans if s.name == name]

    def take(self, request: Request) -> Response:
        body = request.get_data()
        body = gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body
        self.raw += body
        self.headers.append(dict(request.headers))
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            about = _values(resource.resource.attributes)
            for scope in resource.scope_spans:
                for s in scope.spans:
                    failed = s.status.code == s.status.STATUS_CODE_ERROR
                    told = Spanned(
                        s.name, s.span_id, s.parent_span_id, s.trace_id, _values(s.attributes), failed, len(s.events), about
                    )
                    self.spans.append(told)
        return Response(ExportTraceServiceResponse().SerializeToString(), content_type="application/x-protobuf")


def _values(attributes: Any) -> dict[str, Any]:
    return {a.key.removeprefix("ainews."): getattr(a.value, a.value.WhichOneof("value")) for a in attributes}


@contextmanager
def receiving() -> Iterator[Receiver]:
    with HTTPServer(host="127.0.0.1") as server:
        receiver = Receiver(server.url_for("").rstrip("/"))
        server.expect_request("/v1/traces", method="POST").respond_with_handler(receiver.take)
        yield receiver
