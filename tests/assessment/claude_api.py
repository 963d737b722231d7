"""A stand-in of Claude's Messages API on 127.0.0.1 for the real SDK, its message batches included: what it answers is
scripted, what it was sent is kept.
"""

from __future__ import annotations

import json
import re
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
class Standing:
    """One batch at the stand-in. ``status`` is the API's; ``results`` by custom id, each a message (an Answer) or a result as
    it stands; ``raw`` takes the place of the whole file of results."""

    requests: list[dict[str, Any]]
    status: str = "in_progress"
    results: dict[str, Answer | dict[str, Any]] = field(default_factory=dict)
    raw: str | None = None
    gone: bool = False

    def lines(self) -> str:
        """The file of results, the last request first: the API promises no order."""
        if self.raw is not None:
            return self.raw
        ids = [r["custom_id"] for r in reversed(self.requests)]
        told = [{"custom_id": i, "result": _result(self.results.get(i, verdict()))} for i in ids]
        return "".join(json.dumps(t) + "\n" for t in told)


def _result(answer: Answer | dict[str, Any]) -> dict[str, Any]:
    return answer if isinstance(answer, dict) else {"type": "succeeded", "message": json.loads(answer.body())}


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
    batches: dict[str, Standing] = field(default_factory=dict)
    flights: Flights = field(default_factory=Flights)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reset(self) -> ClaudeApi:
        """As new, for the next test; a server takes half a second to stop, so one serves them all."""
        self.answers, self.requests, self.headers, self.paths, self.batches = [], [], [], [], {}
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
            answer = self.answer_to(self.requests[-1])
        time.sleep(answer.delay_s)
        with self._lock:
            flights.now -= 1
        return Response(answer.body(), status=answer.status, headers=answer.headers, content_type="application/json")

    def answer_to(self, sent: dict[str, Any]) -> Answer:
        """The answer to a request whose body is ``sent``; another kind of Claude goes by that."""
        return self.answers.pop(0) if len(self.answers) > 1 else (self.answers or [verdict()])[0]

    def handle_batches(self, request: Request) -> Response:
        """The batches' endpoints. ``answers`` script the creating of one: a status other than 200 is an error, ``raw`` the body."""
        _, batch_id, action = [*request.path.removeprefix("/v1/messages/").split("/"), "", ""][:3]
        with self._lock:
            self.paths.append(request.path)
            self.headers.append({k.lower(): v for k, v in request.headers.items()})
            if not batch_id:
                return self._create(json.loads(request.data))
            standing = self.batches.get(batch_id)
            if standing is None:
                return Response(Answer(status=404).body(), status=404, content_type="application/json")
            if action == "results":
                return Response(standing.lines(), content_type="application/x-jsonl")
            if action == "cancel":
                standing.status = "canceling"
        return Response(self._described(batch_id), content_type="application/json")

    def _create(self, sent: dict[str, Any]) -> Response:
        self.requests.append(sent)
        answer = self.answers.pop(0) if self.answers else Answer()
        if answer.status == 200:
            batch_id = f"msgbatch_{len(self.batches)}"
            self.batches[batch_id] = Standing(sent["requests"])
        if answer.status != 200 or answer.raw is not None:
            return Response(answer.body(), status=answer.status, headers=answer.headers, content_type="application/json")
        return Response(self._described(batch_id), content_type="application/json")

    def _described(self, batch_id: str) -> str:
        standing = self.batches[batch_id]
        ended = standing.status == "ended"
        counts = dict.fromkeys(("canceled", "errored", "expired", "processing", "succeeded"), 0)
        return json.dumps(
            {
                "id": batch_id, "type": "message_batch", "processing_status": standing.status, "request_counts": counts,
                "created_at": "2026-11-23T12:00:00Z", "expires_at": "2026-11-24T12:00:00Z", "archived_at": None,
                "cancel_initiated_at": None, "ended_at": "2026-11-23T13:00:00Z" if ended else None,
                "results_url": f"{self.url}/v1/messages/batches/{batch_id}/results" if ended and not standing.gone else None,
            }
        )  # fmt: skip


def serve_claude(kind: type[ClaudeApi] = ClaudeApi) -> Iterator[ClaudeApi]:
    """For a fixture: the server while it runs, each request in a thread of its own."""
    server = HTTPServer(host="127.0.0.1", threaded=True)
    api = kind(server)
    server.expect_request("/elsewhere").respond_with_handler(api.handle)
    server.expect_request("/v1/messages").respond_with_handler(api.handle)
    server.expect_request("/v1/messages/count_tokens").respond_with_handler(_counted(api))
    server.expect_request(re.compile("/v1/messages/batches(/.*)?")).respond_with_handler(api.handle_batches)
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
