"""What the model is asked to write, and what of its answer is taken over.

The answer is a stranger's text until it went through here: JSON of the right shape, no control characters, markup or
addresses, nothing longer than a reader bears, numbers in range. A field that does not pass is left missing, so that the
offline assessor fills it. Whether the text is true to the article is ``grounding.py``'s question.
"""

from __future__ import annotations

import math
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from digest.errors import AssessmentError
from digest.model import MAX_SCORE, MIN_SCORE, Assessment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Lengths in characters. In the 175 sample documents the longest topic has 117, reason 525, bullet 228; medians 60,
# 322, 110.
MAX_TOPIC: Final = 140
MAX_REASON: Final = 700
MAX_BULLET: Final = 320
MAX_TAG: Final = 40
#: Characters of one string of the answer that are looked at: enough for any field before its markup is gone.
MAX_RAW: Final = 4000
SUMMARY_BULLETS: Final = (3, 5)
MAX_INSIGHTS: Final = 6
MAX_TAGS: Final = 8
#: Under this many words an article may not hold three facts, and a shorter summary is taken.
SHORT_ARTICLE_WORDS: Final = 80

_FIELDS: Final[dict[str, tuple[Any, Any]]] = {
    "score": (float, Field(description="Relevance by the rubric, 0 to 10, whole numbers.")),
    "topic": (str, Field(description="The primary topic in 3 to 10 words.")),
    "reason": (str, Field(description="One or two sentences: why this score, by the rubric.")),
    "summary": (
        list[str],
        Field(description="3 to 5 bullets of one sentence each: what happened. Facts of the article only."),
    ),
    "key_insights": (
        list[str],
        Field(description="2 to 5 bullets of one sentence each: what it means for this audience."),
    ),
    "tags": (list[str], Field(description="3 to 7 lower-case tags, words joined by hyphens.")),
}

_ADDRESS: Final = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://[^\s<>|)\]]*|\bwww\.[^\s<>|)\]]*"
    r"|\b(?:mailto|javascript|vbscript|data|tel|file|slack):(?=\S)[^\s<>|]*?(?=[.,;!?]?(?:\s|$|[<>|]))"
    r"|\b(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}/[^\s<>|)\]]*|\b[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]*\w",
    re.IGNORECASE,
)
_MARKDOWN_LINK: Final = re.compile(r"!?\[([^\[\]]{0,300})\]\(([^()\s]{0,2000})(?:\s[^()]*)?\)")
_SLACK_LINK: Final = re.compile(r"<[^<>|]{1,2000}\|([^<>]{0,300})>")
_MARKUP: Final = re.compile(r"</?[a-zA-Z!@#][^<>]{0,2000}>")
_EMPHASIS: Final = re.compile(r"(\*\*|__|``?`?|~~)(?=\S)(.{1,400}?)(?<=\S)\1")
_MARK: Final = re.compile(r"^(?:[-*•–‣▪#>]+|\d{1,2}[.)])\s+")


@lru_cache(maxsize=64)
def verdict_type(missing: tuple[str, ...]) -> type[BaseModel]:
    """The shape of the answer when only ``missing`` is asked for: a pydantic model with those fields, all required."""
    fields = {name: spec for name, spec in _FIELDS.items() if name in missing}
    return create_model("Verdict", __config__=ConfigDict(extra="ignore"), **fields)  # type: ignore[call-overload,no-any-return]


def verdict_of(text: str, missing: tuple[str, ...], *, words: int) -> Assessment:
    """The usable part of the model's JSON ``text`` as an assessment without provenance; what is unusable is left
    missing.

    ``words`` is the length of the article. Raises AssessmentError (``invalid``) where it is not JSON of the shape
    asked for.
    """
    try:
        verdict = verdict_type(missing).model_validate_json(text)
    except ValidationError as error:
        raise AssessmentError("Claude's answer was not in the form asked for", kind="invalid") from error
    given: dict[str, Any] = verdict.model_dump()
    summary = _bullets(given.get("summary", ()), SUMMARY_BULLETS[1])
    least = SUMMARY_BULLETS[0] if words >= SHORT_ARTICLE_WORDS else 1
    return Assessment(
        score=_score(given.get("score")),
        topic=shortened(plain(given.get("topic", "")), MAX_TOPIC),
        reason=shortened(plain(given.get("reason", "")), MAX_REASON),
        summary=summary if len(summary) >= least else (),
        key_insights=_bullets(given.get("key_insights", ()), MAX_INSIGHTS),
        tags=tags(given.get("tags", ())),
    )


def plain(text: str) -> str:
    """``text`` on one line without control or invisible characters, markup, list marks or addresses of any kind."""
    text = text[:MAX_RAW]
    text = "".join(" " if c in "\n\r\t\u2028\u2029" else c for c in unicodedata.normalize("NFC", text) if _visible(c))
    text = _MARKDOWN_LINK.sub(r"\1", _SLACK_LINK.sub(r"\1", text))
    text = _ADDRESS.sub("", _MARKUP.sub("", text))
    text = _EMPHASIS.sub(r"\2", text)
    text = re.sub(r"\(\s*\)|\[\s*\]|<\s*>", "", text)
    return _MARK.sub("", re.sub(r"\s+([,.;:!?])", r"\1", " ".join(text.split()))).strip()


def shortened(text: str, limit: int) -> str:
    """``text``, or its beginning up to a word's end with an ellipsis, in at most ``limit`` characters."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return (cut[: cut.rfind(" ")] if " " in cut[limit // 2 :] else cut).rstrip(" ,;:-–—") + "…"


def tags(words: Iterable[str]) -> tuple[str, ...]:
    """Tags in lower case, joined by hyphens, each once, at most eight."""
    made = ("-".join(re.findall(r"\w+", plain(w).lower().replace("_", " "))) for w in words)
    return tuple(dict.fromkeys(t for t in made if 0 < len(t) <= MAX_TAG))[:MAX_TAGS]


def _bullets(bullets: Sequence[str], most: int) -> tuple[str, ...]:
    cleaned = (shortened(plain(b), MAX_BULLET) for b in bullets)
    return tuple(dict.fromkeys(b for b in cleaned if any(c.isalnum() for c in b)))[:most]


def _score(score: float | None) -> float | None:
    if score is None or not math.isfinite(score) or not MIN_SCORE <= score <= MAX_SCORE:
        return None
    return round(score, 1)


def _visible(character: str) -> bool:
    """False for control, format (bidi, zero width, tags), surrogate, private and unassigned characters, but not for
    newlines.
    """
    if character in "\n\r\t\u200c\u200d":  # joiners are letters' business in Persian, Hindi and emoji
        return True
    return unicodedata.category(character)[0] != "C"
