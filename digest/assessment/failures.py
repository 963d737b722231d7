"""What went wrong with a model call, said for people: SDK errors and stop reasons become an AssessmentError.

Its message is a clause for a note ("Claude was over its rate limit"), without a full stop; its kind is the word that
counts and the breaker go by. What is done about it, falling back or pausing, is decided elsewhere.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from digest.errors import AssessmentError

if TYPE_CHECKING:
    from anthropic import APIStatusError

_ACCESS: Final = "Check the key and the provider's settings; `ainews doctor` tries them."

#: HTTP status to kind, clause and remedy. 529 is Anthropic's "overloaded".
_BY_STATUS: Final[dict[int, tuple[str, str, str]]] = {
    401: ("auth", "Claude's provider refused the key", _ACCESS),
    402: ("billing", "Claude's provider asks for payment", "Add credit at the provider."),
    403: ("permission", "The key may not use this model", _ACCESS),
    404: (
        "model",
        "Claude's provider does not know the model",
        "Set AINEWS_ASSESS_MODEL to the provider's name for it.",
    ),
    408: ("timeout", "Claude's provider timed out", ""),
    413: ("too_large", "The article was too large for Claude", "Lower AINEWS_ASSESS_MAX_CHARS."),
    429: (
        "rate_limit",
        "Claude was over its rate limit",
        "Lower AINEWS_ASSESS_CONCURRENCY, or ask the provider for more.",
    ),
    529: ("overloaded", "Claude was overloaded", ""),
}

#: The API's names of errors, as a batch's results carry them, to the status of a call that fails alike.
_STATUS_OF_TYPE: Final = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 408,
    "overloaded_error": 529,
}

_BY_STOP: Final[dict[str, tuple[str, str]]] = {
    "refusal": ("refusal", "Claude declined to assess this article"),
    "max_tokens": ("truncated", "Claude's answer was cut short"),
    "model_context_window_exceeded": ("truncated", "The article did not fit Claude's context"),
    "pause_turn": ("paused", "Claude paused without an answer"),
    "tool_use": ("invalid", "Claude asked for a tool it was not given"),
}


def from_sdk(error: Exception, *, timeout_s: float) -> AssessmentError:
    """The AssessmentError for what the SDK raised, or for a TimeoutError of ours after ``timeout_s`` seconds."""
    import anthropic

    if isinstance(error, anthropic.APIStatusError):
        return _from_status(error)
    if isinstance(error, TimeoutError | anthropic.APITimeoutError):
        return AssessmentError(f"Claude did not answer in {timeout_s:g} s", kind="timeout")
    if isinstance(error, anthropic.APIConnectionError):
        return AssessmentError("Claude could not be reached", kind="connection", remedy="Check the network and the address.")
    if isinstance(error, anthropic.APIResponseValidationError):
        return AssessmentError("Claude's provider sent no message", kind="invalid")
    return AssessmentError(
        "Claude could not be asked",
        kind="client",
        remedy=f"{type(error).__name__} from the provider's client. {_ACCESS}",
    )


def from_result(error_type: object) -> AssessmentError:
    """The AssessmentError for a request of a batch that failed with the API's ``error_type`` (``overloaded_error``, …)."""
    return _of_status(_STATUS_OF_TYPE.get(str(error_type), 500), None)


def from_stop(reason: str | None) -> AssessmentError | None:
    """What a response that stopped for ``reason`` lacks; None where it came to its end."""
    if reason in ("end_turn", "stop_sequence"):
        return None
    kind, clause = _BY_STOP.get(reason or "", ("invalid", "Claude stopped without an answer"))
    return AssessmentError(clause, kind=kind)


def retry_after_s(value: str | None) -> float | None:
    """Seconds of a ``retry-after`` header that is a number; None for anything else, dates included."""
    try:
        seconds = float(value or "")
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def _from_status(error: APIStatusError) -> AssessmentError:
    status = error.status_code
    after = retry_after_s(error.response.headers.get("retry-after"))
    if status == 400 and "credit balance" in (error.api_message or ""):  # how Anthropic says it: a 400, told by its text
        status = 402
    return _of_status(status, after)


def _of_status(status: int, after: float | None) -> AssessmentError:
    if status in _BY_STATUS:
        kind, clause, remedy = _BY_STATUS[status]
        return AssessmentError(clause, kind=kind, remedy=remedy, retry_after_s=after)
    if status >= 500:
        return AssessmentError(f"Claude's provider had an error ({status})", kind="server", retry_after_s=after)
    return AssessmentError(
        f"Claude's provider rejected the request ({status})",
        kind="rejected",
        remedy="The model may lack a feature that is used: AINEWS_ASSESS_EFFORT=none leaves effort out.",
    )
