"""The modal in which somebody asks about an article."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from bot.slack import ids
from bot.slack.drawing.elements import Json, field, modal, plain


@dataclass(frozen=True, slots=True)
class AskedAbout:
    """Which article, and where the answer goes: into ``thread`` of ``channel``, else by ``response_url`` to who asked."""

    article: str
    channel: str
    thread: str
    response_url: str


def ask_view(article: str, channel: str, thread: str, response_url: str) -> Json:
    """The modal. What is asked comes back with it."""
    question: Json = {
        "type": "plain_text_input", "multiline": True, "max_length": 2_000, "min_length": 3,
        "placeholder": plain("What does it cost, and from when?", 150),
    }  # fmt: skip
    hint = "The answer quotes the article, or says that the article doesn't say."
    shared = " It comes into the digest's thread, for all to see." if thread else " Only you see it."
    metadata = json.dumps(asdict(AskedAbout(article, channel, thread, response_url)))
    return modal(
        ids.ASK_VIEW,
        "Ask about this",
        [field("question", "Your question", question, hint=hint + shared)],
        submit="Ask",
        metadata=metadata,
    )


def asked_about(metadata: str) -> AskedAbout:
    """What ``ask_view`` kept. Raises ValueError where it is something else."""
    made = json.loads(metadata)
    if not isinstance(made, dict):
        raise ValueError("this is no question's modal")
    return AskedAbout(*(str(made.get(name) or "") for name in ("article", "channel", "thread", "response_url")))
