"""A stand-in of Claude's Messages API on 127.0.0.1 that streams answers with citations to the real SDK. What it says is the business of a
``model``: a function from the request to a :class:`Said`; what it was sent is kept.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

Request_ = dict[str, Any]


@dataclass(frozen=True)
class Block:
    """A block of the answer. ``cites``: phrases of the documents sent, each cited with the sentence around it; or citations as they go
    over the wire."""

    text: str
    cites: tuple[str | dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Said:
    """An answer. ``cut_after``: so many blocks, then the connection closes; ``error``: an error event then instead of closing."""

    blocks: tuple[Block, ...] = ()
    stop: str = "end_turn"
    status: int = 200
    cut_after: int | None = None
    error: str = ""
    pause_s: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    usage: tuple[int, int] = (900, 60)


Model = Callable[[Request_], Said]


def said(*blocks: tuple[str, str] | str, **how: Any) -> Said:
    """An answer of blocks: ``("It costs 5.", "phrase of a document")`` or a text that cites nothing."""
    return Said(tuple(Block(b) if isinstance(b, str) else Block(b[0], (b[1],)) for b in blocks), **how)


@dataclass
class ClaudeStream:
    """The server. ``model`` answers; ``answers``, where there are any, before it, in order."""

    server: HTTPServer
    model: Model = lambda _: said("The article doesn't say.")
    answers: list[Said] = field(default_factory=list)
    requests: list[Request_] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reset(self) -> ClaudeStream:
        self.model, self.answers, self.requests, self.headers = (lambda _: said("The article doesn't say.")), [], [], []
        return self

    @property
    def url(self) -> str:
        return self.server.url_for("").rstrip("/")

    def settings(self, **given: Any) -> dict[str, Any]:
        """With which the program answers by this server, and assesses offline."""
        return {
            "anthropic_api_key": "sk-ant-secret",
            "anthropic_base_url": self.url,
            "assessor": "offline",
            "assess_retries": 0,
            **given,
        }

    def handle(self, request: Request) -> Response:
        sent = json.loads(request.data)
        with self._lock:
            self.requests.append(sent)
            self.headers.append({k.lower(): v for k, v in request.headers.items()})
            answer = self.answers.pop(0) if self.answers else self.model(sent)
        if answer.status != 200:
            body = {"type": "error", "error": {"type": "api_error", "message": "no"}}
            return Response(json.dumps(body), status=answer.status, headers=answer.headers, content_type="application/json")
        return Response(_events(answer, documents(sent)), content_type="text/event-stream", direct_passthrough=True)


def documents(sent: Request_) -> list[dict[str, Any]]:
    """The documents of a request, in the order that citations count them."""
    return [
        block for message in sent["messages"] if isinstance(message["content"], list)
        for block in message["content"] if block["type"] == "document"
    ]  # fmt: skip


def asked(sent: Request_) -> str:
    """The question of a request."""
    last = sent["messages"][-1]["content"]
    return last if isinstance(last, str) else last[-1]["text"]


def citation(phrase: str, held: list[dict[str, Any]]) -> dict[str, Any]:
    """The sentence around ``phrase`` as the API cites it."""
    for n, document in enumerate(held):
        text = document["source"]["data"]
        if (at := text.find(phrase)) >= 0:
            start = max(0, *(text.rfind(mark, 0, at) + len(mark) if mark in text[:at] else 0 for mark in (". ", "\n\n")))
            ends = [i for i in (text.find(". ", at), text.find(".\n", at)) if i >= 0]
            end = min(ends) + 1 if ends else len(text)
            return {
                "type": "char_location", "cited_text": text[start:end], "document_index": n, "start_char_index": start,
                "end_char_index": end, "document_title": document.get("title"), "file_id": None,
            }  # fmt: skip
    raise AssertionError(f"no document has {phrase!r}")


def _events(answer: Said, held: list[dict[str, Any]]) -> Iterator[bytes]:
    tokens_in, tokens_out = answer.usage
    yield _event("message_start", message={
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-5-5", "content": [], "stop_reason": None,
        "stop_sequence": None, "usage": {"input_tokens": tokens_in, "output_tokens": 1},
    })  # fmt: skip
    yield _event("content_block_start", index=0, content_block={"type": "thinking", "thinking": "", "signature": ""})
    yield _event("content_block_stop", index=0)
    for n, block in enumerate(answer.blocks, start=1):
        if answer.cut_after is not None and n > answer.cut_after:
            if answer.error:
                yield _event("error", error={"type": answer.error, "message": "no"})
            return
        opened = {"type": "text", "text": "", **({"citations": []} if block.cites else {})}
        yield _event("content_block_start", index=n, content_block=opened)
        for cite in block.cites:
            found = cite if isinstance(cite, dict) else citation(cite, held)
            yield _event("content_block_delta", index=n, delta={"type": "citations_delta", "citation": found})
        for at in range(0, len(block.text), 12):
            yield _event("content_block_delta", index=n, delta={"type": "text_delta", "text": block.text[at : at + 12]})
        yield _event("content_block_stop", index=n)
        time.sleep(answer.pause_s)
    if answer.cut_after is not None and answer.cut_after >= len(answer.blocks):
        return
    yield _event(
        "message_delta", delta={"stop_reason": answer.stop, "stop_sequence": None}, usage={"output_tokens": tokens_out}
    )
    yield _event("message_stop")


def _event(kind: str, **content: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **content})}\n\n".encode()


def serve_stream() -> Iterator[ClaudeStream]:
    """For a fixture: the server while it runs, each request in a thread of its own."""
    server = HTTPServer(host="127.0.0.1", threaded=True)
    api = ClaudeStream(server)
    server.expect_request("/v1/messages").respond_with_handler(api.handle)
    server.start()
    try:
        yield api
    finally:
        server.stop()
