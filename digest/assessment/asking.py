"""What one article is asked of Claude, and what is made of the message that answers: the same for a call and for a batch.

How it is sent, paid for and tried again is for ``claude.py`` and ``batches.py``. The answer is trusted as little as the article
is; ``verdict.py`` and ``grounding.py`` say what of it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from digest.assessment.failures import from_stop
from digest.assessment.grounding import Evidence, grounded
from digest.assessment.prompt import Request, request_for
from digest.assessment.verdict import verdict_of, verdict_type
from digest.errors import AssessmentError
from digest.model import Assessment, judged_by

if TYPE_CHECKING:
    from anthropic.types import Message
    from anthropic.types.message_create_params import MessageCreateParamsNonStreaming

    from digest.assessment.profile import Profile
    from digest.model import Article
    from digest.settings import Settings

#: A whole assessment is about 450 tokens; thinking counts too and is what the rest is for. More is an answer gone
#: astray.
MAX_OUTPUT_TOKENS: Final = 4096
_LABELS: Final = {"key_insights": "key insights"}


@dataclass(frozen=True, slots=True)
class Limits:
    """How Claude is asked. ``timeout_s``: seconds for one article, retries included, waiting for a free place not.
    ``max_chars``: of the article's text. ``effort`` is the model's, ``none`` leaves it out."""

    concurrency: int = 8
    timeout_s: float = 60.0
    max_chars: int = 24_000
    effort: Literal["none", "low", "medium", "high"] = "low"


@dataclass(frozen=True, slots=True)
class Asking:
    """One model, by one rubric. ``model``: the provider's name for it."""

    model: str
    rubric: str
    limits: Limits

    def request(self, article: Article, known: Assessment) -> Request:
        """What to send so that the fields ``known`` lacks are written."""
        return request_for(article, known, self.rubric, max_chars=self.limits.max_chars)

    def params(self, request: Request, known: Assessment) -> MessageCreateParamsNonStreaming:
        """``request`` as the parameters of a call."""
        effort = {} if self.limits.effort == "none" else {"effort": self.limits.effort}
        output: Any = {"format": {"type": "json_schema", "schema": _schema(known.missing)}, **effort}
        return {
            "model": self.model,
            "max_tokens": MAX_OUTPUT_TOKENS,
            "system": request.system,
            "messages": [{"role": "user", "content": request.content}],
            "output_config": output,
        }

    def assessment(self, message: Message, article: Article, known: Assessment) -> Assessment:
        """``known`` with what of ``message`` can be used; a field that Claude did not fill well stays missing, with a note.
        Raises AssessmentError where it is no complete answer."""
        written = verdict_of(_text_of(message), known.missing, words=len(article.body.split()))
        kept, notes = _borne_out(written, article, self.limits.max_chars)
        if unusable := [n for n in known.missing if n in written.missing]:
            notes.append(f"Claude gave no usable {' or '.join(_LABELS.get(n, n) for n in unusable)}")
        if self.request(article, known).shortened:
            notes.append(f"Claude was shown the first {self.limits.max_chars:,} characters")
        kept = replace(judged_by("claude", kept), model=self.model)
        return replace(known.filled_from(kept), note="; ".join(n for n in (known.note, *notes) if n))


def asking(settings: Settings, profile: Profile, model: str) -> Asking:
    """How ``settings`` have ``model`` asked."""
    limits = Limits(
        concurrency=settings.assess_concurrency,
        timeout_s=settings.assess_timeout_s,
        max_chars=settings.assess_max_chars,
        effort=settings.assess_effort,
    )
    return Asking(model, profile.rubric(), limits)


def checked(message: Message | None) -> Message:
    """``message``, where it is one: the SDK does not validate responses. Raises AssessmentError."""
    if getattr(message, "usage", None) is None or not isinstance(getattr(message, "content", None), list):
        raise AssessmentError("Claude's provider sent no message", kind="invalid")
    return message  # type: ignore[return-value]


def _text_of(message: Message) -> str:
    if failure := from_stop(message.stop_reason):
        raise failure
    text = "".join(block.text for block in message.content if block.type == "text")
    if not text.strip():
        raise AssessmentError("Claude gave no answer", kind="invalid")
    return text


@lru_cache(maxsize=64)
def _schema(missing: tuple[str, ...]) -> dict[str, Any]:
    from anthropic import transform_schema

    return transform_schema(verdict_type(missing))


def _borne_out(written: Assessment, article: Article, shown: int) -> tuple[Assessment, list[str]]:
    """``written`` without the bullets that say what the part of the article Claude saw does not, and a note of each
    loss.
    """
    published = f"{article.published:%Y-%m-%d %A %d %B}" if article.published else ""
    evidence = Evidence("\n".join((article.title, article.headline, article.publisher, published, article.body[:shown])))
    notes: list[str] = []
    kept: dict[str, Any] = {}
    for name in ("summary", "key_insights"):
        bullets: tuple[str, ...] = getattr(written, name)
        kept[name], wanting = grounded(bullets, evidence)
        if lost := len(bullets) - len(kept[name]):
            what = ", ".join(f"“{w}”" for w in wanting[:3])
            notes.append(f"{lost} of Claude's {_LABELS.get(name, name)} bullets left out: the article does not say {what}")
    return replace(written, **kept), notes
