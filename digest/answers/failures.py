"""What went wrong with a question to Claude, said for people; what the SDK raises while an answer streams is told apart here."""

from __future__ import annotations

from typing import Final

from digest.assessment.failures import from_result, from_sdk
from digest.errors import AssessmentError

_REMEDIES: Final = {
    "model": "Set AINEWS_ANSWER_MODEL to the provider's name for it.",
    "too_large": "Lower AINEWS_ANSWER_MAX_CHARS.",
    "rate_limit": "Ask the provider for more.",
    "rejected": "The model may lack citations or streaming: set AINEWS_ANSWER_MODEL to one that has both.",
}
_CLAUSES: Final = {"too_large": "The articles were too large for Claude"}
_BY_STOP: Final = {
    "refusal": ("refusal", "Claude declined to answer this question"),
    "model_context_window_exceeded": ("truncated", "The articles did not fit Claude's context"),
    "pause_turn": ("paused", "Claude paused without an answer"),
    "tool_use": ("invalid", "Claude asked for a tool it was not given"),
}
#: Packages whose errors are the network's; which of them raises depends on how far the SDK is by then.
_TRANSPORT: Final = frozenset({"httpx", "httpx2", "httpcore", "httpcore2", "h11", "anyio", "ssl"})
#: How a message may end that is an answer; one that was cut off by its length goes on.
ENDS: Final = ("end_turn", "stop_sequence", "max_tokens")


def failure_of(error: Exception, *, timeout_s: float) -> AssessmentError:
    """The AssessmentError for what was raised by the SDK, by the transport below it, or by a deadline of ours."""
    import anthropic

    if isinstance(error, AssessmentError):
        return error
    if isinstance(error, anthropic.APIStatusError) and error.status_code == 200:  # an error in the midst of a stream
        body = error.body if isinstance(error.body, dict) else {}
        inner = body.get("error")
        return _ours(from_result(inner.get("type") if isinstance(inner, dict) else None))
    if type(error).__module__.split(".")[0] in _TRANSPORT or _is_of_network(error):
        return AssessmentError("The connection to Claude broke off", kind="connection")
    if isinstance(error, ValueError | TypeError | LookupError | AttributeError) and not isinstance(
        error, anthropic.AnthropicError
    ):
        return AssessmentError("What Claude's provider sent could not be read", kind="invalid")
    return _ours(from_sdk(error, timeout_s=timeout_s))


def stopped(reason: str) -> AssessmentError | None:
    """What a message that stopped for ``reason`` lacks; None where it is an answer."""
    if reason in ENDS:
        return None
    kind, clause = _BY_STOP.get(reason, ("invalid", "Claude stopped without an answer"))
    return AssessmentError(clause, kind=kind)


def _is_of_network(error: Exception) -> bool:
    return isinstance(error, OSError | EOFError) and not isinstance(error, TimeoutError)


def _ours(error: AssessmentError) -> AssessmentError:
    return AssessmentError(
        _CLAUSES.get(error.kind, str(error)),
        kind=error.kind,
        remedy=_REMEDIES.get(error.kind, error.remedy),
        retry_after_s=error.retry_after_s,
    )
