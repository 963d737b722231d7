"""A stand-in of Claude's Messages API on 127.0.0.1 for the real SDK: what it answers is scripted, what it was sent is
kept.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_httpserver import HTTPServer
from werkzeug import Response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug import Request

VERDICT: dict[str, Any] = {
    "score": 8,
    "topic": "AI ad buying",
    "reason": "It changes how campaigns are bought.",
    "summary": [
        "Example Ads cut prices by 45%.",
        "Revenue reached $3bn.",
        "Advertisers in Europe go first.",
    ],
    "key_insights": ["Campaigns get cheaper to run.", "Teams need a plan for it."],
    "tags": ["AI Ads", "pricing"],
}


@dataclass(frozen=True)
class Answer:
    """One scripted answer. ``text``: of the model; ``status`` other than 200 is an error of the API."""

    text: str = ""
    status: int = 200
    stop: str = "end_turn"
    delay_s: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    usage: dict[str, int] = field(default_factory=lambda: {"input_tokens": 1000, "output_tokens": 400})
    content: list[dict[str, Any]] | None = None
    message: str = "no"
    raw: str | None = None

    def body(self) -> str:
        if self.raw is not None:
            return self.raw
        if self.status != 200:
            return json.dumps({"type": "error", "error": {"type": "api_error", "message": self.message}})
        blocks = [{"type": "thinking", "thinking": "", "signature": "x"}, {"type": "text", "text": self.text}]
        return json.dumps(
            {
                "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-5-5",
                "content": blocks if self.content is None else self.content, "stop_reason": self.stop,
                "stop_sequence": None, "usage": self.usage,
            }
        )  # fmt: skip


def verdict(**fields: Any) -> Answer:
    """A good answer, with ``fields`` of the verdict changed."""
    return Answer(json.dumps({**VERDICT, **fields}))


@dataclass
class Flights:
    """How many requests of one test are being answered. A late one of an earlier test counts in its own."""

    now: int = 0
    most: int = 0


@dataclass
class ClaudeApi:
    """The server. ``answers`` are given in order; the last one, or ``verdict()``, again and again."""

    server: HTTPServer
    answers: list[Answer] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    flights: Flights = field(default_factory=Flights)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reset(self) -> ClaudeApi:
        """As new, for the next test; a server takes half a second to stop, so one serves them all."""
        self.answers, self.requests, self.headers, self.paths = [], [], [], []
        self.flights = Flights()
        return self

    @property
    def url(self) -> str:
        return self.server.url_for("").rstrip("/")

    def handle(self, request: Request) -> Response:
        with self._lock:
            flights = self.flights
            flights.now += 1
            flights.most = max(flights.most, flights.now)
            self.requests.append(json.loads(request.data))
            self.headers.append({k.lower(): v for k, v in request.headers.items()})
            self.paths.append(request.path)
            answer = self.answers.pop(0) if len(self.answers) > 1 else (self.answers or [verdict()])[0]
        time.sleep(answer.delay_s)
        with self._lock:
            flights.now -= 1
        return Response(answer.body(), status=answer.status, headers=answer.headers, content_type="application/json")


def serve_claude() -> Iterator[ClaudeApi]:
    """For a fixture: the server while it runs, each request in a thread of its own."""
    server = HTTPServer(host="127.0.0.1", threaded=True)
    api = ClaudeApi(server)
    server.expect_request("/elsewhere").respond_with_handler(api.handle)
    server.expect_request("/v1/messages").respond_with_handler(api.handle)
    server.expect_request("/v1/messages/count_tokens").respond_with_handler(_counted(api))
    server.start()
    try:
        yield api
    finally:
        server.stop()


def _counted(api: ClaudeApi) -> Any:
    def handle(request: Request) -> Response:
        response = api.handle(request)
        if response.status_code != 200:
            return response
        return Response(json.dumps({"input_tokens": 9}), content_type="application/json")

    return handle
